import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { answerWith, api, buildRequest, callFunction, gateway, proxyTo } from "./support/gateway.ts";

const A = { "GET /a": answerWith("a") };

describe("limits", () => {
  test.each([
    ["HTTP", `/${"a".repeat(8191)}`, 404],
    ["HTTP", `/${"a".repeat(8192)}`, 414],
    ["HTTP", `/a?${"q".repeat(8200)}`, 414],
    ["REST", `/${"a".repeat(8192)}`, 414],
    ["HTTP", `/${"%41".repeat(20_000)}`, 414],
  ])("a URL of an %s API: %.20s... is %i", async (protocol, target, status) => {
    const response = await (await gateway(api(A, { protocol }))).fetch(target);
    expect(response.status).toBe(status);
    if (status === 414) expect(await response.json()).toEqual({ message: "Request URI too long" });
  });

  test("headers: many, long, and one byte short of too many", async () => {
    const subject = await gateway(api(A));
    const host = "host".length + "api.test".length;
    const fetch = (headers: HeadersInit) => subject.fetch("/a", { headers });
    expect((await fetch({ x: "v".repeat(10_240 - host - 1) })).status).toBe(200);
    expect((await fetch({ x: "v".repeat(10_240 - host) })).status).toBe(431);
    const many = Array.from({ length: 1000 }, (_, i): [string, string] => [`x-${i}`, "0123456789"]);
    const response = await fetch(many);
    expect(response.status).toBe(431);
    expect(await response.json()).toEqual({ message: "Request Header Fields Too Large" });
  });

  test("of its own, an API sets", async () => {
    const subject = await gateway(api(A, { limits: { urlBytes: 10, headerBytes: 20 } }));
    expect((await subject.fetch("/a")).status).toBe(200);
    expect((await subject.fetch("/a?1234567890")).status).toBe(414);
    expect((await subject.fetch("/a", { headers: { x: "v".repeat(20) } })).status).toBe(431);
  });
});

