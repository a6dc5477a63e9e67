import { describe, expect, test } from "vitest";
import { ApiKeyEntry, UsagePlanEntry } from "../../src/config/api-key-schema.ts";
import { parseEntry, parseValue } from "../../src/config/parse.ts";

const key = (value: unknown) => parseValue("api-keys/x", value, ApiKeyEntry);
const plan = (value: unknown) => parseValue("usage-plans/x", value, UsagePlanEntry);

/** `path: message` of each problem. */
const problems = (parsed: ReturnType<typeof key> | ReturnType<typeof plan>): readonly string[] =>
  parsed.ok
    ? []
    : parsed.problems.map(
        ({ path, message, hint }) => `${path.split("#")[1] ?? ""}: ${message}${hint ? ` (${hint})` : ""}`,
      );

describe("an API key's entry", () => {
  test("says little at least", () => {
    expect(key({ id: "k_1" })).toEqual({ ok: true, value: { id: "k_1", enabled: true, usagePlans: [] } });
  });

  test("says all of this at most, and reads the same once it is written again", () => {
    const value = {
      id: "k_0123456789",
      name: "Müller & Co",
      owner: "shop@example.com",
      description: "",
      enabled: false,
      usagePlans: ["gold", "silver-2.0"],
      labels: { team: "a b", empty: "" },
      createdAt: "2026-11-21T09:00:00.000Z",
      expiresAt: "2027-11-21T09:00:00.000Z",
    };
    expect(key(value)).toEqual({ ok: true, value });
  });

  test.each([
    ["2027-01-31T00:00:00Z", "2027-01-31T00:00:00.000Z"],
    ["2027-01-31T00:00Z", "2027-01-31T00:00:00.000Z"],
    ["2027-01-31T00:00:00.5Z", "2027-01-31T00:00:00.500Z"],
    ["2027-01-31T00:00:00+02:00", "2027-01-30T22:00:00.000Z"],
    ["2028-02-29T23:59:59Z", "2028-02-29T23:59:59.000Z"],
  ])("the instant %s is %s", (expiresAt, expected) => {
    const parsed = key({ id: "k", expiresAt });
    expect(parsed.ok && parsed.value.expiresAt).toBe(expected);
  });

  test.each([
    "",
    "never",
    "2027-01-31",
    "2027-01-31T00:00:00",
    "2027-02-30T00:00:00Z",
    "2027-02-29T00:00:00Z",
    "2027-13-01T00:00:00Z",
    "2027-00-10T00:00:00Z",
    "2027-01-31T25:00:00Z",
    "2027-01-31T00:61:00Z",
    "2027-01-31T00:00:00+99:00",
    "+012027-01-31T00:00:00Z",
    "Sun, 31 Jan 2027 00:00:00 GMT",
    "1800000000",
    "2027-01-31T00:00:00Z\n",
  ])("R-13 a key that expires at %j is no key that never expires", (expiresAt) => {
    expect(problems(key({ id: "k", expiresAt }))).toEqual([
      "expiresAt: not an instant: write a date, a time and a zone, as 2027-01-31T00:00:00Z",
    ]);
  });

  test.each([
    [{}, 'id: the key "id" is missing'],
    [{ id: "" }, "id: a key's id is 1 to 64 of A-Z a-z 0-9 _ -"],
    [{ id: "a b" }, "id: a key's id is 1 to 64 of A-Z a-z 0-9 _ -"],
    [{ id: "k", expires: "x" }, 'expires: there is no key "expires" here (did you mean "expiresAt"?)'],
    [{ id: "k", enabled: "false" }, 'enabled: expected boolean, found "false"'],
    [{ id: "k", enabled: null }, "enabled: expected boolean, found null"],
    [{ id: "k", expiresAt: 1_800_000_000 }, "expiresAt: expected string, found 1800000000"],
    [{ id: "k", usagePlans: "gold" }, 'usagePlans: expected Array, found "gold"'],
    [{ id: "k", usagePlans: ["a/b"] }, "usagePlans.0: a usage plan's name is 1 to 128 of A-Z a-z 0-9 . _ -"],
    [{ id: "k", name: "\u001b[2J" }, "name: there is a control character in it"],
    [{ id: "k", owner: "a\nb" }, "owner: there is a control character in it"],
    [{ id: "k", labels: { a: 1 } }, "labels.a: expected string, found 1"],
    [{ id: "k", labels: { "": "x" } }, "labels.: a label needs a name"],
  ])("%j: %s", (value, expected) => {
    expect(problems(key(value))).toEqual([expected]);
  });

  test("a name has API Gateway's length at most", () => {
    expect(key({ id: "k", name: "x".repeat(1024) }).ok).toBe(true);
    expect(problems(key({ id: "k", name: "x".repeat(1025) }))).toEqual(["name: longer than 1024 characters"]);
  });
});

