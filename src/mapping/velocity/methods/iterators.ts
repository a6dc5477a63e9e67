import type { Value } from "../../values.ts";
import { Host, type Item } from "../items.ts";
import type { Run } from "../run.ts";
import { storable, textOf } from "../text.ts";

/** `$list.iterator()`: goes through once. */
export class JavaIterator extends Host {
  readonly #items: Iterator<Item>;
  #next: IteratorResult<Item, unknown>;

  constructor(items: Iterable<Item>) {
    super();
    this.#items = items[Symbol.iterator]();
    this.#next = this.#items.next();
  }

  override call(run: Run, name: string, args: readonly Item[]): Item {
    if (args.length > 0) return null;
    if (name === "hasNext") return this.#next.done !== true;
    if (name !== "next") return null;
    if (this.#next.done === true) throw run.error("method", "the iterator has no next item");
    return this.#take(this.#next.value);
  }

  override *items(): Iterable<Item> {
    while (this.#next.done !== true) yield this.#take(this.#next.value);
  }

  override text(): string {
    return "java.util.Iterator";
  }

  #take(item: Item): Item {
    this.#next = this.#items.next();
    return item;
  }
}

/** A member of a map, as `$map.entrySet()` gives it. */
class Entry extends Host {
  readonly #key: string;
  readonly #map: Map<string, Value>;

  constructor(map: Map<string, Value>, key: string) {
    super();
    this.#map = map;
    this.#key = key;
  }

  override property(_run: Run, name: string): Item {
    if (name === "key" || name === "Key") return this.#key;
    return name === "value" || name === "Value" ? this.#value : null;
  }

  override call(run: Run, name: string, args: readonly Item[]): Item {
    if (args.length === 0 && name === "getKey") return this.#key;
    if (args.length === 0 && name === "getValue") return this.#value;
    if (args.length === 0 && name === "toString") return this.text(run);
    const [value] = args;
    if (args.length !== 1 || name !== "setValue" || value === undefined) return null;
    const before = this.#value;
    this.#map.set(this.#key, storable(run, value));
    return before;
  }

  override text(run: Run): string {
    return `${this.#key}=${textOf(run, this.#value)}`;
  }

  get #value(): Value {
    return this.#map.get(this.#key) ?? null;
  }
}

/** `$map.entrySet()`. */
export class EntrySet extends Host {
  readonly #map: Map<string, Value>;

  constructor(map: Map<string, Value>) {
    super();
    this.#map = map;
  }

  override property(_run: Run, name: string): Item {
    return name === "empty" ? this.#map.size === 0 : null;
  }

  override call(run: Run, name: string, args: readonly Item[]): Item {
    if (args.length > 0) return null;
    if (name === "size") return this.#map.size;
    if (name === "isEmpty") return this.#map.size === 0;
    if (name === "iterator") return new JavaIterator(this.items());
    return name === "toString" ? this.text(run) : null;
  }

  override *items(): Iterable<Item> {
    for (const key of this.#map.keys()) yield new Entry(this.#map, key);
  }

  override text(run: Run): string {
    return `[${[...this.#map.keys()].map((key) => new Entry(this.#map, key).text(run)).join(", ")}]`;
  }
}
