import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWrangler } from "./engine/bundle.ts";
import type { LocalKv } from "./engine/engine.ts";
import { Failure } from "./engine/failure.ts";

/** A config store to write to: this machine's, or the edge's through wrangler. */
export interface Store {
  /** Keys below a prefix, with whether Portico wrote them (a push removes only its own). */
  list(prefix: string): Promise<readonly { readonly name: string; readonly pushed: boolean }[]>;
  get(key: string): Promise<string | undefined>;
  put(entries: ReadonlyMap<string, string>): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
}

/** Marks an entry as written by a push, so that a later push may remove it. */
const PUSHED = { by: "portico push" } as const;

function isPushed(metadata: unknown): boolean {
  return typeof metadata === "object" && metadata !== null && "by" in metadata && metadata.by === PUSHED.by;
}

export function localStore(kv: LocalKv): Store {
  return {
    async list(prefix) {
      const keys: { name: string; pushed: boolean }[] = [];
      let cursor: string | undefined;
      do {
        const page = await kv.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
        for (const key of page.keys) keys.push({ name: key.name, pushed: isPushed(key.metadata) });
        cursor = page.list_complete ? undefined : page.cursor;
      } while (cursor !== undefined);
      return keys;
    },
    async get(key) {
      return (await kv.get(key)) ?? undefined;
    },
    async put(entries) {
      for (const [key, value] of entries) await kv.put(key, value, { metadata: PUSHED });
    },
    async remove(keys) {
      for (const key of keys) await kv.delete(key);
    },
  };
}

/** The commands of wrangler on the CONFIG namespace. */
export interface WranglerKv {
  /** @throws Failure with what wrangler says when it fails */
  run(args: readonly string[]): Promise<string>;
  /** Runs a command that reads a file with this content, as JSON. */
  withFile<T>(content: unknown, use: (file: string) => Promise<T>): Promise<T>;
}

/** @param where which store: `--remote`, or `--local` and `--persist-to` */
export function wranglerKv(root: string, where: readonly string[]): WranglerKv {
  const run = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runWrangler(
      ["kv", ...args, "--binding", "CONFIG", ...where],
      root,
    );
    if (code === 0) return stdout;
    const message = /\[ERROR\] (.+)/.exec(stderr)?.[1] ?? (stderr.trim() || stdout.trim());
    throw new Failure(`wrangler kv ${args[0] ?? ""} ${args[1] ?? ""} failed: ${message}`);
  };
  const withFile = async <T>(content: unknown, use: (file: string) => Promise<T>): Promise<T> => {
    const folder = await mkdtemp(join(tmpdir(), "portico-"));
    try {
      const file = join(folder, "bulk.json");
      await writeFile(file, JSON.stringify(content));
      return await use(file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return { run, withFile };
}

/** The store of a deployed gateway, reached with the credentials that wrangler has. */
export function wranglerStore(root: string, where: readonly string[]): Store {
  const { run, withFile } = wranglerKv(root, where);
  return {
    async list(prefix) {
      const keys: unknown = JSON.parse(await run(["key", "list", "--prefix", prefix]));
      if (!Array.isArray(keys))
        throw new Failure("wrangler kv key list answered with something that is no list");
      return keys.map((key: { name: string; metadata?: unknown }) => ({
        name: key.name,
        pushed: isPushed(key.metadata),
      }));
    },
    async get(key) {
      // `get` of a key that is not there fails as a broken call does; a list tells them apart.
      const keys: unknown = JSON.parse(await run(["key", "list", "--prefix", key]));
      const there = Array.isArray(keys) && keys.some((found: { name: string }) => found.name === key);
      return there ? await run(["key", "get", key, "--text"]) : undefined;
    },
    async put(entries) {
      if (entries.size === 0) return;
      const bulk = [...entries].map(([key, value]) => ({ key, value, metadata: PUSHED }));
      await withFile(bulk, (file) => run(["bulk", "put", file]));
    },
    async remove(keys) {
      if (keys.length > 0) await withFile(keys, (file) => run(["bulk", "delete", file, "--force"]));
    },
  };
}
