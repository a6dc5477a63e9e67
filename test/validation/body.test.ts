import { describe, expect, test } from "vitest";
import { answerWith, gateway as gatewayOf } from "../support/gateway.ts";
import { ALL, bodyText, json, validating, verdict } from "./entries.ts";

const PET = {
  type: "object",
  required: ["name"],
  properties: { name: { type: "string", maxLength: 10 }, age: { type: "integer", minimum: 0 } },
};
const MODELS = { Pet: PET, Text: { type: "object", maxProperties: 0 }, Any: {} };

const subject = (route: object, settings?: Record<string, unknown>) =>
  validating({
    route: { requestValidator: ALL, requestModels: { "application/json": "Pet" }, ...route },
    models: MODELS,
    ...(settings ? { settings } : {}),
  });

describe.each(["REST", "HTTP"])("a body that a model is for (%s)", (protocol) => {
  test("goes on, byte for byte, when it fits", async () => {
    const gateway = await subject({}, { protocol });
    const body = '{ "name":\t"\\u0041da", "age": 1.0 }\n';
    expect((await gateway.fetch("/items/1", json(body))).status).toBe(200);
    expect(bodyText(gateway.lastSent)).toBe(body);
  });

  test.each([
    '{"name":1}',
    "{}",
    "[]",
    "null",
    '"x"',
    "",
    "   ",
    "{",
    "{'name':'x'}",
    "name=x",
    '{"name":"x"}}',
  ])("is refused when it does not: %j", async (body) => {
    const gateway = await subject({}, { protocol });
    const response = await gateway.fetch("/items/1", json(body));
    expect(response.status).toBe(400);
    expect(await response.text()).toBe('{"message":"Invalid request body"}');
    expect(gateway.sent).toEqual([]);
  });
});

describe("which model", () => {
  const models = { "application/json": "Pet", "text/plain": "Text", $default: "Any" };

  test.each([
    [models, "application/json", "{}", 400],
    [models, "Application/JSON; charset=UTF-8", "{}", 400],
    [models, "text/plain", "{}", 200],
    [models, "text/plain;format=flowed", '{"name":"x"}', 400],
    [models, "application/xml", "{}", 200],
    [{ "application/json": "Pet" }, "application/xml", "{}", 400],
    [{ $default: "Pet", "application/json": "Empty" }, undefined, "{}", 200],
    [models, "text", "{}", 415],
    [models, "text/plain, application/json", "{}", 415],
    [models, undefined, "{}", 400],
    [{ "text/plain": "Text", $default: "Pet" }, "application/xml", "{}", 400],
    [{ "text/plain": "Text", $default: "Pet" }, "text/plain", "{}", 200],
    [{ "text/plain": "Pet" }, "application/json", "{}", 200],
    [{ "application/json": "Empty" }, "application/json", "no JSON", 200],
    [{ "application/json": "Empty", "text/plain": "Pet" }, "text/html", "no JSON", 200],
    [{}, "application/json", "no JSON", 200],
  ])("%j for %s %s: %i", async (requestModels, type, body, status) => {
    const gateway = await subject({ requestModels });
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const bytes = new TextEncoder().encode(body);
    expect((await gateway.fetch("/items/1", { method: "POST", headers, body: bytes })).status).toBe(status);
  });

  test("strict: a content type that has none, and no $default, is not looked at, as API Gateway's guide has it", async () => {
    const sent = async (requestModels: object, type: string) => {
      const gateway = await subject({ requestModels }, { protocol: "REST", strict: true });
      const init = { method: "POST", headers: { "content-type": type }, body: "{}" };
      return (await gateway.fetch("/items/1", init)).status;
    };
    expect(await sent({ "application/json": "Pet" }, "application/xml")).toBe(200);
    expect(await sent({ "application/json": "Pet" }, "application/json")).toBe(400);
    expect(await sent({ $default: "Pet" }, "application/xml")).toBe(400);
  });

  test("a request without a body is looked at as {}, and goes on without one", async () => {
    const gateway = await validating({
      key: "GET /a",
      route: { requestValidator: ALL, requestModels: { "application/json": "Any" } },
      models: MODELS,
    });
    expect((await gateway.fetch("/a")).status).toBe(200);
    expect(gateway.lastSent.body).toBeUndefined();
    const strict = await validating({
      key: "GET /b",
      route: { requestValidator: ALL, requestModels: { "application/json": "Pet" } },
      models: MODELS,
    });
    expect((await strict.fetch("/b")).status).toBe(400);
  });

  test("an empty body is looked at as {}, and goes on empty", async () => {
    const gateway = await subject({ requestModels: { $default: "Any" } });
    expect((await gateway.fetch("/items/1", json(""))).status).toBe(200);
    expect(bodyText(gateway.lastSent)).toBe("");
  });

  test("parameters come first", async () => {
    const gateway = await subject({ requestParameters: { "method.request.header.h": true } });
    expect(await (await gateway.fetch("/items/1", json("{}"))).text()).toContain("[h]");
  });

  test("the API's validator is for routes that have none, and a route's own before it", async () => {
    const settings = { requestValidators: { all: ALL, none: {} }, requestValidator: "all" };
    const asked = async (requestValidator: unknown) =>
      (await (await subject({ requestValidator }, settings)).fetch("/items/1", json("{}"))).status;
    expect(await asked(undefined)).toBe(400);
    expect(await asked("none")).toBe(200);
    expect(await asked({ validateRequestParameters: true })).toBe(200);
  });
});

