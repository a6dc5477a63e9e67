import type { Integration, IntegrationResponse } from "../config/schemas.ts";

interface Choice {
  readonly pattern: RegExp;
  readonly response: IntegrationResponse;
}

/** The integration responses of a route, ready to choose from. */
export interface ResponseChoices {
  /**
   * The first response whose pattern matches the whole selection value, else the default
   * one; none when neither is there (aws-semantics 6.2: several that match, the first in
   * order of status wins).
   */
  select(value: string): IntegrationResponse | undefined;
}

export function responseChoices(responses: Integration["responses"]): ResponseChoices {
  const choices: Choice[] = [];
  let fallback: IntegrationResponse | undefined;
  for (const [pattern, response] of Object.entries(responses ?? {})) {
    if (pattern === "default") fallback = response;
    else choices.push({ pattern: new RegExp(`^(?:${pattern})$`), response });
  }
  choices.sort((a, b) => a.response.statusCode - b.response.statusCode);
  return {
    select: (value) => choices.find((choice) => choice.pattern.test(value))?.response ?? fallback,
  };
}

/** The headers that `responseParameters` sets from quoted static values. */
export function staticHeaders(response: IntegrationResponse): [string, string][] {
  const headers: [string, string][] = [];
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    const name = /^method\.response\.header\.(.+)$/.exec(target)?.[1];
    const value = /^'(.*)'$/s.exec(source)?.[1];
    if (name !== undefined && value !== undefined) headers.push([name, value]);
  }
  return headers;
}