describe("a usage plan's entry", () => {
  test.each([
    [{ apiStages: [] }],
    [{ apiStages: [{ api: "shop", stage: "$default" }] }],
    [
      {
        name: "Gold",
        description: "for partners",
        apiStages: [
          {
            api: "shop",
            stage: "prod",
            throttle: {
              "/pets/GET": { rateLimit: 0.5, burstLimit: 1 },
              "//GET": { rateLimit: 0, burstLimit: 0 },
            },
          },
        ],
        throttle: { rateLimit: 100, burstLimit: 200 },
        quota: { limit: 1000, offset: 999, period: "MONTH" },
        fail: "closed",
        exact: true,
      },
    ],
    [{ apiStages: [], throttle: { rateLimit: 1e9, burstLimit: 1e9 } }],
    // More burst than rate, no calls at all, an offset in any period: API Gateway takes them.
    [{ apiStages: [], throttle: { rateLimit: 0, burstLimit: 0 } }],
    [{ apiStages: [], quota: { limit: 1, offset: 0, period: "DAY" } }],
    [{ apiStages: [], quota: { limit: 100, offset: 6, period: "WEEK" } }],
  ])("%j is taken as it is", (value) => {
    expect(plan(value)).toEqual({ ok: true, value: { fail: "local", exact: false, ...value } });
  });

  const quota = (value: unknown) => ({ apiStages: [], quota: value });
  const throttle = (value: unknown) => ({ apiStages: [], throttle: value });
  const methods = (value: unknown) => ({ apiStages: [{ api: "a", stage: "s", throttle: value }] });

  test.each([
    [{}, 'apiStages: the key "apiStages" is missing'],
    [{ apiStages: [{ api: "a" }] }, 'apiStages.0.stage: the key "stage" is missing'],
    [{ apiStages: [{ api: "", stage: "s" }] }, "apiStages.0.api: write the name of an API"],
    [
      { apiStages: [{ apiId: "a", api: "a", stage: "s" }] },
      'apiStages.0.apiId: there is no key "apiId" here (did you mean "api"?)',
    ],
    [throttle({ rateLimit: 1 }), 'throttle.burstLimit: the key "burstLimit" is missing'],
    [
      throttle({ rateLimit: -1, burstLimit: 1 }),
      "throttle.rateLimit: a rate is a number of requests a second, 0 or more",
    ],
    [
      throttle({ rateLimit: 1, burstLimit: 1.5 }),
      "throttle.burstLimit: a burst is a whole number of requests",
    ],
    [throttle({ rateLimit: 1, burstLimit: -1 }), "throttle.burstLimit: a burst is 0 requests or more"],
    [throttle({ rateLimit: "1", burstLimit: 1 }), 'throttle.rateLimit: expected number, found "1"'],
    [
      methods({ "GET /pets": {} }),
      "apiStages.0.throttle.GET /pets: not a resource's path and method: write /pets/GET, or //GET for the root",
    ],
    [
      methods({ "/pets/FETCH": {} }),
      "apiStages.0.throttle./pets/FETCH: not a resource's path and method: write /pets/GET, or //GET for the root",
    ],
    [throttle({ rateLimit: 1e9 + 1, burstLimit: 1 }), "throttle.rateLimit: at most 1,000,000,000"],
    [throttle({ rateLimit: 1, burstLimit: 1e12 }), "throttle.burstLimit: at most 1,000,000,000"],
    [
      methods({ "/a/GET": { rateLimit: 1e12 } }),
      "apiStages.0.throttle./a/GET.rateLimit: at most 1,000,000,000",
    ],
    [
      methods({ "/a/GET": { rateLimit: 1 } }),
      "apiStages.0.throttle./a/GET: the burstLimit is neither here nor in the plan's own throttle",
    ],
    [
      methods({ "/a/GET": { rateLimit: 1, burstLimit: 1 }, "//PUT": { burstLimit: 1 } }),
      "apiStages.0.throttle.//PUT: the rateLimit is neither here nor in the plan's own throttle",
    ],
    [{ apiStages: [], fail: "never" }, 'fail: "never" is none of local, open, closed'],
    [{ apiStages: [], exact: 1 }, "exact: expected boolean, found 1"],
    [{ apiStages: [], exat: true }, 'exat: there is no key "exat" here (did you mean "exact"?)'],
    [quota({ limit: 0, period: "DAY" }), "quota.limit: a quota is at least 1 request"],
    [quota({ limit: 1.5, period: "DAY" }), "quota.limit: a quota is a whole number of requests"],
    [
      quota({ limit: 5, offset: 5, period: "WEEK" }),
      "quota.offset: the offset leaves nothing of the first period: it has to be less than the limit",
    ],
    [quota({ limit: 5, offset: -1, period: "WEEK" }), "quota.offset: an offset is 0 requests or more"],
    [
      quota({ limit: 5, period: "MONHT" }),
      'quota.period: "MONHT" is none of DAY, WEEK, MONTH (did you mean "MONTH"?)',
    ],
    [quota({ limit: 5, period: "YEAR" }), 'quota.period: "YEAR" is none of DAY, WEEK, MONTH'],
  ])("%j: %s", (value, expected) => {
    expect(problems(plan(value))).toEqual([expected]);
  });

  test("a method's limit takes from the plan what it does not say", () => {
    const stages = (throttle: object) => [
      { api: "a", stage: "s", throttle },
      { api: "b", stage: "s" },
    ];
    const parsed = plan({
      apiStages: stages({ "/a/GET": { rateLimit: 0 }, "/b/GET": { burstLimit: 5 }, "/c/GET": {} }),
      throttle: { rateLimit: 10, burstLimit: 20 },
    });
    expect(parsed.ok && parsed.value.apiStages).toEqual(
      stages({
        "/a/GET": { rateLimit: 0, burstLimit: 20 },
        "/b/GET": { rateLimit: 10, burstLimit: 5 },
        "/c/GET": { rateLimit: 10, burstLimit: 20 },
      }),
    );
  });

  test("a rate beyond every number is refused", () => {
    const text = '{"apiStages":[],"throttle":{"rateLimit":1e999,"burstLimit":1}}';
    expect(parseEntry("usage-plans/x", text, UsagePlanEntry).ok).toBe(false);
  });
});
