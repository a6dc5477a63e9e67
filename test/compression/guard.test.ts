import { describe, expect, test } from "vitest";
import type { Call, Guard } from "../../src/call.ts";
import { compressResponses, decompressRequests } from "../../src/compression/guard.ts";
import type { Integration } from "../../src/config/integration-schema.ts";
import { API_DEFAULTS } from "../../src/config/schemas.ts";
import { callTo } from "../access/iam/call.ts";

const settings = (minimumCompressionSize: number) => ({ ...API_DEFAULTS, minimumCompressionSize });
const FUNCTION: Integration = { type: "aws_proxy", uri: "hello" };
const PROXY: Integration = { type: "http_proxy", uri: "https://o.test/" };
const TEXT = { "content-type": "text/plain" };

const asking = (headers: HeadersInit = { "accept-encoding": "gzip" }): Call => callTo("/", { headers });

function run(guard: Guard | undefined, response: Response, call = asking()): Promise<Response> {
  if (!guard) throw new Error("there is no guard");
  return guard(() => Promise.resolve(response))(call);
}

const pieces = (...parts: readonly string[]): ReadableStream<Uint8Array> => {
  const queue = parts.values();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = queue.next();
      if (done) controller.close();
      else controller.enqueue(new TextEncoder().encode(value));
    },
  });
};

describe("the guard of responses", () => {
  test("is not there without a minimum, nor on a route whose responses stream", () => {
    expect(compressResponses(PROXY, API_DEFAULTS)).toBeUndefined();
    expect(compressResponses({ ...PROXY, responseTransferMode: "STREAM" }, settings(0))).toBeUndefined();
    expect(compressResponses({ ...PROXY, responseTransferMode: "BUFFERED" }, settings(0))).toBeDefined();
  });

  test.each([
    ["below", 9, null, "9"],
    ["of", 10, "gzip", null],
    ["above", 11, "gzip", null],
  ])("a function's answer %s the minimum is measured", async (_, size, coding, length) => {
    const whole = new Response("x".repeat(size), { status: 201, headers: TEXT });
    const streamed = new Response(pieces("x".repeat(4), "x".repeat(size - 4)), {
      status: 201,
      headers: TEXT,
    });
    for (const response of [whole, streamed]) {
      const out = await run(compressResponses(FUNCTION, settings(10)), response);
      expect([out.status, out.headers.get("content-encoding"), out.headers.get("content-length")]).toEqual([
        201,
        coding,
        length,
      ]);
      expect(await out.text()).toBe("x".repeat(size));
    }
  });

  test("an origin's stream of unknown size is not waited for", async () => {
    let pulled = 0;
    const pull = (): void => {
      pulled += 1;
    };
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    const out = await run(compressResponses(PROXY, settings(1000)), new Response(body, { headers: TEXT }));
    expect([out.headers.get("content-encoding"), pulled]).toEqual(["gzip", 0]);
  });

  test("nothing is read for a client that cannot have it compressed, nor of events", async () => {
    const guard = compressResponses(FUNCTION, settings(1000));
    let pulled = 0;
    const pull = (): void => {
      pulled += 1;
    };
    const live = () => new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    await run(guard, new Response(live(), { headers: TEXT }), asking({}));
    await run(guard, new Response(live(), { headers: { "content-type": "text/event-stream" } }));
    expect(pulled).toBe(0);
  });

  test("a body that breaks off while it is measured is an error, not a short answer", async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (c) => c.error(new Error("broken")) });
    await expect(
      run(compressResponses(FUNCTION, settings(10)), new Response(broken, { headers: TEXT })),
    ).rejects.toThrow("broken");
  });
});

describe("the guard of requests", () => {
  const gzip = (text: string) =>
    new Response(new Response(text).body?.pipeThrough(new CompressionStream("gzip"))).bytes();

  test("what comes behind it sees a body that never was compressed", async () => {
    const seen: Call[] = [];
    const next = (call: Call) => {
      seen.push(call);
      return Promise.resolve(new Response());
    };
    const body = await gzip('{"a":1}');
    const headers = { "content-encoding": "gzip", "content-type": "application/json" };
    await decompressRequests(settings(0))(next)(callTo("/", { method: "POST", body, headers }));
    expect(new TextDecoder().decode(seen[0]?.bufferedBody)).toBe('{"a":1}');
    expect(Object.fromEntries(seen[0]?.request.headers ?? [])).toMatchObject({
      "content-length": "7",
      "content-type": "application/json",
    });
    expect(seen[0]?.request.headers.has("content-encoding")).toBe(false);
    expect([seen[0]?.request.method, await seen[0]?.request.text()]).toEqual(["POST", '{"a":1}']);
  });

  test("a request without a coding, or without a body, is handed on untouched", async () => {
    const seen: Call[] = [];
    const next = (call: Call) => {
      seen.push(call);
      return Promise.resolve(new Response());
    };
    const calls = [
      callTo("/", { method: "POST", body: "text" }),
      callTo("/", { headers: { "content-encoding": "br" } }),
    ];
    for (const call of calls) await decompressRequests(settings(0))?.(next)(call);
    expect(seen).toEqual(calls);
  });
});
