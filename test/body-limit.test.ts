import { describe, expect, test } from "vitest";
import { api, callFunction, echoFunction, gateway, proxyTo } from "./support/gateway.ts";

const LIMIT = 1000;
const REST_TEXT = `HTTP content length exceeded ${LIMIT} bytes.`;

/** A body of which nobody knows the length before its end, counting what was taken of it. */
function chunked(bytes: number): { readonly body: ReadableStream<Uint8Array>; readonly taken: () => number } {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken >= bytes) return controller.close();
        const size = Math.min(100, bytes - taken);
        taken += size;
        controller.enqueue(new Uint8Array(size));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken: () => taken };
}

const KINDS = { http_proxy: proxyTo("https://o.test/"), aws_proxy: callFunction("echo") };

async function send(kind: keyof typeof KINDS, protocol: string, init: RequestInit) {
  const echo = echoFunction();
  const subject = await gateway(api({ "POST /a": KINDS[kind] }, { protocol, limits: { bodyBytes: LIMIT } }), {
    functions: { echo: echo.module },
  });
  const response = await subject.fetch("/a", { method: "POST", ...init });
  return { response, text: await response.text(), calls: echo.events.length + subject.sent.length };
}

describe.each(["http_proxy", "aws_proxy"] as const)("R-19 a body for %s", (kind) => {
  test.each([
    ["HTTP", '{"message":"Request Entity Too Large"}'],
    ["REST", REST_TEXT],
  ])("that is chunked is counted while it arrives (%s)", async (protocol, message) => {
    const { body, taken } = chunked(1_000_000);
    const { response, text } = await send(kind, protocol, { body });
    expect(response.status).toBe(413);
    expect(text).toBe(message);
    // It was given up soon after the limit.
    expect(taken()).toBeLessThan(100_000);
  });

  test("of just the limit passes", async () => {
    expect((await send(kind, "HTTP", { body: chunked(LIMIT).body })).response.status).toBe(200);
    expect((await send(kind, "HTTP", { body: new Uint8Array(LIMIT) })).response.status).toBe(200);
    expect((await send(kind, "HTTP", { body: chunked(LIMIT + 1).body })).response.status).toBe(413);
  });

  test("that declares too much is refused before it is read", async () => {
    const { body, taken } = chunked(10);
    const headers = { "content-length": String(LIMIT + 1) };
    const { response, calls } = await send(kind, "HTTP", { body, headers });
    expect(response.status).toBe(413);
    expect(calls).toBe(0);
    expect(taken()).toBe(0);
  });
});

describe("R-19 without a configured limit", () => {
  test("a function's event carries 6 MiB, and base64 counts", async () => {
    const echo = echoFunction();
    const subject = await gateway(api({ "POST /a": callFunction("echo") }), {
      functions: { echo: echo.module },
    });
    const post = (bytes: number, type: string) =>
      subject.fetch("/a", { method: "POST", body: new Uint8Array(bytes), headers: { "content-type": type } });
    const mebibyte = 1024 * 1024;
    expect((await post(6 * mebibyte, "text/plain")).status).toBe(200);
    expect((await post(6 * mebibyte + 1, "text/plain")).status).toBe(413);
    expect((await post(4 * mebibyte, "image/png")).status).toBe(200);
    expect((await post(5 * mebibyte, "image/png")).status).toBe(413);
  });

  test.each([
    ["HTTP", "application/json", '{"message":"Request Entity Too Large"}'],
    ["REST", "text; charset=utf-8", "HTTP content length exceeded 10485760 bytes."],
  ])("a function's body of more than 10 MiB is 413 in %s's words", async (protocol, type, message) => {
    const echo = echoFunction();
    const subject = await gateway(api({ "POST /a": callFunction("echo") }, { protocol }), {
      functions: { echo: echo.module },
    });
    const response = await subject.fetch("/a", { method: "POST", body: new Uint8Array(10_485_761) });
    expect(response.status).toBe(413);
    expect(response.headers.get("content-type")).toBe(type);
    expect(await response.text()).toBe(message);
  });

  test("what streams to an origin has none, unless the API is strict", async () => {
    const { body } = chunked(10_485_800);
    const loose = await gateway(api({ "POST /a": KINDS.http_proxy }));
    expect((await loose.fetch("/a", { method: "POST", body: new Uint8Array(10_485_761) })).status).toBe(200);
    const strict = await gateway(api({ "POST /a": KINDS.http_proxy }, { strict: true }));
    expect((await strict.fetch("/a", { method: "POST", body })).status).toBe(413);
  });
});

test("a client that breaks off its body is no fault of the gateway's", async () => {
  const echo = echoFunction();
  const subject = await gateway(api({ "POST /a": KINDS.aws_proxy }), {
    functions: { echo: echo.module },
    showReasons: true,
  });
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error("Network connection lost."));
    },
  });
  const response = await subject.fetch("/a", { method: "POST", body });
  expect(response.status).toBe(400);
  expect(response.headers.get("x-portico-reason")).toMatch(/^request\.aborted: /);
});

test.each(["declared", "chunked"])("R-19 a %s body to a fetch module is limited too", async (kind) => {
  const seen: number[] = [];
  const fetch = async (request: Request) => {
    seen.push((await request.arrayBuffer()).byteLength);
    return new Response("ok");
  };
  const subject = await gateway(api({ "POST /a": callFunction("fn") }, { limits: { bodyBytes: LIMIT } }), {
    functions: { fn: { default: { fetch } } },
  });
  const body = (bytes: number) => (kind === "chunked" ? chunked(bytes).body : new Uint8Array(bytes));
  const headers = (bytes: number): Record<string, string> =>
    kind === "chunked" ? {} : { "content-length": String(bytes) };
  const send = (bytes: number) =>
    subject.fetch("/a", { method: "POST", body: body(bytes), headers: headers(bytes) });
  expect((await send(LIMIT)).status).toBe(200);
  expect((await send(LIMIT + 1)).status).toBe(413);
  expect(seen).toEqual([LIMIT]);
});
