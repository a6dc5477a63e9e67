import { describe, expect, test } from "vitest";
import { matchesMediaType } from "../../src/functions/event-body.ts";
import { record } from "../conformance/vectors.ts";
import { api, callFunction, echoFunction, gateway, type RequestOptions } from "../support/gateway.ts";

async function eventOf(
  format: "REST" | "1.0" | "2.0",
  target: string,
  options: RequestOptions = {},
  more: Record<string, unknown> = {},
) {
  const echo = echoFunction();
  const settings = { protocol: format === "REST" ? "REST" : "HTTP", allowEncodedSlashes: true };
  const integration = callFunction("echo", format === "REST" ? {} : { payloadFormatVersion: format });
  const subject = await gateway(
    { ...api({ "ANY /a/{id}": integration, "ANY /{proxy+}": integration }, settings), ...more },
    { functions: { echo: echo.module } },
  );
  const response = await subject.fetch(target, options);
  expect(response.status).toBe(200);
  return record(echo.events.at(-1));
}

describe("R-05 golden events of one request", () => {
  const target = "/a/x%20y%2Fz?q=1&q=2&e=&p=a+b%2B&%6Eame=%C3%A9&bad=%zz";
  const options: RequestOptions = {
    method: "POST",
    headers: [
      ["cookie", "a=1; b=2"],
      ["content-type", "application/json"],
      ["x-twice", "one"],
      ["x-twice", "two"],
    ],
    body: '{"x":"é"}',
  };

  test("2.0: cookies apart, values joined, paths decoded, nothing null", async () => {
    const event = await eventOf("2.0", target, options);
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "ANY /a/{id}",
      rawPath: "/a/x y/z",
      rawQueryString: "q=1&q=2&e=&p=a+b%2B&%6Eame=%C3%A9&bad=%zz",
      cookies: ["a=1", "b=2"],
      queryStringParameters: { q: "1,2", e: "", p: "a b+", name: "é", bad: "%zz" },
      pathParameters: { id: "x y/z" },
      body: '{"x":"é"}',
      isBase64Encoded: false,
    });
    expect(event["headers"]).toEqual({
      "content-length": "10",
      "content-type": "application/json",
      host: "api.test",
      "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      "x-twice": "one, two",
    });
    expect(JSON.stringify(event)).not.toContain("null");
    expect(event["requestContext"]).toEqual({
      accountId: "000000000000",
      apiId: "default",
      domainName: "api.test",
      domainPrefix: "api",
      http: {
        method: "POST",
        path: "/a/x y/z",
        protocol: "HTTP/1.1",
        sourceIp: "203.0.113.7",
        userAgent: "",
      },
      requestId: expect.stringMatching(/^[\w-]{15}=$/),
      routeKey: "ANY /a/{id}",
      stage: "$default",
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    });
  });

  test("1.0 of a REST API: paths as sent, the last value and all values", async () => {
    const event = await eventOf("REST", target, options);
    expect(event).toMatchObject({
      resource: "/a/{id}",
      path: "/a/x%20y%2Fz",
      httpMethod: "POST",
      queryStringParameters: { q: "2", e: "", p: "a b+", name: "é", bad: "%zz" },
      multiValueQueryStringParameters: { q: ["1", "2"], e: [""], p: ["a b+"], name: ["é"], bad: ["%zz"] },
      pathParameters: { id: "x%20y%2Fz" },
      stageVariables: null,
    });
    expect(event).not.toHaveProperty("version");
    expect(record(event["headers"])["Cookie"]).toBe("a=1; b=2");
    expect(record(event["multiValueHeaders"])["x-twice"]).toEqual(["one, two"]);
    expect(record(event["requestContext"])["requestId"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("1.0 of an HTTP API: the path as sent, variables decoded, names in title case", async () => {
    const event = await eventOf("1.0", target, options);
    expect(event).toMatchObject({ version: "1.0", path: "/a/x%20y%2Fz", pathParameters: { id: "x y/z" } });
    expect(Object.keys(record(event["headers"]))).toContain("X-Twice");
    const { requestId, extendedRequestId, path } = record(event["requestContext"]);
    expect(extendedRequestId).toBe(requestId);
    expect(path).toBe("/a/x y/z");
  });
});

describe("an event without what there is not", () => {
  test("2.0 leaves it out", async () => {
    const event = await eventOf("2.0", "/x");
    for (const name of ["cookies", "queryStringParameters", "body", "stageVariables"]) {
      expect(event).not.toHaveProperty(name);
    }
    expect(event).toMatchObject({ rawQueryString: "", isBase64Encoded: false });
  });

  test.each(["1.0", "REST"] as const)("1.0 says null (%s)", async (format) => {
    expect(await eventOf(format, "/x?")).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
    });
  });
});

