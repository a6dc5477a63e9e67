import { Host, type Item } from "../items.ts";
import { MAX_ITERATIONS } from "../limits.ts";
import type { Run } from "../run.ts";
import type { Directive } from "../syntax/tree.ts";
import { type CompiledBlock, compileBlock } from "./blocks.ts";
import type { Render } from "./closures.ts";
import { variableOf } from "./directives.ts";
import { compileExpression } from "./expressions.ts";
import { LoopScope } from "./loop-scope.ts";
import { Stop } from "./signals.ts";
import type { Unit } from "./unit.ts";

export function compileForeach(unit: Unit, directive: Directive): Render {
  const [variable, , list, tooMany] = directive.args;
  const { block, first } = directive;
  if (variable?.kind !== "reference" || !list || tooMany || !block) {
    throw unit.fault("#foreach needs a name and a list: #foreach($name in $list) ... #end", first);
  }
  const name = variableOf(unit, variable);
  const { value } = compileExpression(unit, list);
  const body = compileBlock(unit, block);
  const offset = unit.offset(first);
  return (run) => {
    run.step();
    const items = itemsOf(run, value(run));
    run.at = offset;
    if (items) loop(run, items, name, directive, body);
  };
}

function itemsOf(run: Run, item: Item): Iterable<Item> | undefined {
  if (Array.isArray(item)) return item;
  if (item instanceof Map) return item.values();
  return item instanceof Host ? item.items(run) : undefined;
}

/** @param owner what `#break($foreach)` names the loop by */
function loop(run: Run, items: Iterable<Item>, name: string, owner: object, body: CompiledBlock): void {
  const { scope, depth } = run;
  const names = [name, "velocityCount", "velocityHasNext", "foreach"];
  const before = names.map((key) => scope.get(run, key));
  const loopScope = new LoopScope(owner, before[3] ?? null);
  scope.put("foreach", loopScope);
  try {
    run.enter(body.weight);
    iterate(run, items, loopScope, (item) => {
      scope.put("velocityCount", loopScope.index + 1);
      scope.put("velocityHasNext", loopScope.hasNext);
      scope.put(name, item);
      body.render(run);
    });
  } catch (signal) {
    if (!(signal instanceof Stop && signal.endsAt(owner))) throw signal;
  } finally {
    run.depth = depth;
    for (const [index, key] of names.entries()) scope.put(key, before[index] ?? null);
  }
}

function iterate(run: Run, items: Iterable<Item>, scope: LoopScope, each: (item: Item) => void): void {
  const iterator = items[Symbol.iterator]();
  for (let next = iterator.next(); !next.done; ) {
    run.step();
    if (scope.index + 1 >= MAX_ITERATIONS) {
      throw run.error("limit", `#foreach goes on for more than ${MAX_ITERATIONS} iterations`);
    }
    const { value } = next;
    next = iterator.next();
    scope.index += 1;
    scope.hasNext = next.done !== true;
    each(value);
  }
}
