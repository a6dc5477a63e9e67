import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import * as v from "valibot";
import type { LocalKv } from "./engine/engine.ts";
import { Failure } from "./engine/failure.ts";
import { openLocalStore } from "./engine/local-store.ts";
import { localStore, type WranglerKv, wranglerKv } from "./store.ts";
import type { StoreFlags } from "./with-store.ts";

/** All that is in a config store: texts by their keys, sorted. */
export type StoredEntries = ReadonlyMap<string, string>;

/** @throws Failure when there is no store */
export async function readStored(root: string, { data, remote }: StoreFlags): Promise<StoredEntries> {
  if (remote) return wranglerEntries(wranglerKv(root, ["--remote"]));
  const folder = resolve(root, data);
  if (!existsSync(join(folder, "v3"))) {
    const shown = relative(process.cwd(), folder) || ".";
    throw new Failure(`there is no config store in ${shown}`, "npm start makes one, --data names another");
  }
  const open = await openLocalStore(root, folder);
  try {
    return await localEntries(open.config);
  } finally {
    await open.close();
  }
}

async function localEntries(kv: LocalKv): Promise<StoredEntries> {
  const store = localStore(kv);
  const entries = new Map<string, string>();
  for (const { name } of await store.list("")) {
    const text = await store.get(name);
    if (text !== undefined) entries.set(name, text);
  }
  return entries;
}

/** What the platform reads in one call (Workers KV, "bulk get"). */
const BULK_KEYS = 100;

const Keys = v.array(v.object({ name: v.string() }));
/** Local stores put each value into an object. */
const Values = v.record(
  v.string(),
  v.union([
    v.nullable(v.string()),
    v.pipe(
      v.object({ value: v.nullable(v.string()) }),
      v.transform(({ value }) => value),
    ),
  ]),
);

/** A command for each value would take seconds for each. */
export async function wranglerEntries({ run, withFile }: WranglerKv): Promise<StoredEntries> {
  const keys = v.parse(Keys, JSON.parse(await run(["key", "list"]))).map(({ name }) => name);
  const entries = new Map<string, string>();
  for (let start = 0; start < keys.length; start += BULK_KEYS) {
    const batch = keys.slice(start, start + BULK_KEYS);
    const values = await withFile(batch, (file) => run(["bulk", "get", file]));
    for (const [key, text] of Object.entries(v.parse(Values, JSON.parse(values)))) {
      if (text !== null) entries.set(key, text);
    }
  }
  return entries;
}