describe("R-13 what is broken stays closed", () => {
  test.each([
    [{ requestModels: { "application/json": "Bad" } }, 'model "Bad" is bad'],
    [{ requestModels: { "application/json": "None" } }, 'no model "None"'],
    [{ requestValidator: "none" }, 'no request validator "none"'],
  ])("%j", async (route, sentence) => {
    const gateway = await validating({
      route: { requestValidator: ALL, ...route },
      models: { Bad: { type: "object", properties: { a: { pattern: "^(a+)+$" } } } },
    });
    const response = await gateway.fetch("/items/1", json("{}"));
    expect(response.headers.get("x-portico-reason")).toContain(sentence);
    expect(await verdict(response)).toEqual([500, "config.invalid"]);
    expect(gateway.sent).toEqual([]);
  });

  test("a deployment has its own models", async () => {
    const entry = { requestValidator: ALL, requestModels: { $default: "Pet" } };
    const deployed = await gatewayOf({
      "apis/default/models/Pet": { schema: {} },
      "apis/default/stages/$default": { deployment: "d1" },
      "apis/default/deployments/d1": {
        id: "d1",
        createdAt: "2026-01-01T00:00:00Z",
        routes: { "POST /pets": { ...entry, integration: answerWith("{}") } },
        models: { Pet: { schema: PET } },
      },
    });
    expect((await deployed.fetch("/pets", json("{}"))).status).toBe(400);
    expect((await deployed.fetch("/pets", json('{"name":"x"}'))).status).toBe(200);
  });
});

describe("R-20 bodies that are read differently behind the gateway", () => {
  test.each([
    ['{"name":"x","name":"y"}', "validation.json"],
    ['{"name":"x","n\\u0061me":1}', "validation.json"],
    ['{"age":{"a":1,"a":2},"name":"x"}', "validation.json"],
    ['\ufeff{"name":"x"}', "validation.json"],
    ['{"name":"x"} // comment', "validation.json"],
    ['{"name":"x",}', "validation.json"],
    ['{"name":"x","age":01}', "validation.json"],
    ['{"name":"x","age":+1}', "validation.json"],
    ['{"name":"x","age":NaN}', "validation.json"],
    ['{"name":"x\u0000"}', "validation.json"],
    ['{"name":"\\ud800"}', "validation.json"],
    ['{"name":"x","age":1e999}', "validation.body"],
  ])("%j", async (body, reason) => {
    const gateway = await subject({});
    expect(await verdict(await gateway.fetch("/items/1", json(body)))).toEqual([400, reason]);
  });

  test.each([
    [[0xff, 0xfe], "validation.json"],
    [[0x22, 0xc0, 0xae, 0x22], "validation.json"],
    [[0x22, 0xed, 0xa0, 0x80, 0x22], "validation.json"],
  ])("bytes that are no UTF-8: %j", async (bytes, reason) => {
    const gateway = await subject({ requestModels: { "application/json": "Any" } });
    const request = { ...json(""), body: new Uint8Array(bytes) };
    expect(await verdict(await gateway.fetch("/items/1", request))).toEqual([400, reason]);
  });

  test.each([
    "application/json; charset=utf-16",
    "application/json;charset=ISO-8859-1",
    'application/json; charset="utf-7"',
    "application/json; charset=utf-8; charset=utf-16",
    "text/plain; Charset=latin1",
    "application/json; charset=",
  ])("another charset is 415: %s", async (type) => {
    const gateway = await subject({});
    const response = await gateway.fetch("/items/1", json('{"name":"x"}', type));
    expect(response.headers.get("x-amzn-ErrorType")).toBe("BadRequestException");
    expect(await verdict(response)).toEqual([415, "validation.content_type"]);
    expect(gateway.sent).toEqual([]);
  });

  test.each([
    ["application/json", 200],
    ["application/json; charset=UTF-8", 200],
    ['application/json; charset="utf-8"', 200],
    ["application/problem+json", 415],
    ["text/plain", 415],
    ["application/json, application/json", 415],
    ["", 415],
  ])("strictContentType: %s is %i", async (type, status) => {
    const gateway = await subject({ requestValidator: { ...ALL, strictContentType: true } });
    const body = new TextEncoder().encode('{"name":"x"}');
    const headers: Record<string, string> = type === "" ? {} : { "content-type": type };
    expect((await gateway.fetch("/items/1", { method: "POST", headers, body })).status).toBe(status);
  });
});

