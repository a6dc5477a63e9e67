import { createExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { api, buildRequest, gateway, proxyTo } from "../../support/gateway.ts";

afterEach(() => {
  vi.useRealTimers();
});

const ORIGIN = "https://origin-7f3d.test/secret-path?key=canary";

describe("what reaches the origin", () => {
  test.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s as it is", async (method) => {
    const subject = await gateway(api({ "ANY /a": proxyTo("https://o.test/x") }));
    const bodyless = method === "GET" || method === "HEAD";
    await subject.fetch("/a", { method, body: bodyless ? null : "text", headers: { "content-type": "a/b" } });
    expect(subject.lastSent).toMatchObject({ method, url: "https://o.test/x", redirect: "manual" });
    expect(new TextDecoder().decode(subject.lastSent.body)).toBe(bodyless ? "" : "text");
    expect(subject.lastSent.headers.get("content-type")).toBe("a/b");
  });

  test("httpMethod replaces the method, ANY does not", async () => {
    const subject = await gateway(
      api({
        "ANY /a": proxyTo("https://o.test/", { httpMethod: "post" }),
        "ANY /b": proxyTo("https://o.test/", { httpMethod: "ANY" }),
      }),
    );
    await subject.fetch("/a", { method: "GET" });
    expect(subject.lastSent.method).toBe("POST");
    await subject.fetch("/b", { method: "PUT", body: "x" });
    expect(subject.lastSent.method).toBe("PUT");
  });

  test("REST APIs let X-HTTP-Method-Override replace it, for routing as well", async () => {
    const routes = { "PUT /a": proxyTo("https://o.test/put"), "POST /a": proxyTo("https://o.test/post") };
    const rest = await gateway(api(routes, { protocol: "REST" }));
    await rest.fetch("/a", { method: "POST", body: "x", headers: { "x-http-method-override": "put" } });
    expect(rest.lastSent).toMatchObject({ method: "PUT", url: "https://o.test/put" });
    expect(
      (await rest.fetch("/a", { method: "POST", headers: { "x-http-method-override": "PUT\u00e9" } })).status,
    ).toBe(200);
    expect(rest.lastSent.method).toBe("POST");
    const http = await gateway(api(routes, { protocol: "HTTP" }));
    await http.fetch("/a", { method: "POST", body: "x", headers: { "x-http-method-override": "PUT" } });
    expect(http.lastSent.method).toBe("POST");
  });

  test("a body streams: the origin answers while the client still sends", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const subject = await gateway(api({ "POST /a": proxyTo("https://o.test/") }), {
      streamOrigin: true,
      origin: (request) => new Response(request.body),
    });
    const response = await subject.serve(
      buildRequest("/a", { method: "POST", body: readable }),
      createExecutionContext(),
    );
    const reader = response.body?.getReader();
    for (const part of ["one", "two", "three"]) {
      const [read] = await Promise.all([reader?.read(), writer.write(new TextEncoder().encode(part))]);
      expect(new TextDecoder().decode(read?.value)).toBe(part);
    }
    await writer.close();
    expect((await reader?.read())?.done).toBe(true);
  });
});

