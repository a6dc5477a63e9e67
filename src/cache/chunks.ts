/** How a body is cut, in bytes; a row of SQLite holds 2 MB. */
export const CHUNK_BYTES = 262_144;
/** More than a body has of them. */
const CHUNKS = 512;

/**
 * Bodies in chunks of a Durable Object's SQLite, each under the number of what it is the body of.
 * What was begun before a restart, and not finished, is gone after it.
 */
export class Chunks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS body_chunk (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS unfinished (id INTEGER PRIMARY KEY);
    `);
    for (const { id } of [...sql.exec<{ id: number }>("SELECT id FROM unfinished")]) this.remove(id);
  }

  /** Until it is finished, nobody will find it after a restart. */
  begin(id: number): void {
    this.#sql.exec("INSERT INTO unfinished (id) VALUES (?)", id);
  }

  finish(id: number): void {
    this.#sql.exec("DELETE FROM unfinished WHERE id = ?", id);
  }

  /** @param offset a multiple of `CHUNK_BYTES` */
  write(id: number, offset: number, bytes: Uint8Array): void {
    this.#sql.exec("INSERT INTO body_chunk (id, bytes) VALUES (?, ?)", chunkId(id, offset), bytes);
  }

  /** @returns undefined if not all of it is there */
  read(id: number, offset: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    let filled = 0;
    if (length === 0) return bytes;
    const rows = this.#sql.exec<{ id: number; bytes: ArrayBuffer }>(
      "SELECT id, bytes FROM body_chunk WHERE id >= ? AND id <= ? ORDER BY id",
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

  remove(id: number): void {
    this.#sql.exec("DELETE FROM body_chunk WHERE id >= ? AND id < ?", chunkId(id, 0), chunkId(id + 1, 0));
    this.finish(id);
  }
}

/** One number: where a key had more columns, SQLite would read whole rows to compare them. */
const chunkId = (item: number, offset: number): number => item * CHUNKS + Math.floor(offset / CHUNK_BYTES);
