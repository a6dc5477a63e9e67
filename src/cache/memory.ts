import type { StoredResponse } from "./http/stored-response.ts";
import { Room } from "./relay.ts";

/** What an isolate keeps of a response that a shard has: the shard may have forgotten it since. */
export type Remembered = StoredResponse & { readonly body: Uint8Array };

/** For so long an isolate trusts what it remembers, in ms: a purge has reached everybody after that. */
const REMEMBERED_MS = 1_000;
/** Of all bodies, in bytes; larger ones than a part of that are not remembered. */
const ROOM_BYTES = 16 * 1024 * 1024;
const LARGEST_PART = 1 / 16;
/** As much goes at once when there is no room: to find what is oldest takes a while. */
const LOWERED_BYTES = (ROOM_BYTES * 15) / 16;
/** What an entry costs beside its body, in bytes. */
const OVERHEAD_BYTES = 2_048;
/** What is read ahead of slow clients, all of it together, in bytes. */
const AHEAD_BYTES = 32 * 1024 * 1024;
/** For so long it remembers that a response was for its client alone, in ms. */
const ALONE_MS = 5_000;

interface Entry {
  readonly responses: readonly Remembered[];
  readonly until: number;
  readonly bytes: number;
  /** The last response was not stored: requests do not wait for each other. */
  readonly alone: boolean;
}

const bytesOf = (responses: readonly Remembered[]): number =>
  responses.reduce((sum, { body }) => sum + body.byteLength + OVERHEAD_BYTES, OVERHEAD_BYTES);

/** Responses in the isolate's memory, for a moment; the least recently used go when there is no room. */
export class MemoryCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  /** What slow clients have not read yet. */
  readonly ahead = new Room(AHEAD_BYTES);

  get(key: string, now: number): readonly Remembered[] {
    return this.#live(key, now)?.responses ?? [];
  }

  /** Whether it is of no use to ask the store. */
  isAlone(key: string, now: number): boolean {
    return this.#live(key, now)?.alone ?? false;
  }

  /** @param instead those of the same key that it takes the place of */
  put(key: string, response: Remembered, instead: (other: Remembered) => boolean, now: number): void {
    if (response.body.byteLength > ROOM_BYTES * LARGEST_PART) return;
    const others = this.get(key, now).filter((other) => !instead(other));
    const until = Math.min(this.#live(key, now)?.until ?? Number.POSITIVE_INFINITY, now + REMEMBERED_MS);
    this.#set(key, [...others, response], others.length > 0 ? until : now + REMEMBERED_MS, false);
  }

  passAlone(key: string, now: number): void {
    this.#set(key, [], now + ALONE_MS, true);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
  }

  /** Everything of these URLs, whoever's it is. */
  deleteUrls(space: string, urls: readonly string[]): void {
    for (const key of [...this.#entries.keys()]) {
      if (urls.some((url) => key.startsWith(`${space}\n${url}\n`))) this.delete(key);
    }
  }

  #live(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    // A clock that was put back makes nothing last longer.
    if (now >= entry.until || now < entry.until - ALONE_MS) {
      this.delete(key);
      return undefined;
    }
    return entry;
  }

  #set(key: string, responses: readonly Remembered[], until: number, alone: boolean): void {
    this.delete(key);
    const bytes = bytesOf(responses);
    this.#entries.set(key, { responses, until, bytes, alone });
    this.#bytes += bytes;
    if (this.#bytes <= ROOM_BYTES) return;
    // The longest kept go first: all of them are short-lived.
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= LOWERED_BYTES) break;
      this.delete(oldest);
    }
  }
}
