import { resolve } from "node:path";
import type { Command } from "commander";
import { openLocalStore } from "./engine/local-store.ts";
import { localStore, type Store, wranglerStore } from "./store.ts";

/** Which store a command works on. */
export interface StoreFlags {
  readonly remote?: boolean;
  readonly data: string;
}

export function storeOptions(command: Command): Command {
  return command
    .option("--remote", "the deployed gateway's store, with wrangler's credentials")
    .option("--data <folder>", "this machine's store", ".portico");
}

/** Opens the store for as long as the work lasts. */
export async function withStore<T>(
  root: string,
  flags: StoreFlags,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  if (flags.remote) return work(wranglerStore(root, ["--remote"]));
  const open = await openLocalStore(root, resolve(root, flags.data));
  try {
    return await work(localStore(open.config));
  } finally {
    await open.close();
  }
}
