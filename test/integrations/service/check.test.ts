import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkRoute } from "../../../src/config/check-route.ts";
import { parseValue } from "../../../src/config/parse.ts";
import type { Problem } from "../../../src/config/problem.ts";
import { API_DEFAULTS, RouteEntry } from "../../../src/config/schemas.ts";
import { SERVICE_OPERATIONS } from "../../../src/config/service-operations.ts";
import { oneStatement } from "../../../src/config/sql-statement.ts";

function problems(integration: object): readonly Problem[] {
  const parsed = parseValue("r", { integration }, RouteEntry);
  return parsed.ok ? checkRoute("r", parsed.value, API_DEFAULTS) : parsed.problems;
}

const kv = (more: object) => ({
  type: "kv",
  binding: "PROFILES",
  operation: "get",
  parameters: { key: "a" },
  ...more,
});
const d1 = (prepare: unknown, bind?: unknown) => ({
  type: "d1",
  binding: "DB",
  operation: "all",
  parameters: { prepare, ...(bind !== undefined && { bind }) },
});

test.each([
  kv({}),
  kv({ timeoutInMillis: 50 }),
  kv({ parameters: { key: "a", contentType: "text/html; charset=utf-8" } }),
  kv({ operation: "list", parameters: {} }),
  kv({
    operation: "put",
    parameters: { key: "${request.path.a}", value: { a: ["$request.body.b", 1, null] } },
  }),
  d1("SELECT 1"),
  d1("SELECT ?1 -- the first; one\n;", ["$request.path.id"]),
  d1("SELECT ';', \"a;b\", `c;`, [d;] /* ; */ WHERE a = ? AND b = ?", [1, "x"]),
  { type: "queue", binding: "JOBS", operation: "send" },
  {
    type: "queue",
    binding: "JOBS",
    operation: "send",
    parameters: { contentType: "bytes", body: "$request.body" },
  },
  { type: "service", binding: "ECHO" },
  { type: "service", binding: "ECHO", operation: "fetch", parameters: { path: "/a/${request.path.b}" } },
  { type: "analytics_engine", binding: "AE", parameters: { indexes: ["$request.path.a"], doubles: [1] } },
])("is a good integration: %#", (integration) => {
  expect(problems(integration)).toEqual([]);
});

const at = (place: string) => `r#integration.${place}`;

