import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEntry, parseValue } from "../../src/config/parse.ts";
import { ApiEntry, RouteEntry, StageEntry } from "../../src/config/schemas.ts";
import { AccountEntry } from "../../src/config/throttle-schema.ts";

const MOCK = { type: "mock" };
const WHOSE =
  "write ip, apiKey, route, stage, api, account, jwt.CLAIM, authorizer.NAME, header.NAME or querystring.NAME";
const MOST = "at most 1,000,000,000";
const ABOVE_BURST = "a request costs more than the burst: none would ever get in";
const OBJECT = 'a limit is an object, as { "rate": 10 }';

/** `path: message` of each problem; the text of a KV entry can say more than a value (1e400). */
function problems(
  text: string,
  schema: typeof RouteEntry | typeof StageEntry = RouteEntry,
): readonly string[] {
  const parsed = parseEntry("x", text, schema);
  if (parsed.ok) return [];
  return parsed.problems.map(
    ({ path, message, hint }) => `${path.split("#")[1] ?? ""}: ${message}${hint ? ` (${hint})` : ""}`,
  );
}

const route = (member: string, text: string): string => `{"integration":{"type":"mock"},"${member}":${text}}`;

function throttleOf(value: unknown) {
  const parsed = parseValue("x", { throttle: value }, AccountEntry);
  return parsed.ok ? parsed.value.throttle : parsed.problems;
}

const DEFAULTS = { interval: "second", cost: 1, fail: "local", exact: false };

describe("a throttle", () => {
  test.each([
    [{ rate: 10 }, [{ ...DEFAULTS, rate: 10, burst: 10 }]],
    [{ rate: 0.2, interval: "minute" }, [{ ...DEFAULTS, rate: 0.2, interval: "minute", burst: 1 }]],
    [{ rate: 2.1 }, [{ ...DEFAULTS, rate: 2.1, burst: 3 }]],
    [{ rate: 1e9 }, [{ ...DEFAULTS, rate: 1e9, burst: 1e9 }]],
    [[], []],
    [
      [
        { rate: 1, burst: 7, per: "ip" },
        { rate: 1000, interval: "day", per: "header.X-Tenant" },
      ],
      [
        { ...DEFAULTS, rate: 1, burst: 7, per: "ip" },
        { ...DEFAULTS, rate: 1000, burst: 1000, interval: "day", per: "header.X-Tenant" },
      ],
    ],
    [
      { rate: 5, burst: 20, cost: { header: "X-Cost" }, fail: "closed", exact: true },
      [
        {
          ...{ rate: 5, burst: 20, interval: "second", fail: "closed", exact: true },
          cost: { header: "x-cost", default: 1 },
        },
      ],
    ],
  ])("%j is %j", (written, expected) => {
    expect(throttleOf(written)).toEqual(expected);
  });

  test.each([
    "ip",
    "apiKey",
    "route",
    "stage",
    "api",
    "account",
    "jwt.sub",
    "jwt.https://claims.test/tenant",
    "authorizer.principalId",
    "header.x-tenant",
    "querystring.Schlüssel",
  ])("is per %s", (per) => {
    expect(throttleOf({ rate: 1, per })).toMatchObject([{ per }]);
  });

  test("that parses lets something in, and is the same when it is written again", () => {
    const number = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 50 }) },
      { weight: 4, arbitrary: fc.double({ min: 0, max: 50, noNaN: true }) },
      fc.integer(),
      fc.double(),
      fc.constantFrom(0, 1e9, 1e9 + 1, 2 ** 53),
    );
    const ofAnswer = fc.record(
      { header: fc.constantFrom("x-cost", "X-Cost", "a b"), default: number },
      { requiredKeys: ["header"] },
    );
    const limit = fc.record(
      {
        rate: number,
        burst: number,
        interval: fc.constantFrom("second", "minute", "hour", "day", "week"),
        per: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("ip", "jwt.sub", "header.a") }, fc.string()),
        cost: fc.oneof(number, ofAnswer),
        fail: fc.constantFrom("local", "open", "closed"),
        exact: fc.boolean(),
      },
      { requiredKeys: ["rate"] },
    );
    let parsedOnes = 0;
    fc.assert(
      fc.property(limit, (written) => {
        const parsed = parseValue("x", { throttle: written }, AccountEntry);
        if (!parsed.ok) return;
        parsedOnes += 1;
        const [found] = parsed.value.throttle;
        if (!found) throw new Error("a limit got lost");
        expect(Number.isFinite(found.rate) && found.rate > 0).toBe(true);
        expect(Number.isSafeInteger(found.burst)).toBe(true);
        expect(typeof found.cost === "number" ? found.cost : found.cost.default).toBeLessThanOrEqual(
          found.burst,
        );
        expect(parseEntry("x", JSON.stringify(parsed.value), AccountEntry)).toEqual(parsed);
      }),
      { numRuns: 1000 },
    );
    expect(parsedOnes).toBeGreaterThan(50);
  });
});

