import type { StoredResponse } from "./http/stored-response.ts";
import type { Selector } from "./protocol.ts";

/** How a body is cut, in bytes; a row of SQLite holds 2 MB. */
export const CHUNK_BYTES = 262_144;
/** The time of its last use is written no more often than this, in ms. */
const USED_MS = 60_000;

/** A response on the shelf. */
export interface Item {
  readonly id: number;
  readonly head: StoredResponse;
  /** Of the body, in bytes. */
  readonly length: number;
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
      CREATE TABLE IF NOT EXISTS chunk (
        item INTEGER NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (item, start)) WITHOUT ROWID;
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
    const rows = this.#sql.exec<ItemRow>(
      "SELECT id, head, length, used FROM item WHERE key = ? ORDER BY id",
      key,
    );
    return [...rows].map(({ id, head, length }) => ({ id, head: JSON.parse(head), length }));
  }

  /** It was served: it is among the last to go. */
  use(id: number, now: number): void {
    this.#sql.exec("UPDATE item SET used = ? WHERE id = ? AND used < ?", now, id, now - USED_MS);
  }

  /** A part of a body; undefined if it is not there any more. */
  body(id: number, offset: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    let filled = 0;
    const first = offset - (offset % CHUNK_BYTES);
    const rows = this.#sql.exec<{ start: number; bytes: ArrayBuffer }>(
      "SELECT start, bytes FROM chunk WHERE item = ? AND start >= ? AND start < ? ORDER BY start",
      id,
      first,
      offset + length,
    );
    for (const row of rows) {
      const from = Math.max(0, offset - row.start);
      const part = new Uint8Array(row.bytes).subarray(from, offset + length - row.start);
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
        this.#sql.exec("INSERT INTO chunk (item, start, bytes) VALUES (?, ?, ?)", id, start, bytes);
        start += bytes.byteLength;
      }
      for (const tag of new Set(tags)) this.#sql.exec("INSERT INTO tag (tag, item) VALUES (?, ?)", tag, id);
      this.#bytes += length;
      return { id, head, length };
    });
  }

  /** Another head for a body that stays. */
  setHead(id: number, head: StoredResponse): void {
    this.#sql.exec("UPDATE item SET head = ? WHERE id = ?", JSON.stringify(head), id);
  }

  remove(id: number): void {
    const [row] = this.#sql.exec<{ length: number }>("DELETE FROM item WHERE id = ? RETURNING length", id);
    if (!row) return;
    this.#bytes -= row.length;
    this.#sql.exec("DELETE FROM chunk WHERE item = ?", id);
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

  #makeRoom(left: number): void {
    while (this.#bytes > Math.max(0, left)) {
      const [oldest] = this.#sql.exec<{ id: number }>("SELECT id FROM item ORDER BY used, id LIMIT 1");
      if (!oldest) return;
      this.remove(oldest.id);
    }
  }
}
