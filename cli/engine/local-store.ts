import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { LocalKv } from "./engine.ts";
import { workerOptions } from "./worker-options.ts";

export interface OpenStore {
  readonly config: LocalKv;
  close(): Promise<void>;
}

/** Opens the CONFIG namespace of this machine without starting the gateway. */
export async function openLocalStore(root: string, data: string): Promise<OpenStore> {
  const state = join(data, "v3");
  await mkdir(state, { recursive: true });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "store",
      modules: [{ type: "ESModule", path: "store.js", contents: "export default {}" }],
      kvNamespaces: workerOptions(root).kvNamespaces ?? {},
      resourcePersistencePath: state,
    }),
  );
  await miniflare.ready;
  return { config: await miniflare.getKVNamespace("CONFIG", "store"), close: () => miniflare.dispose() };
}
