import type { CompiledBlock } from "./compile/blocks.ts";

/** What `#macro` defines. */
export interface Macro {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly block: CompiledBlock;
}
