import type { StoredResponse } from "./http/stored-response.ts";
import type { Selector } from "./protocol.ts";

/** How a body is cut, in bytes; a row of SQLite holds 2 MB. */
export const CHUNK_BYTES = 262_144;
/** More than a body has of them. */
const CHUNKS = 512;
/** The time of its last use is remembered no more often than this, in ms. */
const USED_MS = 60_000;
/** Of what is on the shelf the last used is in memory too, in bytes; larger bodies are not. */
const RECENT_BYTES = 8 * 1024 * 1024;
const RECENT_BODY_BYTES = 16_384;
const RECENT_OVERHEAD_BYTES = 4_096;

/** A response on the shelf. */
export interface Item {
  readonly id: number;
  readonly head: StoredResponse;
  /** Of the body, in bytes. */
  readonly length: number;
  /** When it was used last, ms since the epoch. */
  used: number;
  /** The body, where it is small and was asked for. */
  bytes: Uint8Array | undefined;
}

type ItemRow = { id: number; head: string; length: number; used: number };

/**
 * Responses in a Durable Object's SQLite: heads as JSON, bodies in chunks. The least recently
 * used go when there is no room.
 */
export class Shelf {
  readonly #sql: SqlStorage;
  readonly #transaction: <T>(work: () => T) => T;
  #bytes: number;
  /** When items were used since that was written last, by id. */
  readonly #used = new Map<number, number>();
  /** By key, the longest not looked for first. */
  readonly #recent = new Map<string, readonly Item[]>();
  #recentBytes = 0;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#transaction = (work) => storage.transactionSync(work);
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS item (
        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, url TEXT NOT NULL, route TEXT NOT NULL,
        head TEXT NOT NULL, length INTEGER NOT NULL, used INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS item_key ON item (key);
      CREATE INDEX IF NOT EXISTS item_url ON item (url);
      CREATE INDEX IF NOT EXISTS item_route ON item (route);
      CREATE INDEX IF NOT EXISTS item_used ON item (used);
      CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS tag (tag TEXT NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (tag, item)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS tag_item ON tag (item);
    `);
    const { bytes } = this.#sql
      .exec<{ bytes: number }>("SELECT COALESCE(SUM(length), 0) AS bytes FROM item")
      .one();
    this.#bytes = bytes;
  }

  /** All bodies together, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All that is stored for a key, the oldest first. */
  find(key: string): readonly Item[] {
    const recent = this.#recent.get(key);
    if (recent) return recent;
    const rows = this.#sql.exec<ItemRow>(
      "SELECT id, head, length, used FROM item WHERE key = ? ORDER BY id",
      key,
    );
    const items = [...rows].map(
      ({ id, head, length, used }): Item => ({ id, head: JSON.parse(head), length, used, bytes: undefined }),
    );
    this.#keepRecent(key, items);
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
    if (item.length <= RECENT_BODY_BYTES) item.bytes = bytes;
    return bytes;
  }

  /** A part of a body; undefined if it is not there any more. */
  body(id: number, offset: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    let filled = 0;
    if (length === 0) return bytes;
    const rows = this.#sql.exec<{ id: number; bytes: ArrayBuffer }>(
      "SELECT id, bytes FROM chunk WHERE id >= ? AND id <= ? ORDER BY id",
      chunkId(id, offset),
      chunkId(id, offset + length - 1),
    );
    for (const row of rows) {
      const start = (row.id - chunkId(id, 0)) * CHUNK_BYTES;
      const from = Math.max(0, offset - start);
      const part = new Uint8Array(row.bytes).subarray(from, offset + length - start);
      if (part.length === length) return part;
      bytes.set(part, filled);
      filled += part.length;
    }
    return filled === length ? bytes : undefined;
  }

  /**
   * Puts a response in the place of others.
   *
   * @param replaced ids of those that it is stored instead of
   * @param room how many bytes all bodies may come to
   */
  put(
    { key, url, route }: { readonly key: string; readonly url: string; readonly route: string },
    head: StoredResponse,
    tags: readonly string[],
    body: readonly Uint8Array[],
    replaced: readonly number[],
    room: number,
    now: number,
  ): Item {
    this.#forget(key);
    return this.#transaction(() => {
      for (const id of replaced) this.remove(id);
      const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
      this.#makeRoom(room - length);
      const text = JSON.stringify(head);
      const { id } = this.#sql
        .exec<{ id: number }>(
          "INSERT INTO item (key, url, route, head, length, used) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
          key,
          url,
          route,
          text,
          length,
          now,
        )
        .one();
      let start = 0;
      for (const bytes of body) {
        this.#sql.exec("INSERT INTO chunk (id, bytes) VALUES (?, ?)", chunkId(id, start), bytes);
        start += bytes.byteLength;
      }
      for (const tag of new Set(tags)) this.#sql.exec("INSERT INTO tag (tag, item) VALUES (?, ?)", tag, id);
      this.#bytes += length;
      return { id, head, length, used: now, bytes: undefined };
    });
  }

  /** Another head for a body that stays. */
  setHead(id: number, head: StoredResponse): void {
    const rows = this.#sql.exec<{ key: string }>(
      "UPDATE item SET head = ? WHERE id = ? RETURNING key",
      JSON.stringify(head),
      id,
    );
    for (const { key } of rows) this.#forget(key);
  }

  remove(id: number): void {
    const [row] = this.#sql.exec<{ length: number; key: string }>(
      "DELETE FROM item WHERE id = ? RETURNING length, key",
      id,
    );
    if (!row) return;
    this.#forget(row.key);
    this.#used.delete(id);
    this.#bytes -= row.length;
    this.#sql.exec("DELETE FROM chunk WHERE id >= ? AND id < ?", chunkId(id, 0), chunkId(id + 1, 0));
    this.#sql.exec("DELETE FROM tag WHERE item = ?", id);
  }

  /** Ids of what a selector names. */
  select(selector: Selector): readonly number[] {
    const rows = (query: string, ...values: string[]) =>
      [...this.#sql.exec<{ id: number }>(query, ...values)].map(({ id }) => id);
    switch (selector.kind) {
      case "all":
        return rows("SELECT id FROM item");
      case "route":
        return rows("SELECT id FROM item WHERE route = ?", selector.value);
      case "url":
        return rows("SELECT id FROM item WHERE url = ?", selector.value);
      case "prefix":
        return rows("SELECT id FROM item WHERE substr(url, 1, length(?1)) = ?1", selector.value);
      case "tag":
        return rows("SELECT item AS id FROM tag WHERE tag = ?", selector.value);
    }
  }

  head(id: number): StoredResponse | undefined {
    const [row] = this.#sql.exec<{ head: string }>("SELECT head FROM item WHERE id = ?", id);
    return row && JSON.parse(row.head);
  }

  get count(): number {
    return this.#sql.exec<{ count: number }>("SELECT COUNT(*) AS count FROM item").one().count;
  }

  #keepRecent(key: string, items: readonly Item[]): void {
    this.#recent.set(key, items);
    this.#recentBytes += sizeOf(items);
    for (const oldest of this.#recent.keys()) {
      if (this.#recentBytes <= RECENT_BYTES) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const items = this.#recent.get(key);
    if (!items) return;
    this.#recentBytes -= sizeOf(items);
    this.#recent.delete(key);
  }

  #makeRoom(left: number): void {
    if (this.#bytes <= Math.max(0, left)) return;
    for (const [id, used] of this.#used) this.#sql.exec("UPDATE item SET used = ? WHERE id = ?", used, id);
    this.#used.clear();
    while (this.#bytes > Math.max(0, left)) {
      const [oldest] = this.#sql.exec<{ id: number }>("SELECT id FROM item ORDER BY used, id LIMIT 1");
      if (!oldest) return;
      this.remove(oldest.id);
    }
  }
}

/** Small bodies count from the beginning: they come when they are asked for. */
const sizeOf = (items: readonly Item[]): number =>
  items.reduce(
    (sum, { length }) => sum + (length <= RECENT_BODY_BYTES ? length : 0) + RECENT_OVERHEAD_BYTES,
    RECENT_OVERHEAD_BYTES,
  );

/** One number: where a key had more columns, SQLite would read whole rows to compare them. */
const chunkId = (item: number, offset: number): number => item * CHUNKS + Math.floor(offset / CHUNK_BYTES);
