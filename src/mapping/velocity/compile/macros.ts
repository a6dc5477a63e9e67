import { MAX_MACRO_DEPTH } from "../limits.ts";
import type { Macro } from "../macro.ts";
import type { Run } from "../run.ts";
import { type Argument, MacroScope } from "../scope.ts";
import type { Directive, Expression } from "../syntax/tree.ts";
import { BlockReference } from "./block-reference.ts";
import { compileBlock, renderBlock } from "./blocks.ts";
import type { Evaluate, Render } from "./closures.ts";
import { compileExpression } from "./expressions.ts";
import { Stop } from "./signals.ts";
import type { Unit } from "./unit.ts";

/** Takes a `#macro` into the template's macros; the first one of a name counts. */
export function defineMacro(unit: Unit, { args, block, first }: Directive): void {
  const [name, ...parameters] = args;
  if (name?.kind !== "word" || !block) throw unit.fault("#macro needs a name: #macro(name $argument)", first);
  const compiled = compileBlock(unit, block);
  const { macros } = unit.shared;
  if (macros.has(name.word)) return;
  macros.set(name.word, {
    name: name.word,
    parameters: parameters.map((parameter) => unit.token(parameter.first).image.replace(/^\$/, "")),
    block: compiled,
  });
}

interface Passed {
  readonly value: Evaluate;
  readonly written: () => string;
  /** Numbers and booleans are passed as they are, all else is evaluated by the macro. */
  readonly isConstant: boolean;
}

/** A macro's call, `#name(args)` or `#@name(args) body #end`; a name that means nothing prints as it is written. */
export function compileMacroCall(unit: Unit, directive: Directive): Render | string {
  const { args, block } = directive;
  const name = directive.name.replace(/^@/, "");
  if (name !== directive.name && !block) return `#${directive.name}`;
  const passed = args.map((arg) => compileArgument(unit, arg));
  const body = block && compileBlock(unit, block);
  const written = unit.images(directive);
  const offset = unit.offset(directive.first);
  const word = args.find((arg) => arg.kind === "word");
  return (run) => {
    run.step();
    run.at = offset;
    const macro = run.macros.get(name);
    if (!macro) return run.write(written);
    if (word) throw run.error("syntax", `#${name} does not take the word "${unit.literal(word)}"`);
    if (run.macroDepth >= MAX_MACRO_DEPTH) {
      throw run.error("limit", `macros call each other more than ${MAX_MACRO_DEPTH} levels deep`);
    }
    const scope = scopeOf(run, macro, passed);
    if (body) scope.putLocal("bodyContent", new BlockReference(run.scope, body, MAX_MACRO_DEPTH));
    call(run, macro, scope);
  };
}

function compileArgument(unit: Unit, arg: Expression): Passed {
  const isConstant = arg.kind === "integer" || arg.kind === "float" || arg.kind === "boolean";
  return { value: compileExpression(unit, arg).value, written: () => unit.literal(arg), isConstant };
}

function scopeOf(run: Run, { parameters }: Macro, passed: readonly Passed[]): MacroScope {
  const args = new Map<string, Argument>();
  const scope = new MacroScope(run.scope, args);
  for (const [index, { value, written, isConstant }] of passed.entries()) {
    const name = parameters[index];
    if (name === undefined) break;
    if (isConstant) scope.putLocal(name, value(run));
    else args.set(name, { value, written });
  }
  return scope;
}

function call(run: Run, { block }: Macro, scope: MacroScope): void {
  const { scope: outer, depth } = run;
  run.scope = scope;
  run.macroDepth += 1;
  try {
    renderBlock(run, block);
  } catch (signal) {
    if (!(signal instanceof Stop && signal.endsAt(scope))) throw signal;
    run.depth = depth;
  } finally {
    run.macroDepth -= 1;
    run.scope = outer;
  }
}
