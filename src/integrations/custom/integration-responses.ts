import type { GatewayIntegration, IntegrationResponse } from "../../config/integration-schema.ts";
import { compileResponseMapping, type ResponseMapping } from "../../mapping/parameters/rest-response.ts";
import { compileSelection, type SelectionPattern } from "../../mapping/selection-pattern.ts";
import { compileTemplate, type MappingTemplate } from "../../mapping/template/mapping-template.ts";
import { mediaType } from "./media.ts";

/** An integration response, ready to be given. */
export interface ChosenResponse {
  readonly statusCode: number;
  readonly contentHandling: IntegrationResponse["contentHandling"];
  readonly mapping: ResponseMapping;
  /** By the client's Accept; none where the body passes as it is. */
  template(accept: string | null): MappingTemplate | undefined;
}

interface Choice {
  readonly pattern: SelectionPattern;
  readonly response: ChosenResponse;
}

/** The integration responses of a route, ready to choose from. */
export interface ResponseChoices {
  /**
   * The first response whose pattern matches the whole selection value, else the default
   * one; none when neither is there (aws-semantics 6.2: several that match, the first in
   * order of status wins).
   */
  select(value: string): ChosenResponse | undefined;
}

export function responseChoices(
  integration: Pick<GatewayIntegration, "type" | "responses">,
  variables: Readonly<Record<string, string>>,
): ResponseChoices {
  const choices: Choice[] = [];
  let fallback: ChosenResponse | undefined;
  for (const [key, entry] of Object.entries(integration.responses ?? {})) {
    const response = compileResponse(entry, integration.type, variables);
    if (key === "default") {
      fallback = response;
      continue;
    }
    const pattern = compileSelection(key);
    if ("test" in pattern) choices.push({ pattern, response });
  }
  choices.sort((a, b) => a.response.statusCode - b.response.statusCode);
  return {
    select: (value) => choices.find((choice) => choice.pattern.test(value))?.response ?? fallback,
  };
}

function compileResponse(
  entry: IntegrationResponse,
  type: GatewayIntegration["type"],
  variables: Readonly<Record<string, string>>,
): ChosenResponse {
  /** By media type; none for an empty one, which stands for the body as it came (aws-semantics 6.3). */
  const templates = new Map<string, MappingTemplate | undefined>();
  for (const [type, source] of Object.entries(entry.responseTemplates ?? {})) {
    const template = compileTemplate(source);
    if ("render" in template) templates.set(mediaType(type) ?? "", source === "" ? undefined : template);
  }
  const fallback = templates.has("application/json") ? "application/json" : [...templates.keys()][0];
  return {
    statusCode: entry.statusCode,
    contentHandling: entry.contentHandling,
    mapping: compileResponseMapping(entry.responseParameters, variables, (name) => responseName(name, type)),
    template(accept) {
      if (fallback === undefined) return undefined;
      const wanted = mediaType(accept) ?? "application/json";
      return templates.get(templates.has(wanted) ? wanted : fallback);
    },
  };
}

/** Recorded (aws-semantics 5): a response's own words under these names become `x-amzn-Remapped-...`. */
const REMAPPED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "server",
  "x-amzn-requestid",
]);
const REMAPPED_BY_CUSTOM: ReadonlySet<string> = new Set([
  "authorization",
  "content-md5",
  "expect",
  "host",
  "max-forwards",
  "proxy-authenticate",
  "trailer",
  "upgrade",
  "user-agent",
  "www-authenticate",
]);

/** A header's name as the client gets it; none for one that no client gets. */
export function responseName(name: string, type: GatewayIntegration["type"]): string | undefined {
  const lower = name.toLowerCase();
  if (lower === "transfer-encoding") return undefined;
  const custom = type === "http" || type === "aws";
  const remapped = REMAPPED.has(lower) || (custom && REMAPPED_BY_CUSTOM.has(lower));
  return remapped ? `x-amzn-Remapped-${name}` : name;
}
