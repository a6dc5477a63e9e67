import { join } from "node:path";
import type { V4WorkerOptionsShape } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

/**
 * What wrangler.toml says, as miniflare's options: bindings, variables, flags. Wrangler
 * types them loosely; their shape is miniflare 4's.
 */
export function workerOptions(root: string): V4WorkerOptionsShape {
  // It tells on stdout that it reads .dev.vars, where scripts expect a command's result.
  const level = process.env["WRANGLER_LOG"];
  process.env["WRANGLER_LOG"] = "warn";
  try {
    const { workerOptions: options } = unstable_getMiniflareWorkerOptions(join(root, "wrangler.toml"));
    return options as V4WorkerOptionsShape;
  } finally {
    if (level === undefined) delete process.env["WRANGLER_LOG"];
    else process.env["WRANGLER_LOG"] = level;
  }
}
