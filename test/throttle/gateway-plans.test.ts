import { describe, expect, test } from "vitest";
import { keyEntry, limited, newKey, only, onlyPlan, reasonOf, routes, settle } from "./gateway-support.ts";

const KEYS = [newKey(), newKey()] as const;
const WITH = [{ headers: { "x-api-key": KEYS[0] } }, { headers: { "x-api-key": KEYS[1] } }] as const;
const REQUIRED = { apiKeyRequired: true };
const DEFAULT = { api: "default", stage: "$default" };
const PROD = { api: "default", stage: "prod" };
const OTHER = { api: "other", stage: "$default" };

const keys = async (plan = "gold"): Promise<Record<string, unknown>> => ({
  ...(await keyEntry(KEYS[0], "k_one", plan)),
  ...(await keyEntry(KEYS[1], "k_two", plan)),
});

/** Two APIs, one of them with two stages. */
const everything = {
  ...routes({
    "GET /a": REQUIRED,
    "GET /b": REQUIRED,
    "POST /a": REQUIRED,
    "GET /": REQUIRED,
    "GET /open": {},
  }),
  ...routes({ "GET /a": REQUIRED }, "other"),
  "apis/default/stages/$default": {},
  "apis/default/stages/prod": {},
};

describe.each(["HTTP", "REST"])("a usage plan on an %s API", (protocol) => {
  test("limits each key over all of its stages together", async () => {
    const subject = await limited({
      ...everything,
      "apis/default": { protocol },
      "apis/other": { protocol },
      ...(await keys()),
      "usage-plans/gold": { apiStages: [DEFAULT, PROD, OTHER], throttle: onlyPlan(4) },
    });
    const places = [
      ["/a", "api.test"],
      ["/b", "api.test"],
      ["/prod/a", "api.test"],
      ["/a", "other.test"],
    ] as const;
    for (const [path, host] of places) {
      expect((await subject.send(path, { ...WITH[0], host })).status, path).toBe(200);
    }
    for (const [path, host] of places) {
      const refused = await subject.send(path, { ...WITH[0], host });
      expect([refused.status, await refused.text(), reasonOf(refused)]).toEqual([
        429,
        '{"message":"Too Many Requests"}',
        "throttle.client",
      ]);
    }
    // Another key has its own, and a route without keys none.
    expect(await subject.statuses(5, "/a", WITH[1])).toEqual([200, 200, 200, 200, 429]);
    expect(await subject.statuses(3, "/open", WITH[0])).toEqual([200, 200, 200]);
  });

  test("counts a key's requests of a period over all of its stages together", async () => {
    const subject = await limited({
      ...everything,
      "apis/default": { protocol },
      "apis/other": { protocol },
      ...(await keys()),
      "usage-plans/gold": { apiStages: [DEFAULT, PROD, OTHER], quota: { limit: 3, period: "WEEK" } },
    });
    expect((await subject.send("/a", WITH[0])).status).toBe(200);
    expect((await subject.send("/prod/b", WITH[0])).status).toBe(200);
    expect((await subject.send("/a", { ...WITH[0], host: "other.test" })).status).toBe(200);
    const refused = await subject.send("/b", WITH[0]);
    expect([refused.status, await refused.text(), reasonOf(refused)]).toEqual([
      429,
      '{"message":"Limit Exceeded"}',
      "quota.exceeded",
    ]);
    expect(await subject.statuses(4, "/a", WITH[1])).toEqual([200, 200, 200, 429]);
  });
});

test("two plans of a key are two buckets", async () => {
  const entries = {
    ...everything,
    ...(await keyEntry(KEYS[0], "k_one")),
    "usage-plans/gold": { apiStages: [DEFAULT], throttle: onlyPlan(1) },
    "usage-plans/silver": { apiStages: [PROD], throttle: onlyPlan(2) },
  };
  const [key] = Object.keys(await keyEntry(KEYS[0], "k_one"));
  const subject = await limited({ ...entries, [key ?? ""]: { id: "k_one", usagePlans: ["gold", "silver"] } });
  expect(await subject.statuses(2, "/a", WITH[0])).toEqual([200, 429]);
  expect(await subject.statuses(3, "/prod/a", WITH[0])).toEqual([200, 200, 429]);
});

