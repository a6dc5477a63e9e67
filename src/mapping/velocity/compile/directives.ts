import { MAX_EVALUATE_DEPTH, MAX_TEMPLATE } from "../limits.ts";
import type { Run } from "../run.ts";
import type { Directive, Reference } from "../syntax/tree.ts";
import { SyntaxFault } from "../template-error.ts";
import { textOf } from "../text.ts";
import { BlockReference } from "./block-reference.ts";
import { compileBlock, renderBlock } from "./blocks.ts";
import type { Render } from "./closures.ts";
import { compileExpression } from "./expressions.ts";
import { compileForeach } from "./foreach.ts";
import { LoopScope } from "./loop-scope.ts";
import { compileMacroCall, defineMacro } from "./macros.ts";
import { readRoot } from "./root.ts";
import { BREAK, STOP, Stop } from "./signals.ts";
import { Unit } from "./unit.ts";

/** A directive; a text where it always prints the same. */
export function compileDirective(unit: Unit, directive: Directive): Render | string {
  switch (directive.name) {
    case "foreach":
      return compileForeach(unit, directive);
    case "macro":
      defineMacro(unit, directive);
      return "";
    case "literal": {
      const [arg] = directive.args;
      const text = arg ?? directive.block;
      if (!text) throw unit.fault("#literal needs parentheses: #literal() ... #end", directive.first);
      if (directive.block) compileBlock(unit, directive.block);
      return unit.literal(text);
    }
    case "define":
      return compileDefine(unit, directive);
    case "evaluate":
      return compileEvaluate(unit, directive);
    case "break":
      return compileBreak(unit, directive);
    case "stop":
      if (directive.args.length > 1) throw unit.fault("#stop takes one message", directive.first);
      return () => {
        throw STOP;
      };
    default:
      return compileMacroCall(unit, directive);
  }
}

/** The name of a variable that a directive sets. */
export function variableOf(unit: Unit, reference: Reference): string {
  const next = Math.min(reference.first + 1, reference.last);
  return readRoot(unit.token(reference.first), unit.token(next)).name;
}

function compileDefine(unit: Unit, { args, block, first }: Directive): Render {
  const [variable] = args;
  if (args.length !== 1 || variable?.kind !== "reference" || !block) {
    throw unit.fault("#define needs one name: #define($name) ... #end", first);
  }
  const name = variableOf(unit, variable);
  const compiled = compileBlock(unit, block);
  return (run) => {
    run.step();
    run.scope.put(name, new BlockReference(run.scope, compiled));
  };
}

function compileBreak(unit: Unit, { args, first }: Directive): Render {
  const [of] = args;
  if (args.length > 1) throw unit.fault("#break takes one scope: #break($foreach)", first);
  if (!of) {
    return () => {
      throw BREAK;
    };
  }
  const { value } = compileExpression(unit, of);
  const offset = unit.offset(first);
  return (run) => {
    const scope = value(run);
    run.at = offset;
    if (!(scope instanceof LoopScope)) throw run.error("method", "#break was given what is no scope");
    throw new Stop(scope.owner);
  };
}

function compileEvaluate(unit: Unit, { args, first }: Directive): Render {
  const [text] = args;
  if (args.length !== 1 || (text?.kind !== "string" && text?.kind !== "reference")) {
    throw unit.fault("#evaluate takes one string or reference", first);
  }
  const { value } = compileExpression(unit, text);
  const offset = unit.offset(first);
  return (run) => {
    run.step();
    const source = value(run);
    run.at = offset;
    evaluate(unit, run, source === null ? "" : textOf(run, source), offset);
  };
}

/** What reading a character of a template costs, in characters of other work. */
const READING = 256;

function evaluate(unit: Unit, run: Run, source: string, offset: number): void {
  if (run.evaluateDepth >= MAX_EVALUATE_DEPTH) {
    throw run.error("limit", `#evaluate is inside itself more than ${MAX_EVALUATE_DEPTH} times`);
  }
  if (source.length > MAX_TEMPLATE) throw run.error("limit", "#evaluate was given too long a template");
  run.work(source.length * READING);
  const block = parsed(unit, run, source, offset);
  const { depth } = run;
  run.evaluateDepth += 1;
  try {
    renderBlock(run, block);
  } catch (signal) {
    if (!(signal instanceof Stop && signal.endsEvaluate)) throw signal;
    run.depth = depth;
  } finally {
    run.evaluateDepth -= 1;
  }
}

function parsed(unit: Unit, run: Run, source: string, offset: number): ReturnType<typeof compileBlock> {
  const macros = run.ownMacros();
  try {
    // Its characters are not the template's: whatever is wrong is wrong at the directive.
    const inner = new Unit(source, { ...unit.shared, macros }, offset);
    return compileBlock(inner, inner.tree);
  } catch (error) {
    if (error instanceof SyntaxFault) throw run.error("syntax", error.message);
    throw error;
  }
}