describe("what reaches the client", () => {
  test.each([200, 201, 204, 301, 304, 400, 404, 418, 500, 502, 503, 599])(
    "status %i as it is",
    async (status) => {
      const empty = status === 204 || status === 304;
      const subject = await gateway(api({ "GET /a": proxyTo("https://o.test/") }), {
        origin: () =>
          new Response(empty ? null : "text", { status, headers: { location: "/x", "x-a": "1" } }),
      });
      const response = await subject.fetch("/a");
      expect(response.status).toBe(status);
      expect(response.headers.get("x-a")).toBe("1");
      expect(response.headers.get("location")).toBe("/x");
      expect(await response.text()).toBe(empty ? "" : "text");
    },
  );

  test.each(["HTTP", "REST"])("R-05 every Set-Cookie of its own (%s)", async (protocol) => {
    const cookies = ["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "a=3"];
    const subject = await gateway(api({ "GET /a": proxyTo("https://o.test/") }, { protocol }), {
      origin: () => {
        const headers = new Headers();
        for (const cookie of cookies) headers.append("set-cookie", cookie);
        return new Response("x", { headers });
      },
    });
    expect((await subject.fetch("/a")).headers.getSetCookie()).toEqual(cookies);
  });

  test("REST APIs write a content type where the origin has none", async () => {
    const origin = () => new Response(new Uint8Array([1]));
    for (const [protocol, type] of [
      ["REST", "application/json"],
      ["HTTP", null],
    ]) {
      const subject = await gateway(api({ "GET /a": proxyTo("https://o.test/") }, { protocol }), { origin });
      expect((await subject.fetch("/a")).headers.get("content-type")).toBe(type);
    }
  });
});

const FAILURES: readonly (readonly [string, string, number, string])[] = [
  ["Network connection lost.", "REST", 504, '{"message": "Network error communicating with endpoint"}'],
  ["Network connection lost.", "HTTP", 503, '{"message":"Service Unavailable"}'],
  ["internal error; reference = 8f2k", "REST", 500, '{"message": "Internal server error"}'],
  ["internal error; reference = 8f2k", "HTTP", 503, '{"message":"Service Unavailable"}'],
  ["DNS lookup failed; origin-7f3d.test", "REST", 500, '{"message": "Internal server error"}'],
  ["connection refused: origin-7f3d.test:443", "REST", 500, '{"message": "Internal server error"}'],
];

describe("an origin that fails", () => {
  test.each(FAILURES)(
    "%s: %s answers %i, and R-12 nothing of the origin",
    async (message, protocol, status, body) => {
      const subject = await gateway(api({ "GET /a": proxyTo(ORIGIN) }, { protocol }), {
        origin: () => Promise.reject(new Error(message)),
      });
      const response = await subject.fetch("/a");
      expect(response.status).toBe(status);
      expect(await response.text()).toBe(body);
      expect(JSON.stringify([...response.headers])).not.toMatch(/7f3d|canary|secret/);
    },
  );

  test.each([
    ["REST", undefined, 29_000, 504, '{"message": "Endpoint request timed out"}'],
    ["HTTP", undefined, 30_000, 503, '{"message":"Service Unavailable"}'],
    ["REST", 60_000, 60_000, 504, '{"message": "Endpoint request timed out"}'],
    ["HTTP", 50, 50, 503, '{"message":"Service Unavailable"}'],
  ])(
    "that stalls (%s, timeoutInMillis %s) is given up after %i ms with %i",
    async (protocol, timeoutInMillis, ms, status, body) => {
      const integration = proxyTo(ORIGIN, timeoutInMillis === undefined ? {} : { timeoutInMillis });
      let stall = false;
      const subject = await gateway(api({ "GET /a": integration }, { protocol }), {
        origin: () => (stall ? new Promise(() => undefined) : new Response()),
      });
      await subject.fetch("/a");
      stall = true;
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      let settled = false;
      const pending = subject.serve(buildRequest("/a"), createExecutionContext()).finally(() => {
        settled = true;
      });
      await vi.advanceTimersByTimeAsync(ms - 1);
      expect(settled).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      const response = await pending;
      expect(response.status).toBe(status);
      expect(await response.text()).toBe(body);
    },
  );

  test("with a URL that its stage's variables leave broken answers 500", async () => {
    const subject = await gateway(
      {
        ...api({ "GET /a": proxyTo("https://${stageVariables.host}/x") }, { protocol: "REST" }),
        "apis/default/stages/$default": {},
      },
      { showReasons: true },
    );
    const response = await subject.fetch("/a");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toMatch(/^integration\.uri: /);
  });
});

describe("R-15 a loop back to the gateway", () => {
  test.each([
    ["https://api.test/a", "api.test"],
    ["https://API.test/a", "api.test"],
    ["http://localhost:8787/x", "localhost:8787"],
  ])("by %s is refused at once", async (uri, host) => {
    const subject = await gateway(api({ "GET /a": proxyTo(uri) }), { showReasons: true });
    const response = await subject.fetch("/a", { host });
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toMatch(/^integration\.loop: /);
    expect(subject.sent).toEqual([]);
  });

  test.each(["", "-1", "-1e9", "-Infinity"])(
    "under another name ends after five gateways, whatever %j starts it",
    async (start) => {
      const subject = await gateway(api({ "GET /a": proxyTo("https://alias.test/a") }));
      let hops: string | null = start;
      let calls = 0;
      for (; calls < 100; calls++) {
        const headers: HeadersInit = hops === null ? {} : { "x-portico-hops": hops };
        const response = await subject.fetch("/a", { headers });
        if (response.status !== 200) break;
        hops = subject.lastSent.headers.get("x-portico-hops");
      }
      expect(calls).toBe(5);
    },
  );

  test.each(["5", "99", "NaN", "x", "Infinity", "0x10"])("header %j is refused", async (hops) => {
    const subject = await gateway(api({ "GET /a": proxyTo("https://alias.test/a") }));
    expect((await subject.fetch("/a", { headers: { "x-portico-hops": hops } })).status).toBe(500);
  });
});

test("R-06 a header that a mapping may set never comes from the client, also when it sets nothing", async () => {
  const requestParameters = { "integration.request.header.x-user-id": "method.request.header.x-absent" };
  const subject = await gateway(api({ "GET /a": proxyTo("https://o.test/", { requestParameters }) }));
  await subject.fetch("/a", { headers: { "x-user-id": "admin" } });
  expect(subject.lastSent.headers.has("x-user-id")).toBe(false);
});
