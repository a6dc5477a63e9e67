import { describe, expect, test } from "vitest";
import { api, callFunction, gateway } from "../../support/gateway.ts";

type Kind = "REST" | "HTTP 1.0" | "HTTP 2.0";
const KINDS: readonly Kind[] = ["REST", "HTTP 1.0", "HTTP 2.0"];

async function answer(
  kind: Kind,
  result: unknown,
  settings: Record<string, unknown> = {},
  request: RequestInit = {},
) {
  const protocol = kind.slice(0, 4).trim();
  const integration = callFunction("fn", kind === "REST" ? {} : { payloadFormatVersion: kind.slice(5) });
  const subject = await gateway(api({ "ANY /a": integration }, { protocol, ...settings }), {
    functions: { fn: { handler: async () => result } },
    showReasons: true,
  });
  return subject.fetch("/a", request);
}

const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;

/** What no kind of API can make a response of. */
const GARBAGE: readonly (readonly [string, unknown])[] = [
  ["a statusCode of words", { statusCode: "ok" }],
  ["statusCode 0", { statusCode: 0 }],
  ["statusCode -200", { statusCode: -200 }],
  ["statusCode 99", { statusCode: 99 }],
  ["statusCode 101", { statusCode: 101 }],
  ["statusCode 600", { statusCode: 600 }],
  ["statusCode 200.5", { statusCode: 200.5 }],
  ["statusCode NaN", { statusCode: Number.NaN }],
  ["statusCode 200n", { statusCode: 200n }],
  ["statusCode [200]", { statusCode: [200] }],
  ["statusCode {}", { statusCode: {} }],
  ["statusCode true", { statusCode: true }],
  ["an object as body", { statusCode: 200, body: { a: 1 } }],
  ["a list as body", { statusCode: 200, body: [1] }],
  ["bytes as body", { statusCode: 200, body: new Uint8Array(2) }],
  ["a string as headers", { statusCode: 200, headers: "a: b" }],
  ["a list as headers", { statusCode: 200, headers: ["a"] }],
  ["an object as a header", { statusCode: 200, headers: { a: { b: 1 } } }],
  ["a header without a name", { statusCode: 200, headers: { "": "x" } }],
  ["a header with a blank in its name", { statusCode: 200, headers: { "a b": "x" } }],
  ["a header with a colon in its name", { statusCode: 200, headers: { "a: b\r\nc": "x" } }],
  ["R-05 a header with CRLF", { statusCode: 200, headers: { a: "x\r\nset-cookie: evil=1" } }],
  ["R-05 a header with LF", { statusCode: 200, headers: { a: "x\ny" } }],
  ["R-05 a header with CR", { statusCode: 200, headers: { a: "x\ry" } }],
  ["R-05 a header with NUL", { statusCode: 200, headers: { a: "x\0y" } }],
  [
    "a getter that throws",
    {
      get statusCode() {
        throw new Error("canary");
      },
    },
  ],
];

describe.each(KINDS)("garbage that a function returns (%s)", (kind) => {
  const [status, body] =
    kind === "REST"
      ? [502, '{"message": "Internal server error"}']
      : [500, '{"message":"Internal Server Error"}'];

  test.each(GARBAGE)("%s", async (_, result) => {
    const response = await answer(kind, result);
    expect(response.headers.get("x-portico-reason")).toMatch(/^function\.bad_response: /);
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(body);
    expect(response.headers.get("set-cookie")).toBeNull();
    if (kind === "REST")
      expect(response.headers.get("x-amzn-errortype")).toBe("InternalServerErrorException");
  });
});

describe.each(["REST", "HTTP 1.0"] as const)("garbage in format 1.0 (%s)", (kind) => {
  test.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "hello"],
    ["a number", 200],
    ["a list", [{ statusCode: 200 }]],
    ["a function", () => undefined],
    ["a symbol", Symbol("x")],
    ["multiValueHeaders of text", { statusCode: 200, multiValueHeaders: { k: "v" } }],
    ["multiValueHeaders of objects", { statusCode: 200, multiValueHeaders: { k: [{}] } }],
    ["R-05 multiValueHeaders with LF", { statusCode: 200, multiValueHeaders: { k: ["a", "b\nc"] } }],
    ["multiValueHeaders that are a list", { statusCode: 200, multiValueHeaders: [] }],
    ["isBase64Encoded of words", { statusCode: 200, isBase64Encoded: "yes" }],
  ])("%s", async (_, result) => {
    expect((await answer(kind, result)).status).toBe(kind === "REST" ? 502 : 500);
  });

  test("an unknown key is refused by REST APIs only", async () => {
    const response = await answer(kind, { statusCode: 200, statuscode: 200, body: "x" });
    expect(response.status).toBe(kind === "REST" ? 502 : 200);
  });

  test("a missing statusCode is 200 on REST APIs only", async () => {
    expect((await answer(kind, { body: "x" })).status).toBe(kind === "REST" ? 200 : 500);
    expect((await answer(kind, { statusCode: null, body: "x" })).status).toBe(kind === "REST" ? 200 : 500);
  });
});

