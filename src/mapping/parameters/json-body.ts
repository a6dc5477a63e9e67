import type { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { compileJsonPath } from "../json-path/json-path.ts";
import { readValues } from "../read-values.ts";
import { jsonText, type Value } from "../values.ts";

/** A body, or a place inside it, as the text that a parameter can be. */
export type BodyReader = (body: string, malformed: (why: string) => GatewayError) => string | undefined;

/** What API Gateway takes for JSON: nothing else is parsed (aws-semantics 7.2). */
const LOOKS_LIKE_JSON = /^\s*[{["']/;

/**
 * `method.request.body`, `method.request.body.PATH` and their like of a response: an empty
 * body is `{}`, text that does not look like JSON is itself, JSON that does not parse is an
 * error; what a path finds is its text, objects and lists as JSON (aws-semantics 7.2).
 *
 * @param path what stands behind `body`: "", `.pets[0].name`, `[0]`
 * @returns none when it is no JSONPath
 */
export function compileBodyReader(path: string): BodyReader | undefined {
  const compiled = path === "" ? undefined : compileJsonPath(`$${path}`);
  if (compiled && "fault" in compiled) return undefined;
  return (body, malformed) => {
    const sent = body === "" ? "{}" : body;
    if (!LOOKS_LIKE_JSON.test(sent)) return compiled ? undefined : sent;
    const root = readValues(sent);
    if (root === undefined) throw malformed("a parameter is mapped from a body that is no JSON");
    return textOf(compiled ? compiled.read(root) : root);
  };
}

function textOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : jsonText(value);
}
