import type { Store } from "../../cli/store.ts";

/** A config store in memory, which everything that the command line wrote can be read from. */
export class MemoryStore implements Store {
  readonly entries = new Map<string, string>();
  /** Keys in the order in which they were written. */
  readonly written: string[] = [];
  readonly #pushed = new Set<string>();

  constructor(entries: Readonly<Record<string, unknown>> = {}) {
    for (const [key, value] of Object.entries(entries)) {
      this.entries.set(key, typeof value === "string" ? value : JSON.stringify(value));
    }
  }

  async list(prefix: string): Promise<readonly { readonly name: string; readonly pushed: boolean }[]> {
    const names = [...this.entries.keys()].filter((name) => name.startsWith(prefix));
    return names.sort().map((name) => ({ name, pushed: this.#pushed.has(name) }));
  }

  async get(key: string): Promise<string | undefined> {
    return this.entries.get(key);
  }

  async put(entries: ReadonlyMap<string, string>): Promise<void> {
    for (const [key, value] of entries) {
      this.entries.set(key, value);
      this.written.push(key);
      this.#pushed.add(key);
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.entries.delete(key);
  }

  /** An entry as it is stored. */
  json(key: string): unknown {
    return JSON.parse(this.entries.get(key) ?? "null");
  }
}
