import { Double, type Value } from "../../values.ts";
import { isNumber } from "../arithmetic.ts";
import { Host, type Item, JavaList } from "../items.ts";
import type { Run } from "../run.ts";
import type { Expression } from "../syntax/tree.ts";
import { storable, textOf } from "../text.ts";
import { compileChain } from "./chain.ts";
import type { Evaluate, Test } from "./closures.ts";
import { compileReference } from "./references.ts";
import { compileString } from "./strings.ts";
import type { Unit } from "./unit.ts";

export interface CompiledExpression {
  readonly value: Evaluate;
  /** As a condition. What is no reference, comparison or boolean is false, `#if(1)` too. */
  readonly test: Test;
  /** The value, where it is always the same. */
  readonly constant: string | number | bigint | boolean | undefined;
}

export type Parts = Pick<CompiledExpression, "value"> & Partial<CompiledExpression>;

export function compileExpression(unit: Unit, expression: Expression): CompiledExpression {
  const compiled = compileParts(unit, expression);
  return { test: () => false, constant: undefined, ...compiled };
}

function compileParts(unit: Unit, expression: Expression): Parts {
  switch (expression.kind) {
    case "reference": {
      const { value } = compileReference(unit, expression);
      return { value, test: (run) => isTrue(run, value(run)) };
    }
    case "string":
      return compileString(unit, expression);
    case "integer":
      return constant(integer(expression.image));
    case "float": {
      const double = new Double(Number(expression.image));
      return { value: () => double };
    }
    case "boolean":
      return { ...constant(expression.value), test: () => expression.value };
    case "word":
      return { value: () => null };
    case "range":
      return compileRange(
        compileExpression(unit, expression.from).value,
        compileExpression(unit, expression.to).value,
      );
    case "list": {
      const items = expression.items.map((item) => compileExpression(unit, item).value);
      return { value: (run) => JavaList.over(items.map((item) => storable(run, item(run)))) };
    }
    case "map":
      return compileMap(
        expression.members.map(([key, value]) => [
          compileExpression(unit, key).value,
          compileExpression(unit, value).value,
        ]),
      );
    case "not": {
      const { test } = compileExpression(unit, expression.of);
      return boolean((run) => !test(run));
    }
    case "chain":
      return compileChain(unit, expression);
  }
}

/** What `#if` makes of a reference's value: a block that cannot print is false. */
function isTrue(run: Run, item: Item): boolean {
  if (item instanceof Host) return item.text(run) !== undefined;
  return item !== null && item !== false;
}

const constant = (value: string | number | bigint | boolean): Parts => ({
  value: () => value,
  constant: value,
});

const boolean = (test: Test): Parts => ({ value: test, test });

function integer(image: string): number | bigint {
  const value = Number(image);
  return Number.isSafeInteger(value) ? value + 0 : BigInt(image);
}

function compileRange(from: Evaluate, to: Evaluate): Parts {
  return {
    value(run) {
      const start = wholeOf(from(run));
      const end = wholeOf(to(run));
      if (start === undefined || end === undefined) return null;
      const length = Math.abs(end - start) + 1;
      run.checkItems(length);
      run.workOn(length);
      const step = end < start ? -1 : 1;
      return JavaList.over(Array.from({ length }, (_, index) => start + step * index));
    },
  };
}

function wholeOf(item: Item): number | undefined {
  if (!isNumber(item)) return undefined;
  if (item instanceof Double) return Math.trunc(Math.min(Math.max(item.value, -(2 ** 31)), 2 ** 31 - 1)) || 0;
  return Number(BigInt.asIntN(32, BigInt(item)));
}

function compileMap(members: readonly (readonly [Evaluate, Evaluate])[]): Parts {
  return {
    value(run) {
      const map = new Map<string, Value>();
      for (const [key, value] of members) map.set(textOf(run, key(run)), storable(run, value(run)));
      return map;
    },
  };
}
