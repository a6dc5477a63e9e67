import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GatewayError } from "../../src/gateway-responses/gateway-error.ts";
import { record } from "../conformance/vectors.ts";
import { answer, render, UNAUTHORIZED } from "./support.ts";

const REQUEST = {
  path: "/users/caf%C3%A9",
  key: "GET /users/{id}",
  query: "a=1&a=2&b=%3Cb%3E",
  headers: { accept: "text/x", "x-own": 'say "hi"\\', "user-agent": "test/1" },
};

describe("what a template may name", () => {
  test.each([
    ["$context.error.message", "Unauthorized"],
    ["$context.error.messageString", '"Unauthorized"'],
    ["$context.error.responseType", "UNAUTHORIZED"],
    ["$context.error.validationErrorString", ""],
    ["$context.stage|$context.resourcePath", "prod|/users/{id}"],
    ["$context.path.", "/users/caf%C3%A9."],
    ["$context.stage.example.com", "prod.example.com"],
    ["$context.requestId-$context.httpMethod", "id-GET"],
    ["$context.authorizer.claims.cognito:groups!", "!"],
    ["$stageVariables.a,$stageVariables.none", "A,"],
    ["$method.request.header.x-own", 'say "hi"\\'],
    ["method.request.header.X-OWN", 'say "hi"\\'],
    ["$method.request.querystring.a $method.request.querystring.c", "2 "],
    ["($method.request.header.none)", "()"],
    [
      "$5 $context $context. $stageVariables $method.request.body.x",
      "$5 $context $context. $stageVariables $method.request.body.x",
    ],
    ["my.method.request.header.accept", "my.method.request.header.accept"],
    ["#set($x = 1) ${x} $x", "#set($x = 1) ${x} $x"],
    ["", ""],
  ])("%s", async (template, text) => {
    expect(await render(template, { ...REQUEST, variables: { a: "A" } }, "text/plain")).toBe(text);
  });

  test("R-22 nothing of a prototype", async () => {
    const template =
      "$stageVariables.constructor$context.authorizer.constructor$method.request.path.toString";
    expect(await render(template, {}, "text/plain")).toBe("");
  });

  test("R-06 what only the gateway may say is its own word", async () => {
    const headers = { "x-forwarded-for": "198.51.100.66", host: "evil.test", forwarded: "for=1" };
    const template =
      "$method.request.header.x-forwarded-for $method.request.header.host $method.request.header.forwarded";
    expect(await render(template, { headers }, "text/plain")).toBe("203.0.113.7 api.test ");
  });
});

describe("values in JSON", () => {
  test.each([
    ['{"m":$context.error.messageString}', { m: "Unauthorized" }],
    ['{"m":"$context.error.messageString"}', { m: "Unauthorized" }],
    ['{"m":"a\\"$context.error.messageString"}', { m: 'a"Unauthorized' }],
    ['{"m":"$context.error.message, $context.stage"}', { m: "Unauthorized, prod" }],
    ['{"t":$context.error.responseType}', { t: "UNAUTHORIZED" }],
    ['{"e":$context.requestTimeEpoch}', { e: 1_700_000_000_000 }],
    ['{"n":$context.authorizer.none,"s":"$context.authorizer.none"}', { n: null, s: "" }],
    ['{"h":"$method.request.header.x-own"}', { h: 'say "hi"\\' }],
    ['{"h":$method.request.header.x-own}', { h: 'say "hi"\\' }],
    ['{"h":"\\$method.request.header.x-own"}', { h: '\\say "hi"\\' }],
  ])("%s", async (template, value) => {
    expect(JSON.parse(await render(template, REQUEST))).toEqual(value);
  });

  test("cannot break out, whatever the caller sends", async () => {
    const template =
      '{"in":"<$method.request.querystring.q>","out":$method.request.querystring.q,"\\\\":["$method.request.querystring.q"]}';
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "grapheme" }), fc.json()), async (q) => {
        const query = new URLSearchParams({ q }).toString();
        const body = record(JSON.parse(await render(template, { query })));
        const sent = new URLSearchParams(query).get("q");
        expect(Object.keys(body)).toEqual(["in", "out", "\\"]);
        expect(body["in"]).toBe(`<${sent}>`);
        expect(body["\\"]).toEqual([sent]);
      }),
      { numRuns: 200 },
    );
  });

  test("stay as they are in a strict API, but the two that API Gateway makes ready itself", async () => {
    const error = new GatewayError("UNAUTHORIZED", "auth.identity_source", "x", {
      message: 'a "b"',
      validationErrorString: '[(["name"])]',
    });
    const template =
      '{"m":$context.error.messageString,"m2":"$context.error.message","v":"$context.error.validationErrorString","h":"$method.request.header.x-own"}';
    expect(await render(template, { ...REQUEST, strict: true, error })).toBe(
      '{"m":"a \\"b\\"","m2":"a "b"","v":"[([\\"name\\"])]","h":"say "hi"\\"}',
    );
    expect(JSON.parse(await render(template, { ...REQUEST, error }))).toEqual({
      m: 'a "b"',
      m2: 'a "b"',
      v: '[(["name"])]',
      h: 'say "hi"\\',
    });
  });

  test.each(["application/json", "Application/Problem+JSON", "text/json; charset=utf-8"])(
    "are escaped in %s",
    async (type) => {
      expect(await render('"$method.request.header.x-own"', REQUEST, type)).toBe('"say \\"hi\\"\\\\"');
    },
  );

  test("a message that is null", async () => {
    const error = new GatewayError("AUTHORIZER_CONFIGURATION_ERROR", "auth.function.failed", "x");
    const responseTemplates = {
      "application/json": '[$context.error.messageString,"$context.error.messageString"]',
    };
    const responses = { AUTHORIZER_CONFIGURATION_ERROR: { responseTemplates } };
    expect(await answer(responses, { error }).text()).toBe('[null,""]');
  });
});

test.each([
  ["text/html", "<p>&lt;b&gt; &amp; &quot;Unauthorized&quot;</p>"],
  ["application/xml", "<p>&lt;b&gt; &amp; &quot;Unauthorized&quot;</p>"],
  ["image/svg+xml", "<p>&lt;b&gt; &amp; &quot;Unauthorized&quot;</p>"],
  ["text/plain", '<p><b> & "Unauthorized"</p>'],
])("a caller's text is no markup in %s", async (type, body) => {
  const template =
    "<p>$method.request.querystring.b $method.request.querystring.c $context.error.messageString</p>";
  const query = "b=%3Cb%3E&c=%26";
  expect(await render(template, { query }, type)).toBe(body);
  expect(await render(template, { query, strict: true }, type)).toBe('<p><b> & "Unauthorized"</p>');
});

test("a body that grows beyond measure gives way to the usual one", async () => {
  const template = `["${"$method.request.header.long,".repeat(200)}"]`;
  const headers = { long: "x".repeat(8000) };
  expect(await render(template, { headers, error: UNAUTHORIZED })).toBe('{"message":"Unauthorized"}');
});
