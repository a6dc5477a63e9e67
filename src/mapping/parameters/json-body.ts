import type { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { compileJsonPath, JsonPathLimit } from "../json-path/json-path.ts";
import { readValues } from "../read-values.ts";
import { jsonText, type Value, ValueLimit } from "../values.ts";

/** What has a body as text; what it reads as is kept with it, for all the parameters that read of it. */
export interface BodySource {
  readonly body: string;
  parsed?: { readonly body: string; readonly root: Value | undefined };
}

/** The body as JSON; undefined for one that is none. Read once a source. */
export function rootOf(source: BodySource): Value | undefined {
  const { body, parsed } = source;
  // A copy of a source may have another body.
  if (parsed?.body === body) return parsed.root;
  const root = readValues(body);
  source.parsed = { body, root };
  return root;
}

/** A function's failure: an `errorMessage` that is JSON is read as what it says (aws-semantics 7.2). */
export function failureSource(body: string): BodySource {
  const source: BodySource = { body };
  const root = LOOKS_LIKE_JSON.test(body) ? rootOf(source) : undefined;
  const message = root instanceof Map ? root.get("errorMessage") : undefined;
  if (!(root instanceof Map) || typeof message !== "string" || !/^\s*[{[]/.test(message)) return source;
  const said = readValues(message);
  return said === undefined
    ? source
    : { body, parsed: { body, root: new Map(root).set("errorMessage", said) } };
}

/** Whether a value is too much to be searched, or to be a text. */
export function isTooMuch(error: unknown): error is JsonPathLimit | ValueLimit {
  return error instanceof JsonPathLimit || error instanceof ValueLimit;
}

/** A body, or a place inside it, as the text that a parameter can be. */
export type BodyReader = (source: BodySource, malformed: (why: string) => GatewayError) => string | undefined;

/** What API Gateway takes for JSON: nothing else is parsed (aws-semantics 7.2). */
const LOOKS_LIKE_JSON = /^\s*[{["']/;

/**
 * `method.request.body`, `method.request.body.PATH` and their like of a response: an empty
 * body is `{}`, text that does not look like JSON is itself, JSON that does not parse is an
 * error, and so is what is too much to be searched or to be a text; what a path finds is its
 * text, objects and lists as JSON (aws-semantics 7.2).
 *
 * @param path what stands behind `body`: "", `.pets[0].name`, `[0]`
 * @returns none when it is no JSONPath
 */
export function compileBodyReader(path: string): BodyReader | undefined {
  const compiled = path === "" ? undefined : compileJsonPath(`$${path}`);
  if (compiled && "fault" in compiled) return undefined;
  return (source, malformed) => {
    const { body } = source;
    if (body !== "" && !LOOKS_LIKE_JSON.test(body)) return compiled ? undefined : body;
    const root = body === "" ? new Map() : rootOf(source);
    if (root === undefined) throw malformed("a parameter is mapped from a body that is no JSON");
    try {
      return textOf(compiled ? compiled.read(root) : root);
    } catch (error) {
      if (isTooMuch(error)) throw malformed(`a parameter is mapped from a body: ${error.message}`);
      throw error;
    }
  };
}

/** Objects and lists as JSON, everything else as its text; null as nothing. Throws ValueLimit. */
export function textOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : jsonText(value);
}