describe("a bad limit is named by its member, alone and in a list", () => {
  const bad: readonly (readonly [string, ...string[]])[] = [
    ['{"rate":0}', "rate: a rate is more than 0"],
    ['{"rate":-1}', "rate: a rate is more than 0"],
    ['{"rate":null}', "rate: expected number, found null"],
    ['{"rate":"NaN"}', 'rate: expected number, found "NaN"'],
    ['{"rate":"10"}', 'rate: expected number, found "10"'],
    ['{"rate":1e400}', `rate: ${MOST}`],
    ['{"rate":-1e400}', "rate: a rate is more than 0"],
    ['{"rate":1e12}', `rate: ${MOST}`],
    ['{"rate":1,"burst":0}', "burst: a burst is at least 1 request"],
    ['{"rate":1,"burst":1.5}', "burst: a whole number of tokens"],
    ['{"rate":1,"burst":1e12}', `burst: ${MOST}`],
    ['{"rate":1,"interval":"fortnight"}', 'interval: "fortnight" is none of second, minute, hour, day'],
    [
      '{"rate":1,"interval":"minutes"}',
      'interval: "minutes" is none of second, minute, hour, day (did you mean "minute"?)',
    ],
    ['{"rate":1,"per":"IP"}', `per: ${WHOSE}`],
    ['{"rate":1,"per":""}', `per: ${WHOSE}`],
    ['{"rate":1,"per":"header."}', `per: ${WHOSE}`],
    ['{"rate":1,"per":"header.x y"}', `per: ${WHOSE}`],
    ['{"rate":1,"per":"jwt.a\\u0007"}', `per: ${WHOSE}`],
    ['{"rate":1,"per":"ip\\n"}', `per: ${WHOSE}`],
    ['{"rate":1,"cost":0}', "cost: a request costs at least 1 token"],
    ['{"rate":1,"cost":2}', `cost: ${ABOVE_BURST}`],
    ['{"rate":9,"burst":2,"cost":3}', `cost: ${ABOVE_BURST}`],
    ['{"rate":1,"cost":{"header":"x","default":2}}', `cost: ${ABOVE_BURST}`],
    ['{"rate":1,"cost":{"header":"x","default":0}}', "cost.default: a request costs at least 1 token"],
    ['{"rate":1,"cost":{"header":"a b"}}', "cost.header: not a header's name"],
    ['{"rate":1,"cost":{"default":1}}', 'cost.header: the key "header" is missing'],
    [
      '{"rate":1,"cost":{"header":"x","defualt":1}}',
      'cost.defualt: there is no key "defualt" here (did you mean "default"?)',
    ],
    ['{"rate":1,"cost":"x"}', 'cost: expected number, found "x"'],
    ['{"rate":1,"fail":"opn"}', 'fail: "opn" is none of local, open, closed (did you mean "open"?)'],
    ['{"rate":1,"exact":"yes"}', 'exact: expected boolean, found "yes"'],
    ['{"rate":1,"brust":5}', 'brust: there is no key "brust" here (did you mean "burst"?)'],
    ['{"ratelimit":5}', 'rate: the key "rate" is missing', 'ratelimit: there is no key "ratelimit" here'],
    ["{}", 'rate: the key "rate" is missing'],
  ];

  test.each(bad)("%s: %s", (text, ...expected) => {
    expect(problems(route("throttle", text))).toEqual(expected.map((at) => `throttle.${at}`));
    expect(problems(route("throttle", `[{"rate":9,"per":"ip"},${text}]`))).toEqual(
      expected.map((at) => `throttle.1.${at}`),
    );
  });

  test.each([
    ['"10/s"', `throttle: ${OBJECT}`],
    ["10", `throttle: ${OBJECT}`],
    ["null", `throttle: ${OBJECT}`],
    ["[null]", `throttle.0: ${OBJECT}`],
    ['[{"rate":1},"x"]', `throttle.1: ${OBJECT}`],
    ["[[]]", 'throttle.0.rate: the key "rate" is missing'],
    [
      `[${Array.from({ length: 11 }, (_, i) => `{"rate":${i + 1}}`).join()}]`,
      "throttle: at most 10 limits at one place",
    ],
  ])("%s: %s", (text, expected) => {
    expect(problems(route("throttle", text))).toEqual([expected]);
  });

  test.each([
    ['{"limit":0}', "concurrency.limit: at least 1 request at a time"],
    ['{"limit":1.5}', "concurrency.limit: a whole number of requests"],
    ['{"limit":1e12}', "concurrency.limit: at most 1,000,000 at a time"],
    ['{"limit":5,"per":"Ip"}', `concurrency.per: ${WHOSE}`],
    ['[{"limit":5},{"limit":6,"exact":true}]', 'concurrency.1.exact: there is no key "exact" here'],
    ["5", 'concurrency: a limit is an object, as { "limit": 5 }'],
  ])("%s: %s", (text, expected) => {
    expect(problems(route("concurrency", text))).toEqual([expected]);
  });
});

