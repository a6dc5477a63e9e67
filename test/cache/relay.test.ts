import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Relay, Room } from "../../src/cache/relay.ts";

/** One body for the store and a client, each at its own pace. */

const PIECE = 65_536;
/** What a client may be behind without any room. */
const FREE = 262_144;

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

interface Origin {
  readonly body: ReadableStream<Uint8Array>;
  /** How many pieces were asked for. */
  readonly pulled: () => number;
  readonly cancelled: () => boolean;
}

/** @param breaksAt after so many bytes */
function originOf(all: Uint8Array, sizes: readonly number[] = [PIECE], breaksAt?: number): Origin {
  let [at, pulled, cancelled] = [0, 0, false];
  const body: ReadableStream<Uint8Array> = new ReadableStream({
    type: "bytes",
    pull: (controller) => {
      if (at >= (breaksAt ?? all.length)) {
        if (breaksAt === undefined) controller.close();
        else controller.error(new Error("reset"));
        return;
      }
      const size = sizes[pulled++ % sizes.length] ?? PIECE;
      controller.enqueue(all.slice(at, at + size));
      at += size;
    },
    cancel: () => {
      cancelled = true;
    },
  });
  return { body, pulled: () => pulled, cancelled: () => cancelled };
}

const nothing = async () => undefined;
const readerOf = (stream: ReadableStream<Uint8Array>) => stream.getReader();
type Reader = ReturnType<typeof readerOf>;

async function restOf(reader: Reader, before: readonly Uint8Array[] = []): Promise<Uint8Array | "broken"> {
  const pieces = [...before];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value);
  } catch {
    return "broken";
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

const isSame = (got: Uint8Array | "broken", wanted: Uint8Array): boolean =>
  got !== "broken" && got.length === wanted.length && got.every((byte, at) => byte === wanted[at]);

/** What is left of a room of so many bytes, to the kilobyte. */
function left(room: Room, bytes: number): number {
  for (let rest = bytes; rest > 0; rest -= 1024) {
    if (!room.take(rest)) continue;
    room.free(rest);
    return rest;
  }
  return 0;
}

test("both get all of it, whoever reads first, in whatever pieces it comes", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 400_000 }),
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.boolean(), { maxLength: 30 }),
      fc.integer({ min: 0, max: 100_000 }),
      async (length, sizes, order, roomFor) => {
        fc.pre(length / Math.min(...sizes) < 2_000);
        const all = bytes(length);
        const room = new Room(roomFor);
        const relay = new Relay(
          originOf(all, sizes).body,
          room,
          async (offset) => originOf(all.slice(offset), [50_000]).body,
        );
        const [store, own] = [readerOf(relay.stored()), readerOf(relay.own())];
        const got: [Uint8Array[], Uint8Array[]] = [[], []];
        for (const ofStore of order) {
          const { value } = await (ofStore ? store : own).read();
          if (value) got[ofStore ? 0 : 1].push(value);
        }
        expect(isSame(await restOf(store, got[0]), all)).toBe(true);
        expect(isSame(await restOf(own, got[1]), all)).toBe(true);
        await relay.delivered;
        expect(left(room, roomFor)).toBe(roomFor);
      },
    ),
    { numRuns: 60 },
  ));

