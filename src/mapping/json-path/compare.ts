import { Double, type Value } from "../values.ts";
import { compareDecimals } from "./decimal.ts";
import { type Budget, Unreadable } from "./limit.ts";

/**
 * Compares as Jayway's filters do: below 0, 0 or above 0; undefined for what it does not compare
 * (a list, a map, an expected number with a text found).
 *
 * Text that is expected counts as a number or a boolean where one is found, and `null` is the
 * same as the text "null", less than all else.
 *
 * @param expected the right side of the operator; what a filter writes without quotes is text too
 * @param found the left side
 * @throws Unreadable where a number is found and the expected text is none
 */
export function compareValues(expected: Value, found: Value, budget: Budget): number | undefined {
  budget.spend(1);
  if (typeof expected === "string" && typeof found === "string") {
    budget.spend(Math.min(expected.length, found.length) >> 6);
  }
  if (expected === found) return 0;
  if (isNullish(expected)) return isNullish(found) ? 0 : -1;
  if (isNullish(found)) return 1;
  if (typeof expected === "number" && typeof found === "number") return expected - found;
  if (typeof expected === "string") return compareText(expected, found, budget);
  if (isNumber(expected) && isNumber(found)) return compareNumbers(String(expected), String(found), budget);
  if (typeof expected === "boolean" && typeof found === "boolean") return Number(expected) - Number(found);
  return undefined;
}

/** Whether two values are the same to a filter; what it cannot compare is not. */
export function isSame(expected: Value, found: Value, budget: Budget): boolean {
  try {
    return compareValues(expected, found, budget) === 0;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

function compareText(expected: string, found: Value, budget: Budget): number | undefined {
  // By UTF-16 code units, in both languages.
  if (typeof found === "string") return expected < found ? -1 : 1;
  if (typeof found === "number" && SMALL.test(expected)) return Number(expected) - found;
  if (isNumber(found)) return compareNumbers(expected, String(found), budget);
  if (typeof found === "boolean") return Number(expected.toLowerCase() === "true") - Number(found);
  return undefined;
}

/** An integer that JavaScript holds exactly. */
const SMALL = /^-?\d{1,15}$/;

function compareNumbers(expected: string, found: string, budget: Budget): number {
  // Both are taken apart.
  budget.spend(8 + ((expected.length + found.length) >> 3));
  const order = compareDecimals(expected, found);
  if (order === undefined) throw new Unreadable("a number is compared with what is none");
  return order;
}

function isNumber(value: Value): value is number | bigint | Double {
  return typeof value === "number" || typeof value === "bigint" || value instanceof Double;
}

function isNullish(value: Value): boolean {
  return value === null || value === "null";
}
