import { expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";
import { lintLimits } from "../../src/openapi/lint-limits.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };

function imported(operation: object, root: object = {}, item: object = {}) {
  const document = { openapi: "3.0.1", info: { title: "t", version: "1" } };
  return importOpenApi({
    ...document,
    paths: { "/a": { get: { ...MOCK, ...operation }, ...item } },
    ...root,
  });
}

/** `code path (hint)` of each problem. */
const problems = (...parts: Parameters<typeof imported>): readonly string[] =>
  imported(...parts).problems.map(
    ({ code, path, hint }) => `${code} ${path}${hint === undefined ? "" : ` (${hint})`}`,
  );

const warnings = (operation: object): readonly string[] =>
  lintLimits(imported(operation)).map(({ path, message }) => `${path}: ${message}`);

test("limits become members of their entries, as the document wrote them", () => {
  const throttle = { rate: 10, per: "ip" };
  const concurrency = [{ limit: 5 }];
  const { entries, routes, settings, problems } = imported(
    { "x-portico-throttle": throttle, "x-portico-concurrency": concurrency },
    { "x-portico-throttle": [{ rate: 1000 }, { rate: 1e6, interval: "day" }] },
  );
  expect(problems).toEqual([]);
  expect(entries.get("apis/default")).toEqual({
    throttle: [{ rate: 1000 }, { rate: 1e6, interval: "day" }],
    name: "t",
  });
  expect(entries.get("apis/default/routes/GET /a")).toEqual({
    integration: { type: "mock" },
    throttle,
    concurrency,
  });
  expect(settings.throttle.map(({ burst }) => burst)).toEqual([1000, 1e6]);
  expect(routes.get("GET /a")).toMatchObject({
    throttle: [{ rate: 10, burst: 10, per: "ip" }],
    concurrency: [{ limit: 5 }],
  });
});

test.each<[readonly string[], object, object?, object?]>([
  [["value.invalid paths./a.get#throttle.rate"], { "x-portico-throttle": { rate: 0 } }],
  [
    ["value.invalid paths./a.get#throttle.1.burst"],
    { "x-portico-throttle": [{ rate: 1 }, { rate: 1, burst: 0 }] },
  ],
  [
    ['key.unknown paths./a.get#throttle.0.brust (did you mean "burst"?)'],
    { "x-portico-throttle": [{ rate: 1, brust: 5 }] },
  ],
  [["value.invalid paths./a.get#concurrency.limit"], { "x-portico-concurrency": { limit: 0 } }],
  [["value.invalid x-portico-throttle.rate"], {}, { "x-portico-throttle": { rate: -1 } }],
  [
    ["throttle.duplicate x-portico-throttle.1 (take one of them out)"],
    {},
    { "x-portico-throttle": [{ rate: 1 }, { rate: 1 }] },
  ],
  [
    [
      "throttle.per paths./a.get#throttle.per (claims come from authorizers of type jwt and cognito_user_pools)",
    ],
    { "x-portico-throttle": { rate: 1, per: "jwt.sub" } },
  ],
  [
    ['throttle.per paths./a.get#throttle.per (put "apiKeyRequired": true on the route, or limit it per ip)'],
    { "x-portico-throttle": { rate: 1, per: "apiKey" } },
  ],
  [
    ['key.unknown paths./a.get.x-portico-throtle (did you mean "x-portico-throttle"?)'],
    { "x-portico-throtle": { rate: 1 } },
  ],
  [
    ["key.unknown x-portico-concurrency (it belongs in an operation)"],
    {},
    { "x-portico-concurrency": { limit: 1 } },
  ],
  [
    ["key.unknown paths./a.x-portico-throttle (it belongs in the document or an operation)"],
    {},
    {},
    { "x-portico-throttle": { rate: 1 } },
  ],
  [
    ["key.unknown paths./a.get#integration.throttle"],
    { "x-amazon-apigateway-integration": { type: "mock", throttle: { rate: 1 } } },
  ],
])("%j", (expected, operation, root, item) => {
  expect(problems(operation, root, item)).toEqual(expected);
});

test("a limit whose bucket callers choose is named when it stands alone", () => {
  const tenant = { rate: 1, per: "header.x-tenant" };
  expect(warnings({ "x-portico-throttle": tenant })).toEqual([
    "paths./a.get.x-portico-throttle: GET /a is limited per header.x-tenant only: callers choose their bucket",
  ]);
  expect(
    warnings({
      "x-portico-throttle": [{ rate: 1, per: "querystring.key" }, tenant],
      "x-portico-concurrency": { limit: 1, per: "querystring.key" },
    }),
  ).toEqual([
    "paths./a.get.x-portico-throttle: GET /a is limited per querystring.key, header.x-tenant only: callers choose their bucket",
    "paths./a.get.x-portico-concurrency: GET /a is limited per querystring.key only: callers choose their bucket",
  ]);
});

test.each(["ip", "route", undefined, "stage", "api", "account"])("beside one per %s it is not", (per) => {
  const wide = { rate: 100, ...(per === undefined ? {} : { per }) };
  expect(warnings({ "x-portico-throttle": [{ rate: 1, per: "header.x-tenant" }, wide] })).toEqual([]);
  expect(warnings({ "x-portico-throttle": wide })).toEqual([]);
  expect(warnings({})).toEqual([]);
});