describe("what is not there", () => {
  test.each([
    ["HTTP", "/none", "GET", 404, '{"message":"Not Found"}'],
    ["HTTP", "/a", "POST", 404, '{"message":"Not Found"}'],
    ["REST", "/none", "GET", 403, '{"message":"Missing Authentication Token"}'],
    ["REST", "/a", "DELETE", 403, '{"message":"Missing Authentication Token"}'],
  ])("%s %s %s", async (protocol, target, method, status, body) => {
    const response = await (await gateway(api(A, { protocol }))).fetch(target, { method });
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test("a stage", async () => {
    for (const [protocol, status, body] of [
      ["HTTP", 404, '{"message":"Not Found"}'],
      ["REST", 403, '{"message":"Forbidden"}'],
    ] as const) {
      const subject = await gateway({ ...api(A, { protocol }), "apis/default/stages/prod": {} });
      const response = await subject.fetch("/a");
      expect([response.status, await response.text()]).toEqual([status, body]);
      expect((await subject.fetch("/prod/a")).status).toBe(200);
    }
  });

  test("any API", async () => {
    expect((await (await gateway({})).fetch("/a")).status).toBe(404);
  });

  test("a domain's mapping to an API that is gone", async () => {
    const subject = await gateway({ ...api(A), "domains/d.test": { mappings: [{ api: "gone" }] } });
    expect((await subject.fetch("/a", { host: "d.test" })).status).toBe(404);
  });

  test("a wildcard domain's entry serves its hosts, a specific one before it", async () => {
    const subject = await gateway({
      ...api(A),
      ...api({ "GET /a": answerWith("shop") }, undefined, "shop"),
      "domains/*.d.test": { mappings: [{ api: "default" }] },
      "domains/shop.d.test": { mappings: [{ api: "shop" }] },
    });
    const text = async (host: string) => (await subject.fetch("/a", { host })).text();
    expect(await text("x.d.test")).toBe("a");
    expect(await text("shop.d.test")).toBe("shop");
    expect((await subject.fetch("/a", { host: "x.y.d.test" })).status).toBe(200);
  });
});

describe("X-HTTP-Method-Override with a method that no route can have (REST)", () => {
  test.each(["FOO", "TRACE", "CONNECT", "TRACK", "ANY"])("%s leaves the client's own", async (method) => {
    const routes = { $default: callFunction("fn"), "ANY /x": callFunction("fn") };
    const subject = await gateway(api(routes, { protocol: "REST" }), {
      functions: { fn: { default: { fetch: (request: Request) => new Response(request.method) } } },
    });
    for (const path of ["/a", "/x"]) {
      const headers = { "x-http-method-override": method };
      const response = await subject.fetch(path, { method: "POST", body: "x", headers });
      expect([response.status, await response.text()]).toEqual([200, "POST"]);
    }
  });

  test("R-13 ANY gets past no policy that denies every method by its name", async () => {
    const all = {
      Effect: "Allow",
      Principal: "*",
      Action: "execute-api:Invoke",
      Resource: "execute-api:/*",
    };
    const methods = ["GET", "POST"].map((method) => `execute-api:/*/${method}/x`);
    const policy = { Version: "2012-10-17", Statement: [all, { ...all, Effect: "Deny", Resource: methods }] };
    const subject = await gateway(api({ "ANY /x": answerWith("in") }, { protocol: "REST", policy }));
    for (const headers of [{}, { "x-http-method-override": "ANY" }]) {
      expect((await subject.fetch("/x", { headers })).status).toBe(403);
    }
  });
});

describe("ids", () => {
  test("of an HTTP API, on answers and on errors", async () => {
    const subject = await gateway(api(A));
    for (const target of ["/a", "/none", "/a\\"]) {
      const { headers } = await subject.fetch(target);
      expect(headers.get("apigw-requestid")).toMatch(/^[\w-]{15}=$/);
      expect(headers.get("x-amzn-requestid")).toBeNull();
      expect(headers.get("x-amzn-errortype")).toBeNull();
    }
  });

  test("of a REST API, on answers and on errors", async () => {
    const subject = await gateway(api(A, { protocol: "REST" }));
    for (const target of ["/a", "/none"]) {
      const { headers } = await subject.fetch(target);
      expect(headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(headers.get("x-amz-apigw-id")).toMatch(/^[\w-]{15}=$/);
      expect(headers.get("x-amzn-trace-id")).toBeNull();
    }
  });
});

describe("x-portico-reason", () => {
  test.each([
    ["/none", "route.none: no route matches GET /none"],
    ["/a\\b", "request.path: the path has a backslash"],
    ["/a%2Fb", "request.path: the path has an encoded slash, backslash or semicolon"],
  ])("tells a developer why %s is refused, and nobody else", async (target, reason) => {
    const shown = await (await gateway(api(A), { showReasons: true })).fetch(target);
    expect(shown.headers.get("x-portico-reason")).toBe(reason);
    const hidden = await (await gateway(api(A))).fetch(target);
    expect(hidden.headers.get("x-portico-reason")).toBeNull();
  });

  test("holds no character that a header cannot, and no endless text", async () => {
    const subject = await gateway(api(A), { showReasons: true });
    const reason = (await subject.fetch(`/${"é".repeat(1000)}`)).headers.get("x-portico-reason");
    expect(reason).toMatch(/^[\x20-\x7e]{1,600}$/);
  });
});

describe("R-12 secrets", () => {
  const CANARY = "canary-51f0";

  test("in bindings, an origin's URL and errors reach no client", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const throwing = async () => {
      throw new Error(CANARY);
    };
    const routes = {
      "ANY /origin": proxyTo(`https://${CANARY}.test/${CANARY}?key=${CANARY}`),
      "ANY /userinfo": proxyTo(`https://user:${CANARY}@o.test/`),
      "ANY /broken": { type: "http_proxy", uri: CANARY },
      "ANY /threw": callFunction("threw"),
      "ANY /load": callFunction("load"),
      "ANY /garbage": callFunction("garbage"),
      "ANY /missing": callFunction(CANARY),
      "ANY /mock": { type: "mock", requestTemplates: { "application/json": `{"x": "${CANARY}"}` } },
    };
    for (const protocol of ["HTTP", "REST"]) {
      const subject = await gateway(api(routes, { protocol }), {
        functionEnv: { SECRET: CANARY },
        origin: () => Promise.reject(new Error(`connect to ${CANARY}.test failed`)),
        loadFunction: async (name) => {
          if (name === "load") throw new Error(CANARY);
          if (name === "threw") return { handler: throwing };
          if (name === "garbage") return { handler: async () => ({ statusCode: CANARY }) };
          throw new Error(`Module not found in bundle: ../routes/${name}.ts`);
        },
      });
      for (const key of Object.keys(routes)) {
        const response = await subject.fetch(key.slice(4));
        expect(response.status, key).toBeGreaterThanOrEqual(500);
        expect(`${JSON.stringify([...response.headers])}${await response.text()}`, key).not.toContain(CANARY);
      }
    }
    vi.restoreAllMocks();
  });
});

describe("R-31 two requests at once", () => {
  const gate = () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  };

  test.each(["http_proxy", "http", "aws_proxy", "fetch module"])("do not mix in %s", async (kind) => {
    const first = gate();
    const handlers = {
      lambda: {
        handler: async (event: { queryStringParameters: { who: string } }) => {
          const { who } = event.queryStringParameters;
          if (who === "1") await first.opened;
          return { statusCode: 200, headers: { who }, cookies: [`who=${who}`], body: who };
        },
      },
      fetch: {
        default: {
          async fetch(request: Request) {
            const who = new URL(request.url).searchParams.get("who") ?? "";
            if (who === "1") await first.opened;
            return new Response(who + (await request.text()), {
              headers: { who, "set-cookie": `who=${who}` },
            });
          },
        },
      },
    };
    const mapping = {
      requestParameters: { "integration.request.querystring.who": "method.request.querystring.who" },
    };
    const uri = "https://o.test/{p}";
    const integration = {
      http_proxy: proxyTo(uri),
      http: { type: "http", uri, ...mapping, responses: { default: { statusCode: 200 } } },
      aws_proxy: callFunction("lambda"),
      "fetch module": callFunction("fetch"),
    }[kind];
    const subject = await gateway(api({ "POST /a/{p}": integration }), {
      functions: handlers,
      origin: async (request) => {
        const url = new URL(request.url);
        const who = url.searchParams.get("who") ?? "";
        if (who === "1") await first.opened;
        return new Response(`${who}${url.pathname}`, { headers: { who, "set-cookie": `who=${who}` } });
      },
    });
    const contexts = [createExecutionContext(), createExecutionContext()];
    const ask = (who: number) =>
      subject.serve(
        buildRequest(`/a/p${who}?who=${who}`, {
          method: "POST",
          body: `-b${who}`,
          headers: { who: `${who}` },
        }),
        contexts[who - 1] ?? createExecutionContext(),
      );
    const one = ask(1);
    const two = await ask(2);
    const twoText = await two.text();
    first.open();
    const oneText = await (await one).text();
    expect(oneText.replaceAll("1", "2")).toBe(twoText);
    expect(oneText).toContain("1");
    if (kind !== "http") {
      expect((await one).headers.get("who")).toBe("1");
      expect((await one).headers.getSetCookie()).toEqual(["who=1"]);
    }
    expect((await one).headers.get("apigw-requestid")).not.toBe(two.headers.get("apigw-requestid"));
    await Promise.all(contexts.map((ctx) => waitOnExecutionContext(ctx)));
  });
});
