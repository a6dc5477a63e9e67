import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../src/caller.ts";
import type { StageConfig } from "../../src/config/api-config.ts";
import { UsagePlanEntry } from "../../src/config/api-key-schema.ts";
import { API_DEFAULTS } from "../../src/config/schemas.ts";
import { Throttle } from "../../src/config/throttle-schema.ts";
import type { Check } from "../../src/throttle/limiter.ts";
import {
  type Level,
  planCounter,
  planRules,
  type Rule,
  settingsRule,
  throttleRule,
} from "../../src/throttle/rule.ts";
import { callOf } from "../access/function-authorizer/support.ts";
import { Isolate } from "./support/isolate.ts";

const stage: StageConfig = {
  api: "shop",
  stage: "prod",
  settings: { ...API_DEFAULTS },
  variables: {},
  routes: [],
  authorizers: new Map(),
  models: new Map(),
  limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
  deployment: "auto",
  broken: false,
  problems: [],
};

const runtime = {
  fetchOrigin: () => Promise.reject(new Error("none")),
  loadFunction: () => Promise.reject(new Error("none")),
  functionEnv: {},
  showReasons: false,
};

const callBy = (caller: Caller = {}, headers: HeadersInit = {}) => ({
  ...callOf(stage, runtime, { path: "/a", key: "GET /a", headers }),
  caller,
});

const LEVEL: Level = {
  reason: "throttle.route",
  whose: "the route GET /a",
  counter: "route/shop/prod/GET /a",
  api: "shop",
  route: "route/shop/prod/GET /a",
  shared: "callers/shop/prod",
  id: "GET /a",
};

/** Where a check's bucket is kept, and which one it is. */
const placeOf = ({ place: { link, bucket } }: Check) => ({ counter: link.name, spec: bucket.spec });

const { limiter } = new Isolate();

const ruleOf = (entry: v.InferInput<typeof Throttle>, index = 0): Rule =>
  throttleRule(v.parse(Throttle, entry), index, LEVEL, limiter);

const INTERVALS = [
  ["second", 1],
  ["minute", 60],
  ["hour", 3_600],
  ["day", 86_400],
] as const;

