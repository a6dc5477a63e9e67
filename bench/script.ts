import type { Script } from "./build.ts";
import { type ScriptSize, scriptSize } from "./script-size.ts";
import { startUpMs } from "./start-up.ts";

/** DESIGN.md section 7, "script size". */
const BUDGET = { gzipBytes: 150_000, startUpMs: 30 } as const;

export interface ScriptResult {
  readonly size: ScriptSize;
  readonly startUpMs: number;
  readonly budget: typeof BUDGET;
}

/** @param script the gateway without functions */
export async function measureScript(script: Script): Promise<ScriptResult> {
  return { size: scriptSize(script.bundle), startUpMs: await startUpMs(script), budget: BUDGET };
}
