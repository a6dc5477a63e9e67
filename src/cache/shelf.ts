import type { Draft } from "./arrival.ts";
import { Catalogue } from "./catalogue.ts";
import { CHUNK_BYTES, Chunks } from "./chunks.ts";
import type { StoredResponse } from "./http/stored-response.ts";
import type { Selector } from "./protocol.ts";
import { Recent } from "./recent.ts";

/** The time of its last use is remembered no more often than this, in ms. */
const USED_MS = 60_000;
/** Small bodies are written together, so long after the first of them, in ms; before that a crash loses them. */
const BEHIND_MS = 50;
const BEHIND_BODY_BYTES = 65_536;
/** Of all that are not written yet, in bytes. */
const BEHIND_BYTES = 4 * 1024 * 1024;

/** A response on the shelf. */
export interface Item {
  readonly id: number;
  readonly head: StoredResponse;
  /** Of the body, in bytes. */
  readonly length: number;
  /** When it was used last, ms since the epoch. */
  used: number;
  /** The body, where it is small and was asked for, or is not written yet. */
  bytes: Uint8Array | undefined;
}

/** Where a response stands. */
export interface Place {
  /** Its URL, and behind a line break whose it is. */
  readonly key: string;
  readonly route: string;
}

interface Unwritten {
  readonly place: Place;
  readonly tags: readonly string[];
  readonly item: Item;
}

/**
 * Responses in a Durable Object's SQLite, and the last of them in its memory too. The least
 * recently used go when there is no room.
 */
export class Shelf {
  readonly #transaction: <T>(work: () => T) => T;
  readonly #room: number;
  readonly #catalogue: Catalogue;
  readonly #chunks: Chunks;
  readonly #recent = new Recent();
  #bytes: number;
  #nextId: number;
  /** When items were used since that was written last, by id. */
  readonly #used = new Map<number, number>();
  /** By key. */
  readonly #unwritten = new Map<string, Unwritten[]>();
  #unwrittenBytes = 0;
  /** Heads that are not written yet, by id. */
  readonly #renewed = new Map<number, StoredResponse>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param room how many bytes all bodies may come to */
  constructor(storage: DurableObjectStorage, room: number) {
    this.#transaction = (work) => storage.transactionSync(work);
    this.#room = room;
    this.#catalogue = new Catalogue(storage.sql);
    this.#chunks = new Chunks(storage.sql);
    this.#bytes = this.#catalogue.bytes;
    this.#nextId = this.#catalogue.lastId + 1;
  }

  /** All bodies together, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All that is stored for a key, the oldest first. */
  find(key: string): readonly Item[] {
    const recent = this.#recent.get(key);
    if (recent) return recent;
    const items = this.#catalogue.find(key).map(({ id, head, length, used }): Item => {
      return { id, head: this.#renewed.get(id) ?? JSON.parse(head), length, used, bytes: undefined };
    });
    for (const { item } of this.#unwritten.get(key) ?? [])
      items.push({ ...item, head: this.#renewed.get(item.id) ?? item.head });
    this.#recent.put(key, items);
    return items;
  }

  /** It was served: it is among the last to go. */
  use(item: Item, now: number): void {
    if (item.used >= now - USED_MS) return;
    item.used = now;
    // A statement that may write makes the answer wait for the disk: it is written when it is needed.
    this.#used.set(item.id, now);
  }

  /** The whole of a body; undefined if it is not there any more. */
  whole(item: Item): Uint8Array | undefined {
    if (item.bytes) return item.bytes;
    const bytes = this.body(item.id, 0, item.length);
    if (Recent.holdsBody(item)) item.bytes = bytes;
    return bytes;
  }

  /** A part of a body; undefined if it is not there any more. */
  body(id: number, offset: number, length: number): Uint8Array | undefined {
    this.#write();
    return this.#chunks.read(id, offset, length);
  }

  /** For a body that still arrives. */
  draft(): ShelfDraft {
    const id = this.#nextId++;
    let written = 0;
    return {
      id,
      add: (chunk) => {
        this.#makeRoom(CHUNK_BYTES);
        if (written === 0) this.#chunks.begin(id);
        this.#chunks.write(id, written, chunk);
        written += CHUNK_BYTES;
        this.#bytes += CHUNK_BYTES;
      },
      read: (offset, length) => this.#chunks.read(id, offset, length),
      discard: () => {
        if (written === 0) return;
        this.#chunks.remove(id);
        this.#bytes -= written;
        written = 0;
      },
    };
  }

  /**
   * Puts a response in the place of others.
   *
   * @param draft of its body, with all its chunks but the last
   * @param tail the last one
   * @param length of the body, in bytes
   * @param replaced ids of those that it is stored instead of
   */
  put(
    place: Place,
    head: StoredResponse,
    tags: readonly string[],
    {
      draft,
      tail,
      length,
    }: { readonly draft: ShelfDraft; readonly tail: Uint8Array; readonly length: number },
    replaced: readonly number[],
    now: number,
  ): Item {
    const item: Item = { id: draft.id, head, length, used: now, bytes: undefined };
    const isSmall = length <= BEHIND_BODY_BYTES;
    if (isSmall && replaced.length === 0 && this.#bytes + length <= this.#room) {
      item.bytes = tail;
      this.#writeLater({ place, tags, item });
      return item;
    }
    this.#write();
    this.#transaction(() => {
      for (const id of replaced) this.remove(id);
      this.#makeRoom(tail.byteLength);
      this.#catalogue.insert(place, tags, item);
      if (tail.byteLength > 0) this.#chunks.write(item.id, length - tail.byteLength, tail);
      this.#chunks.finish(item.id);
    });
    this.#recent.forget(place.key);
    this.#bytes += tail.byteLength;
    return item;
  }

