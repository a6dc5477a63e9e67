import * as v from "valibot";
import { jsonFault } from "../lib/json/json-fault.ts";
import { nearest, type Parsed, type Problem } from "./problem.ts";

/** Parses the text of a KV entry: JSON first, then its schema. */
export function parseEntry<T extends v.GenericSchema>(
  key: string,
  text: string,
  schema: T,
): Parsed<v.InferOutput<T>> {
  const json = parseJson(key, text);
  return json.ok ? parseValue(key, json.value, schema) : json;
}

/** Longer texts, in characters, are written by programs: deployments. */
const WRITTEN_BY_HAND = 262_144;
const NO_LIMITS = { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY };

/** The text of a KV entry as JSON; a key in front of the value says whose text it is. */
export function parseJson(key: string, text: string): Parsed<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    const twice = text.length > WRITTEN_BY_HAND ? undefined : jsonFault(text, NO_LIMITS);
    if (!twice) return { ok: true, value };
    const message = `the value is not one that every reader reads alike: ${twice.detail} (at character ${twice.offset})`;
    return { ok: false, problems: [{ code: "json.ambiguous", path: key, message }] };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    // The engine quotes the text around the mistake, which may be a secret's.
    const message = said.replace(/, (?:\.\.\.)?".*" is not valid JSON$/s, "");
    return {
      ok: false,
      problems: [
        {
          code: "json.malformed",
          path: key,
          message: `the value is not JSON: ${message}`,
          hint: "check the quotes: a shell needs single quotes around the JSON",
        },
      ],
    };
  }
}

/** Checks a value that is JSON already; each issue becomes a problem that names its place. */
export function parseValue<T extends v.GenericSchema>(
  key: string,
  value: unknown,
  schema: T,
): Parsed<v.InferOutput<T>> {
  // To the schema library a list is an object without members.
  if (Array.isArray(value)) {
    return {
      ok: false,
      problems: [{ code: "value.invalid", path: key, message: "expected an object, found a list" }],
    };
  }
  const result = v.safeParse(schema, value);
  if (result.success) return { ok: true, value: result.output };
  return { ok: false, problems: result.issues.map((issue) => toProblem(key, issue, schema)) };
}

function toProblem(key: string, issue: v.BaseIssue<unknown>, schema: v.GenericSchema): Problem {
  const place = v.getDotPath(issue);
  const path = place === null ? key : `${key}#${place}`;
  if (issue.type === "strict_object" && issue.expected === "never") {
    const word = place?.split(".").at(-1) ?? "";
    const near = nearest(word, keysAt(schema, place?.split(".").slice(0, -1) ?? []));
    return {
      code: "key.unknown",
      path,
      message: `there is no key "${word}" here`,
      // Of several schemas for one place another may know the word.
      ...(near === undefined || near === word ? {} : { hint: `did you mean "${near}"?` }),
    };
  }
  if (issue.type === "strict_object" && issue.received === "undefined") {
    return { code: "key.missing", path, message: `the key "${place?.split(".").at(-1) ?? ""}" is missing` };
  }
  if (issue.type === "picklist") {
    const options =
      issue.expected
        ?.replaceAll('"', "")
        .replace(/^\(|\)$/g, "")
        .split(" | ") ?? [];
    const near = nearest(String(issue.input), options);
    return {
      code: "value.unknown",
      path,
      message: `"${String(issue.input)}" is none of ${options.join(", ")}`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    };
  }
  const custom = issue.message.startsWith("Invalid ") ? undefined : issue.message;
  const found = issue.received;
  return {
    code: "value.invalid",
    path,
    message: custom ?? `expected ${issue.expected ?? "something else"}, found ${found}`,
  };
}

/** The keys that a strict object at this place knows. */
function keysAt(schema: v.GenericSchema, place: readonly string[]): readonly string[] {
  let current: unknown = schema;
  for (const part of place) {
    const plain = unwrap(current, part);
    current = entriesOf(plain)?.[part] ?? itemOf(plain);
  }
  return Object.keys(entriesOf(unwrap(current, undefined)) ?? {});
}

function entriesOf(plain: unknown): Record<string, unknown> | undefined {
  if (typeof plain !== "object" || plain === null || !("entries" in plain)) return undefined;
  const { entries } = plain;
  return typeof entries === "object" && entries !== null
    ? Object.fromEntries(Object.entries(entries))
    : undefined;
}

/** What a record's values or an array's items are. */
function itemOf(plain: unknown): unknown {
  if (typeof plain !== "object" || plain === null) return undefined;
  return "value" in plain ? plain.value : "item" in plain ? plain.item : undefined;
}

/**
 * Takes `optional` off, and chooses the branch of one that depends on its input; a pipe carries
 * its first schema's members itself.
 *
 * @param part what stands below it: a number in a list, a name in an object
 */
function unwrap(schema: unknown, part: string | undefined): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  if ("wrapped" in schema) return unwrap(schema.wrapped, part);
  if (!("getter" in schema) || typeof schema.getter !== "function") return schema;
  return unwrap(schema.getter(/^\d+$/.test(part ?? "") ? [] : {}), part);
}
