import type { Value } from "../../values.ts";
import { isInt, isLong, isNumber } from "../arithmetic.ts";
import type { Item } from "../items.ts";
import type { Run } from "../run.ts";

/**
 * What a method takes, as Java declares it: `s`tring, `i`nt, `l`ong, `d`ouble, `n`umber,
 * `b`oolean, `c`ollection, `m`ap, `o`bject (anything). Velocity calls the method whose
 * parameters fit what it was given, and none when none fits: `"abc".substring("1")` is nothing.
 */
export type Signature = string;

/** A method's overloads, the most specific first. */
export type Method<T> = readonly (readonly [Signature, (run: Run, self: T, args: Args) => Item])[];

/** Methods by name. An explicit list: nothing else can be reached. */
export type Methods<T> = ReadonlyMap<string, Method<T>>;

/** What a method was given, read as its signature promises. */
export class Args {
  readonly #items: readonly Item[];

  constructor(items: readonly Item[]) {
    this.#items = items;
  }

  item(index: number): Item {
    return this.#items[index] ?? null;
  }

  text(index: number): string {
    const item = this.#items[index];
    return typeof item === "string" ? item : "";
  }

  int(index: number): number {
    const item = this.#items[index];
    return typeof item === "number" ? item : 0;
  }

  list(index: number): readonly Value[] {
    const item = this.#items[index];
    return Array.isArray(item) ? item : [];
  }

  map(index: number): ReadonlyMap<string, Value> {
    const item = this.#items[index];
    return item instanceof Map ? item : new Map();
  }
}

/** Calls the overload that fits; undefined when the type has no such method. */
export function invoke<T>(
  methods: Methods<T>,
  run: Run,
  self: T,
  name: string,
  items: readonly Item[],
): Item | undefined {
  for (const [signature, body] of methods.get(name) ?? []) {
    if (signature.length === items.length && items.every((item, index) => fits(signature[index], item))) {
      return body(run, self, new Args(items));
    }
  }
  return undefined;
}

function fits(type: string | undefined, item: Item): boolean {
  switch (type) {
    case "s":
      return typeof item === "string" || item === null;
    case "i":
      return isInt(item);
    case "l":
      return isLong(item);
    case "d":
    case "n":
      return isNumber(item);
    case "b":
      return typeof item === "boolean";
    case "c":
      return Array.isArray(item);
    case "m":
      return item instanceof Map;
    default:
      return true;
  }
}
