import { Double } from "../../values.ts";
import { compareNumbers, isLong, type Numeric, numberOf, whole } from "../arithmetic.ts";
import type { Item } from "../items.ts";
import type { Run } from "../run.ts";
import { textOf } from "../text.ts";
import type { Args, Method, Methods } from "./method.ts";

type Whole = number | bigint;
type Entries<T> = readonly (readonly [string, Method<T>])[];

/** An integer that a text writes, in a base. */
function parsed(run: Run, text: string, base: number, bits: number): Whole {
  const digits = /^[+-]?([0-9A-Za-z]+)$/.exec(text)?.[1];
  let value = 0n;
  for (const digit of digits ?? "?") {
    const worth = Number.parseInt(digit, base);
    if (Number.isNaN(worth) || value >= 2n ** 63n) throw run.error("method", `"${text}" is no integer`);
    value = value * BigInt(base) + BigInt(worth);
  }
  const signed = text.startsWith("-") ? -value : value;
  if (BigInt.asIntN(bits, signed) !== signed)
    throw run.error("method", `"${text}" is no integer of ${bits} bits`);
  return whole(signed);
}

/** Characters of a number that is read: Java has no bound, and digits are tried in more than one way. */
const MAX_NUMBER = 1_000;

function parsedDouble(run: Run, text: string): Double {
  const trimmed = text.trim();
  if (trimmed.length > MAX_NUMBER)
    throw run.error("limit", `a number has more than ${MAX_NUMBER} characters`);
  const digits = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?$/.exec(trimmed)?.[1];
  if (digits !== undefined) return new Double(Number(digits));
  const special = /^([+-]?)(NaN|Infinity)$/.exec(trimmed);
  if (!special) throw run.error("method", `"${text}" is no number`);
  return new Double(Number(`${special[2] === "NaN" ? "" : special[1]}${special[2]}`));
}

/** A double as an integer: cut off, and kept within the type's bounds. */
function truncated(value: Numeric, bits: number): Whole {
  if (!(value instanceof Double)) return whole(BigInt.asIntN(bits, BigInt(value)));
  if (Number.isNaN(value.value)) return 0;
  const bound = 2n ** BigInt(bits - 1);
  if (value.value >= Number(bound)) return whole(bound - 1n);
  return value.value <= -Number(bound) ? whole(-bound) : Math.trunc(value.value) + 0;
}

const ALL: Entries<Numeric> = [
  ["intValue", [["", (_run, value) => truncated(value, 32)]]],
  ["longValue", [["", (_run, value) => truncated(value, 64)]]],
  ["doubleValue", [["", (_run, value) => new Double(numberOf(value))]]],
  ["compareTo", [["n", (run, value, args) => compared(run, value, args.item(0))]]],
];

/** Java compares only numbers of one kind. */
function compared(run: Run, value: Numeric, other: Item): Item {
  if (value instanceof Double && other instanceof Double) return compareNumbers(value, other);
  if (!(value instanceof Double) && isLong(other)) return compareNumbers(value, other);
  throw run.error("method", "compareTo was given a number of another kind");
}

const inBase = (run: Run, args: Args, base: number): string => {
  const value = args.item(0);
  return isLong(value)
    ? BigInt.asUintN(value < 0 ? 32 : 64, BigInt(value)).toString(base)
    : textOf(run, value);
};

