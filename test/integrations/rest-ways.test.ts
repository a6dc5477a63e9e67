import { describe, expect, test } from "vitest";
import { api, echoFunction, type GatewayOptions, gateway, type RequestOptions } from "../support/gateway.ts";

const http = (more: object = {}) => ({
  type: "http",
  uri: "https://o.test/x",
  responses: { default: { statusCode: 200 } },
  ...more,
});
const proxy = (more: object = {}) => ({ type: "http_proxy", uri: "https://o.test/x", ...more });

async function ask(
  integration: object,
  init: RequestOptions = {},
  settings: object = {},
  options: GatewayOptions = {},
) {
  const entries = api({ "ANY /a": integration }, { protocol: "REST", ...settings });
  const subject = await gateway(entries, { showReasons: true, ...options });
  const response = await subject.fetch("/a?q=1&q=2", init);
  const reason = response.headers.get("x-portico-reason")?.split(":")[0];
  return { status: response.status, text: await response.text(), reason, headers: response.headers, subject };
}

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe("a header that REST APIs drop", () => {
  test.each(["Content-MD5", "Max-Forwards", "Server", "WWW-Authenticate", "Content-Length"])(
    "is seen by no mapping: %s",
    async (name) => {
      const requestParameters = {
        "integration.request.header.one": `method.request.header.${name}`,
        "integration.request.header.all": `method.request.multivalueheader.${name}`,
        "integration.request.header.kept": "method.request.header.X-Kept",
      };
      const init = { method: "POST", body: "{}", headers: { [name]: "2", "x-kept": "k" } };
      const { headers } = (await ask(http({ requestParameters }), init)).subject.lastSent;
      expect([headers.get("one"), headers.get("all"), headers.get("kept")]).toEqual([null, null, "k"]);
    },
  );
});

describe("a compressed request's body", () => {
  const sent = async (text = '{"a":1}') => ({
    method: "POST",
    body: await gzip(text),
    headers: { "content-encoding": "gzip", "content-type": "application/json" },
  });
  const plain = (body: Uint8Array | undefined) => new TextDecoder().decode(body);

  test("is decompressed for templates, functions and validation, without a setting", async () => {
    const templated = await ask(
      http({ httpMethod: "POST", requestTemplates: { "application/json": "$input.json('$.a')" } }),
      await sent(),
    );
    expect(plain(templated.subject.lastSent.body)).toBe("1");
    const echo = echoFunction();
    await ask({ type: "aws_proxy", uri: "echo" }, await sent(), {}, { functions: { echo: echo.module } });
    expect(echo.events[0]?.["body"]).toBe('{"a":1}');
  });

  test("passes an http_proxy as it is, and says so", async () => {
    const init = await sent();
    const { headers, body } = (await ask(proxy(), init)).subject.lastSent;
    expect([headers.get("content-encoding"), body]).toEqual(["gzip", init.body]);
  });

  test("strict: it is decompressed for every backend, as API Gateway does", async () => {
    const { headers, body } = (await ask(proxy(), await sent(), { strict: true })).subject.lastSent;
    expect([headers.get("content-encoding"), plain(body)]).toEqual([null, '{"a":1}']);
  });

  test("says nothing of the bytes that it was, once it is decompressed", async () => {
    const init = await sent('{"id":7}');
    const headers = {
      ...init.headers,
      "content-digest": "sha-256=:x:",
      "content-md5": "x",
      "x-amz-checksum-sha256": "x",
    };
    const requestParameters = { "append:header.x-id": "$request.body.id" };
    const answer = await ask(proxy({ requestParameters }), { ...init, headers }, { protocol: "HTTP" });
    const got = answer.subject.lastSent.headers;
    expect([
      got.get("x-id"),
      got.get("content-encoding"),
      got.get("content-digest"),
      got.get("content-md5"),
      got.get("x-amz-checksum-sha256"),
    ]).toEqual(["7", null, null, null, null]);
  });

  test("is read where a response's mapping asks for it", async () => {
    const responseParameters = { "200": { "overwrite:header.x-id": "$request.body.id" } };
    const { headers } = await ask(proxy({ responseParameters }), await sent('{"id":7}'), {
      protocol: "HTTP",
    });
    expect(headers.get("x-id")).toBe("7");
  });

  test("in a coding that nobody knows is no matter to a mock that never looks at it", async () => {
    const headers = { "content-encoding": "br", "content-type": "application/json" };
    const init = { method: "POST", body: "x", headers };
    const mock = (template: string) => ({
      type: "mock",
      requestTemplates: { "application/json": template },
      responses: { default: { statusCode: 200 } },
    });
    expect((await ask(mock('{"statusCode": 200}'), init)).status).toBe(200);
    expect((await ask(mock("$input.body"), init)).status).toBe(415);
  });

  test("that REST APIs do not send with OPTIONS leaves no word of its coding", async () => {
    const { headers, body } = (await ask(proxy({ httpMethod: "OPTIONS" }), await sent())).subject.lastSent;
    expect([headers.get("content-encoding"), body]).toEqual([null, undefined]);
  });

  test("that is not in its coding is 415", async () => {
    const init = { ...(await sent()), body: "{}" };
    const answer = await ask(http(), init);
    expect([answer.status, answer.reason]).toEqual([415, "request.content_coding"]);
  });
});

