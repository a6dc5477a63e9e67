import { REST } from "../gateway-responses/catalogue.ts";
import { isToken } from "../lib/token.ts";
import { CONTEXT_NAMES, ERROR_NAMES } from "./context-names.ts";
import {
  type GatewayResponseEntry,
  type GatewayResponses,
  readSource,
  readTemplate,
} from "./gateway-response-schema.ts";
import { nearest, type Problem } from "./problem.ts";

/** As a mapping template's, in characters (aws-semantics 7.3). */
const MAX_TEMPLATE = 300_000;

/** What frames the message, or by which an answer and its log line find each other. */
const NOT_SETTABLE: ReadonlySet<string> = new Set([
  "apigw-requestid",
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-amz-apigw-id",
  "x-amzn-requestid",
  "x-portico-reason",
]);

const MEDIA_TYPE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:\s*;[\x20-\x7e]*)?$/;

/** What VTL has and these templates have not; references in their plain form are read elsewhere. */
const VTL =
  /\$!?\{(?:context|stageVariables|input|util|method)\b|\$!(?:context|stageVariables)\b|\$!?input\.(?:json|path|params|body)\b|\$!?util\.[a-z]\w+|#(?:set|if|foreach|macro)\s*\(/;

const SOURCE_HINT =
  "write 'text', context.NAME, stageVariables.NAME or method.request.NAME of header, querystring or path (method.request.header.origin)";

/** Whether each gateway response is of a type that there is, and its headers and bodies can be made. */
export function checkGatewayResponses(place: string, responses: GatewayResponses): readonly Problem[] {
  return Object.entries(responses).flatMap(([type, entry]) => {
    const at = `${place}#gatewayResponses.${type}`;
    return [...checkType(at, type), ...checkHeaders(at, entry), ...checkTemplates(at, entry)];
  });
}

function checkType(path: string, type: string): readonly Problem[] {
  if (Object.hasOwn(REST, type)) return [];
  const near = nearest(type, Object.keys(REST));
  const hint = near === undefined ? `the types are ${Object.keys(REST).join(", ")}` : didYouMean(near);
  return [
    { code: "gateway_response.type", path, message: `there is no gateway response type "${type}"`, hint },
  ];
}

function checkHeaders(at: string, { responseParameters }: GatewayResponseEntry): readonly Problem[] {
  return Object.entries(responseParameters).flatMap(([target, source]) => {
    const path = `${at}.responseParameters.${target}`;
    const name = /^gatewayresponse\.header\.(.+)$/s.exec(target)?.[1];
    if (name === undefined || !isToken(name)) {
      const hint = "write gatewayresponse.header.NAME";
      return [
        { code: "mapping.target", path, message: `"${target}" is no target of a gateway response`, hint },
      ];
    }
    if (NOT_SETTABLE.has(name.toLowerCase())) {
      return [{ code: "mapping.header", path, message: `the header ${name} is the gateway's own` }];
    }
    return checkSource(path, name, source);
  });
}

function checkSource(path: string, header: string, source: string): readonly Problem[] {
  const fixed = /^'(.*)'$/s.exec(source)?.[1];
  if (fixed === undefined) {
    if (readSource(source)) return [];
    const name = /^context\.(.+)$/s.exec(source)?.[1];
    const near = name === undefined ? undefined : nearest(name, [...CONTEXT_NAMES, ...ERROR_NAMES]);
    const hint = near === undefined ? SOURCE_HINT : didYouMean(`context.${near}`);
    return [
      { code: "mapping.source", path, message: `"${source}" is no source of a gateway response`, hint },
    ];
  }
  //
  if (/^[\t\x20-\x7e]*$/.test(fixed)) return [];
  const message = `the value for the header ${header} has characters other than printable ASCII`;
  return [{ code: "mapping.header", path, message }];
}

function checkTemplates(at: string, { responseTemplates }: GatewayResponseEntry): readonly Problem[] {
  return Object.entries(responseTemplates).flatMap(([type, template]) => {
    const path = `${at}.responseTemplates.${type}`;
    if (!MEDIA_TYPE.test(type)) {
      const hint = "write application/json";
      return [{ code: "template.type", path, message: `"${type}" is no content type`, hint }];
    }
    if (template.length > MAX_TEMPLATE) {
      const message = `the template is longer than ${MAX_TEMPLATE} characters`;
      return [{ code: "template.too_long", path, message }];
    }
    return checkTemplate(path, template);
  });
}

function checkTemplate(path: string, template: string): readonly Problem[] {
  const problems: Problem[] = [];
  const vtl = VTL.exec(template)?.[0];
  if (vtl !== undefined) {
    problems.push({
      code: "template.vtl",
      path,
      message: `"${vtl}" means nothing here: templates of gateway responses are no VTL`,
      hint: "write $context.NAME, $stageVariables.NAME or $method.request.header.NAME (querystring, path)",
    });
  }
  for (const part of readTemplate(template)) {
    if (typeof part === "string" || !("unknown" in part)) continue;
    const near = nearest(part.unknown.slice("context.".length), [...CONTEXT_NAMES, ...ERROR_NAMES]);
    problems.push({
      code: "template.variable",
      path,
      message: `there is no variable "$${part.unknown}"`,
      ...(near === undefined ? {} : { hint: didYouMean(`$context.${near}`) }),
    });
  }
  return problems;
}

const didYouMean = (text: string): string => `did you mean "${text}"?`;