const INTEGER: Entries<Numeric> = [
  [
    "parseInt",
    [
      ["s", (run, _, args) => parsed(run, args.text(0), 10, 32)],
      ["si", (run, _, args) => parsed(run, args.text(0), args.int(1), 32)],
    ],
  ],
  [
    "parseLong",
    [
      ["s", (run, _, args) => parsed(run, args.text(0), 10, 64)],
      ["si", (run, _, args) => parsed(run, args.text(0), args.int(1), 64)],
    ],
  ],
  [
    "valueOf",
    [
      ["s", (run, _, args) => parsed(run, args.text(0), 10, 32)],
      ["i", (_run, _, args) => args.int(0)],
      ["si", (run, _, args) => parsed(run, args.text(0), args.int(1), 32)],
    ],
  ],
  [
    "toString",
    [
      ["", (run, value) => textOf(run, value)],
      ["i", (run, _, args) => textOf(run, args.item(0))],
      ["ii", (_run, _, args) => args.int(0).toString(radix(args.int(1)))],
    ],
  ],
  ["toHexString", [["l", (run, _, args) => inBase(run, args, 16)]]],
  ["toOctalString", [["l", (run, _, args) => inBase(run, args, 8)]]],
  ["toBinaryString", [["l", (run, _, args) => inBase(run, args, 2)]]],
  ["max", [["ii", (_run, _, args) => Math.max(args.int(0), args.int(1))]]],
  ["min", [["ii", (_run, _, args) => Math.min(args.int(0), args.int(1))]]],
  ["sum", [["ii", (_run, _, args) => Number(BigInt.asIntN(32, BigInt(args.int(0) + args.int(1))))]]],
  ["signum", [["i", (_run, _, args) => Math.sign(args.int(0))]]],
  ["compare", [["ii", (_run, _, args) => Math.sign(args.int(0) - args.int(1))]]],
];

/** Java takes ten for a base that it does not know. */
const radix = (base: number): number => (base < 2 || base > 36 ? 10 : base);

/** java.lang.Integer's and Long's methods, with the static ones, which an instance reaches. */
export const INTEGER_METHODS: Methods<Numeric> = new Map([...ALL, ...INTEGER]);

const doubleAt = (args: Args, index: number): number => {
  const value = args.item(index);
  return value instanceof Double
    ? value.value
    : typeof value === "number" || typeof value === "bigint"
      ? Number(value)
      : 0;
};

/** java.lang.Double's methods, with the static ones. */
export const DOUBLE_METHODS: Methods<Numeric> = new Map<string, Method<Numeric>>([
  ...ALL,
  ["parseDouble", [["s", (run, _, args) => parsedDouble(run, args.text(0))]]],
  [
    "valueOf",
    [
      ["s", (run, _, args) => parsedDouble(run, args.text(0))],
      ["d", (_run, _, args) => new Double(doubleAt(args, 0))],
    ],
  ],
  [
    "toString",
    [
      ["", (run, value) => textOf(run, value)],
      ["d", (_run, _, args) => new Double(doubleAt(args, 0)).toString()],
    ],
  ],
  [
    "isNaN",
    [
      ["", (_run, value) => Number.isNaN(numberOf(value))],
      ["d", (_run, _, args) => Number.isNaN(doubleAt(args, 0))],
    ],
  ],
  ["isInfinite", [["", (_run, value) => Math.abs(numberOf(value)) === Number.POSITIVE_INFINITY]]],
  ["sum", [["dd", (_run, _, args) => new Double(doubleAt(args, 0) + doubleAt(args, 1))]]],
  [
    "compare",
    [["dd", (_run, _, args) => compareNumbers(new Double(doubleAt(args, 0)), new Double(doubleAt(args, 1)))]],
  ],
  ["max", [["dd", (_run, _, args) => new Double(Math.max(doubleAt(args, 0), doubleAt(args, 1)))]]],
  ["min", [["dd", (_run, _, args) => new Double(Math.min(doubleAt(args, 0), doubleAt(args, 1)))]]],
]);

/** java.lang.Boolean's methods, with the static ones. */
export const BOOLEAN_METHODS: Methods<boolean> = new Map<string, Method<boolean>>([
  ["booleanValue", [["", (_run, value) => value]]],
  ["parseBoolean", [["s", (_run, _, args) => args.text(0).toLowerCase() === "true"]]],
  [
    "valueOf",
    [
      ["b", (_run, _, args) => args.item(0)],
      ["s", (_run, _, args) => args.text(0).toLowerCase() === "true"],
    ],
  ],
  ["compareTo", [["b", (_run, value, args) => Number(value) - Number(args.item(0))]]],
  [
    "toString",
    [
      ["", (_run, value) => String(value)],
      ["b", (run, _, args) => textOf(run, args.item(0))],
    ],
  ],
]);
