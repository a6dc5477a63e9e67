import type { Item } from "./shelf.ts";

/** Of what is on the shelf the last used is in memory too, in bytes; larger bodies are not. */
const RECENT_BYTES = 8 * 1024 * 1024;
const RECENT_BODY_BYTES = 16_384;
const OVERHEAD_BYTES = 4_096;
/** As much goes at once when there is no room: to find what is oldest takes a while. */
const LOWERED_BYTES = (RECENT_BYTES * 15) / 16;

/** What was looked for last. */
export class Recent {
  /** By key, the longest not looked for first. */
  readonly #items = new Map<string, readonly Item[]>();
  #bytes = 0;

  /** Whether an item's body is kept with it. */
  static holdsBody({ length }: Item): boolean {
    return length <= RECENT_BODY_BYTES;
  }

  get(key: string): readonly Item[] | undefined {
    return this.#items.get(key);
  }

  put(key: string, items: readonly Item[]): void {
    this.forget(key);
    this.#items.set(key, items);
    this.#bytes += sizeOf(items);
    if (this.#bytes <= RECENT_BYTES) return;
    for (const oldest of this.#items.keys()) {
      if (this.#bytes <= LOWERED_BYTES) break;
      this.forget(oldest);
    }
  }

  forget(key: string): void {
    const items = this.#items.get(key);
    if (!items) return;
    this.#bytes -= sizeOf(items);
    this.#items.delete(key);
  }
}

/** Small bodies count from the beginning: they come when they are asked for. */
const sizeOf = (items: readonly Item[]): number =>
  items.reduce(
    (sum, item) => sum + (Recent.holdsBody(item) ? item.length : 0) + OVERHEAD_BYTES,
    OVERHEAD_BYTES,
  );
