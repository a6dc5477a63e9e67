import type { Value } from "../values.ts";
import { type Budget, JsonPathLimit, MAX_DEPTH, Unreadable } from "./limit.ts";
import { costOf, type DefiniteStep, type Filter, type Step } from "./step.ts";

/**
 * Where a definite path leads; undefined where nothing is.
 *
 * @throws Unreadable for an index into what is no list
 */
export function follow(steps: readonly DefiniteStep[], root: Value): Value | undefined {
  let value: Value | undefined = root;
  for (const step of steps) {
    value = child(step, value);
    if (value === undefined) return undefined;
  }
  return value;
}

function child(step: DefiniteStep, value: Value): Value | undefined {
  switch (step.kind) {
    case "property":
      return value instanceof Map ? value.get(step.name) : undefined;
    case "properties":
      return value instanceof Map ? picked(step.names, value) : undefined;
    case "index":
      return listIn(value)?.at(step.index);
    case "before_end": {
      const list = listIn(value);
      return list?.[list.length - step.distance];
    }
  }
}

function picked(names: readonly string[], map: ReadonlyMap<string, Value>): Value {
  const found = new Map<string, Value>();
  for (const name of names) {
    const value = map.get(name);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

function listIn(value: Value): Value[] | undefined {
  if (Array.isArray(value)) return value;
  if (value === null) return undefined;
  throw new Unreadable("an index into what is no list");
}

/**
 * Everything that an indefinite path leads to.
 *
 * Where Jayway throws PathNotFoundException the methods here answer false: a wildcard over a
 * list goes on with its next item then, all else is given up.
 */
export class Search {
  readonly found: Value[] = [];
  readonly #steps: readonly Step[];
  readonly #root: Value;
  readonly #budget: Budget;

  constructor(steps: readonly Step[], root: Value, budget: Budget) {
    this.#steps = steps;
    this.#root = root;
    this.#budget = budget;
  }

  /** Takes the steps from `at` on. */
  from(at: number, value: Value): boolean {
    const step = this.#steps[at];
    this.#budget.spend(step ? costOf(step) : 1);
    if (!step) {
      this.found.push(value);
      return true;
    }
    switch (step.kind) {
      case "wildcard":
        return this.#all(at, value);
      case "filter":
        return this.#filtered(at, value, step.takes);
      case "scan":
        return this.#scan(at + 1, value, 0);
      case "indexes":
        return this.#items(at, value, (list) => step.indexes.map((index) => list.at(index)));
      case "slice":
        return this.#items(at, value, (list) => sliced(list, step.from, step.to));
      default: {
        const found = child(step, value);
        if (found !== undefined) return this.from(at + 1, found);
        return step.kind === "property" && step.quiet && value instanceof Map;
      }
    }
  }

  #all(at: number, value: Value): boolean {
    if (Array.isArray(value)) {
      for (const item of value) this.from(at + 1, item);
    } else if (value instanceof Map) {
      for (const member of value.values()) if (!this.from(at + 1, member)) return false;
    }
    return true;
  }

  #items(at: number, value: Value, choose: (list: Value[]) => (Value | undefined)[]): boolean {
    const list = listIn(value);
    if (!list) return false;
    for (const item of choose(list)) {
      if (item === undefined || !this.from(at + 1, item)) return false;
    }
    return true;
  }

  #filtered(at: number, value: Value, takes: Filter): boolean {
    if (value instanceof Map) {
      return takes(value, this.#root, this.#budget) ? this.from(at + 1, value) : true;
    }
    if (!Array.isArray(value)) throw new Unreadable("a filter of what is neither a map nor a list");
    for (const item of value) {
      this.#budget.spend(1);
      if (takes(item, this.#root, this.#budget) && !this.from(at + 1, item)) return false;
    }
    return true;
  }

  #scan(at: number, value: Value, depth: number): boolean {
    this.#budget.spend(1);
    if (depth > MAX_DEPTH) throw new JsonPathLimit(`the value is nested deeper than ${MAX_DEPTH} levels`);
    const members = value instanceof Map ? value.values() : Array.isArray(value) ? value : [];
    if (this.#fits(at, value) && !this.#scanned(at, value)) return false;
    for (const member of members) if (!this.#scan(at, member, depth + 1)) return false;
    return true;
  }

  /** Jayway takes every item of a list that the scanned step fits, whichever the step would choose. */
  #scanned(at: number, value: Value): boolean {
    if (!Array.isArray(value) || at === this.#steps.length - 1) return this.from(at, value);
    return value.every((item) => this.from(at + 1, item));
  }

  #fits(at: number, value: Value): boolean {
    const isMap = value instanceof Map;
    if (!isMap && !Array.isArray(value)) return false;
    const step = this.#steps[at];
    switch (step?.kind) {
      case "property":
        return isMap && value.has(step.name);
      case "properties":
        return isMap && step.names.every((name) => value.has(name));
      case "wildcard":
        return true;
      case "filter":
        return step.takes(value, this.#root, this.#budget);
      default:
        return !isMap;
    }
  }
}

/** With both bounds given, as `[1:-1]`, a negative end counts from the end only where the start does. */
function sliced(list: Value[], from: number | undefined, to: number | undefined): Value[] {
  if (from !== undefined && to !== undefined && from >= to) return [];
  return list.slice(from, to);
}
