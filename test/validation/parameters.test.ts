import { describe, expect, test } from "vitest";
import type { RequestOptions } from "../support/gateway.ts";
import { ALL, validating } from "./entries.ts";

const REQUIRED = {
  "method.request.querystring.q": true,
  "method.request.querystring.Page": true,
  "method.request.header.X-Key": true,
  "method.request.path.id": true,
  "method.request.path.other": true,
  "method.request.header.x-optional": false,
};

const subject = (requestParameters: object, more: object = {}) =>
  validating({ key: "GET /items/{id}", route: { requestValidator: ALL, requestParameters, ...more } });

describe("required parameters", () => {
  test("headers, path, query, each by name", async () => {
    const gateway = await subject(REQUIRED);
    const response = await gateway.fetch("/items/1");
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(
      '{"message":"Missing required request parameters: [X-Key, other, Page, q]"}',
    );
    expect(response.headers.get("x-amzn-ErrorType")).toBe("BadRequestException");
    expect(response.headers.get("x-portico-reason")).toMatch(/^validation\.parameters: Missing/);
    expect(gateway.sent).toEqual([]);
  });

  test.each([
    ["/items/1?q=1", { headers: { "x-key": "v" } }, 200],
    ["/items/1?q=1", { headers: { "X-KEY": "v" } }, 200],
    ["/items/1?q=0&q=", { headers: { "x-key": "v" } }, 200],
    ["/items/1", { headers: { "x-key": "v" } }, 400],
    ["/items/1?q=", { headers: { "x-key": "v" } }, 400],
    ["/items/1?q", { headers: { "x-key": "v" } }, 400],
    ["/items/1?q=%20%09", { headers: { "x-key": "v" } }, 400],
    ["/items/1?Q=1", { headers: { "x-key": "v" } }, 400],
    ["/items/1?q=1", { headers: { "x-key": "" } }, 400],
    ["/items/1?q=1", {}, 400],
    ["/items/%20?q=1", { headers: { "x-key": "v" } }, 400],
  ] satisfies readonly (readonly [string, RequestOptions, number])[])(
    "%s %j: %i",
    async (target, options, status) => {
      const gateway = await subject({
        "method.request.querystring.q": true,
        "method.request.header.X-Key": true,
        "method.request.path.id": true,
      });
      expect((await gateway.fetch(target, options)).status).toBe(status);
    },
  );

  test("R-06 a header that only the gateway may say is its own word, or not there", async () => {
    const forged = { headers: { "x-forwarded-for": "198.51.100.1", "x-real-ip": "198.51.100.1" } };
    const own = await subject({
      "method.request.header.X-Forwarded-For": { schema: { enum: ["203.0.113.7"] } },
    });
    expect((await own.fetch("/items/1", forged)).status).toBe(200);
    const stopped = await subject({ "method.request.header.X-Real-IP": true });
    expect(await (await stopped.fetch("/items/1", forged)).text()).toContain("[X-Real-IP]");
  });

  test("nothing is checked without a validator, or by one that leaves parameters alone", async () => {
    for (const requestValidator of [undefined, {}, { validateRequestBody: true }]) {
      const gateway = await subject(REQUIRED, { requestValidator });
      expect((await gateway.fetch("/items/1")).status).toBe(200);
    }
  });

  test("HTTP APIs have them too", async () => {
    const gateway = await validating({
      key: "GET /a",
      route: { requestValidator: ALL, requestParameters: { "method.request.querystring.q": true } },
      settings: { protocol: "HTTP" },
    });
    const response = await gateway.fetch("/a");
    expect(response.status).toBe(400);
    expect(await response.text()).toBe('{"message":"Missing required request parameters: [q]"}');
  });
});