describe("where limits stand", () => {
  test("an entry that says nothing has none", () => {
    expect(parseValue("x", { integration: MOCK }, RouteEntry)).toMatchObject({
      value: { throttle: [], concurrency: [] },
    });
    expect(parseValue("x", {}, ApiEntry)).toMatchObject({ value: { throttle: [] } });
    expect(parseValue("x", {}, StageEntry)).toEqual({
      ok: true,
      value: { variables: {}, throttle: [], routeSettings: {} },
    });
    expect(parseValue("x", {}, AccountEntry)).toEqual({ ok: true, value: { throttle: [] } });
  });

  test("a stage has API Gateway's settings for its routes, with which nothing may get in", () => {
    const value = {
      defaultRouteSettings: { throttlingRateLimit: 0.5, throttlingBurstLimit: 0 },
      routeSettings: {
        "GET /pets/{id}": { throttlingRateLimit: 0, throttlingBurstLimit: 5 },
        $default: { throttlingRateLimit: 1e9, throttlingBurstLimit: 1e9 },
      },
    };
    expect(parseValue("x", value, StageEntry)).toMatchObject({ ok: true, value });
  });

  test.each([
    [
      '{"routeSettings":{"GET/a":{"throttlingRateLimit":1,"throttlingBurstLimit":1}}}',
      'routeSettings.GET/a: "GET/a" is not METHOD, a space and a path, as "GET /users/{id}"',
    ],
    [
      '{"routeSettings":{"get /a":{"throttlingRateLimit":1,"throttlingBurstLimit":1}}}',
      'routeSettings.get /a: "get" is not a method that routes can have (DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, ANY)',
    ],
    [
      '{"routeSettings":{"GET /a":{"throttlingRateLimit":1}}}',
      'routeSettings.GET /a.throttlingBurstLimit: the key "throttlingBurstLimit" is missing',
    ],
    [
      '{"defaultRouteSettings":{"throttlingRateLimit":-1,"throttlingBurstLimit":1}}',
      "defaultRouteSettings.throttlingRateLimit: a rate is a number of requests a second, 0 or more",
    ],
    [
      '{"defaultRouteSettings":{"throttlingRateLimit":1e400,"throttlingBurstLimit":1}}',
      `defaultRouteSettings.throttlingRateLimit: ${MOST}`,
    ],
    [
      '{"defaultRouteSettings":{"throttlingRateLimit":1,"throttlingBurstLimit":0.5}}',
      "defaultRouteSettings.throttlingBurstLimit: a burst is a whole number of requests",
    ],
    ['{"throttle":{"rate":0}}', "throttle.rate: a rate is more than 0"],
    ['{"throttling":{"rate":1}}', 'throttling: there is no key "throttling" here (did you mean "throttle"?)'],
  ])("a stage with %s: %s", (text, expected) => {
    expect(problems(text, StageEntry)).toEqual([expected]);
  });
});