describe("R-19 bodies that are too much", () => {
  test("413 above the limit, however it is framed", async () => {
    const gateway = await subject({}, { limits: { bodyBytes: 100 } });
    const large = `{"name":"${"x".repeat(200)}"}`;
    expect((await gateway.fetch("/items/1", json(large))).status).toBe(413);
    const stream = new Blob([large]).stream();
    expect((await gateway.fetch("/items/1", { ...json(""), body: stream })).status).toBe(413);
    expect(gateway.sent).toEqual([]);
  });

  test.each([
    ["depth", `${"[".repeat(101)}${"]".repeat(101)}`],
    ["far too deep", "[".repeat(1_000_000)],
    ["lists", `[${"[],".repeat(250_000)}0]`],
    ["objects", `[${"{},".repeat(250_000)}0]`],
    ["members", `{${Array.from({ length: 250_001 }, (_, index) => `"${index}":0`).join(",")}}`],
  ])("400: %s", async (_, body) => {
    const gateway = await subject({ requestModels: { "application/json": "Any" } });
    expect(await verdict(await gateway.fetch("/items/1", json(body)))).toEqual([400, "validation.json"]);
  });

  test("a hundred levels are fine", async () => {
    const gateway = await subject({ requestModels: { "application/json": "Any" } });
    const deep = `${"[".repeat(100)}${"]".repeat(100)}`;
    expect((await gateway.fetch("/items/1", json(deep))).status).toBe(200);
  });
});

describe("what the client and the log are told", () => {
  test("API Gateway's sentence to the client, the places to the log", async () => {
    const gateway = await subject({});
    const response = await gateway.fetch("/items/1", json('{"name":"a secret that is long","age":-1}'));
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-portico-reason")).toBe(
      "validation.body: Invalid request body: /name is longer than 10 characters, /age is less than 0",
    );
    expect(await response.text()).not.toContain("secret");
  });

  test("problem details (RFC 9457)", async () => {
    const gateway = await subject({ requestValidator: { ...ALL, problemDetails: true } });
    const response = await gateway.fetch("/items/1", json('{"age":-1,"name":"a secret that is long"}'));
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "about:blank",
      title: "Bad Request",
      status: 400,
      detail: "Invalid request body",
      errors: [
        { pointer: "#/name", detail: "is longer than 10 characters" },
        { pointer: "#/age", detail: "is less than 0" },
      ],
    });
    const own = await subject(
      { requestValidator: { ...ALL, problemDetails: true } },
      { gatewayResponses: { BAD_REQUEST_BODY: { statusCode: 422 } } },
    );
    const changed = await own.fetch("/items/1", json('{"age":-1,"name":"x"}'));
    expect(changed.status).toBe(422);
    expect(await changed.json()).toMatchObject({ title: "Unprocessable Content", status: 422 });
    const broken = await gateway.fetch("/items/1", json('{"name":"x","name":"y"}'));
    expect(await broken.json()).toMatchObject({ errors: [{ pointer: "#" }] });
  });

  test("ten at most", async () => {
    const gateway = await validating({
      route: {
        requestValidator: { validateRequestBody: true, problemDetails: true },
        requestModels: { "application/json": "Closed" },
      },
      models: { Closed: { additionalProperties: false } },
    });
    const body = JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`<${i}>`, i])));
    const { errors } = await (await gateway.fetch("/items/1", json(body))).json<{ errors: unknown[] }>();
    expect(errors).toHaveLength(10);
    expect(errors[0]).toEqual({ pointer: "#/%3C0%3E", detail: "is not a member that is known here" });
  });
});
