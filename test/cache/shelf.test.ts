import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { StoredResponse } from "../../src/cache/http/stored-response.ts";
import { CHUNK_BYTES, Shelf } from "../../src/cache/shelf.ts";

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

const place = (name: string) => ({ key: `key ${name}`, url: `https://a.test/${name}`, route: "GET /{x}" });

/** Bytes that say where they stand. */
function bytes(length: number): Uint8Array {
  const all = new Uint8Array(length);
  for (let i = 0; i < length; i++) all[i] = (i * 31 + (i >> 8)) & 255;
  return all;
}

function cut(all: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += CHUNK_BYTES) chunks.push(all.slice(at, at + CHUNK_BYTES));
  return chunks;
}

/** On a real object's storage, twice: as it is filled, and as it is after a restart. */
function onShelf(work: (shelf: Shelf, reopened: () => Shelf) => void): Promise<void> {
  const stub = env.CACHE.getByName(crypto.randomUUID());
  return runInDurableObject(stub, (_, { storage }) => work(new Shelf(storage), () => new Shelf(storage)));
}

const ROOM = 10_000_000;

test("a body comes back as it was, whole and in parts, after a restart too", () =>
  onShelf((shelf, reopened) => {
    const all = bytes(2 * CHUNK_BYTES + 100);
    const { id } = shelf.put(place("a"), HEAD, [], cut(all), [], ROOM, NOW);
    for (const subject of [shelf, reopened()]) {
      expect(subject.find("key a")).toMatchObject([{ id, head: HEAD, length: all.length }]);
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

test("an empty body is one", () =>
  onShelf((shelf) => {
    shelf.put(place("a"), HEAD, [], [], [], ROOM, NOW);
    const [item] = shelf.find("key a");
    expect(item && shelf.whole(item)).toEqual(new Uint8Array());
  }));

test("the least recently used go when there is no room", () =>
  onShelf((shelf) => {
    for (const name of ["a", "b", "c"]) shelf.put(place(name), HEAD, [], [bytes(100)], [], 300, NOW);
    const [first] = shelf.find("key a");
    if (first) shelf.use(first, NOW + 2 * MINUTE);
    shelf.put(place("d"), HEAD, [], [bytes(150)], [], 300, NOW + 3 * MINUTE);
    expect(["a", "b", "c", "d"].map((name) => shelf.find(`key ${name}`).length)).toEqual([1, 0, 0, 1]);
    expect([shelf.bytes, shelf.count]).toEqual([250, 2]);
  }));

test("what is replaced is gone, with its bytes and tags", () =>
  onShelf((shelf, reopened) => {
    const { id } = shelf.put(place("a"), HEAD, ["t"], [bytes(100)], [], ROOM, NOW);
    const other = shelf.put(place("a"), { ...HEAD, status: 404 }, [], [bytes(10)], [id], ROOM, NOW);
    expect(shelf.find("key a").map(({ head }) => head.status)).toEqual([404]);
    expect(shelf.body(id, 0, 1)).toBe(undefined);
    expect(shelf.select({ kind: "tag", value: "t" })).toEqual([]);
    expect([shelf.bytes, reopened().bytes]).toEqual([10, 10]);
    shelf.setHead(other.id, { ...HEAD, status: 410 });
    expect(shelf.find("key a").map(({ head }) => head.status)).toEqual([410]);
    shelf.remove(other.id);
    expect([shelf.find("key a"), shelf.bytes, shelf.count]).toEqual([[], 0, 0]);
  }));

test("tags, routes, URLs and their beginnings name items", () =>
  onShelf((shelf) => {
    const put = (name: string, tags: readonly string[]) =>
      shelf.put(place(name), HEAD, tags, [], [], ROOM, NOW).id;
    const [a, ab, b] = [put("a", ["x", "y", "x"]), put("ab", ["y"]), put("b", [])];
    expect(shelf.select({ kind: "all" })).toEqual([a, ab, b]);
    expect(shelf.select({ kind: "tag", value: "y" })).toEqual([a, ab]);
    expect(shelf.select({ kind: "url", value: "https://a.test/a" })).toEqual([a]);
    expect(shelf.select({ kind: "prefix", value: "https://a.test/a" })).toEqual([a, ab]);
    // Nothing in it stands for anything else.
    expect(shelf.select({ kind: "prefix", value: "https://a.test/%" })).toEqual([]);
    expect(shelf.select({ kind: "route", value: "GET /{x}" })).toEqual([a, ab, b]);
    expect(shelf.select({ kind: "route", value: "GET /" })).toEqual([]);
  }));
