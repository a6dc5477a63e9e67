import type { Dialect } from "./dialect.ts";
import type { Node, Resource } from "./document.ts";
import type { Target } from "./library.ts";
import type { Check } from "./run.ts";
import type { JsonObject, Kind } from "./values.ts";

/** What a keyword is given while a schema is compiled. */
export interface Context {
  /** The schema that it stands in. */
  readonly schema: JsonObject;
  readonly dialect: Dialect;
  /** The check of a schema below, for members and items of the value. */
  below(path: string, schema: unknown): Check;
  /** The check of a schema below, for the value itself. */
  same(path: string, schema: unknown): Check;
  /** Where a `$ref` leads; undefined where it leads nowhere, which is noted. */
  target(keyword: string, reference: string): Target | undefined;
  /** The check of another schema, for the value itself. */
  refer(node: Node): Check;
  /** The check of what `$dynamicRef` finds in a resource. */
  dynamic(resource: Resource, anchor: string): Check | undefined;
  /** Notes what is wrong with the schema; undefined, so that a builder can return it. */
  wrong(path: string, message: string, hint?: string): undefined;
}

/** Checks of one keyword that differ by the kind of value; none for a kind is nothing to check. */
export type ChecksByKind = Readonly<Partial<Record<Kind, Check>>>;

export interface Keyword {
  readonly name: string;
  /** The only kind of value that it says something about. */
  readonly kind?: Kind;
  /** Undefined where there is nothing to check, or another keyword's check does it. */
  readonly build: (context: Context, value: unknown) => Check | ChecksByKind | undefined;
}

/** A member of the schema that has to be a count. */
export function count(context: Context, name: string, value: unknown): number | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  return context.wrong(name, `"${name}" is a whole number, 0 or more`);
}

/** A list of texts. */
export function texts(context: Context, path: string, value: unknown): readonly string[] | undefined {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  return context.wrong(path, `"${path}" is a list of texts`);
}
