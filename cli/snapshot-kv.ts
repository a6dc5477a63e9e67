import type { StoredEntries } from "./stored-entries.ts";

/** A KV namespace of entries that have been read already. */
export class SnapshotKv implements KVNamespace {
  readonly #entries: StoredEntries;

  constructor(entries: StoredEntries) {
    this.#entries = entries;
  }

  get(key: string): Promise<string | null>;
  get(keys: string[]): Promise<Map<string, string | null>>;
  async get(key: string | string[]): Promise<string | null | Map<string, string | null>> {
    const value = (name: string): string | null => this.#entries.get(name) ?? null;
    return typeof key === "string" ? value(key) : new Map(key.map((name) => [name, value(name)]));
  }

  async list({ prefix }: { readonly prefix: string }) {
    const names = [...this.#entries.keys()].filter((name) => name.startsWith(prefix));
    return { keys: names.map((name) => ({ name })), list_complete: true as const };
  }
}
