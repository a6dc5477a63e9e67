import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compressResponse } from "../../src/compression/compress-response.ts";
import { deflated } from "../../src/compression/deflated.ts";

const TEXT = "portico ".repeat(200);

const ask = (headers: HeadersInit = { "accept-encoding": "gzip" }, method = "GET"): Request =>
  new Request("https://api.test/", { method, headers });

function answer(headers: Record<string, string> = {}, status = 200): Response {
  const length = String(TEXT.length);
  return new Response(TEXT, {
    status,
    headers: { "content-type": "text/plain", "content-length": length, ...headers },
  });
}

const plain = (response: Response) => response.headers.get("content-encoding") === null;

describe("a response is compressed", () => {
  test.each([
    ["of the minimum's size", TEXT.length, "gzip", "Accept-Encoding"],
    ["not below it", TEXT.length + 1, null, null],
    ["of any size with a minimum of 0", 0, "gzip", "Accept-Encoding"],
  ])("%s", (_, minimum, coding, vary) => {
    const { headers } = compressResponse(ask(), answer(), minimum);
    expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([coding, vary]);
    expect(headers.get("content-length")).toBe(coding === null ? String(TEXT.length) : null);
  });

  test("of unknown size", () => {
    const response = new Response(TEXT, { headers: { "content-type": "text/plain" } });
    expect(compressResponse(ask(), response, 10_485_760).headers.get("content-encoding")).toBe("gzip");
  });

  test("not for a client that cannot read it, which is told that others get it so", () => {
    for (const headers of [{}, { "accept-encoding": "br" }, { "accept-encoding": "gzip;q=0" }]) {
      const response = compressResponse(ask(headers), answer({ etag: '"v1"' }), 0);
      expect([plain(response), response.headers.get("vary"), response.headers.get("etag")]).toEqual([
        true,
        "Accept-Encoding",
        '"v1"',
      ]);
      expect(response.headers.get("content-length")).toBe(String(TEXT.length));
    }
  });

  test.each([
    ["content-encoding", "gzip"],
    ["content-encoding", "br"],
    ["content-range", "bytes 0-9/100"],
    ["cache-control", "no-transform"],
    ["cache-control", "max-age=5,No-Transform"],
    ["content-type", "text/event-stream"],
    ["content-type", "Text/Event-Stream; charset=utf-8"],
    ["content-type", "application/x-ndjson"],
    ["content-type", "image/png"],
    ["content-type", "video/mp4"],
    ["content-type", "application/zip"],
    ["content-type", "font/woff2"],
  ])("not with %s: %s", (name, value) => {
    const before = answer({ [name]: value, etag: '"v1"' });
    const headers = [...before.headers];
    expect([...compressResponse(ask(), before, 0).headers]).toEqual(headers);
  });

  test.each([
    ["cache-control", "max-age=5, private"],
    ["content-type", "image/svg+xml"],
    ["content-type", "application/json"],
    ["content-type", "application/octet-stream"],
    ["x-other", "no-transform"],
  ])("but with %s: %s", (name, value) => {
    expect(plain(compressResponse(ask(), answer({ [name]: value }), 0))).toBe(false);
  });

  test.each([204, 205, 206, 304])("not with status %i", (status) => {
    const response = new Response(status === 206 ? TEXT : null, { status, headers: { etag: '"v1"' } });
    const { headers } = compressResponse(ask(), response, 0);
    expect([headers.get("content-encoding"), headers.get("vary"), headers.get("etag")]).toEqual([
      null,
      null,
      '"v1"',
    ]);
  });

  test.each([200, 201, 400, 404, 500])("with status %i", (status) => {
    const response = compressResponse(ask(), answer({}, status), 0);
    expect([response.status, plain(response)]).toEqual([status, false]);
  });
});

describe("what is said of it", () => {
  test.each([
    [undefined, "Accept-Encoding"],
    ["Origin", "Origin, Accept-Encoding"],
    ["origin,accept-encoding", "origin,accept-encoding"],
    ["*", "*"],
  ])("Vary %j becomes %j", (before, after) => {
    const response = answer(before === undefined ? {} : { vary: before });
    expect(compressResponse(ask(), response, 0).headers.get("vary")).toBe(after);
  });

  test.each([
    ['"v1"', 'W/"v1"'],
    ['W/"v1"', 'W/"v1"'],
  ])("ETag %s becomes %s", (before, after) => {
    expect(compressResponse(ask(), answer({ etag: before }), 0).headers.get("etag")).toBe(after);
  });

  test("what was true of the bytes only is gone", () => {
    const { headers } = compressResponse(
      ask(),
      answer({
        "accept-ranges": "bytes",
        "content-md5": "x",
        digest: "x",
        "repr-digest": "x",
        "last-modified": "x",
      }),
      0,
    );
    expect([...headers.keys()].sort()).toEqual(["content-encoding", "content-type", "last-modified", "vary"]);
  });

  test("a 304 names the validator that the client holds", () => {
    const notModified = () => new Response(null, { status: 304, headers: { etag: '"v1"' } });
    const etagFor = (held: string) =>
      compressResponse(ask({ "if-none-match": held }), notModified(), 0).headers.get("etag");
    expect([etagFor('W/"v1"'), etagFor('"v1"'), etagFor('"v0", W/"v1"'), etagFor("*")]).toEqual([
      'W/"v1"',
      '"v1"',
      'W/"v1"',
      '"v1"',
    ]);
  });

  test("a HEAD is told that the response varies, and its length stays", () => {
    const response = new Response(null, {
      headers: { "content-length": "5000", "content-type": "text/plain" },
    });
    const { headers } = compressResponse(ask({ "accept-encoding": "gzip" }, "HEAD"), response, 0);
    expect(Object.fromEntries(headers)).toEqual({
      "content-length": "5000",
      "content-type": "text/plain",
      vary: "Accept-Encoding",
    });
  });
});

const inflated = (body: ReadableStream<Uint8Array> | null): Promise<string> =>
  new Response(body?.pipeThrough(new DecompressionStream("deflate"))).text();

describe("deflate", () => {
  test("is what comes out", async () => {
    const response = compressResponse(ask({ "accept-encoding": "deflate" }), answer({}, 201), 0);
    expect([response.status, response.headers.get("content-encoding")]).toEqual([201, "deflate"]);
    expect(await inflated(response.body)).toBe(TEXT);
  });

  test("whatever the pieces", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 400 }), async (parts, times) => {
        const sent = Array.from({ length: Math.min(times, 40) }, () => parts).flat();
        const queue = sent.values();
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            const next = queue.next();
            if (next.done) controller.close();
            else controller.enqueue(next.value);
          },
        });
        const out = await new Response(
          deflated(body).pipeThrough(new DecompressionStream("deflate")),
        ).bytes();
        expect(out).toEqual(await new Response(new Blob(sent)).bytes());
      }),
      { numRuns: 30 },
    );
  });

  test("takes no more from its source than its reader wants", async () => {
    let taken = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          taken += 65_536;
          controller.enqueue(crypto.getRandomValues(new Uint8Array(65_536)));
        },
      },
      { highWaterMark: 0 },
    );
    const reader = deflated(source).getReader();
    let read = 0;
    while (read < 3_000_000) read += (await reader.read()).value?.byteLength ?? 0;
    expect(taken - read).toBeLessThan(400_000);
    await reader.cancel();
  });

  test("a source that breaks off breaks it off", async () => {
    const source = new ReadableStream<Uint8Array>({
      pull: (c) => c.error(new Error("Network connection lost.")),
    });
    await expect(new Response(deflated(source)).text()).rejects.toThrow("Network connection lost.");
  });
});
