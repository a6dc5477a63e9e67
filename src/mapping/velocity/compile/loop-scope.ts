import type { Value } from "../../values.ts";
import { Host, type Item } from "../items.ts";
import type { Run } from "../run.ts";
import { storable, textOf } from "../text.ts";

/** `$foreach`: where its loop stands, and a map of the loop's own variables. */
export class LoopScope extends Host {
  index = -1;
  hasNext = false;
  /** The loop that `#break($foreach)` ends. */
  readonly owner: object;
  readonly #outer: Item;
  readonly #own = new Map<string, Value>();

  constructor(owner: object, outer: Item) {
    super();
    this.owner = owner;
    this.#outer = outer;
  }

  override property(_run: Run, name: string): Item {
    switch (name) {
      case "index":
        return this.index;
      case "count":
        return this.index + 1;
      case "hasNext":
        return this.hasNext;
      case "first":
        return this.index < 1;
      case "last":
        return !this.hasNext;
      case "parent":
        return this.#parent ?? null;
      case "topmost":
        return this.#topmost;
      case "replaced":
        return this.#topmost.#outer;
      default:
        return this.#member(name);
    }
  }

  override call(run: Run, name: string, args: readonly Item[]): Item {
    const [key, value] = args;
    const getter = /^(?:get|is)([A-Z]\w*)$/.exec(name)?.[1];
    if (args.length === 0 && name === "hasNext") return this.hasNext;
    if (args.length === 0 && getter && GETTERS.has(name)) {
      return this.property(run, getter[0]?.toLowerCase() + getter.slice(1));
    }
    if (name === "get" && key !== undefined && args.length === 1) return this.#member(textOf(run, key));
    if (name === "put" && key !== undefined && value !== undefined && args.length === 2) {
      const before = this.#own.get(textOf(run, key)) ?? null;
      this.#own.set(textOf(run, key), storable(run, value));
      return before;
    }
    return null;
  }

  override assign(run: Run, name: string, value: Item): boolean {
    this.#own.set(name, storable(run, value));
    return true;
  }

  override items(): Iterable<Item> {
    return this.#own.values();
  }

  override text(run: Run): string {
    return textOf(run, this.#own);
  }

  get #parent(): LoopScope | undefined {
    return this.#outer instanceof LoopScope ? this.#outer : undefined;
  }

  get #topmost(): LoopScope {
    let scope: LoopScope = this;
    for (let parent = scope.#parent; parent; parent = parent.#parent) scope = parent;
    return scope;
  }

  #member(name: string): Item {
    for (let scope: LoopScope | undefined = this; scope; scope = scope.#parent) {
      const value = scope.#own.get(name);
      if (value !== undefined) return value;
    }
    return null;
  }
}

const GETTERS: ReadonlySet<string> = new Set([
  "getIndex",
  "getCount",
  "getHasNext",
  "getFirst",
  "getLast",
  "isFirst",
  "isLast",
  "getParent",
  "getTopmost",
  "getReplaced",
]);
