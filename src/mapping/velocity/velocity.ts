import { compileBlock, renderBlock } from "./compile/blocks.ts";
import { Stop } from "./compile/signals.ts";
import { type Shared, Unit } from "./compile/unit.ts";
import { MAX_TEMPLATE } from "./limits.ts";
import { Run } from "./run.ts";
import { type Given, Scope } from "./scope.ts";
import { positionAt, SyntaxFault, TemplateError, type TemplateFault } from "./template-error.ts";

/** A template of Velocity 1.7, parsed and compiled. */
export interface VelocityTemplate {
  /**
   * @param variables what the template's references start from; `#set` does not change the map
   * @throws TemplateError
   */
  render(variables: ReadonlyMap<string, Given>): string;
}

/** @param checkCall says why a call with a constant argument cannot work, `$root.name('argument')` */
export function compileVelocity(
  source: string,
  checkCall: Shared["checkCall"] = () => undefined,
): VelocityTemplate | TemplateFault {
  if (source.length > MAX_TEMPLATE) {
    return { message: `the template is longer than ${MAX_TEMPLATE} characters`, line: 1, column: 1 };
  }
  const position = (offset: number) => positionAt(source, offset);
  const shared: Shared = { macros: new Map(), patterns: new Map(), checkCall };
  try {
    const unit = new Unit(source, shared);
    const block = compileBlock(unit, unit.tree);
    return {
      render(variables) {
        const run = new Run(new Scope(variables), shared.macros, shared.patterns, position);
        try {
          renderBlock(run, block);
        } catch (signal) {
          if (signal instanceof Stop) return run.out;
          // The depth is bounded; how much of the stack a caller has used is not known here.
          if (signal instanceof RangeError)
            throw new TemplateError("limit", "the template is nested too deep", position(run.at));
          throw signal;
        }
        return run.out;
      },
    };
  } catch (error) {
    if (error instanceof SyntaxFault) return { message: error.message, ...position(error.offset) };
    throw error;
  }
}
