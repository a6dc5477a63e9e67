import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { CHUNK_BYTES } from "../../src/cache/chunks.ts";
import type { StoredResponse } from "../../src/cache/http/stored-response.ts";
import { type Item, Shelf } from "../../src/cache/shelf.ts";

const HEAD: StoredResponse = {
  status: 200,
  headers: [["x-a", "1"]],
  requestTime: 1,
  responseTime: 2,
  date: 0,
  vary: [],
  authorization: false,
  freshness: {
    lifetime: 1,
    initialAge: 0,
    staleWhileRevalidate: 0,
    staleIfError: 0,
    noCache: false,
    mustRevalidate: false,
  },
};
const NOW = Date.UTC(2026, 10, 21);
const MINUTE = 60_000;
const ROOM = 10_000_000;

const keyOf = (name: string) => `https://a.test/${name}\n`;

/** Bytes that say where they stand. */
function bytes(length: number): Uint8Array {
  const all = new Uint8Array(length);
  for (let i = 0; i < length; i++) all[i] = (i * 31 + (i >> 8)) & 255;
  return all;
}

interface Put {
  readonly head?: StoredResponse;
  readonly tags?: readonly string[];
  readonly replaced?: readonly number[];
  readonly now?: number;
}

function put(
  shelf: Shelf,
  name: string,
  body: Uint8Array,
  { head = HEAD, tags = [], replaced = [], now = NOW }: Put = {},
): Item {
  const draft = shelf.draft();
  let at = 0;
  for (; body.length - at > CHUNK_BYTES; at += CHUNK_BYTES) draft.add(body.slice(at, at + CHUNK_BYTES));
  const place = { key: keyOf(name), route: "GET /{x}" };
  return shelf.put(place, head, tags, { draft, tail: body.slice(at), length: body.length }, replaced, now);
}

interface Opened {
  readonly shelf: Shelf;
  readonly sql: SqlStorage;
  /** After a restart. */
  readonly reopened: () => Shelf;
}

/** On a real object's storage. */
function onShelf(work: (opened: Opened) => void | Promise<void>, room = ROOM): Promise<void> {
  const stub = env.CACHE.getByName(crypto.randomUUID());
  return runInDurableObject(stub, (_, { storage }) =>
    work({
      shelf: new Shelf(storage, room),
      sql: storage.sql,
      reopened: () => new Shelf(storage, room),
    }),
  );
}

const found = (shelf: Shelf, names: readonly string[]) => names.map((name) => shelf.find(keyOf(name)).length);

describe("a body", () => {
  test("comes back as it was, whole and in parts, after a restart too", () =>
    onShelf(({ shelf, reopened }) => {
      const all = bytes(2 * CHUNK_BYTES + 100);
      const { id } = put(shelf, "a", all);
      for (const subject of [shelf, reopened()]) {
        expect(subject.find(keyOf("a"))).toMatchObject([{ id, head: HEAD, length: all.length }]);
        for (const [offset, length] of [
          [0, all.length],
          [0, 1],
          [CHUNK_BYTES - 1, 2],
          [CHUNK_BYTES, CHUNK_BYTES],
          [all.length - 5, 5],
        ] as const) {
          expect(subject.body(id, offset, length)).toEqual(all.subarray(offset, offset + length));
        }
        expect(subject.bytes).toBe(all.length);
      }
      expect(shelf.body(id, all.length - 5, 6)).toBe(undefined);
      expect(shelf.body(id + 1, 0, 1)).toBe(undefined);
    }));

  test.each([0, 1, 65_536, 65_537, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])("of %i bytes", (length) =>
    onShelf(({ shelf, reopened }) => {
      put(shelf, "a", bytes(length));
      const [item] = shelf.find(keyOf("a"));
      expect(item && shelf.whole(item)).toEqual(bytes(length));
      shelf.head(0);
      const other = reopened();
      const [again] = other.find(keyOf("a"));
      expect(again && other.whole(again)).toEqual(bytes(length));
      expect([shelf.bytes, other.bytes]).toEqual([length, length]);
    }),
  );

  test("that was begun before a restart is gone after it", () =>
    onShelf(({ shelf, sql, reopened }) => {
      const draft = shelf.draft();
      draft.add(bytes(CHUNK_BYTES));
      draft.add(bytes(CHUNK_BYTES));
      expect(draft.read(CHUNK_BYTES, 3)).toEqual(bytes(3));
      expect(shelf.bytes).toBe(2 * CHUNK_BYTES);
      const other = reopened();
      expect([other.bytes, other.count]).toEqual([0, 0]);
      expect(draft.read(0, 1)).toBe(undefined);
      expect(sql.exec("SELECT COUNT(*) AS count FROM body_chunk").one()).toEqual({ count: 0 });
    }));

  test("that is not going to be kept is let go of", () =>
    onShelf(({ shelf, sql }) => {
      const draft = shelf.draft();
      draft.add(bytes(CHUNK_BYTES));
      draft.discard();
      draft.discard();
      expect([shelf.bytes, draft.read(0, 1)]).toEqual([0, undefined]);
      for (const table of ["body_chunk", "unfinished"]) {
        expect(sql.exec(`SELECT COUNT(*) AS count FROM ${table}`).one()).toEqual({ count: 0 });
      }
    }));
});

