import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEntryKey } from "../../src/config/keys.ts";
import { parseEntry, parseValue } from "../../src/config/parse.ts";
import { nearest, type Parsed } from "../../src/config/problem.ts";
import { ApiEntry, DeploymentEntry, DomainEntry, RouteEntry, StageEntry } from "../../src/config/schemas.ts";

const KEY = "apis/x/routes/GET /y";
const problemsOf = (parsed: Parsed<unknown>) => (parsed.ok ? [] : parsed.problems);

test("a member that is there twice is refused: the last would win without a word", () => {
  const text = '{"integration":{"type":"mock"},"integration":{"type":"aws_proxy","uri":"hello"}}';
  expect(parseEntry(KEY, text, RouteEntry)).toMatchObject({
    ok: false,
    problems: [{ code: "json.ambiguous", path: KEY, message: expect.stringContaining("integration") }],
  });
});

describe("an entry's problems name their place", () => {
  test.each([
    [{ integraton: {} }, "key.unknown", `${KEY}#integraton`, 'did you mean "integration"?'],
    [{ integration: { typ: "mock" } }, "key.unknown", `${KEY}#integration.typ`, 'did you mean "type"?'],
    [
      { integration: { type: "mock", timeoutInMilis: 1 } },
      "key.unknown",
      `${KEY}#integration.timeoutInMilis`,
      'did you mean "timeoutInMillis"?',
    ],
    [
      { integration: { type: "mock", responses: { default: { statuscode: 200 } } } },
      "key.unknown",
      `${KEY}#integration.responses.default.statuscode`,
      'did you mean "statusCode"?',
    ],
    [{}, "key.missing", `${KEY}#integration`, undefined],
    [{ integration: {} }, "key.missing", `${KEY}#integration.type`, undefined],
    [
      { integration: { type: "htp_proxy" } },
      "value.unknown",
      `${KEY}#integration.type`,
      'did you mean "http_proxy"?',
    ],
    [
      { integration: { type: "mock", timeoutInMillis: 10 } },
      "value.invalid",
      `${KEY}#integration.timeoutInMillis`,
      undefined,
    ],
    [{ integration: { type: "mock", uri: "" } }, "value.invalid", `${KEY}#integration.uri`, undefined],
    [{ integration: "mock" }, "value.invalid", `${KEY}#integration`, undefined],
    [[], "value.invalid", KEY, undefined],
    ["x", "value.invalid", KEY, undefined],
    [null, "value.invalid", KEY, undefined],
  ])("%j: %s at %s", (value, code, path, hint) => {
    const problems = problemsOf(parseValue(KEY, value, RouteEntry));
    const found = problems.find((problem) => problem.code === code && problem.path === path);
    expect(found, JSON.stringify(problems)).toBeDefined();
    if (hint !== undefined) expect(found?.hint).toBe(hint);
  });

  test.each(["", "{", "{'a':1}", "undefined", '{"a":1,}', "\u0000"])("%j is no JSON", (text) => {
    expect(problemsOf(parseEntry(KEY, text, RouteEntry))).toMatchObject([
      { code: "json.malformed", path: KEY },
    ]);
  });

  test("every value whatsoever parses, or has problems with code, path and message", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        for (const schema of [RouteEntry, ApiEntry, StageEntry, DeploymentEntry, DomainEntry]) {
          const parsed = parseEntry(KEY, text, schema);
          if (parsed.ok) continue;
          expect(parsed.problems.length).toBeGreaterThan(0);
          for (const { code, path, message } of parsed.problems) {
            expect(code).toMatch(/^[a-z]+\.[a-z]+$/);
            expect(path.startsWith(KEY)).toBe(true);
            expect(message.length).toBeGreaterThan(0);
          }
        }
      }),
    );
  });

  test("__proto__ and constructor are keys like any other unknown one", () => {
    for (const text of ['{"__proto__":{"integration":{"type":"mock"}}}', '{"constructor":1}']) {
      expect(parseEntry(KEY, text, RouteEntry).ok).toBe(false);
    }
  });
});

describe("what entries may say", () => {
  test.each([
    [{ type: "HTTP_PROXY", uri: "https://a" }, "http_proxy"],
    [{ type: "mock", responses: { "200": { statusCode: "200" } } }, "mock"],
  ])("%j as API Gateway's documents write it", (integration, type) => {
    expect(parseValue(KEY, { integration }, RouteEntry)).toMatchObject({
      ok: true,
      value: { integration: { type } },
    });
  });

  test.each([
    ["host.example", true],
    ["a/b?c=d&e=f#g,h", true],
    ["a b", false],
    ["a{b}", false],
    ["x".repeat(513), false],
  ])("stage variable %j: %s", (value, ok) => {
    expect(parseValue("s", { variables: { name: value } }, StageEntry).ok).toBe(ok);
  });

  test.each([
    ["", true],
    ["v1", true],
    ["orders/v1", true],
    ["/v1", false],
    ["v1/", false],
    ["a//b", false],
    ["a b", false],
  ])("base path %j: %s", (basePath, ok) => {
    expect(parseValue("d", { mappings: [{ basePath, api: "x" }] }, DomainEntry).ok).toBe(ok);
  });
});

describe("keys", () => {
  test.each([
    ["apis/x", { api: "x", kind: "api", name: "" }],
    ["apis/x/routes/GET /a/b", { api: "x", kind: "routes", name: "GET /a/b" }],
    ["apis/x/stages/$default", { api: "x", kind: "stages", name: "$default" }],
    ["apis/x/deployments/1", { api: "x", kind: "deployments", name: "1" }],
    ["apis/", undefined],
    ["apis//routes/GET /", undefined],
    ["apis/x/route/GET /", undefined],
    ["apis/x/routes", undefined],
    ["apis/x/routes/", undefined],
    ["domains/x", undefined],
  ])("%s", (key, expected) => {
    expect(parseEntryKey(key)).toEqual(expected);
  });
});

describe("the nearest name", () => {
  test.each([
    ["integraton", ["integration", "operationName"], "integration"],
    ["TYPE", ["type", "uri"], "type"],
    ["zzz", ["integration"], undefined],
    ["x", [], undefined],
  ])("to %s among %j is %s", (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });
});
