import type { Value } from "../values.ts";
import type { Run } from "./run.ts";

/** What a template works with: JSON values, and objects that Java would have beside them. */
export type Item = Value | Host;

/** An object of the engine or of API Gateway (`$input`, `$foreach`), not of JSON. */
export abstract class Host {
  /** What `$object.name` is; null for nothing. */
  property(_run: Run, _name: string): Item {
    return null;
  }

  /** What `$object.name(args)` is; null for nothing. */
  call(_run: Run, _name: string, _args: readonly Item[]): Item {
    return null;
  }

  /** `#set($object.name = value)`; false where that is not possible. */
  assign(_run: Run, _name: string, _value: Item): boolean {
    return false;
  }

  /** What `#foreach` goes through; undefined for what it does not. */
  items(_run: Run): Iterable<Item> | undefined {
    return undefined;
  }

  /** How it prints; undefined prints the reference as it is written. */
  abstract text(run: Run): string | undefined;
}

/**
 * A list that Java prints as one, `[a, b]`: what a template writes (`["a", "b"]`, `[1..3]`) and
 * what its methods make. A list of the body is a plain one and prints as JSON. Only a list and
 * an array have indexes, a set (`keySet()`) has none.
 */
export class JavaList extends Array<Value> {
  kind: "list" | "array" | "set" = "list";

  static over(items: Iterable<Value>, kind: JavaList["kind"] = "list"): JavaList {
    const list = new JavaList();
    for (const item of items) list.push(item);
    list.kind = kind;
    return list;
  }
}

/** A map that prints as nothing, as `$context` and the maps inside it do. */
export class SilentMap extends Map<string, Value> {}
