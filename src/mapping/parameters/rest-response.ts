import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { type BodyReader, type BodySource, compileBodyReader } from "./json-body.ts";
import { type CommonSource, compileCommonSource } from "./rest-source.ts";
import { ANSWER_BODY, ANSWER_HEADER } from "./rest-syntax.ts";

/** What response parameters read of an integration's answer. */
export interface AnswerSource extends BodySource {
  /** All values of a header in order; any case. */
  headers(name: string): readonly string[];
}

/**
 * REST response parameters: `method.response.header.NAME` from the integration's headers or
 * body, a static value, the context or a stage variable (aws-semantics 7.2). A source without
 * a value leaves its header unset.
 */
export interface ResponseMapping {
  readonly needsBody: boolean;
  /** Headers to set, in the mapping's order; Set-Cookie once for each cookie, since cookies cannot be joined. */
  read(call: Call, answer: AnswerSource): readonly (readonly [name: string, value: string])[];
}

interface Rule {
  readonly name: string;
  /** Several values of `multivalueheader` only. */
  read(call: Call, answer: AnswerSource): string | readonly string[] | undefined;
}

/** @param spell a header's name as the client gets it; none for one that no client gets */
export function compileResponseMapping(
  parameters: Readonly<Record<string, string>> | undefined,
  variables: Readonly<Record<string, string>>,
  spell: (name: string) => string | undefined,
): ResponseMapping {
  const rules: Rule[] = [];
  let needsBody = false;
  for (const [target, source] of Object.entries(parameters ?? {})) {
    const name = /^method\.response\.header\.(.+)$/s.exec(target)?.[1];
    const spelt = name === undefined ? undefined : spell(name);
    const read = compileAnswerSource(source, variables);
    if (spelt === undefined || !read) continue;
    needsBody ||= ANSWER_BODY.test(source);
    rules.push({ name: spelt, read });
  }
  return {
    needsBody,
    read: (call, answer) =>
      rules.flatMap(({ name, read }) => {
        const value = read(call, answer);
        if (value === undefined) return [];
        return linesOf(name, value).map((line) => [name, line] as const);
      }),
  };
}

function linesOf(name: string, value: string | readonly string[]): readonly string[] {
  if (typeof value === "string") return [value];
  return name.toLowerCase() === "set-cookie" ? value : [value.join(",")];
}

/** @returns none for a source that nobody knows */
function compileAnswerSource(
  source: string,
  variables: Readonly<Record<string, string>>,
): Rule["read"] | undefined {
  const common: CommonSource | undefined = compileCommonSource(source, variables);
  if (common) return common;
  const [, kind, name = ""] = ANSWER_HEADER.exec(source) ?? [];
  if (kind === "header") return (_, answer) => answer.headers(name).at(-1);
  if (kind === "multivalueheader") {
    return (_, answer) => {
      const values = answer.headers(name);
      return values.length === 0 ? undefined : values;
    };
  }
  const body = ANSWER_BODY.exec(source)?.[1];
  return body === undefined ? undefined : bodySource(compileBodyReader(body));
}

function bodySource(reader: BodyReader | undefined): Rule["read"] | undefined {
  return reader && ((_, answer) => reader(answer, malformedAnswer));
}

function malformedAnswer(why: string): GatewayError {
  return new GatewayError("API_CONFIGURATION_ERROR", "mapping.body", why);
}