describe("the least recently used go when there is no room", () => {
  test("as far as their use is known", () =>
    onShelf(({ shelf }) => {
      for (const name of ["a", "b", "c"]) put(shelf, name, bytes(100));
      const [first] = shelf.find(keyOf("a"));
      if (first) shelf.use(first, NOW + 2 * MINUTE);
      put(shelf, "d", bytes(150), { now: NOW + 3 * MINUTE });
      expect(found(shelf, ["a", "b", "c", "d"])).toEqual([1, 0, 0, 1]);
      expect([shelf.bytes, shelf.count]).toEqual([250, 2]);
    }, 300));

  test("for bodies that arrive, too", () =>
    onShelf(({ shelf }) => {
      put(shelf, "a", bytes(CHUNK_BYTES));
      const draft = shelf.draft();
      draft.add(bytes(CHUNK_BYTES));
      expect([shelf.bytes, ...found(shelf, ["a"])]).toEqual([CHUNK_BYTES, 0]);
    }, CHUNK_BYTES + 10));
});

test("what is replaced is gone, with its bytes and tags", () =>
  onShelf(({ shelf, reopened }) => {
    const { id } = put(shelf, "a", bytes(100), { tags: ["t"] });
    const other = put(shelf, "a", bytes(10), { head: { ...HEAD, status: 404 }, replaced: [id] });
    expect(shelf.find(keyOf("a")).map(({ head }) => head.status)).toEqual([404]);
    expect(shelf.body(id, 0, 1)).toBe(undefined);
    expect(shelf.select({ kind: "tag", value: "t" })).toEqual([]);
    expect([shelf.bytes, reopened().bytes]).toEqual([10, 10]);
    shelf.setHead(other.id, { ...HEAD, status: 410 });
    expect(shelf.find(keyOf("a")).map(({ head }) => head.status)).toEqual([410]);
    shelf.remove(other.id);
    expect([shelf.find(keyOf("a")), shelf.bytes, shelf.count, reopened().bytes]).toEqual([[], 0, 0, 0]);
  }));

test("tags, routes, URLs and their beginnings name items", () =>
  onShelf(({ shelf }) => {
    const named = (name: string, tags: readonly string[]) => put(shelf, name, new Uint8Array(), { tags }).id;
    const [a, ab, b] = [named("a", ["x", "y", "x"]), named("ab", ["y"]), named("b", [])];
    expect(shelf.select({ kind: "all" })).toEqual([a, ab, b]);
    expect(shelf.select({ kind: "tag", value: "y" })).toEqual([a, ab]);
    expect(shelf.select({ kind: "url", value: "https://a.test/a" })).toEqual([a]);
    expect(shelf.select({ kind: "prefix", value: "https://a.test/a" })).toEqual([a, ab]);
    // Nothing in it stands for anything else.
    expect(shelf.select({ kind: "prefix", value: "https://a.test/%" })).toEqual([]);
    expect(shelf.select({ kind: "route", value: "GET /{x}" })).toEqual([a, ab, b]);
    expect(shelf.select({ kind: "route", value: "GET /" })).toEqual([]);
  }));

test("what an earlier version has left is forgotten", () =>
  onShelf(({ sql, reopened }) => {
    sql.exec(`
      CREATE TABLE item (id INTEGER PRIMARY KEY, url TEXT); INSERT INTO item VALUES (1, 'https://a.test/a');
      CREATE TABLE chunk (id INTEGER PRIMARY KEY, bytes BLOB); INSERT INTO chunk VALUES (512, x'00');
    `);
    expect([reopened().count, reopened().bytes]).toEqual([0, 0]);
    expect(() => sql.exec("SELECT * FROM item")).toThrow("no such table");
  }));