describe("a query parameter and a header that a mapping sets on http_proxy", () => {
  const requestParameters = {
    "integration.request.querystring.q": "'m'",
    "integration.request.header.x-none": "method.request.header.none",
  };
  const init = { headers: { "x-none": "client" } };

  test("R-06 are the gateway's alone", async () => {
    const { url, headers } = (await ask(proxy({ requestParameters }), init)).subject.lastSent;
    expect([url, headers.get("x-none")]).toEqual(["https://o.test/x?q=m", null]);
  });

  test("strict: the parameter stands beside the client's, on REST APIs; a header never does (R-06)", async () => {
    const strict = await ask(proxy({ requestParameters }), init, { strict: true });
    const { url, headers } = strict.subject.lastSent;
    expect([url, headers.get("x-none")]).toEqual(["https://o.test/x?q=1&q=2&q=m", null]);
    const http = await ask(proxy({ requestParameters }), init, { strict: true, protocol: "HTTP" });
    expect(http.subject.lastSent.url).toBe("https://o.test/x?q=m");
  });
});

describe("what a template may not override", () => {
  const overriding = (name: string) =>
    http({
      requestTemplates: { $default: `#set($context.requestOverride.header["${name}"] = "v")x` },
      httpMethod: "POST",
    });

  test.each([
    "Content-Length",
    "Transfer-Encoding",
    "X-Amzn-Trace-Id",
    "X-Amzn-Apigateway-Api-Id",
    "bad name",
  ])("%s: 500, for the author", async (name) => {
    const answer = await ask(overriding(name), { method: "POST", body: "x" });
    expect([answer.status, answer.reason]).toEqual([500, "mapping.header_value"]);
  });

  test.each(["Via", "Expect", "TE", "Connection"])("%s: it is left out", async (name) => {
    const answer = await ask(overriding(name), { method: "POST", body: "x" });
    expect([answer.status, answer.subject.lastSent.headers.get(name)]).toEqual([200, null]);
  });
});

describe("the request to an http backend", () => {
  test("has no body with OPTIONS, nor its type", async () => {
    const init = { method: "POST", body: "x", headers: { "content-type": "text/plain" } };
    const { body, headers } = (await ask(http({ httpMethod: "OPTIONS" }), init)).subject.lastSent;
    expect([body, headers.get("content-type")]).toEqual([undefined, null]);
    const passed = (await ask(proxy({ httpMethod: "OPTIONS" }), init)).subject.lastSent;
    expect(passed.body).toBeUndefined();
  });

  test("has a type with POST, PUT and PATCH, with a body and without", async () => {
    const stated = { method: "POST", headers: { "content-type": "text/x" } };
    expect((await ask(http(), stated)).subject.lastSent.headers.get("content-type")).toBe("text/x");
    const bare = { method: "PUT" };
    expect((await ask(http(), bare)).subject.lastSent.headers.get("content-type")).toBe("application/json");
    expect((await ask(http())).subject.lastSent.headers.get("content-type")).toBeNull();
  });
});

test("a template's key may have parameters, an empty template is none", async () => {
  const requestTemplates = { "application/json;charset=utf-8": "json", "text/plain": "", $default: "other" };
  const sent = async (type: string) => {
    const init = { method: "POST", body: "raw", headers: { "content-type": type } };
    const { body } = (await ask(http({ httpMethod: "POST", requestTemplates }), init)).subject.lastSent;
    return new TextDecoder().decode(body);
  };
  expect(await sent("application/json; charset=utf-8")).toBe("json");
  expect(await sent("application/json")).toBe("json");
  expect(await sent("text/plain")).toBe("other");
  const responseTemplates = { "application/json": "j", "text/html; charset=utf-8": "h" };
  const answering = http({ responses: { default: { statusCode: 200, responseTemplates } } });
  expect((await ask(answering, { headers: { accept: "text/html" } })).text).toBe("h");
});

test("a backend's request id has another name than the gateway's own", async () => {
  const module = { handler: () => ({ statusCode: 200, headers: { "x-amzn-RequestId": "mine" } }) };
  const called = await ask({ type: "aws_proxy", uri: "f" }, {}, {}, { functions: { f: module } });
  expect(called.headers.get("x-amzn-remapped-x-amzn-requestid")).toBe("mine");
  expect(called.headers.get("x-amzn-requestid")).not.toBe("mine");
});

test("minimumCompressionSize may be null: off", async () => {
  expect((await ask(http(), {}, { minimumCompressionSize: null })).status).toBe(200);
});

test("a fallback has its own time, for its body too", async () => {
  const integration = http({
    timeoutInMillis: 50,
    fallback: { uri: "https://f.test/", timeoutInMillis: 2000 },
    responses: { default: { statusCode: 200, responseTemplates: { "application/json": "$input.body" } } },
  });
  const origin = (request: Request): Response | Promise<Response> =>
    request.url.startsWith("https://f.test/") ? new Response("late but here") : new Promise(() => undefined);
  const answer = await ask(integration, {}, {}, { origin });
  expect([answer.status, answer.text]).toEqual([200, "late but here"]);
});

test("an answer's body has what its headers left of the integration's time, and is let go then", async () => {
  let cancelled = false;
  const slow = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          controller.enqueue(new Uint8Array(10));
        },
        cancel: () => {
          cancelled = true;
        },
      }),
    );
  const integration = http({
    timeoutInMillis: 100,
    responses: { default: { statusCode: 200, responseTemplates: { "application/json": "$input.body" } } },
  });
  const answer = await ask(integration, {}, {}, { origin: slow });
  expect([answer.status, answer.reason]).toEqual([504, "integration.timeout"]);
  expect(cancelled).toBe(true);
});

test("a URL without its stage variable names it", async () => {
  const subject = await gateway(
    {
      ...api(
        { "ANY /a": http({ uri: "https://${stageVariables.host}/${stageVariables.path}" }) },
        { protocol: "REST" },
      ),
      "apis/default/stages/$default": { variables: { path: "x" } },
    },
    { showReasons: true },
  );
  const reason = (await subject.fetch("/a")).headers.get("x-portico-reason");
  expect(reason).toMatch(/^integration\.uri: .*: the stage \$default has no variable host$/);
});
