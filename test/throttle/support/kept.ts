import type { Keep } from "../../../src/throttle/buckets.ts";

/** What a counter keeps, as a Durable Object's storage does: by value, in the order of the keys. */
export class KeptMap implements Keep {
  readonly entries = new Map<string, unknown>();
  /** How often anything was written. */
  writes = 0;

  get(key: string): unknown {
    return structuredClone(this.entries.get(key));
  }

  put(key: string, value: unknown): void {
    this.writes++;
    this.entries.set(key, structuredClone(value));
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  *list({ prefix }: { readonly prefix: string }): Iterable<readonly [string, unknown]> {
    for (const key of [...this.entries.keys()].sort()) {
      if (key.startsWith(prefix)) yield [key, this.get(key)];
    }
  }
}