test("two keys' requests that are refused for another reason cost nothing", async () => {
  const subject = await limited({
    ...everything,
    ...(await keys()),
    "usage-plans/gold": { apiStages: [PROD], throttle: onlyPlan(2), quota: { limit: 2, period: "DAY" } },
  });
  expect(await subject.statuses(3, "/a", WITH[0])).toEqual([403, 403, 403]);
  expect(await subject.statuses(3, "/prod/none", WITH[0])).toEqual([404, 404, 404]);
  expect(await subject.statuses(3, "/prod/a", WITH[0])).toEqual([200, 200, 429]);
});

describe("a method's own limits", () => {
  test("take the place of the plan's, in a bucket of each method and key", async () => {
    const subject = await limited({
      ...everything,
      ...(await keys()),
      "usage-plans/gold": {
        apiStages: [{ ...DEFAULT, throttle: { "/a/GET": onlyPlan(1), "//GET": onlyPlan(3) } }, PROD],
        throttle: onlyPlan(2),
      },
    });
    expect(await subject.statuses(3, "/a", WITH[0])).toEqual([200, 429, 429]);
    expect(await subject.statuses(4, "/", WITH[0])).toEqual([200, 200, 200, 429]);
    expect(await subject.statuses(2, "/a", WITH[1])).toEqual([200, 429]);
    // All others, and the same method of another stage, have the plan's.
    expect((await subject.send("/a", { ...WITH[0], method: "POST" })).status).toBe(200);
    expect((await subject.send("/prod/a", WITH[0])).status).toBe(200);
    expect(await subject.statuses(2, "/b", WITH[0])).toEqual([429, 429]);
  });

  test("of two stages are two buckets", async () => {
    const throttle = { "/a/GET": onlyPlan(1) };
    const subject = await limited({
      ...everything,
      ...(await keys()),
      "usage-plans/gold": {
        apiStages: [
          { ...DEFAULT, throttle },
          { ...PROD, throttle },
        ],
      },
    });
    expect(await subject.statuses(2, "/a", WITH[0])).toEqual([200, 429]);
    expect(await subject.statuses(2, "/prod/a", WITH[0])).toEqual([200, 429]);
    expect(await subject.statuses(3, "/b", WITH[0])).toEqual([200, 200, 200]);
  });

  test("leave to the plan what they do not say", async () => {
    const subject = await limited({
      ...everything,
      ...(await keys()),
      "usage-plans/gold": {
        apiStages: [{ ...DEFAULT, throttle: { "/a/GET": { burstLimit: 1 }, "/b/GET": { rateLimit: 0 } } }],
        throttle: onlyPlan(3),
      },
    });
    expect(await subject.statuses(2, "/a", WITH[0])).toEqual([200, 429]);
    expect(await subject.statuses(2, "/b", WITH[0])).toEqual([429, 429]);
    expect(await subject.statuses(2, "/", WITH[0])).toEqual([200, 200]);
  });

  test("count beside the quota", async () => {
    const subject = await limited({
      ...everything,
      ...(await keys()),
      "usage-plans/gold": {
        apiStages: [{ ...DEFAULT, throttle: { "/a/GET": onlyPlan(2) } }],
        quota: { limit: 3, period: "DAY" },
      },
    });
    expect(await subject.statuses(3, "/a", WITH[0])).toEqual([200, 200, 429]);
    expect(await subject.statuses(2, "/b", WITH[0])).toEqual([200, 429]);
  });

  test("of a variable's path and of ANY are the route's as it is written", async () => {
    const subject = await limited({
      ...routes({ "GET /pets/{id}": REQUIRED, "ANY /any/{proxy+}": REQUIRED }),
      ...(await keys()),
      "usage-plans/gold": {
        apiStages: [
          { ...DEFAULT, throttle: { "/pets/{id}/GET": onlyPlan(1), "/any/{proxy+}/ANY": onlyPlan(2) } },
        ],
        throttle: onlyPlan(20),
      },
    });
    expect((await subject.send("/pets/1", WITH[0])).status).toBe(200);
    expect((await subject.send("/pets/2", WITH[0])).status).toBe(429);
    expect(await subject.statuses(3, "/any/x", WITH[0])).toEqual([200, 200, 429]);
  });
});

