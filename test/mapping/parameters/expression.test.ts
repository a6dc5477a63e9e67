import { describe, expect, test } from "vitest";
import { compileExpression, type Sources } from "../../../src/mapping/parameters/expression.ts";

const BODY = '{"user":{"name":"Ann","tags":["a","b"],"age":41,"big":12345678901234567890,"none":null}}';

const SOURCES: Sources = {
  request: {
    header: (name) => (name.toLowerCase() === "x-a" ? "1,2" : undefined),
    querystring: (name) => (name === "q" ? "one two" : undefined),
    path: (name) => (name === "id" ? "a b" : undefined),
    requestPath: "/users/a%20b",
    body: BODY,
    context: (name) => (name === "requestId" ? "r-1" : undefined),
  },
  response: { header: (name) => (name === "etag" ? '"v"' : undefined), body: '{"ok":true}' },
};

function textOf(text: string, side: "request" | "response" = "response"): string | undefined {
  const compiled = compileExpression(text, { stage_var: "sv" }, side);
  if ("fault" in compiled) throw new Error(compiled.fault);
  return compiled.text(SOURCES);
}

describe("a body that is too much", () => {
  const LONG = JSON.stringify({ a: ["\u2000".repeat(2_000_000)] });

  test.each([
    ["$request.body.a", "BAD_REQUEST_BODY"],
    ["x${request.body.a}", "BAD_REQUEST_BODY"],
    ["$response.body.a", "API_CONFIGURATION_ERROR"],
  ])("as a text: %s is %s", (text, type) => {
    const compiled = compileExpression(text, {}, "response");
    if ("fault" in compiled) throw new Error(compiled.fault);
    const request = { ...SOURCES.request, body: LONG };
    const sources = { request, response: { header: () => undefined, body: LONG } };
    expect(() => compiled.text(sources)).toThrow(expect.objectContaining({ type, reason: "mapping.body" }));
  });

  test("of more than 250,000 values has nothing at any path", () => {
    const compiled = compileExpression("$request.body[0]", {}, "request");
    if ("fault" in compiled) return;
    const request = { ...SOURCES.request, body: `[${"{},".repeat(250_000)}0]` };
    expect(compiled.text({ request })).toBeUndefined();
  });

  test("is read once for all that is mapped from it", () => {
    const request: Sources["request"] = { ...SOURCES.request };
    const parsed = ["name", "age", "none"].map((name) => {
      const compiled = compileExpression(`$request.body.user.${name}`, {}, "request");
      if (!("fault" in compiled)) compiled.text({ request });
      return request.parsed;
    });
    expect(parsed[0]?.body).toBe(BODY);
    expect(new Set(parsed).size).toBe(1);
  });
});

describe("a value of an HTTP API's mapping", () => {
  test.each([
    ["plain text", "plain text"],
    ["", ""],
    ["costs $5", "costs $5"],
    ["$request.header.X-A", "1,2"],
    ["$request.header.none", undefined],
    ["$request.querystring.q", "one two"],
    ["$request.path.id", "a b"],
    ["$request.path", "/users/a%20b"],
    ["$request.body", BODY],
    ["$request.body.user.name", "Ann"],
    ["$request.body.user.tags", '["a","b"]'],
    ["$request.body.user.tags[1]", "b"],
    ["$request.body.user.age", "41"],
    ["$request.body.user.big", "12345678901234567890"],
    ["$request.body.user.none", undefined],
    ["$request.body.user.no.such", undefined],
    ["$context.requestId", "r-1"],
    ["$stageVariables.stage_var", "sv"],
    ["$stageVariables.other", undefined],
    ["$response.header.etag", '"v"'],
    ["$response.body.ok", "true"],
    ["users/${request.path.id}/${request.querystring.none}!", "users/a b/!"],
    ["${request.header.x-a} ${stageVariables.stage_var}", "1,2 sv"],
    ["{literal} $", "{literal} $"],
  ])("%j is %j", (text, expected) => {
    expect(textOf(text)).toBe(expected);
  });

  test.each([
    "$request.cookie.a",
    "$request.header",
    "$request.body..name",
    "$request.body.a[?(@.b==1)]",
    "$context.nothing",
    "$stageVariables.a-b",
    "$nothing",
    "a ${request.nothing.b} c",
    "${}",
    "user/$request.path.id",
    "a ${request.path.id} $context.requestId",
  ])("%j is no reference", (text) => {
    expect(compileExpression(text, {}, "response")).toHaveProperty("fault");
  });

  test("says whether a body has to be read for it", () => {
    const needs = (text: string) => {
      const compiled = compileExpression(text, {}, "response");
      return "fault" in compiled ? [] : [...compiled.needs];
    };
    expect(needs("$request.header.a")).toEqual([]);
    expect(needs("$request.body")).toEqual(["request.body"]);
    expect(needs("${response.body.a} ${request.body.b}")).toEqual(["response.body", "request.body"]);
  });

  test("has no response to read while the request is under way", () => {
    expect(compileExpression("$response.header.etag", {}, "request")).toHaveProperty("fault");
  });

  test("hands on what it finds in a body as what it is", () => {
    const compiled = compileExpression("$request.body.user.tags", {}, "request");
    expect("fault" in compiled ? compiled : compiled.value(SOURCES)).toEqual(["a", "b"]);
  });

  test("a body that is no JSON has nothing at any path", () => {
    const compiled = compileExpression("$request.body.user", {}, "request");
    const sources = { request: { ...SOURCES.request, body: "{broken" } };
    expect("fault" in compiled ? compiled : compiled.text(sources)).toBeUndefined();
  });
});
