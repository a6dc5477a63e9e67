import type { StoredResponse } from "./http/stored-response.ts";
import type { Selector } from "./protocol.ts";
import type { Item, Place } from "./shelf.ts";

type ItemRow = { id: number; head: string; length: number; used: number };

/** What there is in a Durable Object's SQLite, but for the bodies: heads as JSON, and what names them. */
export class Catalogue {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    // What an earlier version has left is forgotten.
    sql.exec(`
      DROP TABLE IF EXISTS item; DROP TABLE IF EXISTS chunk; DROP TABLE IF EXISTS tag;
      CREATE TABLE IF NOT EXISTS response (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, route TEXT NOT NULL,
        head TEXT NOT NULL, length INTEGER NOT NULL, used INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS response_key ON response (key);
      CREATE INDEX IF NOT EXISTS response_used ON response (used);
      CREATE TABLE IF NOT EXISTS response_tag (
        tag TEXT NOT NULL, response INTEGER NOT NULL, PRIMARY KEY (tag, response)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS response_tag_response ON response_tag (response);
      CREATE TABLE IF NOT EXISTS total (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), bytes INTEGER NOT NULL);
      INSERT OR IGNORE INTO total (only_row, bytes) VALUES (1, 0);
      CREATE TRIGGER IF NOT EXISTS response_added AFTER INSERT ON response
        BEGIN UPDATE total SET bytes = bytes + NEW.length; END;
      CREATE TRIGGER IF NOT EXISTS response_removed AFTER DELETE ON response
        BEGIN UPDATE total SET bytes = bytes - OLD.length; END;
    `);
  }

  /** All bodies together, in bytes. Triggers keep it: to add up what there is takes long where there is much. */
  get bytes(): number {
    return this.#sql.exec<{ bytes: number }>("SELECT bytes FROM total").one().bytes;
  }

  get count(): number {
    return this.#sql.exec<{ count: number }>("SELECT COUNT(*) AS count FROM response").one().count;
  }

  /** 0 if there is none. */
  get lastId(): number {
    return this.#sql.exec<{ id: number }>("SELECT COALESCE(MAX(id), 0) AS id FROM response").one().id;
  }

  get leastRecentlyUsed(): number | undefined {
    const query = "SELECT id FROM response ORDER BY used, id LIMIT 1";
    const [oldest] = this.#sql.exec<{ id: number }>(query);
    return oldest?.id;
  }

  /** The oldest first. */
  find(key: string): readonly ItemRow[] {
    const query = "SELECT id, head, length, used FROM response WHERE key = ? ORDER BY id";
    return [...this.#sql.exec<ItemRow>(query, key)];
  }

  insert({ key, route }: Place, tags: readonly string[], { id, head, length, used }: Item): void {
    const query = "INSERT INTO response (id, key, route, head, length, used) VALUES (?, ?, ?, ?, ?, ?)";
    this.#sql.exec(query, id, key, route, JSON.stringify(head), length, used);
    for (const tag of new Set(tags))
      this.#sql.exec("INSERT INTO response_tag (tag, response) VALUES (?, ?)", tag, id);
  }

  /** @returns its key; undefined if it is not there any more */
  setHead(id: number, head: StoredResponse): string | undefined {
    const query = "UPDATE response SET head = ? WHERE id = ? RETURNING key";
    const [row] = this.#sql.exec<{ key: string }>(query, JSON.stringify(head), id);
    return row?.key;
  }

  setUsed(id: number, used: number): void {
    this.#sql.exec("UPDATE response SET used = ? WHERE id = ?", used, id);
  }

  /** @returns what it was; undefined if it was not there */
  remove(id: number): { readonly key: string; readonly length: number } | undefined {
    const query = "DELETE FROM response WHERE id = ? RETURNING key, length";
    const [row] = this.#sql.exec<{ key: string; length: number }>(query, id);
    if (row) this.#sql.exec("DELETE FROM response_tag WHERE response = ?", id);
    return row;
  }

  head(id: number): StoredResponse | undefined {
    const [row] = this.#sql.exec<{ head: string }>("SELECT head FROM response WHERE id = ?", id);
    return row && JSON.parse(row.head);
  }

  /** Ids of what a selector names. */
  select(selector: Selector): readonly number[] {
    const rows = (query: string, ...values: string[]) =>
      [...this.#sql.exec<{ id: number }>(query, ...values)].map(({ id }) => id);
    switch (selector.kind) {
      case "all":
        return rows("SELECT id FROM response ORDER BY id");
      case "route":
        // Only those pay for it who purge so.
        this.#sql.exec("CREATE INDEX IF NOT EXISTS response_route ON response (route)");
        return rows("SELECT id FROM response WHERE route = ? ORDER BY id", selector.value);
      case "url":
        return rows(BEGINNING_WITH, `${selector.value}\n`);
      case "prefix":
        return rows(BEGINNING_WITH, selector.value);
      case "tag":
        return rows("SELECT response AS id FROM response_tag WHERE tag = ?", selector.value);
    }
  }
}

/** In the order of an index, up to what no text comes after. */
const BEGINNING_WITH =
  "SELECT id FROM response WHERE key >= ?1 AND key < ?1 || char(1114111) AND substr(key, 1, length(?1)) = ?1 ORDER BY id";
