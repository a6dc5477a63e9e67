import * as v from "valibot";
import { checkParameters } from "./check-parameters.ts";
import type { GatewayIntegration } from "./integration-schema.ts";
import type { ParameterRules } from "./parameter-rule.ts";
import { nearest, type Problem } from "./problem.ts";
import { Template } from "./service-schema.ts";
import { isSubtype, SUBTYPES } from "./subtype-operations.ts";

/** Whether an integration's `integrationSubtype` and its `requestParameters` fit together. */
export function checkSubtype(key: string, integration: GatewayIntegration): readonly Problem[] {
  const at = (member: string): string => `${key}#integration.${member}`;
  const { integrationSubtype: subtype, type, payloadFormatVersion, requestParameters = {} } = integration;
  if (subtype === undefined) return [];
  if (!isSubtype(subtype)) {
    const near = nearest(subtype, Object.keys(SUBTYPES));
    return [
      {
        code: "value.unknown",
        path: at("integrationSubtype"),
        message: `"${subtype}" is none of ${Object.keys(SUBTYPES).join(", ")}`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      },
    ];
  }
  const problems: Problem[] = [];
  if (type !== "aws_proxy") {
    const message = `an integrationSubtype goes with the type aws_proxy, not ${type}`;
    problems.push({ code: "subtype.type", path: at("integrationSubtype"), message });
  }
  if (payloadFormatVersion === "2.0") {
    const message = "an integrationSubtype goes with payload format 1.0";
    problems.push({ code: "subtype.payload", path: at("payloadFormatVersion"), message });
  }
  const rules: ParameterRules = SUBTYPES[subtype];
  const templates = subtypeTemplates(rules, requestParameters);
  problems.push(...checkParameters(rules, templates, (name) => at(`requestParameters.${name}`)));
  return problems;
}

/**
 * Parameters as templates. Lists and maps are written as JSON: read before their references are
 * filled in, so that no value of a request can end a string in it.
 */
export function subtypeTemplates(
  rules: ParameterRules,
  parameters: Readonly<Record<string, string>>,
): Readonly<Record<string, Template>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, text]) => [
      name,
      Object.hasOwn(rules, name) && rules[name]?.is === "value" ? jsonTemplate(text) : text,
    ]),
  );
}

function jsonTemplate(text: string): Template {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    const parsed = v.safeParse(Template, JSON.parse(text));
    return parsed.success ? parsed.output : text;
  } catch {
    return text;
  }
}