test.each([
  ["an operation left out", kv({ operation: undefined }), "key.missing", at("operation"), undefined],
  ["a misspelt operation", kv({ operation: "gte" }), "value.unknown", at("operation"), 'did you mean "get"?'],
  [
    "an operation of every object",
    kv({ operation: "toString" }),
    "value.unknown",
    at("operation"),
    undefined,
  ],
  ["a required parameter left out", kv({ parameters: {} }), "key.missing", at("parameters.key"), undefined],
  [
    "a misspelt parameter",
    kv({ parameters: { key: "a", cachTtl: 60 } }),
    "key.unknown",
    at("parameters.cachTtl"),
    'did you mean "cacheTtl"?',
  ],
  [
    "a number out of range",
    kv({ parameters: { key: "a", cacheTtl: 29 } }),
    "value.invalid",
    at("parameters.cacheTtl"),
    undefined,
  ],
  [
    "a number in words",
    kv({ parameters: { key: "a", cacheTtl: "long" } }),
    "value.invalid",
    at("parameters.cacheTtl"),
    undefined,
  ],
  [
    "a content type that no header can have",
    kv({ parameters: { key: "a", contentType: "a\nb" } }),
    "value.invalid",
    at("parameters.contentType"),
    "a header's value is printable ASCII",
  ],
  [
    "a content type that a request decides",
    kv({ parameters: { key: "a", contentType: "$request.header.accept" } }),
    "value.invalid",
    at("parameters.contentType"),
    "references are for other parameters",
  ],
  [
    "a time behind the last that a store knows",
    kv({ operation: "put", parameters: { key: "a", expiration: 2 ** 31 } }),
    "value.invalid",
    at("parameters.expiration"),
    undefined,
  ],
  ["a key that is none", kv({ parameters: { key: ".." } }), "value.invalid", at("parameters.key"), undefined],
  [
    "a key that is a list",
    kv({ parameters: { key: ["a"] } }),
    "value.invalid",
    at("parameters.key"),
    undefined,
  ],
  [
    "a reference to nothing",
    kv({ parameters: { key: "$request.cookie.a" } }),
    "mapping.source",
    at("parameters.key"),
    undefined,
  ],
  [
    "one inside a template",
    kv({ operation: "put", parameters: { key: "a", value: { b: ["$request.cookie.a"] } } }),
    "mapping.source",
    at("parameters.value.b.0"),
    undefined,
  ],
  [
    "a response that there is not yet",
    kv({ parameters: { key: "$response.header.a" } }),
    "mapping.source",
    at("parameters.key"),
    undefined,
  ],
  ["no binding", { type: "kv", operation: "list" }, "key.missing", at("binding"), undefined],
  [
    "SQL with a reference in it",
    d1("SELECT * FROM ${request.path.table}"),
    "value.invalid",
    at("parameters.prepare"),
    "references are for other parameters",
  ],
  [
    "SQL out of the request",
    d1("$request.body.sql"),
    "value.invalid",
    at("parameters.prepare"),
    "references are for other parameters",
  ],
  ["two statements", d1("SELECT 1; SELECT 2"), "statement.malformed", at("parameters.prepare"), undefined],
  ["a statement too few", d1(" ; -- nothing"), "statement.malformed", at("parameters.prepare"), undefined],
  [
    "a parameter without a value",
    d1("SELECT ?2", ["a"]),
    "statement.parameters",
    at("parameters.bind"),
    "?1 stands for the first item of bind, ?2 for the second",
  ],
  [
    "a value without a parameter",
    d1("SELECT '?1'", ["a"]),
    "statement.parameters",
    at("parameters.bind"),
    "?1 stands for the first item of bind, ?2 for the second",
  ],
  [
    "a parameter by name",
    d1("SELECT :id", ["a"]),
    "statement.malformed",
    at("parameters.prepare"),
    undefined,
  ],
  ["values that are no list", d1("SELECT ?1", "a"), "value.invalid", at("parameters.bind"), undefined],
  [
    "a content type that is none",
    { type: "queue", binding: "J", operation: "send", parameters: { contentType: "jsn" } },
    "value.unknown",
    at("parameters.contentType"),
    'did you mean "json"?',
  ],
  [
    "bytes that are composed",
    { type: "queue", binding: "J", operation: "send", parameters: { contentType: "bytes", body: "a" } },
    "value.invalid",
    at("parameters.body"),
    "leave body out, or write another contentType",
  ],
  [
    "unknown metadata",
    {
      type: "r2",
      binding: "F",
      operation: "put",
      parameters: { key: "a", httpMetadata: { contentTyp: "a" } },
    },
    "key.unknown",
    at("parameters.httpMetadata.contentTyp"),
    'did you mean "contentType"?',
  ],
  [
    "a path with a query",
    { type: "service", binding: "E", parameters: { path: "/a?b" } },
    "value.invalid",
    at("parameters.path"),
    "the request's own query goes along",
  ],
  [
    "a path that is an address",
    { type: "service", binding: "E", parameters: { path: "https://evil.example/" } },
    "value.invalid",
    at("parameters.path"),
    "the request's own query goes along",
  ],
  [
    "too many indexes",
    { type: "analytics_engine", binding: "A", parameters: { indexes: ["a", "b"] } },
    "value.invalid",
    at("parameters.indexes"),
    undefined,
  ],
])("%s is a problem", (_, integration, code, path, hint) => {
  const [problem, ...more] = problems(integration);
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ code, path });
  expect(problem?.hint).toBe(hint);
});

describe("a statement", () => {
  /** Pieces of SQL that end no statement, whatever stands in them. */
  const inert = fc.oneof(
    fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
    fc.string().map((text) => `"${text.replaceAll('"', '""')}"`),
    fc.string().map((text) => `-- ${text.replaceAll("\n", " ")}\n`),
    fc.string().map((text) => `/* ${text.replaceAll("*/", "")} */`),
    fc.constantFrom("a", " ", "+", "(1)", "\n"),
  );

  test("is one, whatever stands in its quotes and comments; two are never one", () => {
    fc.assert(
      fc.property(fc.array(inert), fc.array(inert), (first, second) => {
        const [a, b] = [`SELECT ${first.join(" ")}`, `SELECT ${second.join(" ")}`];
        expect(oneStatement(a)).toEqual({ parameters: 0 });
        expect(oneStatement(`${a} ; `)).toEqual({ parameters: 0 });
        expect(oneStatement(`${a} ; ${b}`)).toHaveProperty("fault");
      }),
    );
  });

  test.each([
    ["SELECT ?", 1],
    ["SELECT ?, ?", 2],
    ["SELECT ?2, ?1, ?2", 2],
    ["SELECT '?', ?1", 1],
  ])("%s takes %i values", (sql, parameters) => {
    expect(oneStatement(sql)).toEqual({ parameters });
  });

  test.each(["SELECT 'a", 'SELECT "a', "SELECT ?, ?1", "SELECT ?0", "SELECT @a", "", "  ", "--", ";"])(
    "%j is none",
    (sql) => {
      expect(oneStatement(sql)).toHaveProperty("fault");
    },
  );
});

test("every operation's parameters have names that an entry can write", () => {
  for (const operations of Object.values(SERVICE_OPERATIONS)) {
    for (const rules of Object.values(operations)) {
      for (const name of Object.keys(rules)) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
    }
  }
});
