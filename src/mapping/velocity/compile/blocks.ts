import type { Run } from "../run.ts";
import { literalOf } from "../syntax/token.ts";
import type { Block, Expression, If, Statement } from "../syntax/tree.ts";
import type { Render, Test } from "./closures.ts";
import { compileDirective } from "./directives.ts";
import { compileExpression } from "./expressions.ts";
import { compileReference } from "./references.ts";
import type { Unit } from "./unit.ts";

export interface CompiledBlock {
  readonly render: Render;
  readonly weight: number;
}

export function compileBlock(unit: Unit, block: Block): CompiledBlock {
  const parts = merged(block.statements.map((statement) => compileStatement(unit, statement)));
  const [only] = parts;
  if (only && parts.length === 1) return { render: only, weight: block.weight };
  return {
    weight: block.weight,
    render(run) {
      for (const part of parts) part(run);
    },
  };
}

/** A statement that always prints the same is its text. */
type Part = Render | string;

/** Joins texts that follow each other. */
function merged(parts: readonly Part[]): Render[] {
  const renders: Render[] = [];
  let text = "";
  const flush = (): void => {
    const written = text;
    if (written !== "") renders.push((run) => run.write(written));
    text = "";
  };
  for (const part of parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    flush();
    renders.push(part);
  }
  flush();
  return renders;
}

function compileStatement(unit: Unit, statement: Statement): Part {
  switch (statement.kind) {
    case "text":
      return literalOf(unit.token(statement.first));
    case "escape":
      return statement.text;
    case "escaped":
      return unit.token(statement.first).image;
    case "comment":
      // What was read before the comment is printed: `$##`.
      return beforeComment(unit.token(statement.first).image);
    case "textblock":
      return unit.token(statement.first).image.slice(3, -3);
    case "reference":
      return compileReference(unit, statement).render;
    case "set": {
      const { assign } = compileReference(unit, statement.left);
      const { value } = compileExpression(unit, statement.right);
      return (run) => {
        run.step();
        const item = value(run);
        if (item !== null) assign(run, item);
      };
    }
    case "if":
      return compileIf(unit, statement);
    case "directive":
      return compileDirective(unit, statement);
  }
}

function compileIf(unit: Unit, { branches, otherwise }: If): Render {
  const tests = branches.map(({ condition, block }) => ({
    test: compileTest(unit, condition),
    block: compileBlock(unit, block),
  }));
  const last = otherwise && compileBlock(unit, otherwise);
  return (run) => {
    run.step();
    for (const { test, block } of tests) if (test(run)) return renderBlock(run, block);
    if (last) renderBlock(run, last);
  };
}

/** Runs a block inside the present one. Whoever catches what it throws sets the depth back. */
export function renderBlock(run: Run, { render, weight }: CompiledBlock): void {
  run.enter(weight);
  render(run);
  run.leave(weight);
}

const compileTest = (unit: Unit, condition: Expression): Test => compileExpression(unit, condition).test;

function beforeComment(image: string): string {
  return image.slice(0, Math.max(image.indexOf("##"), 0));
}