describe("a quota", () => {
  test("has its offset taken off in a key's first period", async () => {
    const subject = await limited({
      ...everything,
      ...(await keys()),
      "usage-plans/gold": { apiStages: [DEFAULT], quota: { limit: 5, offset: 3, period: "DAY" } },
    });
    const first = await subject.send("/a", WITH[0]);
    expect([first.status, first.headers.get("ratelimit-policy")]).toEqual([200, '"quota";q=5;w=86400']);
    expect(first.headers.get("ratelimit")).toMatch(/^"quota";r=1;t=\d+$/);
    expect(await subject.statuses(3, "/a", WITH[0])).toEqual([200, 429, 429]);
    expect(await subject.admitted(5, "/a", WITH[1])).toBe(2);
  });

  test("of many requests at once is used up, and not one more", async () => {
    const subject = await limited({
      ...everything,
      ...(await keys()),
      "usage-plans/gold": { apiStages: [DEFAULT], quota: { limit: 50, period: "DAY" } },
    });
    const first = await subject.admittedAtOnce(40, "/a", WITH[0]);
    expect(first).toBe(40);
    expect(await subject.admittedAtOnce(40, "/a", WITH[0])).toBe(10);
    await settle();
    expect(await subject.admitted(5, "/a", WITH[0])).toBe(0);
    const days = Object.values(await subject.counters.object("plan/gold/k_one").usage());
    expect(Object.values(days[0] ?? {})).toEqual([[50, 0]]);
  });

  test("counts what was used, by days", async () => {
    const texts = Array.from({ length: 5 }, () => newKey());
    const subject = await limited({
      ...everything,
      ...Object.assign({}, ...(await Promise.all(texts.map((text, index) => keyEntry(text, `k_${index}`))))),
      "usage-plans/gold": { apiStages: [DEFAULT], quota: { limit: 1000, period: "MONTH" } },
    });
    for (const text of texts) {
      expect(await subject.admitted(7, "/a", { headers: { "x-api-key": text } })).toBe(7);
    }
    await settle();
    for (const index of texts.keys()) {
      const days = Object.values(await subject.counters.object(`plan/gold/k_${index}`).usage());
      expect(Object.values(days[0] ?? {})).toEqual([[7, 993]]);
    }
  });

  test.each([
    ["exactly, asked each time", { exact: true }],
    ["by what is handed out", {}],
  ])("goes down by one with each request: %s", async (_, more) => {
    const subject = await limited({
      ...everything,
      ...(await keys()),
      "usage-plans/gold": { apiStages: [DEFAULT], quota: { limit: 200, period: "DAY" }, ...more },
    });
    for (let left = 199; left >= 180; left--) {
      const response = await subject.send("/a", WITH[0]);
      expect(response.headers.get("ratelimit")).toMatch(new RegExp(`^"quota";r=${left};t=`));
    }
  });
});

describe("beside a plan", () => {
  test("a limit per apiKey counts the same keys apart", async () => {
    const subject = await limited({
      ...everything,
      "apis/default/routes/GET /a": {
        integration: { type: "http_proxy", uri: "https://origin.test/" },
        apiKeyRequired: true,
        throttle: only(1, { per: "apiKey" }),
      },
      ...(await keys()),
      "usage-plans/gold": { apiStages: [DEFAULT], throttle: onlyPlan(3) },
    });
    expect(await subject.statuses(2, "/a", WITH[0])).toEqual([200, 429]);
    expect(await subject.statuses(2, "/a", WITH[1])).toEqual([200, 429]);
    expect(await subject.statuses(3, "/b", WITH[0])).toEqual([200, 200, 429]);
  });

  test("a limit per address counts guesses at keys", async () => {
    const subject = await limited({
      ...everything,
      "apis/default": { throttle: only(3, { per: "ip" }) },
      ...(await keys()),
      "usage-plans/gold": { apiStages: [DEFAULT] },
    });
    const guess = (index: number) => subject.send("/a", { headers: { "x-api-key": `${index}`.repeat(40) } });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await guess(i)).status);
    expect(statuses).toEqual([403, 403, 403, 429, 429]);
    // The right one does not help whoever has guessed too often.
    expect((await subject.send("/a", WITH[0])).status).toBe(429);
    expect((await subject.send("/a", { ...WITH[0], peer: "203.0.113.8:1" })).status).toBe(200);
  });
});
