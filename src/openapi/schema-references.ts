import { type Members, record } from "./members.ts";

/** Members of a schema that hold data, in which `$ref` is a name like any other. */
export const DATA: ReadonlySet<string> = new Set(["const", "default", "enum", "example", "examples"]);
/** Members whose own members' names are the author's. */
export const NAMED: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "dependencies",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);

/**
 * A copy of a JSON Schema with other references.
 *
 * @param place where the schema stands
 * @param change gives the reference to write in place of one at a place, which may be the same
 */
export function withReferences(schema: Members, place: string, change: Change): Members {
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      const at = `${place}.${name}`;
      if (name === "$ref" && typeof value === "string") return [name, change(value, at)];
      if (DATA.has(name) || name.startsWith("x-")) return [name, value];
      const named = NAMED.has(name) ? record(value) : undefined;
      if (!named) return [name, inside(value, at, change)];
      const changed = Object.entries(named).map(([own, inner]) => [
        own,
        inside(inner, `${at}.${own}`, change),
      ]);
      return [name, Object.fromEntries(changed)];
    }),
  );
}

type Change = (reference: string, place: string) => string;

function inside(value: unknown, place: string, change: Change): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => inside(item, `${place}.${index}`, change));
  }
  const members = record(value);
  return members ? withReferences(members, place, change) : value;
}