describe("what is not written yet", () => {
  const rows = (sql: SqlStorage) => sql.exec("SELECT id FROM response ORDER BY id").toArray().length;

  test("is found, and is written a moment later, all of it at once", () =>
    onShelf(async ({ shelf, sql, reopened }) => {
      for (const name of ["a", "b", "a"]) put(shelf, name, bytes(20_000), { tags: ["t"] });
      expect([...found(shelf, ["a", "b"]), shelf.bytes, rows(sql)]).toEqual([2, 1, 60_000, 0]);
      for (const item of shelf.find(keyOf("a"))) expect(shelf.whole(item)).toEqual(bytes(20_000));
      while (rows(sql) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(rows(sql)).toBe(3);
      for (const subject of [shelf, reopened()]) {
        expect([...found(subject, ["a", "b"]), subject.bytes]).toEqual([2, 1, 60_000]);
        for (const item of subject.find(keyOf("a"))) expect(subject.whole(item)).toEqual(bytes(20_000));
        expect(subject.select({ kind: "tag", value: "t" })).toHaveLength(3);
      }
    }));

  test("is lost in a crash, and nothing of it is left", () =>
    onShelf(({ shelf, reopened }) => {
      put(shelf, "a", bytes(100));
      const other = reopened();
      expect([...found(other, ["a"]), other.bytes, other.count]).toEqual([0, 0, 0]);
    }));

  test.each([
    ["a purge", (shelf: Shelf) => shelf.select({ kind: "url", value: "https://a.test/a" }).length, 1],
    ["a purge by tag", (shelf: Shelf) => shelf.select({ kind: "tag", value: "t" }).length, 1],
    ["a count", (shelf: Shelf) => shelf.count, 1],
    ["a part of its body", (shelf: Shelf, id: number) => shelf.body(id, 1, 2), bytes(3).slice(1)],
    ["its head", (shelf: Shelf, id: number) => shelf.head(id)?.status, 200],
  ])("is seen by %s", (_, look, expected) =>
    onShelf(({ shelf }) => {
      const { id } = put(shelf, "a", bytes(100), { tags: ["t"] });
      expect(look(shelf, id)).toEqual(expected);
    }),
  );

  test("can be removed, replaced and given another head", () =>
    onShelf(({ shelf }) => {
      const removed = put(shelf, "a", bytes(1));
      shelf.remove(removed.id);
      const replaced = put(shelf, "b", bytes(2));
      put(shelf, "b", bytes(3), { replaced: [replaced.id] });
      const updated = put(shelf, "c", bytes(4));
      shelf.setHead(updated.id, { ...HEAD, status: 404 });
      expect(["a", "b", "c"].map((name) => shelf.find(keyOf(name)))).toMatchObject([
        [],
        [{ length: 3, head: { status: 200 } }],
        [{ length: 4, head: { status: 404 } }],
      ]);
      expect([shelf.bytes, shelf.count]).toEqual([7, 2]);
    }));

  test("may be a head: it is found, and written with the others, and lost in a crash", () =>
    onShelf(({ shelf, reopened }) => {
      const written = put(shelf, "a", bytes(3));
      shelf.head(0);
      const unwritten = put(shelf, "b", bytes(4));
      shelf.renew(keyOf("a"), written.id, { ...HEAD, status: 203 });
      shelf.renew(keyOf("b"), unwritten.id, { ...HEAD, status: 204 });
      shelf.renew(keyOf("a"), 999, HEAD);
      const statuses = (of: Shelf) => ["a", "b"].map((name) => of.find(keyOf(name))[0]?.head.status);
      expect(statuses(shelf)).toEqual([203, 204]);
      expect(statuses(reopened())).toEqual([200, undefined]);
      // Out of memory, and found all the same.
      for (let index = 0; index < 3_000; index++) shelf.find(keyOf(`n${index}`));
      expect(statuses(shelf)).toEqual([203, 204]);
      shelf.head(0);
      expect([statuses(shelf), statuses(reopened())]).toEqual([
        [203, 204],
        [203, 204],
      ]);
      shelf.renew(keyOf("a"), written.id, { ...HEAD, status: 410 });
      shelf.setHead(written.id, { ...HEAD, status: 404 });
      expect([statuses(shelf)[0], statuses(reopened())[0]]).toEqual([404, 404]);
      shelf.renew(keyOf("a"), written.id, HEAD);
      shelf.remove(written.id);
      expect(statuses(shelf)).toEqual([undefined, 204]);
    }));

  test("is found among more than the memory holds", () =>
    onShelf(({ shelf }) => {
      const names = Array.from({ length: 3_000 }, (_, index) => `n${index}`);
      for (const name of names) put(shelf, name, bytes(16));
      expect(found(shelf, names).reduce((sum, count) => sum + count, 0)).toBe(3_000);
    }));

  test("is no more than 4 MB", () =>
    onShelf(({ shelf, sql }) => {
      for (let index = 0; index < 65; index++) put(shelf, `n${index}`, new Uint8Array(65_536));
      expect(rows(sql)).toBe(65);
      expect(shelf.bytes).toBe(65 * 65_536);
    }));
});
