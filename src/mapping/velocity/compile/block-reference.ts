import { Host } from "../items.ts";
import { MAX_BLOCK_DEPTH } from "../limits.ts";
import type { Run } from "../run.ts";
import type { Scope } from "../scope.ts";
import { type CompiledBlock, renderBlock } from "./blocks.ts";
import { Stop } from "./signals.ts";

/** What `#define` makes of a block, and what a macro's `$bodyContent` is: it runs whenever it is printed. */
export class BlockReference extends Host {
  readonly #scope: Scope;
  readonly #block: CompiledBlock;
  readonly #maxDepth: number;
  #depth = 0;

  constructor(scope: Scope, block: CompiledBlock, maxDepth = MAX_BLOCK_DEPTH) {
    super();
    this.#scope = scope;
    this.#block = block;
    this.#maxDepth = maxDepth;
  }

  /** Prints with the variables of the place that prints it; false when it is inside itself too often. */
  render(run: Run): boolean {
    if (this.#depth >= this.#maxDepth) return false;
    const { depth } = run;
    this.#depth += 1;
    try {
      renderBlock(run, this.#block);
    } catch (signal) {
      if (!(signal instanceof Stop && signal.endsAt(this))) throw signal;
      run.depth = depth;
    } finally {
      this.#depth -= 1;
    }
    return true;
  }

  /** With the variables of the place that defined it. */
  override text(run: Run): string | undefined {
    const { scope } = run;
    run.scope = this.#scope;
    try {
      let printed = false;
      const text = run.captured(() => {
        printed = this.render(run);
      });
      run.work(text.length);
      return printed ? text : undefined;
    } finally {
      run.scope = scope;
    }
  }
}
