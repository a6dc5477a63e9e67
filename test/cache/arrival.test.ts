import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Arrival, type Draft } from "../../src/cache/arrival.ts";
import { CHUNK_BYTES } from "../../src/cache/chunks.ts";

/** A body that arrives in a store, and readers of it meanwhile. */

const all = Uint8Array.from({ length: 3 * CHUNK_BYTES + 1000 }, (_, i) => (i * 31 + (i >> 8)) & 255);

class Drafted implements Draft {
  readonly chunks: Uint8Array[] = [];
  isDiscarded = false;

  add(chunk: Uint8Array): void {
    expect(chunk.byteLength).toBe(CHUNK_BYTES);
    this.chunks.push(chunk.slice());
  }

  read(offset: number, length: number): Uint8Array | undefined {
    const chunk = this.chunks[Math.floor(offset / CHUNK_BYTES)];
    return this.isDiscarded ? undefined : chunk?.slice(offset % CHUNK_BYTES, (offset % CHUNK_BYTES) + length);
  }

  discard(): void {
    this.isDiscarded = true;
  }
}

const concat = async (pieces: readonly Uint8Array[]) =>
  new Uint8Array(await new Blob([...pieces]).arrayBuffer());

const isSame = (got: Uint8Array, wanted: Uint8Array): boolean =>
  got.length === wanted.length && got.every((byte, at) => byte === wanted[at]);

/** What a reader got, and whether it may take that for the whole. */
async function read(stream: ReadableStream<Uint8Array>): Promise<readonly [Uint8Array, "whole" | "broken"]> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of stream) pieces.push(piece);
  } catch {
    return [await concat(pieces), "broken"];
  }
  return [await concat(pieces), "whole"];
}

function sending() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const body: ReadableStream<Uint8Array> = new ReadableStream({
    type: "bytes",
    start: (controller) => void forward(readable, controller),
  });
  return { body, writer: writable.getWriter() };
}

async function forward(from: ReadableStream<Uint8Array>, to: ReadableByteStreamController): Promise<void> {
  try {
    for await (const piece of from) to.enqueue(piece.slice());
    to.close();
  } catch (error) {
    to.error(error);
  }
}

test("readers that come at any time get all of it, and what is stored is all of it", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: all.length }),
      fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat({ max: 6 }), { maxLength: 3 }),
      async (length, sizes, joins) => {
        fc.pre(length / Math.min(...sizes) < 200);
        const draft = new Drafted();
        const arrival = new Arrival(draft, all.length);
        const { body, writer } = sending();
        const received = arrival.receive(body, length);
        const readers: ReturnType<typeof read>[] = [];
        for (let at = 0, turn = 0; at < length; turn++) {
          if (joins.includes(turn)) readers.push(read(arrival.stream()));
          const size = Math.min(sizes[turn % sizes.length] ?? 1, length - at);
          await writer.write(all.slice(at, at + size));
          at += size;
        }
        await writer.close();
        expect(await received).toBe("whole");
        readers.push(read(arrival.stream()));
        const wanted = all.subarray(0, length);
        expect(isSame(await concat([...draft.chunks, arrival.tail]), wanted)).toBe(true);
        expect(arrival.size).toBe(length);
        for (const [got, verdict] of await Promise.all(readers))
          expect([isSame(got, wanted), verdict]).toEqual([true, "whole"]);
      },
    ),
    { numRuns: 40 },
  ));

describe("what is not whole", () => {
  test.each([
    ["shorter than it says", 10, 100, "broken"],
    ["longer than it says", 200, 100, "broken"],
    ["longer than may be stored", all.length, undefined, "too-large"],
  ] as const)("%s", async (_, sent, length, expected) => {
    const draft = new Drafted();
    const arrival = new Arrival(draft, 2 * CHUNK_BYTES);
    const { body, writer } = sending();
    const received = arrival.receive(body, length);
    const reader = read(arrival.stream());
    void writer.write(all.slice(0, sent)).catch(() => {});
    void writer.close().catch(() => {});
    expect(await received).toBe(expected);
    expect((await reader)[1]).toBe("broken");
    arrival.discard();
    expect(draft.isDiscarded).toBe(true);
  });
});

test("what is whole, but not to be kept, stays until the last reader has it", async () => {
  const draft = new Drafted();
  const arrival = new Arrival(draft, all.length);
  expect(await arrival.receive(all, all.length)).toBe("whole");
  const reader = arrival.stream();
  const left = arrival.stream();
  arrival.discard();
  await left.cancel();
  expect(draft.isDiscarded).toBe(false);
  const [got, verdict] = await read(reader);
  expect([isSame(got, all), verdict, draft.isDiscarded]).toEqual([true, "whole", true]);
});

test("a few bytes are taken as they are", async () => {
  const arrival = new Arrival(new Drafted(), 10);
  const few = all.slice(0, 10);
  expect([await arrival.receive(few, 10), arrival.tail]).toEqual(["whole", few]);
  expect(await new Arrival(new Drafted(), 9).receive(few, 10)).toBe("too-large");
});