describe("what a parameter's schema asks", () => {
  const NUMBER = { type: "integer", minimum: 1, maximum: 100 };
  const NUMBERS = { type: "array", items: NUMBER, maxItems: 3 };

  test.each([
    [{ schema: NUMBER }, "/items/1?p=100", true],
    [{ schema: NUMBER }, "/items/1", true],
    [{ schema: NUMBER, required: true }, "/items/1", false],
    [{ schema: NUMBER }, "/items/1?p=101", false],
    [{ schema: NUMBER }, "/items/1?p=", false],
    [{ schema: NUMBER }, "/items/1?p=1.0", true],
    [{ schema: NUMBER }, "/items/1?p=1.5", false],
    [{ schema: NUMBER }, "/items/1?p=0x10", false],
    [{ schema: NUMBER }, "/items/1?p=%201", false],
    [{ schema: NUMBER }, "/items/1?p=010", false],
    [{ schema: NUMBER }, "/items/1?p=1&p=2", false],
    [{ schema: { type: "number" } }, "/items/1?p=-1.5e3", true],
    [{ schema: { type: "number" } }, "/items/1?p=1e999", false],
    [{ schema: { type: "number" } }, "/items/1?p=NaN", false],
    [{ schema: { type: "boolean" } }, "/items/1?p=true", true],
    [{ schema: { type: "boolean" } }, "/items/1?p=True", false],
    [{ schema: { type: "boolean" } }, "/items/1?p=1", false],
    [{ schema: { type: "string", pattern: "^[a-z]+$" } }, "/items/1?p=ab", true],
    [{ schema: { type: "string", pattern: "^[a-z]+$" } }, "/items/1?p=a%0Ab", false],
    [{ schema: { enum: ["asc", "desc"] } }, "/items/1?p=desc", true],
    [{ schema: { enum: ["asc", "desc"] } }, "/items/1?p=up", false],
    [{ schema: { type: "string", format: "date" } }, "/items/1?p=2026-02-30", false],
    [{ schema: NUMBERS }, "/items/1?p=1&p=2&p=3", true],
    [{ schema: NUMBERS }, "/items/1?p=1&p=x", false],
    [{ schema: NUMBERS }, "/items/1?p=1,2", false],
    [{ schema: NUMBERS, explode: false }, "/items/1?p=1,2", true],
    [{ schema: NUMBERS, explode: false }, "/items/1?p=1,2,3,4", false],
    [{ schema: NUMBERS, style: "pipeDelimited" }, "/items/1?p=1%7C2", true],
    [{ schema: NUMBERS, style: "spaceDelimited" }, "/items/1?p=1%202", true],
    [
      {
        schema: { exclusiveMinimum: 1, type: "number" },
        jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
      },
      "/items/1?p=1",
      false,
    ],
  ])("%j: %s is good: %s", async (parameter, target, good) => {
    const gateway = await subject({ "method.request.querystring.p": parameter });
    const response = await gateway.fetch(target);
    expect(response.status).toBe(good ? 200 : 400);
    if (good || target === "/items/1") return;
    expect(await response.text()).toBe('{"message":"Invalid request parameters: [querystring.p]"}');
  });

  test.each([
    ["path", "id", { schema: NUMBER }, "/items/7", {}, true],
    ["path", "id", { schema: NUMBER }, "/items/x", {}, false],
    ["path", "id", { schema: NUMBERS }, "/items/7,8", {}, true],
    ["path", "id", { schema: { type: "array", items: { enum: ["a,b", "c"] } } }, "/items/a%2Cb,c", {}, true],
    ["path", "id", { schema: { enum: ["ä b"] } }, "/items/%C3%A4%20b", {}, true],
    ["header", "X-N", { schema: NUMBER }, "/items/1", { headers: { "x-n": "7" } }, true],
    ["header", "X-N", { schema: NUMBERS }, "/items/1", { headers: { "x-n": "7, 8" } }, true],
    ["header", "X-N", { schema: NUMBERS }, "/items/1", { headers: { "x-n": "7, 0" } }, false],
    [
      "header",
      "X-N",
      { schema: NUMBER },
      "/items/1",
      {
        headers: [
          ["x-n", "7"],
          ["x-n", "8"],
        ],
      },
      false,
    ],
  ] as const)("%s %s %j: %s %j is good: %s", async (place, name, parameter, target, options, good) => {
    const gateway = await subject({ [`method.request.${place}.${name}`]: parameter });
    const headers = new Headers(
      "headers" in options
        ? Array.isArray(options.headers)
          ? options.headers.map(([a, b]) => [a, b])
          : { ...options.headers }
        : {},
    );
    expect((await gateway.fetch(target, { headers })).status).toBe(good ? 200 : 400);
  });

  test("its schema may be a model", async () => {
    const gateway = await validating({
      key: "GET /a",
      route: {
        requestValidator: ALL,
        requestParameters: {
          "method.request.querystring.n": { schema: { $ref: "#/components/schemas/Count" } },
        },
      },
      models: { Count: NUMBER },
    });
    expect((await gateway.fetch("/a?n=5")).status).toBe(200);
    expect((await gateway.fetch("/a?n=500")).status).toBe(400);
  });

  test("what is missing comes before what is wrong", async () => {
    const gateway = await subject({
      "method.request.querystring.n": { schema: NUMBER },
      "method.request.header.h": true,
    });
    expect(await (await gateway.fetch("/items/1?n=x")).text()).toBe(
      '{"message":"Missing required request parameters: [h]"}',
    );
  });

  test("problem details name them, and no values", async () => {
    const gateway = await subject(
      { "method.request.querystring.n": { schema: NUMBER }, "method.request.header.h": { schema: NUMBERS } },
      { requestValidator: { validateRequestParameters: true, problemDetails: true } },
    );
    const response = await gateway.fetch("/items/1?n=secret", { headers: { h: "1,secret" } });
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "about:blank",
      title: "Bad Request",
      status: 400,
      detail: "Invalid request parameters: [header.h, querystring.n]",
      errors: [
        { parameter: "header.h", detail: "/1 is not of type integer" },
        { parameter: "querystring.n", detail: "is not of type integer" },
      ],
    });
  });
});