test("a named stage stays in an HTTP API's path and goes from a REST API's", async () => {
  const stage = { "apis/default/stages/dev": { variables: { v: "1" } } };
  expect(await eventOf("2.0", "/dev/x", {}, stage)).toMatchObject({
    rawPath: "/dev/x",
    stageVariables: { v: "1" },
    requestContext: { stage: "dev" },
  });
  expect(await eventOf("REST", "/dev/x", {}, stage)).toMatchObject({
    path: "/x",
    stageVariables: { v: "1" },
    requestContext: { path: "/dev/x", stage: "dev" },
  });
});

test.each([
  ["https", "api.test", "443"],
  ["http", "api.test", "80"],
  ["http", "localhost:8787", "8787"],
  ["http", "[::1]:8787", "8787"],
] as const)("%s://%s is port %s", async (scheme, host, port) => {
  const event = await eventOf("2.0", "/x", { scheme, host });
  expect(record(event["headers"])).toMatchObject({ "x-forwarded-port": port, "x-forwarded-proto": scheme });
  expect(record(event["requestContext"])["domainName"]).toBe(host.replace(/:\d+$/, ""));
});

test("names like __proto__ are names like any other", async () => {
  const event = await eventOf("2.0", "/x?__proto__=1&constructor=2", { headers: { constructor: "x" } });
  const query = record(event["queryStringParameters"]);
  expect(Object.keys(query)).toEqual(["__proto__", "constructor"]);
  expect(record(event["headers"])["constructor"]).toBe("x");
});

describe("bodies", () => {
  const bytes = new Uint8Array([0, 255, 128]);
  test.each([
    ["REST", [], "image/png", false],
    ["REST", ["image/png"], "image/png", true],
    ["REST", ["image/png"], "image/png; q=1", true],
    ["REST", ["*/*"], "text/plain", true],
    ["HTTP", [], "image/png", true],
    ["HTTP", [], "TEXT/plain; charset=UTF-8", false],
    ["HTTP", [], "text/plain; charset=iso-8859-1", true],
    ["HTTP", [], undefined, true],
  ])("%s with binaryMediaTypes %j and %s: base64 %s", async (protocol, binaryMediaTypes, type, base64) => {
    const format = protocol === "REST" ? "REST" : "2.0";
    const settings = { "apis/default": { protocol, binaryMediaTypes } };
    const headers: HeadersInit = type === undefined ? {} : { "content-type": type };
    const event = await eventOf(format, "/x", { method: "POST", body: bytes, headers }, settings);
    expect(event["isBase64Encoded"]).toBe(base64);
    expect(event["body"]).toBe(base64 ? "AP+A" : "\0\ufffd\ufffd");
  });

  test("a byte order mark stays", async () => {
    const event = await eventOf("2.0", "/x", {
      method: "POST",
      body: new Uint8Array([0xef, 0xbb, 0xbf, 0x61]),
      headers: { "content-type": "text/plain" },
    });
    expect(event["body"]).toBe("\ufeffa");
  });
});

test.each([
  ["image/png", ["image/png"], true],
  ["image/png", ["IMAGE/PNG"], true],
  ["image/png", ["image/*"], true],
  ["imagex/png", ["image/*"], false],
  ["image/*", ["image/*"], true],
  ["image/*", ["image/png"], false],
  ["image/png", ["image/png; q=1"], true],
  ["image/png", ["*/png"], false],
  ["*/png", ["*/png"], false],
  ["a/b", ["*/*"], true],
  ["", ["*/*"], true],
  ["", [""], true],
])("%j is among %j: %s", (media, entries, expected) => {
  expect(matchesMediaType(media, entries)).toBe(expected);
});
