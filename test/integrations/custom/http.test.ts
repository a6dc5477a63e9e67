import { describe, expect, test } from "vitest";
import { api, type GatewayOptions, gateway } from "../../support/gateway.ts";

const REST = { protocol: "REST" };

const JSON_TYPE = { "content-type": "application/json" };

const http = (more: object = {}) => ({
  type: "http",
  uri: "https://o.test/x/{id}",
  responses: { default: { statusCode: 200 } },
  ...more,
});

async function through(
  integration: object,
  target: string,
  init: RequestInit = {},
  options: GatewayOptions = {},
) {
  const subject = await gateway(api({ "ANY /a/{id}": integration }, REST), { showReasons: true, ...options });
  const response = await subject.fetch(target, init);
  return { response, subject };
}

const bodyOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe("what a custom integration sends", () => {
  test("is made by its template, parameters and overrides, in this order", async () => {
    const { subject } = await through(
      http({
        httpMethod: "POST",
        requestParameters: {
          "integration.request.header.x-a": "'mapped'",
          "integration.request.header.x-b": "method.request.header.x-b",
          "integration.request.querystring.q": "method.request.querystring.q",
          "integration.request.path.id": "method.request.path.id",
        },
        requestTemplates: {
          "application/json":
            '#set($context.requestOverride.header.x-a = "overridden")#set($context.requestOverride.querystring["extra"] = "a b")#set($context.requestOverride.path.id = "9")[$input.json("$")]',
        },
      }),
      "/a/7?q=1&unmapped=2",
      {
        method: "POST",
        body: '{"n": 1}',
        headers: { "x-b": "b", "x-c": "c", "content-type": "application/json; charset=utf-8" },
      },
    );
    const { url, headers, body } = subject.lastSent;
    expect(url).toBe("https://o.test/x/9?q=1&extra=a+b");
    expect([headers.get("x-a"), headers.get("x-b"), headers.get("x-c")]).toEqual(["overridden", "b", null]);
    expect(bodyOf(body)).toBe('[{"n":1}]');
  });

  test("a path's text is encoded once, wherever a mapping puts it", async () => {
    const { subject } = await through(
      http({
        requestParameters: {
          "integration.request.path.id": "method.request.path.id",
          "integration.request.querystring.id": "method.request.path.id",
        },
      }),
      "/a/b%20c%26d",
    );
    expect(subject.lastSent.url).toBe("https://o.test/x/b%20c%26d?id=b+c%26d");
  });

  test("a template is chosen by content type, and may be made for a request without a body", async () => {
    const integration = http({
      httpMethod: "POST",
      requestTemplates: { "text/xml": "<x/>", $default: "other: $input.params('id')" },
    });
    const sent = async (init: RequestInit) =>
      bodyOf((await through(integration, "/a/7", init)).subject.lastSent.body);
    expect(await sent({ method: "POST", body: "y", headers: { "content-type": "TEXT/XML;x=1" } })).toBe(
      "<x/>",
    );
    expect(await sent({ method: "GET" })).toBe("other: 7");
  });

  test("a body that no template takes passes as it is", async () => {
    const bytes = new Uint8Array([0, 255, 128, 10]);
    const { subject } = await through(http(), "/a/7", { method: "POST", body: bytes });
    expect(subject.lastSent.body).toEqual(bytes);
  });

  test.each([
    ["never", {}, 415],
    ["when_no_templates", { "text/xml": "x" }, 415],
    ["when_no_templates", {}, 200],
    ["when_no_match", { "text/xml": "x" }, 200],
  ])("unless passthroughBehavior is %s (%j): %i", async (passthroughBehavior, requestTemplates, status) => {
    const { response } = await through(http({ passthroughBehavior, requestTemplates }), "/a/7", {
      method: "POST",
      body: "y",
      headers: { "content-type": "text/csv" },
    });
    expect(response.status).toBe(status);
    if (status === 415) expect(await response.json()).toEqual({ message: "Unsupported Media Type" });
  });

  test("R-02 a template's path parameter cannot leave its segment", async () => {
    const { response, subject } = await through(
      http({
        requestTemplates: {
          "application/json": '#set($context.requestOverride.path.id = $input.path("$.id"))',
        },
      }),
      "/a/7",
      { method: "POST", body: '{"id":"../admin"}', headers: JSON_TYPE },
    );
    expect([response.status, subject.sent]).toEqual([400, []]);
  });

  test("R-05 a template's header value cannot start another header", async () => {
    const { response, subject } = await through(
      http({
        requestTemplates: {
          "application/json": '#set($context.requestOverride.header.x-a = $input.path("$.a"))',
        },
      }),
      "/a/7",
      { method: "POST", body: '{"a":"1\\r\\nx-evil: 2"}', headers: JSON_TYPE },
    );
    expect([response.status, subject.sent]).toEqual([400, []]);
  });

  test("R-06 a template sees the gateway's word on who is calling", async () => {
    const { subject } = await through(
      http({
        httpMethod: "POST",
        requestTemplates: { $default: "$input.params('X-Forwarded-For') $input.params('x-real-ip')" },
      }),
      "/a/7",
      { method: "POST", headers: { "x-forwarded-for": "6.6.6.6", "x-real-ip": "6.6.6.6" } },
    );
    expect(bodyOf(subject.lastSent.body)).toBe("203.0.113.7 ");
  });

  test("R-22 a template that loops is stopped: 500, and the next request is served", async () => {
    const loop = "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end";
    const { response, subject } = await through(http({ requestTemplates: { "text/x": loop } }), "/a/7", {
      method: "POST",
      body: "y",
      headers: { "content-type": "text/x" },
    });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: "Internal server error" });
    expect(response.headers.get("x-portico-reason")).toMatch(/^mapping\.template: .*line 1/);
    expect((await subject.fetch("/a/7")).status).toBe(200);
  });
});

