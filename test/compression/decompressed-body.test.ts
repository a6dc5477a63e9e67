import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyCoding, decompressedBody } from "../../src/compression/decompressed-body.ts";
import { GatewayError } from "../../src/gateway-responses/gateway-error.ts";
import { callTo } from "../access/iam/call.ts";

type Coding = "gzip" | "deflate";
const CODINGS: readonly Coding[] = ["gzip", "deflate"];
const LIMIT = 10_485_760;

const compressed = (bytes: Uint8Array | string, coding: Coding): Promise<Uint8Array> =>
  new Response(new Response(bytes).body?.pipeThrough(new CompressionStream(coding))).bytes();

const callWith = (body: Uint8Array | string, coding?: string) =>
  callTo("/", { method: "POST", body, headers: coding === undefined ? {} : { "content-encoding": coding } });

async function refusal(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return error instanceof GatewayError ? [error.type, error.reason] : error;
  }
}

const TOO_LARGE = ["REQUEST_TOO_LARGE", "request.body_too_large"];
const BROKEN = ["UNSUPPORTED_MEDIA_TYPE", "request.content_coding"];
const UNKNOWN = ["UNSUPPORTED_MEDIA_TYPE", "request.content_coding"];

describe("a body comes out as it was", () => {
  test("whatever it was", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ min: 0, maxLength: 200 }),
      fc.tuple(fc.nat(255), fc.nat(200_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
      fc.nat(100_000).map((length) => crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...CODINGS), async (body, coding) => {
        const call = callWith(await compressed(body, coding), coding);
        expect(await decompressedBody(call, LIMIT)).toEqual(body);
      }),
      { numRuns: 60 },
    );
  });

  test.each(["gzip", "x-gzip", "GZIP", " gzip "])("under the name %j", async (name) => {
    expect(await decompressedBody(callWith(await compressed("text", "gzip"), name), LIMIT)).toEqual(
      new TextEncoder().encode("text"),
    );
  });

  test.each([undefined, "identity", ""])("under %j it is as it is", async (name) => {
    expect(await decompressedBody(callWith("text", name), LIMIT)).toEqual(new TextEncoder().encode("text"));
  });

  test("empty ones are empty", async () => {
    expect(await decompressedBody(callTo("/", { headers: { "content-encoding": "gzip" } }), LIMIT)).toEqual(
      new Uint8Array(),
    );
  });
});

describe("R-19 a limit holds for both sizes", () => {
  test.each(CODINGS)("%s of exactly the limit passes, one byte more does not", async (coding) => {
    const exact = callWith(await compressed(new Uint8Array(5000), coding), coding);
    expect((await decompressedBody(exact, 5000)).byteLength).toBe(5000);
    const over = callWith(await compressed(new Uint8Array(5001), coding), coding);
    expect(await refusal(decompressedBody(over, 5000))).toEqual(TOO_LARGE);
  });

  test.each(CODINGS)("a %s body too large before it is decompressed is not", async (coding) => {
    const body = await compressed(crypto.getRandomValues(new Uint8Array(60_000)), coding);
    expect(await refusal(decompressedBody(callWith(body, coding), 50_000))).toEqual(TOO_LARGE);
  });

  test.each(CODINGS)("a bomb of 60 MB in %s is never there as a whole", async (coding) => {
    const zeros = new Uint8Array(1_000_000);
    let left = 60;
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => (left-- > 0 ? controller.enqueue(zeros) : controller.close()),
    });
    const bomb = await new Response(source.pipeThrough(new CompressionStream(coding))).bytes();
    expect(bomb.byteLength).toBeLessThan(100_000);
    // The engine would end an isolate that holds so much.
    for (let i = 0; i < 3; i++) {
      expect(await refusal(decompressedBody(callWith(bomb, coding), LIMIT))).toEqual(TOO_LARGE);
    }
  });
});

describe("what is not in its coding is the client's mistake", () => {
  test.each(CODINGS)("%s", async (coding) => {
    const good = await compressed("a sound body ".repeat(50), coding);
    const other = await compressed("text", coding === "gzip" ? "deflate" : "gzip");
    const bad: readonly Uint8Array[] = [
      new TextEncoder().encode("plain text"),
      other,
      good.slice(0, -1),
      good.slice(0, 4),
      new Uint8Array([...good, 0]),
      new Uint8Array([...good, ...good]),
      new Uint8Array(100_000),
    ];
    for (const body of bad) {
      expect(await refusal(decompressedBody(callWith(body, coding), LIMIT))).toEqual(BROKEN);
    }
  });

  test("a byte changed anywhere is found, or changes nothing", async () => {
    const text = new TextEncoder().encode("a sound body, nothing more ".repeat(20));
    for (const coding of CODINGS) {
      const good = await compressed(text, coding);
      await fc.assert(
        fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const bad = good.slice();
          bad[at] = (bad[at] ?? 0) ^ change;
          const came = await refusal(decompressedBody(callWith(bad, coding), LIMIT));
          expect([BROKEN, text]).toContainEqual(came);
        }),
        { numRuns: 60 },
      );
    }
  });

  test.each(["br", "zstd", "compress", "gzip, gzip", "gzip, br", "none"])(
    "coding %j: 415",
    async (coding) => {
      expect(await refusal(decompressedBody(callWith("text", coding), LIMIT))).toEqual(UNKNOWN);
    },
  );

  test("who is refused is told what is read here", () => {
    expect(() => bodyCoding(callWith("text", "br"))).toThrow(
      expect.objectContaining({ headers: { "accept-encoding": "gzip, deflate" } }),
    );
  });
});