describe("a client that does not read", () => {
  const all = bytes(3_000_000);

  test("does not hold up the store, and gets it all from memory, if there is room", async () => {
    const room = new Room(4_000_000);
    const relay = new Relay(originOf(all).body, room, nothing);
    const own = readerOf(relay.own());
    expect(isSame(await restOf(readerOf(relay.stored())), all)).toBe(true);
    expect(left(room, 4_000_000)).toBeLessThan(4_000_000 - all.length + 2 * FREE);
    expect(isSame(await restOf(own), all)).toBe(true);
  });

  test("gets what it missed from the store, if there is none", async () => {
    const room = new Room(PIECE);
    const asked: number[] = [];
    const relay = new Relay(originOf(all).body, room, async (offset) => {
      asked.push(offset);
      return originOf(all.slice(offset)).body;
    });
    const own = readerOf(relay.own());
    const first = await own.read();
    expect(isSame(await restOf(readerOf(relay.stored())), all)).toBe(true);
    expect(isSame(await restOf(own, first.value ? [first.value] : []), all)).toBe(true);
    expect(asked).toEqual([PIECE]);
    expect(left(room, PIECE)).toBe(PIECE);
  });

  test("is cut off, if there is none and nothing was stored: what it has is not taken for the whole", async () => {
    const relay = new Relay(originOf(all).body, new Room(0), nothing);
    const own = readerOf(relay.own());
    await restOf(readerOf(relay.stored()));
    expect(await restOf(own)).toBe("broken");
  });

  test("is not waited for by more than what it may be behind", async () => {
    const relay = new Relay(originOf(all).body, new Room(0), nothing);
    relay.own();
    const store = readerOf(relay.stored());
    for (let count = 0; count < 20; count++) expect((await store.read()).done).toBe(false);
  });
});

test("a store that does not read holds up the client after 1 MB, and not for good", async () => {
  const all = bytes(3_000_000);
  const origin = originOf(all);
  const relay = new Relay(origin.body, new Room(0), nothing);
  const [store, own] = [readerOf(relay.stored()), readerOf(relay.own())];
  const first: Uint8Array[] = [];
  for (let count = 0; count < 14; count++) {
    const { value } = await own.read();
    if (value) first.push(value);
  }
  const next = restOf(own, first);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(origin.pulled()).toBeLessThan(20);
  void store.cancel();
  expect(isSame(await next, all)).toBe(true);
});

test("once nothing more is stored the client gets the rest, at its own pace and without room", async () => {
  const all = bytes(3_000_000);
  const origin = originOf(all);
  const relay = new Relay(origin.body, new Room(0), nothing);
  const [store, own] = [readerOf(relay.stored()), readerOf(relay.own())];
  await store.read();
  relay.endStoring();
  const { value = new Uint8Array() } = await own.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(origin.pulled()).toBeLessThan(6);
  expect(isSame(await restOf(own, [value]), all)).toBe(true);
});

test("a client that leaves: all of it is stored, and its room is free", async () => {
  const all = bytes(1_000_000);
  const room = new Room(2_000_000);
  const origin = originOf(all);
  const relay = new Relay(origin.body, room, nothing);
  const [store, own] = [readerOf(relay.stored()), readerOf(relay.own())];
  const first: Uint8Array[] = [];
  while (origin.pulled() < 8) {
    const { value } = await store.read();
    if (value) first.push(value);
  }
  expect(left(room, 2_000_000)).toBeLessThan(2_000_000);
  await own.cancel();
  await relay.delivered;
  expect(left(room, 2_000_000)).toBe(2_000_000);
  expect(isSame(await restOf(store, first), all)).toBe(true);
});

test("nobody reads any more: the origin is let go of", async () => {
  const origin = originOf(bytes(1_000_000));
  const relay = new Relay(origin.body, new Room(0), nothing);
  const [store, own] = [readerOf(relay.stored()), readerOf(relay.own())];
  await own.read();
  await Promise.all([own.cancel(), store.cancel()]);
  expect(origin.cancelled()).toBe(true);
});

test("an origin that breaks off breaks off both", async () => {
  const relay = new Relay(originOf(bytes(300_000), [PIECE], 200_000).body, new Room(0), nothing);
  const [store, own] = [readerOf(relay.stored()), readerOf(relay.own())];
  expect([await restOf(store), await restOf(own)]).toEqual(["broken", "broken"]);
});

test("a body of a function that is no stream of bytes", async () => {
  const pieces = [bytes(5), bytes(7)];
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
  const relay = new Relay(body, new Room(0), nothing);
  const [store, own] = [readerOf(relay.stored()), readerOf(relay.own())];
  const both = await Promise.all([restOf(store), restOf(own)]);
  expect(both.map((got) => got.length)).toEqual([12, 12]);
});
