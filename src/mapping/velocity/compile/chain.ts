import {
  add,
  compareNumbers,
  divide,
  isNumber,
  modulo,
  multiply,
  type Numeric,
  subtract,
} from "../arithmetic.ts";
import { equal } from "../equality.ts";
import type { Item } from "../items.ts";
import type { Run } from "../run.ts";
import type { Expression, Operator, Span } from "../syntax/tree.ts";
import { textOf } from "../text.ts";
import type { Evaluate, Test } from "./closures.ts";
import { compileExpression, type Parts } from "./expressions.ts";
import type { Unit } from "./unit.ts";

type Chain = Extract<Expression, { kind: "chain" }>;

/** Makes one of two operands' values. The spans say how the operands are written. */
type Combine = (run: Run, left: Item, right: Item, operands: Operands) => Item;

interface Link {
  readonly combine: Combine;
  readonly value: Evaluate;
  readonly operands: Operands;
}

interface Operands {
  readonly unit: Unit;
  readonly left: Span;
  readonly right: Span;
}

/** Operators of one level, from left to right. */
export function compileChain(unit: Unit, { start, rest, first }: Chain): Parts {
  const tests = (): Test[] =>
    [start, ...rest.map(({ operand }) => operand)].map((one) => compileExpression(unit, one).test);
  switch (rest[0]?.operator) {
    case "&&":
    case "||":
      return logical(rest[0].operator, tests());
    default:
  }
  const begin = compileExpression(unit, start).value;
  let { last } = start;
  const links: Link[] = [];
  for (const { operator, operand } of rest) {
    const operands = { unit, left: { first, last }, right: operand };
    last = operand.last;
    const combine = OPERATORS.get(operator);
    if (combine) links.push({ combine, value: compileExpression(unit, operand).value, operands });
  }
  const value: Evaluate = (run) => {
    let item = begin(run);
    for (const { combine, value: right, operands } of links) {
      run.step();
      item = combine(run, item, right(run), operands);
    }
    return item;
  };
  // Sums are no conditions: `#if($a + $b)` is false.
  const compares = rest.some(({ operator }) => COMPARISONS.has(operator));
  return compares ? { value, test: (run) => value(run) === true } : { value };
}

function logical(operator: "&&" | "||", tests: readonly Test[]): Parts {
  const decisive = operator === "||";
  const test: Test = (run) => {
    for (const one of tests) {
      run.step();
      if (one(run) === decisive) return decisive;
    }
    return !decisive;
  };
  return { value: test, test };
}

const COMPARISONS: ReadonlySet<Operator> = new Set(["==", "!=", "<", "<=", ">", ">="]);

const arithmetic =
  (compute: (left: Numeric, right: Numeric) => Item): Combine =>
  (_run, left, right) =>
    isNumber(left) && isNumber(right) ? compute(left, right) : null;

/** Only numbers have an order. */
const ordered =
  (holds: (order: number) => boolean): Combine =>
  (_run, left, right) =>
    isNumber(left) && isNumber(right) && holds(compareNumbers(left, right));

const sum = arithmetic(add);

const OPERATORS: ReadonlyMap<Operator, Combine> = new Map<Operator, Combine>([
  ["==", (run, left, right) => equal(run, left, right)],
  ["!=", (run, left, right) => !equal(run, left, right)],
  ["<", ordered((order) => order < 0)],
  ["<=", ordered((order) => order <= 0)],
  [">", ordered((order) => order > 0)],
  [">=", ordered((order) => order >= 0)],
  [
    "+",
    (run, left, right, operands) =>
      typeof left === "string" || typeof right === "string"
        ? joined(run, left, right, operands)
        : sum(run, left, right, operands),
  ],
  ["-", arithmetic(subtract)],
  ["*", arithmetic(multiply)],
  ["/", arithmetic(divide)],
  ["%", arithmetic(modulo)],
]);

/** What is null is joined as it is written. */
function joined(
  run: Run,
  left: Item,
  right: Item,
  { unit, left: leftSpan, right: rightSpan }: Operands,
): string {
  const text =
    (left === null ? unit.literal(leftSpan) : textOf(run, left)) +
    (right === null ? unit.literal(rightSpan) : textOf(run, right));
  run.checkText(text.length);
  run.work(text.length);
  return text;
}
