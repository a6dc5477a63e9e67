import { gzipSync } from "node:zlib";
import type { Bundle } from "../cli/engine/bundle.ts";

export interface ScriptSize {
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Of all modules together, as wrangler counts an upload. */
export function scriptSize({ modules }: Bundle): ScriptSize {
  const contents = Buffer.concat(modules.map((module) => Buffer.from(module.contents)));
  return { bytes: contents.length, gzipBytes: gzipSync(contents).length };
}
