import type { CharSet } from "./char-set.ts";
import { type Assertion, type Node, PatternFault } from "./syntax.ts";

/** One step of a match; `next` is the step after it. */
export type Step =
  | { readonly op: "set"; readonly set: CharSet }
  /** Tries the one step first, then the other. */
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "jump"; to: number }
  /** Remembers where a group begins or ends. */
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "assert"; readonly assertion: Assertion }
  | { readonly op: "match" };

/** Steps of a pattern, its repeats written out. */
const MAX_STEPS = 2_000;
/** Parts of a pattern, its repeats written out; what is empty has no steps to be counted by. */
const MAX_PARTS = 20_000;

/** Makes steps of a pattern. @throws PatternFault for one that is too long */
export function compileSteps(root: Node): readonly Step[] {
  const steps: Step[] = [];
  const push = <T extends Step>(step: T): T => {
    if (steps.length >= MAX_STEPS)
      throw new PatternFault("the regular expression is too long, its repeats written out");
    steps.push(step);
    return step;
  };
  let parts = 0;
  const build = (node: Node): void => {
    parts += 1;
    if (parts > MAX_PARTS)
      throw new PatternFault("the regular expression is too long, its repeats written out");
    switch (node.kind) {
      case "set":
        push({ op: "set", set: node.set });
        return;
      case "assertion":
        push({ op: "assert", assertion: node.assertion });
        return;
      case "sequence":
        for (const item of node.items) build(item);
        return;
      case "group":
        push({ op: "save", slot: node.index * 2 });
        build(node.item);
        push({ op: "save", slot: node.index * 2 + 1 });
        return;
      case "choice":
        choice(node.items);
        return;
      case "repeat":
        repeat(node);
        return;
    }
  };
  const choice = (items: readonly Node[]): void => {
    const ends: { to: number }[] = [];
    for (const [index, item] of items.entries()) {
      if (index === items.length - 1) {
        build(item);
        continue;
      }
      const split = push({ op: "split" as const, first: steps.length + 1, second: 0 });
      build(item);
      ends.push(push({ op: "jump" as const, to: 0 }));
      split.second = steps.length;
    }
    for (const end of ends) end.to = steps.length;
  };
  const optional = (lazy: boolean, body: () => void): void => {
    const split = push({ op: "split" as const, first: 0, second: 0 });
    const start = steps.length;
    body();
    [split.first, split.second] = lazy ? [steps.length, start] : [start, steps.length];
  };
  const repeat = ({ item, min, max, lazy }: Extract<Node, { kind: "repeat" }>): void => {
    for (let copy = 0; copy < min; copy++) build(item);
    if (max === Number.POSITIVE_INFINITY) {
      const loop = steps.length;
      optional(lazy, () => {
        build(item);
        push({ op: "jump", to: loop });
      });
      return;
    }
    const splits: { readonly split: Extract<Step, { op: "split" }>; readonly start: number }[] = [];
    for (let copy = min; copy < max; copy++) {
      const split = push({ op: "split" as const, first: 0, second: 0 });
      splits.push({ split, start: steps.length });
      build(item);
    }
    for (const { split, start } of splits) {
      [split.first, split.second] = lazy ? [steps.length, start] : [start, steps.length];
    }
  };
  build(root);
  push({ op: "match" });
  return steps;
}
