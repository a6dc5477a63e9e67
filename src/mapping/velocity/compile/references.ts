import type { Item } from "../items.ts";
import { callMethod } from "../methods/call.ts";
import { itemAt, propertyOf, setItemAt, setProperty } from "../methods/members.ts";
import type { Run } from "../run.ts";
import type { Reference, Step } from "../syntax/tree.ts";
import { storable, textOf } from "../text.ts";
import { BlockReference } from "./block-reference.ts";
import type { Evaluate, Render } from "./closures.ts";
import { compileExpression } from "./expressions.ts";
import { type Root, readRoot } from "./root.ts";
import type { Unit } from "./unit.ts";

/** One step of a reference, from the object before it to the next. */
type Walk = (run: Run, item: Item) => Item;

interface CompiledReference {
  readonly value: Evaluate;
  readonly render: Render;
  /** `#set` on it; a reference that does not lead anywhere is left alone. */
  readonly assign: (run: Run, value: Item) => void;
}

/**
 * What is not there is the empty text, as API Gateway has it: it prints nothing, is equal to
 * `""` and to `$null`, and is true in an `#if` (Velocity's InvalidReferenceEventHandler;
 * recorded for all but the last, which users report).
 */
const NOTHING = "";

export function compileReference(unit: Unit, reference: Reference): CompiledReference {
  const first = unit.token(reference.first);
  const root = readRoot(first, reference.last > reference.first ? unit.token(reference.first + 1) : first);
  const steps = reference.steps.map((step, index) => compileStep(unit, index === 0 ? root.name : "", step));
  const walk = compileWalk(root.name, steps, unit.offset(reference.first));
  const value: Evaluate = (run) => walk(run) ?? NOTHING;
  return {
    value: root.isText ? () => null : value,
    render: compileRender(root, value, unit.literal(reference)),
    // Velocity takes a variable's name from its first token: `${x}` and `$!x` cannot be set.
    assign: compileAssign(
      steps.length > 0 ? root.name : first.image.slice(1),
      reference.steps.at(-1),
      steps,
      unit,
    ),
  };
}

function compileWalk(name: string, steps: readonly Walk[], offset: number): Evaluate {
  const [only] = steps;
  if (!only) {
    return (run) => {
      run.step();
      return run.scope.get(run, name);
    };
  }
  return (run) => {
    run.step();
    run.at = offset;
    let item = run.scope.get(run, name);
    for (const step of steps) {
      if (item === null) return null;
      item = step(run, item);
    }
    return item;
  };
}

/** @param root the name before it, when it is the first step */
function compileStep(unit: Unit, root: string, step: Step): Walk {
  const offset = unit.origin + step.offset;
  switch (step.kind) {
    case "property": {
      const { name } = step;
      return (run, item) => propertyOf(run, item, name);
    }
    case "method": {
      const args = step.args.map((arg) => compileExpression(unit, arg));
      const constant = args[0]?.constant;
      if (typeof constant === "string") unit.checkCall(root, step.name, constant, step.offset);
      return compileCall(
        step.name,
        args.map(({ value }) => value),
        offset,
      );
    }
    case "index": {
      const index = compileExpression(unit, step.index).value;
      return (run, item) => {
        const key = index(run);
        run.at = offset;
        return itemAt(run, item, key);
      };
    }
  }
}

function compileCall(name: string, args: readonly Evaluate[], offset: number): Walk {
  const [first, second] = args;
  if (!first) {
    return (run, item) => {
      run.at = offset;
      return callMethod(run, item, name, []);
    };
  }
  if (!second) {
    return (run, item) => {
      const arg = first(run);
      run.at = offset;
      return callMethod(run, item, name, [arg]);
    };
  }
  return (run, item) => {
    const values = args.map((arg) => arg(run));
    run.at = offset;
    return callMethod(run, item, name, values);
  };
}

function compileRender(root: Root, value: Evaluate, literal: string): Render {
  const { backslashes, before, escaped, quiet } = root;
  if (root.isText) return (run) => run.write(root.name);
  const written = quiet && !escaped ? "" : literal;
  if (escaped) {
    return (run) => {
      value(run);
      const passed = written === `$${root.name}` ? run.scope.written(root.name) : undefined;
      run.write(backslashes + (passed ?? written));
    };
  }
  const prefix = backslashes + before;
  const print = (run: Run, item: Item): void => {
    if (item instanceof BlockReference) {
      if (!item.render(run)) run.write(backslashes + prefix + written);
      return;
    }
    run.write(prefix + textOf(run, item));
  };
  return (run) => {
    const item = value(run);
    if (typeof item === "string") run.write(prefix === "" ? item : prefix + item);
    else print(run, item);
  };
}

function compileAssign(
  name: string,
  last: Step | undefined,
  steps: readonly Walk[],
  unit: Unit,
): CompiledReference["assign"] {
  if (!last) return (run, value) => run.scope.put(name, value);
  const before = steps.slice(0, -1);
  const target = (run: Run): Item => {
    let item = run.scope.get(run, name);
    for (const step of before) {
      if (item === null) return null;
      item = step(run, item);
    }
    return item;
  };
  const offset = unit.origin + last.offset;
  if (last.kind !== "index") {
    return (run, value) => {
      const item = target(run);
      run.at = offset;
      if (item !== null) setProperty(run, item, last.name, storable(run, value));
    };
  }
  const index = compileExpression(unit, last.index).value;
  return (run, value) => {
    const item = target(run);
    if (item === null) return;
    const key = index(run);
    run.at = offset;
    setItemAt(run, item, key, storable(run, value));
  };
}
