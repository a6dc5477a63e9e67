import type { Integration, IntegrationResponse } from "../config/schemas.ts";

/** An integration response, its static headers under the names that the client gets. */
export interface ChosenResponse extends IntegrationResponse {
  readonly headers: readonly (readonly [name: string, value: string])[];
}

interface Choice {
  readonly pattern: RegExp;
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

export function responseChoices(integration: Pick<Integration, "type" | "responses">): ResponseChoices {
  const choices: Choice[] = [];
  let fallback: ChosenResponse | undefined;
  for (const [pattern, entry] of Object.entries(integration.responses ?? {})) {
    const response = { ...entry, headers: staticHeaders(entry, integration.type) };
    if (pattern === "default") fallback = response;
    else choices.push({ pattern: new RegExp(`^(?:${pattern})$`), response });
  }
  choices.sort((a, b) => a.response.statusCode - b.response.statusCode);
  return {
    select: (value) => choices.find((choice) => choice.pattern.test(value))?.response ?? fallback,
  };
}

/** Recorded (aws-semantics 5): a response's own words under these names become `x-amzn-Remapped-...`. */
const REMAPPED = new Set(["connection", "content-length", "date", "server"]);
const REMAPPED_BY_HTTP = new Set([
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

/** The headers that `responseParameters` sets from quoted static values. */
function staticHeaders(response: IntegrationResponse, type: Integration["type"]): [string, string][] {
  const headers: [string, string][] = [];
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    const name = /^method\.response\.header\.(.+)$/.exec(target)?.[1];
    const value = /^'(.*)'$/s.exec(source)?.[1];
    if (name === undefined || value === undefined) continue;
    const lower = name.toLowerCase();
    if (lower === "transfer-encoding") continue;
    const remapped = REMAPPED.has(lower) || (type === "http" && REMAPPED_BY_HTTP.has(lower));
    headers.push([remapped ? `x-amzn-Remapped-${name}` : name, value]);
  }
  return headers;
}
