import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { api, callFunction, echoFunction, gateway, proxyTo } from "../support/gateway.ts";

const O = "https://origin.test";

describe("R-18 a cache by the origin's word in front of a mapping gives nobody another's response", () => {
  const other = async (
    integration: unknown,
    headers: (t: string) => Record<string, string>,
    vary?: string,
  ) => {
    const subject = await gateway(
      { "apis/default/routes/GET /c": { cache: { mode: "http" }, integration } },
      {
        origin: (r) =>
          new Response(`${r.url} ${r.headers.get("x-variant")} ${r.headers.get("x-forwarded-for")}`, {
            headers: { "cache-control": "max-age=60", ...(vary && { vary }) },
          }),
      },
    );
    await (await subject.fetch("/c", { headers: headers("alice"), peer: "203.0.113.7:1" })).text();
    const r = await subject.fetch("/c", { headers: headers("bob"), peer: "203.0.113.8:1" });
    return `${r.headers.get("cache-status")} ${await r.text()}`;
  };
  const tenant = (t: string) => ({ "x-tenant": t });
  test("HTTP: a header becomes a query parameter", async () => {
    expect(
      await other(
        proxyTo(`${O}/c`, {
          requestParameters: { "overwrite:querystring.tenant": "$request.header.x-tenant" },
        }),
        tenant,
      ),
    ).not.toContain("alice");
  });
  test("REST: a header becomes a path parameter", async () => {
    expect(
      await other(
        proxyTo(`${O}/{t}`, {
          requestParameters: { "integration.request.path.t": "method.request.header.x-tenant" },
        }),
        tenant,
      ),
    ).not.toContain("alice");
  });
  test("Vary names a header that a mapping sets", async () => {
    expect(
      await other(
        proxyTo(`${O}/c`, {
          requestParameters: { "overwrite:header.x-variant": "$request.header.x-tenant" },
        }),
        tenant,
        "x-variant",
      ),
    ).not.toContain("alice");
  });
  test("Vary names a header that the gateway sets (no mapping)", async () => {
    expect(await other(proxyTo(`${O}/c`), () => ({}), "x-forwarded-for")).not.toContain("203.0.113.7");
  });
  test("a custom integration loses the origin's Vary", async () => {
    expect(
      await other(
        {
          type: "http",
          uri: `${O}/c`,
          requestParameters: { "integration.request.header.x-variant": "method.request.header.x-variant" },
          responses: {
            default: {
              statusCode: 200,
              responseParameters: {
                "method.response.header.cache-control": "integration.response.header.cache-control",
              },
            },
          },
        },
        (t) => ({ "x-variant": t }),
        "x-variant",
      ),
    ).not.toContain("alice");
  });
  test("a template reads a header", async () => {
    expect(
      await other(
        {
          type: "mock",
          requestTemplates: { "application/json": '{"statusCode":200}' },
          responses: {
            default: {
              statusCode: 200,
              responseParameters: { "method.response.header.cache-control": "'max-age=60'" },
              responseTemplates: { "application/json": "$input.params('x-tenant')" },
            },
          },
        },
        tenant,
      ),
    ).not.toContain("alice");
  });
});
describe("R-02 no value leaves its segment of a path that a mapping makes", () => {
  test.each(["%252e%252e", "..%252fadmin", "a%255cb", "a%253bb"])("%s stays where it is", async (id) => {
    const subject = await gateway(
      api({
        "GET /v/{id}": proxyTo(`${O}/x`, {
          requestParameters: { "overwrite:path": "/users/${request.path.id}/profile" },
        }),
      }),
    );
    const r = await subject.fetch(`/v/${id}`);
    if (r.status === 400) return;
    expect(new URL(subject.lastSent.url).pathname).toMatch(/^\/users\/[^/]+\/profile$/);
    expect(subject.lastSent.url).not.toMatch(/%2e|%2f|%5c|%3b/i);
  });
  test("a Workers module gets another path", async () => {
    const urls: string[] = [];
    const fetch = async (request: Request) => {
      urls.push(request.url);
      return new Response("");
    };
    const m = { default: { fetch } };
    const subject = await gateway(
      api({
        "GET /v/{id}": callFunction("m", {
          requestParameters: { "overwrite:path": "/users/${request.path.id}/profile" },
        }),
      }),
      { functions: { m } },
    );
    await subject.fetch("/v/%252e%252e");
    expect(urls).not.toContain("https://api.test/profile");
  });
});
test("R-06 where a path mapping finds nothing, the client does not choose", async () => {
  const subject = await gateway(
    api({
      "GET /t/{tenant}/docs": proxyTo(`${O}/tenants/{tenant}/docs`, {
        requestParameters: { "integration.request.path.tenant": "context.authorizer.tenant" },
      }),
    }),
  );
  await subject.fetch("/t/victim/docs");
  expect(subject.sent.map(({ url }) => url)).not.toContain(`${O}/tenants/victim/docs`);
});
describe("R-03 a client's Connection does not take a mapped header off", () => {
  test("of a function's event", async () => {
    const f = echoFunction();
    const subject = await gateway(
      api({
        "GET /u": callFunction("f", {
          payloadFormatVersion: "2.0",
          requestParameters: { "overwrite:header.x-user": "alice" },
        }),
      }),
      { functions: { f: f.module } },
    );
    await subject.fetch("/u", { headers: { connection: "x-user" } });
    expect(f.events[0]).toMatchObject({ headers: { "x-user": "alice" } });
  });
});
test.each(["x-real-ip", "true-client-ip", "cf-connecting-ip", "x-forwarded-port"])(
  "R-06 append:header.%s does not let the client's claim through",
  async (name) => {
    const subject = await gateway(
      api({
        "GET /u": proxyTo(`${O}/x`, {
          requestParameters: { [`append:header.${name}`]: "$context.identity.sourceIp" },
        }),
      }),
    );
    await subject.fetch("/u", { headers: { [name]: "6.6.6.6" } });
    expect(subject.lastSent.headers.get(name)).toBe("203.0.113.7");
  },
);
test.each(["application/vnd.pet+json, x", "application/vnd.pet+json,"])(
  "R-20 the content type %j is validated as what it is mapped as",
  async (type) => {
    const subject = await gateway({
      "apis/default/models/M": { schema: { type: "object", required: ["name"] } },
      "apis/default/routes/POST /v": {
        requestValidator: { validateRequestBody: true },
        requestModels: { "application/vnd.pet+json": "M" },
        integration: {
          type: "http",
          uri: `${O}/x`,
          passthroughBehavior: "never",
          requestTemplates: { "application/vnd.pet+json": "$input.json('$')" },
          responses: { default: { statusCode: 200 } },
        },
      },
    });
    await subject.fetch("/v", { method: "POST", body: '{"evil":1}', headers: { "content-type": type } });
    expect(subject.sent).toEqual([]);
  },
);
test("R-06 a list's prefix that finds nothing does not list everything", async () => {
  await env.PROFILES.put("t1/a", "1");
  const subject = await gateway(
    api({
      "GET /l": {
        type: "kv",
        binding: "PROFILES",
        operation: "list",
        parameters: { prefix: "$context.authorizer.tenant" },
      },
    }),
    { functionEnv: { PROFILES: env.PROFILES } },
  );
  expect(await (await subject.fetch("/l")).text()).not.toContain("t1/a");
});
test.each(["overwrite:header.x-tenant", "integration.request.header.x-tenant"])(
  "%s reads a gzip body decompressed",
  async (target) => {
    const subject = await gateway(
      api(
        {
          "POST /h": proxyTo(`${O}/x`, {
            requestParameters: {
              [target]: target.startsWith("o") ? "$request.body.tenant" : "method.request.body.tenant",
            },
          }),
        },
        { minimumCompressionSize: 0 },
      ),
    );
    const body = await new Response(
      new Blob(['{"tenant":"a"}']).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer();
    await subject.fetch("/h", { method: "POST", body, headers: { "content-encoding": "gzip" } });
    expect(subject.lastSent.headers.get("x-tenant")).toBe("a");
  },
);
describe("what a client sends is no bug of the gateway", () => {
  const reasonOf = async (integration: unknown, body: string) => {
    const subject = await gateway(api({ "POST /x": integration }), { showReasons: true });
    const r = await subject.fetch("/x", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    return r.headers.get("x-portico-reason") ?? "";
  };
  const lone = '{"id":"\\ud800"}';
  const rest = (source: string) =>
    proxyTo(`${O}/{id}`, { requestParameters: { "integration.request.path.id": source } });
  const custom = (template: string) => ({
    type: "http",
    uri: `${O}/{id}`,
    requestTemplates: { "application/json": template },
    responses: { default: { statusCode: 200 } },
  });
  test.each([
    ["lone surrogate, REST path", rest("method.request.body.id"), lone],
    [
      "lone surrogate, overwrite:path",
      proxyTo(O, { requestParameters: { "overwrite:path": "/u/${request.body.id}" } }),
      lone,
    ],
    [
      "lone surrogate, requestOverride.path",
      custom("#set($context.requestOverride.path.id = $input.path('$.id'))x"),
      lone,
    ],
    [
      "header name, responseOverride",
      custom("#set($context.responseOverride.header[$input.path('$.id')] = 'x')x"),
      '{"id":"a b"}',
    ],
  ])("%s", async (_, integration, body) =>
    expect(await reasonOf(integration, body)).not.toContain("gateway.bug"),
  );
});
test("R-06 overwrite:querystring knows the spellings that REST's mapping knows", async () => {
  const subject = await gateway(
    api({ "GET /h": proxyTo(`${O}/x`, { requestParameters: { "overwrite:querystring.user": "alice" } }) }),
  );
  await subject.fetch("/h?user[]=admin&%20user=root");
  expect(subject.lastSent.url).toBe(`${O}/x?user=alice`);
});
test("a mapping that reads the response's body keeps to the route's timeout", async () => {
  const origin = () => {
    let n = 0;
    return new Response(
      new ReadableStream({
        async pull(c) {
          await new Promise((r) => setTimeout(r, 100));
          c.enqueue(new Uint8Array(1));
          if (++n > 20) c.close();
        },
      }),
    );
  };
  const subject = await gateway(
    api({
      "GET /h": proxyTo(O, {
        timeoutInMillis: 100,
        responseParameters: { "200": { "overwrite:header.x": "$response.body.a" } },
      }),
    }),
    { origin },
  );
  expect((await subject.fetch("/h")).status).not.toBe(200);
});
test("what would fail at every request is refused when it is loaded", async () => {
  const bad: Record<string, unknown> = {
    "GET /a": proxyTo(O, { requestParameters: { "integration.request.header.x-a": "'a\r\nb'" } }),
    "GET /b": proxyTo(O, { requestParameters: { "overwrite:header.x-a": "a\nb" } }),
    "GET /c": proxyTo(O, { responseParameters: { "200": { "overwrite:statuscode": "99" } } }),
    "GET /d": proxyTo(O, { requestParameters: { "overwrite:path": "/a/../b" } }),
    "GET /e": {
      type: "mock",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
      responses: { default: { statusCode: 700 } },
    },
    "GET /g": proxyTo(O, { responseParameters: { "200": { "overwrite:header.x": "a\nb" } } }),
    "GET /h": proxyTo(O, { httpMethod: "FOO" }),
  };
  const subject = await gateway(api(bad), { showReasons: true });
  const accepted: string[] = [];
  for (const key of Object.keys(bad)) {
    const reason = (await subject.fetch(key.slice(4))).headers.get("x-portico-reason") ?? "";
    if (!reason.startsWith("config.")) accepted.push(`${key}: ${reason.slice(0, 40)}`);
  }
  expect(accepted).toEqual([]);
});
