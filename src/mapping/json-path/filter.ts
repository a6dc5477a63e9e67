import { javaText, type Value } from "../values.ts";
import { compareValues, isSame } from "./compare.ts";
import { type Budget, JsonPathLimit } from "./limit.ts";
import { follow } from "./search.ts";
import type { DefiniteStep, Filter } from "./step.ts";

/** One side of an operator. */
export type Operand =
  /** What is quoted, and what is not: `5`, `true` and `null` are text to Jayway until they are compared. */
  | { readonly kind: "text"; readonly text: string }
  /** `@...` from the item, `$...` from the root. */
  | {
      readonly kind: "path";
      readonly fromRoot: boolean;
      readonly steps: readonly DefiniteStep[];
      readonly cost: number;
    }
  /** `['a', 1]` */
  | { readonly kind: "list"; readonly items: readonly string[] }
  /** Takes a whole text or nothing. */
  | { readonly kind: "pattern"; readonly pattern: RegExp };

/** What an operator does with what its right side expects and what its left side finds. */
export type Operator = (expected: Value, found: Value, budget: Budget) => boolean;

/** The last one is asked first, as in Jayway; it shows where one cannot be answered at all. */
export function allOf(filters: readonly Filter[]): Filter {
  return (item, root, budget) => filters.findLast((takes) => !takes(item, root, budget)) === undefined;
}

export function anyOf(filters: readonly Filter[]): Filter {
  return (item, root, budget) => filters.findLast((takes) => takes(item, root, budget)) !== undefined;
}

export function not(filter: Filter): Filter {
  return (item, root, budget) => !filter(item, root, budget);
}

/** Whether there is anything; null is nothing, and so are several names of which one is missing. */
export function exists(path: Extract<Operand, { kind: "path" }>): Filter {
  const last = path.steps.at(-1);
  const names = last?.kind === "properties" ? last.names.length : undefined;
  return (item, root, budget) => {
    const value = read(path, item, root, budget);
    if (names !== undefined && value instanceof Map && value.size < names) return false;
    return value !== undefined && value !== null;
  };
}

/** What is nowhere answers no comparison. */
export function compare(left: Operand, operator: Operator, right: Operand): Filter {
  return (item, root, budget) => {
    const found = read(left, item, root, budget);
    if (found === undefined) return false;
    const expected = read(right, item, root, budget);
    return expected !== undefined && operator(expected, found, budget);
  };
}

export function matches(pattern: RegExp, operand: Operand): Filter {
  return (item, root, budget) => {
    const value = read(operand, item, root, budget);
    if (value === undefined || value === null) return false;
    const text = javaText(value);
    budget.spend(text.length >> 4);
    return pattern.test(text);
  };
}

function read(operand: Operand, item: Value, root: Value, budget: Budget): Value | undefined {
  switch (operand.kind) {
    case "text":
      return operand.text;
    case "list":
      budget.spend(operand.items.length >> 4);
      return [...operand.items];
    case "path":
      budget.spend(operand.cost);
      return follow(operand.steps, operand.fromRoot ? root : item);
    case "pattern":
      return undefined;
  }
}

function ordered(holds: (order: number) => boolean): Operator {
  return (expected, found, budget) => {
    if ((expected === null) !== (found === null)) return false;
    const order = compareValues(expected, found, budget);
    return order !== undefined && holds(order);
  };
}

function isIn(expected: Value, found: Value, budget: Budget): boolean {
  return Array.isArray(expected) && holds(expected, found, budget);
}

function holds(list: readonly Value[], value: Value, budget: Budget): boolean {
  budget.spend(list.length);
  return list.some((item) => isSame(value, item, budget) || isSame(item, value, budget));
}

/** Characters compared when a text is looked for in another, at worst. */
const MAX_COMPARED = 100_000_000;

function contains(expected: Value, found: Value, budget: Budget): boolean {
  if (Array.isArray(found)) return holds(found, expected, budget);
  if (typeof found !== "string" || typeof expected !== "string") return false;
  if (expected.length * found.length > MAX_COMPARED)
    throw new JsonPathLimit("the texts are too long to be searched");
  budget.spend(1 + ((expected.length * found.length) >> 8));
  return found.includes(expected);
}

function sizeOf(value: Value): number | undefined {
  return Array.isArray(value) || typeof value === "string" ? value.length : undefined;
}

/** The signs are Jayway 2.0's, the words those that came with later versions. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["==", (expected, found, budget) => compareValues(expected, found, budget) === 0],
  [
    "!=",
    (expected, found, budget) => {
      const order = compareValues(expected, found, budget);
      return order !== undefined && order !== 0;
    },
  ],
  // The order is that of the expected value to the one found.
  [">", ordered((order) => order < 0)],
  [">=", ordered((order) => order <= 0)],
  ["<", ordered((order) => order > 0)],
  ["<=", ordered((order) => order >= 0)],
  ["in", isIn],
  ["nin", (expected, found, budget) => !isIn(expected, found, budget)],
  ["contains", contains],
  [
    "all",
    (expected, found, budget) =>
      Array.isArray(expected) && Array.isArray(found) && expected.every((item) => holds(found, item, budget)),
  ],
  ["size", (expected, found, budget) => isSame(expected, sizeOf(found) ?? null, budget)],
  [
    "empty",
    (expected, found, budget) => sizeOf(found) !== undefined && isSame(expected, sizeOf(found) === 0, budget),
  ],
  ["exists", (expected, found, budget) => isSame(expected, found !== null, budget)],
]);
