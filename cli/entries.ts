import type * as v from "valibot";
import { parseEntry } from "../src/config/parse.ts";
import type { Parsed } from "../src/config/problem.ts";
import type { Store } from "./store.ts";

export interface NamedEntry<T> {
  /** Without the prefix. */
  readonly name: string;
  readonly entry: Parsed<T>;
}

/** All entries below a prefix, those that do not parse included. */
export async function readEntries<T extends v.GenericSchema>(
  store: Store,
  prefix: string,
  schema: T,
): Promise<readonly NamedEntry<v.InferOutput<T>>[]> {
  const entries: NamedEntry<v.InferOutput<T>>[] = [];
  for (const { name } of await store.list(prefix)) {
    const text = await store.get(name);
    // The store is eventually consistent: what is listed may be gone.
    if (text !== undefined) {
      entries.push({ name: name.slice(prefix.length), entry: parseEntry(name, text, schema) });
    }
  }
  return entries;
}

/** The first of many names: `a, b, c, d, e and 3 more`. */
export function someOf(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}
