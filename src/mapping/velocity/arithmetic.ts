import { Double } from "../values.ts";
import type { Item } from "./items.ts";

/** Java's numbers: integers of any size, as Velocity widens what overflows, and doubles. */
export type Numeric = number | bigint | Double;
type Whole = number | bigint;

export const isNumber = (item: Item): item is Numeric =>
  typeof item === "number" || typeof item === "bigint" || item instanceof Double;

/** An integer as the values hold it: a number where JavaScript holds it exactly. */
export function whole(value: bigint): Whole {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

export const numberOf = (value: Numeric): number => (value instanceof Double ? value.value : Number(value));

export const add = (a: Numeric, b: Numeric): Numeric =>
  compute(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
  );
export const subtract = (a: Numeric, b: Numeric): Numeric =>
  compute(
    a,
    b,
    (x, y) => x - y,
    (x, y) => x - y,
  );
export const multiply = (a: Numeric, b: Numeric): Numeric =>
  compute(
    a,
    b,
    (x, y) => x * y,
    (x, y) => x * y,
  );

/** Integers are divided as integers, towards zero. Null for a division by zero. */
export function divide(a: Numeric, b: Numeric): Numeric | null {
  if (numberOf(b) === 0) return null;
  if (a instanceof Double || b instanceof Double) return new Double(numberOf(a) / numberOf(b));
  if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0;
  return whole(BigInt(a) / BigInt(b));
}

/** The rest of a long has the dividend's sign. Null for a division by zero. */
export function modulo(a: Numeric, b: Numeric): Numeric | null {
  if (numberOf(b) === 0) return null;
  if (a instanceof Double || b instanceof Double) return new Double(numberOf(a) % numberOf(b));
  if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
  const [x, y] = [BigInt(a), BigInt(b)];
  // Beyond a long it is BigInteger's mod, which is never below zero and has no negative divisor.
  if (isLong(a) && isLong(b)) return whole(x % y);
  return y < 0n ? null : whole(((x % y) + y) % y);
}

/** Below zero, zero or above; NaN is equal to everything, as Velocity compares. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  const x = a instanceof Double ? a.value : a;
  const y = b instanceof Double ? b.value : b;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Digits that integers may grow to. */
const MAX_BITS = 4_096n;

function compute(
  a: Numeric,
  b: Numeric,
  ofNumbers: (a: number, b: number) => number,
  ofBigInts: (a: bigint, b: bigint) => bigint,
): Numeric {
  if (a instanceof Double || b instanceof Double) return new Double(ofNumbers(numberOf(a), numberOf(b)));
  if (typeof a === "number" && typeof b === "number") {
    const result = ofNumbers(a, b);
    if (Number.isSafeInteger(result)) return result + 0;
  }
  const exact = ofBigInts(BigInt(a), BigInt(b));
  // What no one counts to; kept from growing with every round of a loop.
  return whole(BigInt.asIntN(Number(MAX_BITS), exact));
}

/** A Java `int`, as methods that count characters take it. */
export const isInt = (value: Item): value is number =>
  typeof value === "number" && value >= -2147483648 && value <= 2147483647;

/** A Java `long`. */
export const isLong = (value: Item): value is Whole =>
  typeof value === "number" || (typeof value === "bigint" && BigInt.asIntN(64, value) === value);