describe("format 2.0 makes a response of whatever JSON can say", () => {
  test.each([
    ["nothing", undefined, "null"],
    ["null", null, "null"],
    ["text", "Hello", "Hello"],
    ["no text", "", ""],
    ["a number", 42, "42"],
    ["a boolean", true, "true"],
    ["a list", [1, 2], "[1,2]"],
    ["an object", { message: "x" }, '{"message":"x"}'],
    ["an object with another status", { status: 500 }, '{"status":500}'],
    ["text that looks like JSON", '{"statusCode":500}', '{"statusCode":500}'],
  ])("%s", async (_, result, body) => {
    const response = await answer("HTTP 2.0", result);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe(body);
  });

  test.each([
    ["a function", () => undefined],
    ["a symbol", Symbol("x")],
    ["a BigInt", 1n],
    ["a cycle", cyclic],
    ["cookies that are no list", { statusCode: 200, cookies: "a=b" }],
    ["a cookie that is no text", { statusCode: 200, cookies: [{}] }],
    ["R-05 a cookie with CRLF", { statusCode: 200, cookies: ["a=b\r\nx: y"] }],
  ])("but not of %s", async (_, result) => {
    const response = await answer("HTTP 2.0", result);
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toMatch(/^function\.bad_response: /);
  });
});

describe("R-05 repeated headers of a function", () => {
  test.each(["REST", "HTTP 1.0"] as const)("multiValueHeaders are lines of their own (%s)", async (kind) => {
    const cookies = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"];
    const response = await answer(kind, {
      statusCode: 200,
      headers: { "X-Multi": "solo" },
      multiValueHeaders: { "Set-Cookie": cookies, "x-multi": ["one", "two"] },
    });
    expect(response.headers.getSetCookie()).toEqual(cookies);
    expect(response.headers.get("x-multi")).toBe(kind === "REST" ? "one, two, solo" : "solo, one, two");
  });

  test("2.0 cookies are lines of their own, beside one in headers", async () => {
    const response = await answer("HTTP 2.0", {
      statusCode: 200,
      headers: { "set-cookie": "z=0" },
      cookies: ["a=1; Secure", "b=2"],
    });
    expect(response.headers.getSetCookie()).toEqual(["z=0", "a=1; Secure", "b=2"]);
  });
});

describe.each(KINDS)("what a function may say (%s)", (kind) => {
  test.each([
    [{ statusCode: 200 }, 200, ""],
    [{ statusCode: "201", body: "x" }, 201, "x"],
    [{ statusCode: 204, body: "x" }, 204, ""],
    [{ statusCode: 304 }, 304, ""],
    [{ statusCode: 500, body: "mine" }, 500, "mine"],
    [{ statusCode: 502, body: "mine" }, 502, "mine"],
    [{ statusCode: 200, body: null, headers: null }, 200, ""],
    [{ statusCode: 200, body: 42 }, 200, "42"],
    [{ statusCode: 200, body: false }, 200, "false"],
  ])("%j is %i %j", async (result, status, body) => {
    const response = await answer(kind, result);
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get("x-portico-reason")).toBeNull();
  });

  test("headers of numbers, booleans and nothing", async () => {
    const headers = { "x-n": 1, "x-b": true, "x-0": null, "content-type": "a/b" };
    const response = await answer(kind, { statusCode: 200, headers });
    expect(response.headers.get("x-n")).toBe("1");
    expect(response.headers.get("x-b")).toBe("true");
    expect(response.headers.get("x-0")).toBe("");
    expect(response.headers.get("content-type")).toBe("a/b");
  });

  test("the framing is the gateway's", async () => {
    const headers = {
      connection: "close, x-a",
      "content-length": "999",
      "transfer-encoding": "chunked",
      "x-a": "1",
    };
    const response = await answer(kind, { statusCode: 200, body: "text", headers });
    expect(response.headers.get("connection")).toBeNull();
    expect(response.headers.get("transfer-encoding")).toBeNull();
    expect(response.headers.get("content-length")).not.toBe("999");
    expect(await response.text()).toBe("text");
  });

  test("base64 becomes bytes, and what is none is 500 with its reason", async () => {
    const good = await answer(kind, { statusCode: 200, body: btoa("\u0000\u00ff"), isBase64Encoded: true });
    expect([...new Uint8Array(await good.arrayBuffer())]).toEqual([0, 255]);
    const bad = await answer(kind, { statusCode: 200, body: "%%%", isBase64Encoded: true });
    expect(bad.status).toBe(500);
    expect(bad.headers.get("x-portico-reason")).toMatch(/^function\.bad_base64: /);
  });
});

test.each([
  [["image/png"], "image/png", true],
  [["image/png"], "image/png;q=0.9, text/html", true],
  [["image/png"], "text/html, image/png", false],
  [["image/*"], "image/png", true],
  [["image/*"], "image/*", true],
  [["*/*"], "text/html", true],
  [["*/*"], undefined, true],
  [["*/png"], "image/png", false],
  [[], "image/png", false],
])("strict REST: %j with Accept %s decodes base64: %s", async (binaryMediaTypes, accept, decoded) => {
  const result = { statusCode: 200, body: btoa("bytes"), isBase64Encoded: true };
  const headers: HeadersInit = accept === undefined ? {} : { accept };
  const response = await answer("REST", result, { strict: true, binaryMediaTypes }, { headers });
  expect(await response.text()).toBe(decoded ? "bytes" : btoa("bytes"));
});

test.each(KINDS)("members that are undefined are not there, as after Lambda's JSON (%s)", async (kind) => {
  const result = {
    statusCode: 201,
    headers: { "x-a": undefined, "x-b": "b" },
    cookies: undefined,
    body: "ok",
  };
  const response = await answer(kind, result);
  expect([
    response.status,
    response.headers.has("x-a"),
    response.headers.get("x-b"),
    await response.text(),
  ]).toEqual([201, false, "b", "ok"]);
});