  /** Another head, after it was validated: where a crash loses that, it is validated once more. */
  renew(key: string, id: number, head: StoredResponse): void {
    const items = this.find(key);
    if (!items.some((item) => item.id === id)) return;
    this.#recent.put(
      key,
      items.map((item) => (item.id === id ? { ...item, head } : item)),
    );
    this.#renewed.set(id, head);
    this.#writeSoon();
  }

  /** Another head for a body that stays: no crash loses that. */
  setHead(id: number, head: StoredResponse): void {
    this.#write();
    const key = this.#catalogue.setHead(id, head);
    if (key !== undefined) this.#recent.forget(key);
  }

  remove(id: number): void {
    this.#write();
    const row = this.#catalogue.remove(id);
    if (!row) return;
    this.#recent.forget(row.key);
    this.#used.delete(id);
    this.#bytes -= row.length;
    this.#chunks.remove(id);
  }

  /** Ids of what a selector names. */
  select(selector: Selector): readonly number[] {
    this.#write();
    return this.#catalogue.select(selector);
  }

  head(id: number): StoredResponse | undefined {
    this.#write();
    return this.#catalogue.head(id);
  }

  get count(): number {
    this.#write();
    return this.#catalogue.count;
  }

  #writeLater(unwritten: Unwritten): void {
    const { place, item } = unwritten;
    const { key } = place;
    const others = this.find(key);
    const queue = this.#unwritten.get(key);
    if (queue) queue.push(unwritten);
    else this.#unwritten.set(key, [unwritten]);
    this.#recent.put(key, [...others, item]);
    this.#bytes += item.length;
    this.#unwrittenBytes += item.length;
    if (this.#unwrittenBytes > BEHIND_BYTES) this.#write();
    else this.#writeSoon();
  }

  #writeSoon(): void {
    this.#timer ??= setTimeout(() => this.#write(), BEHIND_MS);
  }

  /** Everything that is not written yet, in one transaction. */
  #write(): void {
    if (this.#unwritten.size === 0 && this.#renewed.size === 0) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const queue = [...this.#unwritten.values()].flat();
    const renewed = [...this.#renewed];
    this.#unwritten.clear();
    this.#renewed.clear();
    this.#unwrittenBytes = 0;
    try {
      this.#transaction(() => {
        for (const { place, tags, item } of queue) {
          this.#catalogue.insert(place, tags, item);
          if (item.bytes && item.length > 0) this.#chunks.write(item.id, 0, item.bytes);
        }
        for (const [id, head] of renewed) this.#catalogue.setHead(id, head);
      });
    } catch (error) {
      for (const { place, item } of queue) {
        this.#bytes -= item.length;
        this.#recent.forget(place.key);
      }
      throw error;
    }
    for (const { item } of queue) if (!Recent.holdsBody(item)) item.bytes = undefined;
  }

  #makeRoom(bytes: number): void {
    const left = Math.max(0, this.#room - bytes);
    if (this.#bytes <= left) return;
    this.#write();
    for (const [id, used] of this.#used) this.#catalogue.setUsed(id, used);
    this.#used.clear();
    while (this.#bytes > left) {
      const oldest = this.#catalogue.leastRecentlyUsed;
      if (oldest === undefined) return;
      this.remove(oldest);
    }
  }
}

/** A body that still arrives. */
export interface ShelfDraft extends Draft {
  /** That it will have as a response. */
  readonly id: number;
}