describe("what a custom integration answers", () => {
  const origin = () =>
    new Response('{"pets":[{"name":"Rex"},{"name":"Tom"}]}', {
      status: 200,
      headers: { "content-type": "application/json", "x-origin": "o", etag: '"v1"' },
    });

  test("is made by the template that the client accepts", async () => {
    const responses = {
      default: {
        statusCode: 200,
        responseTemplates: {
          "application/json":
            '[#foreach($p in $input.path("$.pets"))"$p.name"#if($foreach.hasNext),#end#end]',
          "text/plain": '$input.path("$.pets").size() pets',
          "text/raw": "",
        },
      },
    };
    const text = async (accept: string) =>
      (await through(http({ responses }), "/a/7", { headers: { accept } }, { origin })).response.text();
    expect(await text("application/json")).toBe('["Rex","Tom"]');
    expect(await text("text/plain;q=0.9, application/json")).toBe("2 pets");
    expect(await text("text/raw")).toBe('{"pets":[{"name":"Rex"},{"name":"Tom"}]}');
    expect(await text("image/png")).toBe('["Rex","Tom"]');
  });

  test("has the headers that are mapped, and no others of the origin's", async () => {
    const responses = {
      default: {
        statusCode: 200,
        responseParameters: {
          "method.response.header.ETag": "integration.response.header.ETag",
          "method.response.header.X-First": "integration.response.body.pets[0].name",
          "method.response.header.X-None": "integration.response.header.none",
        },
      },
    };
    const { response } = await through(http({ responses }), "/a/7", {}, { origin });
    const { headers } = response;
    expect([
      headers.get("etag"),
      headers.get("x-first"),
      headers.has("x-none"),
      headers.has("x-origin"),
    ]).toEqual(['"v1"', "Rex", false, false]);
    expect(await response.json()).toEqual({ pets: [{ name: "Rex" }, { name: "Tom" }] });
  });

  test("R-05 a header value out of a body cannot start another header", async () => {
    const responses = {
      default: {
        statusCode: 200,
        responseParameters: { "method.response.header.X-A": "integration.response.body.a" },
      },
    };
    const { response } = await through(
      http({ responses }),
      "/a/7",
      {},
      { origin: () => Response.json({ a: "1\r\nx-evil: 2" }) },
    );
    expect([response.status, response.headers.has("x-evil")]).toEqual([500, false]);
  });

  test("a backend that breaks off its body is 504, where the body had to be read", async () => {
    const responses = {
      default: { statusCode: 200, responseTemplates: { "application/json": "$input.body" } },
    };
    const { response } = await through(
      http({ responses }),
      "/a/7",
      {},
      {
        origin: () =>
          new Response(
            new ReadableStream({
              start(controller) {
                controller.enqueue(new TextEncoder().encode("{"));
                controller.error(new Error("reset"));
              },
            }),
          ),
      },
    );
    expect(response.status).toBe(504);
    expect(response.headers.get("x-portico-reason")).toMatch(/^integration\.network/);
  });

  test("a backend that answers the wrong type has nothing at any path", async () => {
    const responses = {
      default: {
        statusCode: 200,
        responseTemplates: {
          "application/json": '{"name": $input.json("$.name"), "raw": "$input.path("$.name")"}',
        },
      },
    };
    const { response } = await through(
      http({ responses }),
      "/a/7",
      {},
      { origin: () => new Response("<html>", { headers: { "content-type": "text/html" } }) },
    );
    expect(await response.text()).toBe('{"name": "", "raw": ""}');
  });
});
