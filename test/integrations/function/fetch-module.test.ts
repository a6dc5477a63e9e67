import { createExecutionContext } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { api, buildRequest, callFunction, gateway } from "../../support/gateway.ts";

type Fetch = (request: Request, env: unknown, ctx: ExecutionContext) => unknown;

const withFetch = (fetch: Fetch, settings: Record<string, unknown> = {}, functionEnv = {}) =>
  gateway(api({ "ANY /a/{p+}": callFunction("fn") }, settings), {
    functions: { fn: { default: { fetch } } },
    functionEnv,
    showReasons: true,
  });

test("a fetch module gets the canonical request, its bindings and a context", async () => {
  const seen: unknown[] = [];
  const subject = await withFetch(
    async (request, env, ctx) => {
      seen.push(request.url, request.method, await request.text(), env, typeof ctx.waitUntil);
      return Response.json({ ok: true }, { status: 201, headers: { "x-a": "1" } });
    },
    {},
    { DB: "mine" },
  );
  const response = await subject.fetch("/x/../a/%62/c?q=%20+", { method: "PUT", body: "text" });
  expect(seen).toEqual(["https://api.test/a/b/c?q=%20+", "PUT", "text", { DB: "mine" }, "function"]);
  expect(response.status).toBe(201);
  expect(response.headers.get("x-a")).toBe("1");
  expect(response.headers.get("apigw-requestid")).toMatch(/=$/);
});

test("its methods see their object", async () => {
  const module = {
    default: {
      text: "mine",
      fetch: function (this: { text: string }) {
        return new Response(this.text);
      },
    },
  };
  const subject = await gateway(api({ "GET /a": callFunction("fn") }), { functions: { fn: module } });
  expect(await (await subject.fetch("/a")).text()).toBe("mine");
});

test("its response streams, and R-05 its cookies stay apart", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const headers = new Headers([
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ]);
  const subject = await withFetch(() => new Response(readable, { headers }));
  const response = await subject.serve(buildRequest("/a/b"), createExecutionContext());
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  const reader = response.body?.getReader();
  for (const part of ["one", "two"]) {
    const [read] = await Promise.all([reader?.read(), writer.write(new TextEncoder().encode(part))]);
    expect(new TextDecoder().decode(read?.value)).toBe(part);
  }
  await writer.close();
  expect((await reader?.read())?.done).toBe(true);
});

test.each<[string, Fetch]>([
  [
    "throws",
    () => {
      throw new Error("canary");
    },
  ],
  ["rejects", () => Promise.reject(new Error("canary"))],
  ["answers with a Lambda's result", () => ({ statusCode: 200 })],
  ["answers with text", () => "canary"],
  ["answers with nothing", () => undefined],
])("R-12 one that %s is a failure of its own, of which the client learns nothing", async (_, fetch) => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  for (const [protocol, status] of [
    ["HTTP", 500],
    ["REST", 502],
  ] as const) {
    const response = await (await withFetch(fetch, { protocol })).fetch("/a/b");
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain("canary");
    expect(response.headers.get("x-portico-reason")).toMatch(/^function\.(?:threw|bad_response): /);
  }
  vi.restoreAllMocks();
});

test("a response that fetch() made has its headers added to all the same", async () => {
  const subject = await withFetch(() => Response.redirect("https://elsewhere.test/", 302));
  const response = await subject.fetch("/a/b");
  expect(response.status).toBe(302);
  expect(response.headers.get("apigw-requestid")).not.toBeNull();
});

test("a WebSocket passes", async () => {
  const subject = await withFetch(() => {
    const [client, server] = Object.values(new WebSocketPair());
    server?.accept();
    return new Response(null, { status: 101, webSocket: client ?? null });
  });
  const response = await subject.fetch("/a/b", { headers: { upgrade: "websocket" } });
  expect(response.status).toBe(101);
  response.webSocket?.accept();
  response.webSocket?.close();
});