describe("a throttle entry", () => {
  test.each(INTERVALS)("its rate is so many tokens a %s", async (interval, seconds) => {
    const { spec } = placeOf(await ruleOf({ rate: 90, interval }).check(callBy()));
    if (spec.kind !== "rate") throw new Error("no rate");
    expect(spec.rate * seconds).toBeCloseTo(90, 9);
    expect(spec.burst).toBe(90);
  });

  test("without a per it is the route's, at the route's counter", async () => {
    expect(placeOf(await ruleOf({ rate: 10 }).check(callBy()))).toEqual({
      counter: "route/shop/prod/GET /a",
      spec: { kind: "rate", bucket: "GET /a#0", rate: 10, burst: 10, exact: false },
    });
  });

  test("of a caller: at one of the shared counters, in a bucket of its own", async () => {
    const rule = ruleOf({ rate: 10, per: "header.x-user" }, 1);
    const [ann, bob, again, none] = await Promise.all(
      [{ "x-user": "ann" }, { "x-user": "bob" }, { "x-user": "ann" }, {}].map((headers) =>
        rule.check(callBy({}, headers)),
      ),
    );
    if (!ann || !bob || !again || !none) throw new Error("no checks");
    expect(placeOf(ann).counter).toMatch(/^callers\/shop\/prod#\d+$/);
    expect([ann, bob, none].map((check) => placeOf(check).spec.bucket)).toEqual([
      "GET /a#1:=ann",
      "GET /a#1:=bob",
      "GET /a#1:-",
    ]);
    expect(again.place).toBe(ann.place);
  });

  test("of a caller with a long name: digested first", async () => {
    const check = ruleOf({ rate: 10, per: "header.x-user" }).check(
      callBy({}, { "x-user": "a".repeat(10_000) }),
    );
    expect(check).toBeInstanceOf(Promise);
    expect(placeOf(await check).spec.bucket).toMatch(/^GET \/a#0:#[0-9a-f]{64}$/);
  });

  test.each([
    ["stage", "stage/shop/prod"],
    ["api", "api/shop"],
    ["account", "account/"],
  ])("per %s: one bucket, at its counter, apart from that one's own limits", async (per, counter) => {
    const { counter: found, spec } = placeOf(await ruleOf({ rate: 10, per }).check(callBy()));
    expect(found).toBe(counter);
    expect(spec.bucket).toContain("GET /a#0");
  });

  test("several limits of one place have buckets of their own", async () => {
    const buckets = await Promise.all([0, 1, 2].map((index) => ruleOf({ rate: 10 }, index).check(callBy())));
    expect(new Set(buckets.map((check) => placeOf(check).spec.bucket)).size).toBe(3);
  });

  test("only limits by address are decided before the authorizer", () => {
    expect(ruleOf({ rate: 10, per: "ip" }).early).toBe(true);
    for (const per of ["route", "stage", "api", "account", "apiKey", "header.x", "jwt.sub"]) {
      expect(ruleOf({ rate: 10, per }).early, per).toBe(false);
    }
  });

  test("what a request takes, and what holds without the counter", async () => {
    expect(await ruleOf({ rate: 10, cost: 3, fail: "closed" }).check(callBy())).toMatchObject({
      cost: 3,
      fail: "closed",
    });
    const priced = ruleOf({ rate: 10, cost: { header: "x-cost", default: 2 } });
    expect(await priced.check(callBy())).toMatchObject({ cost: 2, fail: "local" });
  });

  test("what is said of it", () => {
    expect(ruleOf({ rate: 10, burst: 20, per: "ip" })).toMatchObject({
      name: "ip",
      reason: "throttle.client",
      policy: '"ip";q=20;w=2',
    });
    expect(ruleOf({ rate: 10, per: "header.x-user!" })).toMatchObject({
      policy: '"header.x-user_";q=10;w=1',
    });
    expect(ruleOf({ rate: 10, burst: 20 }).resetMs(5, 0)).toBe(1_500);
  });

  // A hair above a whole number, from rounding, is rounded up to the next one: 11 a minute are said to be for 61 s.
  test("a burst of an interval's rate comes again in the interval", () => {
    const wrong: string[] = [];
    for (const [interval, seconds] of INTERVALS) {
      for (let rate = 1; rate <= 1_000; rate++) {
        const { policy } = ruleOf({ rate, interval });
        if (policy !== `"route";q=${rate};w=${seconds}`) wrong.push(policy);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test("API Gateway's settings of a route", async () => {
  const rule = settingsRule({ rate: 0, burst: 0 }, LEVEL, limiter);
  expect(placeOf(await rule.check(callBy()))).toMatchObject({
    counter: "route/shop/prod/GET /a",
    spec: { rate: 0, burst: 0 },
  });
  expect(rule.resetMs(0, 0)).toBe(0);
});

describe("a usage plan", () => {
  const plan = v.parse(UsagePlanEntry, {
    apiStages: [{ api: "shop", stage: "prod" }],
    throttle: { rateLimit: 5, burstLimit: 10 },
    quota: { limit: 100, period: "DAY" },
  });
  const by = (id: string): Caller => ({ apiKey: { id, value: "secret", plan: "basic", usagePlan: plan } });

  test("each key has a rate and a quota of its own, side by side at its counter", async () => {
    const rules = planRules(plan, undefined, limiter);
    const [ann, bob] = [by("ann"), by("bob")].map((caller) =>
      rules.map((rule) => rule.check(callBy(caller))),
    );
    const found = (await Promise.all([...(ann ?? []), ...(bob ?? [])])).map(placeOf);
    expect(found.map(({ counter }) => counter)).toEqual([
      planCounter("basic", "ann"),
      planCounter("basic", "ann"),
      planCounter("basic", "bob"),
      planCounter("basic", "bob"),
    ]);
    expect(found.slice(0, 2).map(({ spec }) => spec)).toEqual([
      { kind: "rate", bucket: "plan", rate: 5, burst: 10, exact: false },
      { kind: "quota", bucket: "quota", limit: 100, offset: 0, period: "DAY", exact: false },
    ]);
  });

  test("a method's own rate takes the plan's place; the quota stays", async () => {
    const rules = planRules(plan, { name: "shop/prod/a/GET", rate: 1, burst: 2 }, limiter);
    const found = await Promise.all(rules.map((rule) => rule.check(callBy(by("ann")))));
    expect(found.map((check) => placeOf(check).spec.bucket)).toEqual(["shop/prod/a/GET", "quota"]);
  });

  test("the quota's next period, in ms", () => {
    const quota = planRules(plan, undefined, limiter).find((rule) => rule.quota);
    expect(quota?.resetMs(0, Date.UTC(2026, 10, 21, 12))).toBe(12 * 3_600_000);
    expect(quota?.policy).toBe('"quota";q=100;w=86400');
  });

  test("without limits it has no rules", () => {
    expect(planRules(v.parse(UsagePlanEntry, { apiStages: [] }), undefined, limiter)).toEqual([]);
  });
});
