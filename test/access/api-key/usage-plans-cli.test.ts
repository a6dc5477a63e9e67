import { describe, expect, test } from "vitest";
import { Failure } from "../../../cli/engine/failure.ts";
import {
  createUsagePlan,
  deleteUsagePlan,
  listUsagePlans,
  type NewUsagePlan,
  usagePlanTable,
} from "../../../cli/usage-plans.ts";
import { MemoryStore } from "../../support/memory-store.ts";

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
  return "no failure";
}

describe("usage-plans create", () => {
  test("writes the plan's entry", async () => {
    const store = new MemoryStore({
      "apis/shop/stages/prod": {},
      "apis/shop/stages/$default": {},
      "apis/blog/routes/GET /": {},
    });
    const created = await createUsagePlan(store, "gold", {
      description: "for partners",
      stages: ["shop:prod", "blog", "shop:$default"],
      rate: "0.5",
      burst: "20",
      quota: "1000/day",
      fail: "closed",
      exact: true,
    });
    expect(created.warnings).toEqual([]);
    expect(store.json("usage-plans/gold")).toEqual({
      description: "for partners",
      apiStages: [
        { api: "shop", stage: "prod" },
        { api: "blog", stage: "$default" },
        { api: "shop", stage: "$default" },
      ],
      throttle: { rateLimit: 0.5, burstLimit: 20 },
      quota: { limit: 1000, period: "DAY" },
      fail: "closed",
      exact: true,
    });
  });

  test("a plan may contain nothing yet", async () => {
    const store = new MemoryStore();
    expect((await createUsagePlan(store, "empty", { stages: [] })).warnings).toEqual([]);
    expect(store.json("usage-plans/empty")).toEqual({ apiStages: [] });
  });

  const APIS = {
    "apis/shopping": {},
    "apis/shopping/stages/dev": {},
    "apis/shopping/stages/prod": {},
    "apis/blog/routes/GET /": {},
    "apis/blog/stages": {},
  };

  test.each<[object, string, string]>([
    [
      APIS,
      "shop:prod",
      'the store has no API "shop" (it has blog, shopping; --force makes the plan all the same)',
    ],
    [
      APIS,
      "shopping:test",
      'the API "shopping" has no stage "test" (it has dev, prod; --force makes the plan all the same)',
    ],
    [
      APIS,
      "shopping",
      'the API "shopping" has no stage "$default" (it has dev, prod; --force makes the plan all the same)',
    ],
    [
      APIS,
      "blog:prod",
      'the API "blog" has no stage "prod" (it has $default; --force makes the plan all the same)',
    ],
    [{}, "shop:prod", 'the store has no API "shop" (it has none yet; --force makes the plan all the same)'],
    [
      Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`apis/a${i}`, {}])),
      "b",
      'the store has no API "b" (it has a0, a1, a2, a3, a4 and 3 more; --force makes the plan all the same)',
    ],
  ])("over %j a plan with %s is refused, unless it is forced", async (apis, stage, expected) => {
    const store = new MemoryStore({ ...apis });
    expect(await failure(createUsagePlan(store, "gold", { stages: [stage] }))).toBe(expected);
    expect(store.written).toEqual([]);
    const { warnings } = await createUsagePlan(store, "gold", { stages: [stage], force: true });
    expect(warnings).toEqual([expected.split(" (")[0]]);
    expect(store.json("usage-plans/gold")).toMatchObject({ apiStages: [{}] });
  });

  test("--replace puts another plan in the place of one, for its keys", async () => {
    const store = new MemoryStore({
      ...APIS,
      "usage-plans/gold": { apiStages: [], quota: { limit: 5, period: "WEEK" } },
      "usage-plans/silver": { apiStages: [{ api: "shopping", stage: "dev" }] },
      "api-keys/1": { id: "k_1", usagePlans: ["silver"] },
      "api-keys/2": { id: "k_2", usagePlans: ["gold", "gone", "silver"] },
      "api-keys/3": "{",
    });
    await createUsagePlan(store, "gold", { stages: ["shopping:prod"], replace: true });
    expect(store.json("usage-plans/gold")).toEqual({ apiStages: [{ api: "shopping", stage: "prod" }] });
    const both = ["blog", "shopping:dev"];
    expect(await failure(createUsagePlan(store, "gold", { stages: both, replace: true, force: true }))).toBe(
      'the key k_2 has the usage plan "silver" too, which contains the stage shopping:dev (a key has one plan per stage: portico keys set-plans k_2 --plan silver)',
    );
    expect(store.json("usage-plans/gold")).toEqual({ apiStages: [{ api: "shopping", stage: "prod" }] });
    await createUsagePlan(store, "new", { stages: both, replace: true });
    expect(store.json("usage-plans/new")).toMatchObject({ apiStages: [{}, {}] });
  });

  test.each<[string, Partial<NewUsagePlan>, string]>([
    ["a b", {}, '"a b" is no usage plan\'s name (1 to 128 of A-Z a-z 0-9 . _ -)'],
    ["../x", {}, '"../x" is no usage plan\'s name (1 to 128 of A-Z a-z 0-9 . _ -)'],
    [
      "old",
      {},
      'there is a usage plan "old" already (--replace puts the new one in its place, for all its keys)',
    ],
    ["p", { stages: ["a:b:c"] }, '"a:b:c" names no stage (write API:STAGE, as --stage shop:prod)'],
    ["p", { stages: [":prod"] }, '":prod" names no stage (write API:STAGE, as --stage shop:prod)'],
    [
      "p",
      { rate: "10" },
      "--rate is there without --burst (a throttle has both: --rate 10 --burst 20 is 10 requests a second, 20 of them at once)",
    ],
    ["p", { rate: "x", burst: "1" }, '--rate "x" is no number'],
    ["p", { rate: "", burst: "1" }, '--rate "" is no number'],
    ["p", { rate: "1", burst: "1.5" }, "throttle.burstLimit: a burst is a whole number of requests"],
    [
      "p",
      { quota: "1000" },
      '--quota "1000" is no quota (write a number and DAY, WEEK or MONTH: --quota 1000/DAY)',
    ],
    ["p", { quota: "0/DAY" }, "quota.limit: a quota is at least 1 request"],
    ["p", { quota: "5/WEAK" }, 'quota.period: "WEAK" is none of DAY, WEEK, MONTH (did you mean "WEEK"?)'],
    ["p", { fail: "never" }, 'fail: "never" is none of local, open, closed'],
    ["p", { rate: "1e10", burst: "1" }, "throttle.rateLimit: at most 1,000,000,000"],
    ["p", { description: "a\u001b[2J" }, "description: there is a control character in it"],
  ])("%s %j fails and writes nothing", async (name, options, expected) => {
    const store = new MemoryStore({ "usage-plans/old": { apiStages: [] } });
    expect(await failure(createUsagePlan(store, name, { stages: [], ...options }))).toBe(expected);
    expect(store.written).toEqual([]);
  });
});

test("usage-plans list shows them by name, bad ones too", async () => {
  const store = new MemoryStore({
    "usage-plans/silver": { apiStages: [], quota: { limit: 5, period: "WEEK" } },
    "usage-plans/gold": {
      description: "partners",
      apiStages: [
        { api: "shop", stage: "prod" },
        { api: "blog", stage: "$default" },
      ],
      throttle: { rateLimit: 10, burstLimit: 20 },
      exact: true,
      fail: "closed",
    },
    "usage-plans/broken": "{}",
  });
  expect(usagePlanTable(await listUsagePlans(store))).toEqual([
    "NAME    STAGES                               THROTTLE               QUOTA   FAIL    DESCRIPTION",
    'broken  bad: the key "apiStages" is missing  -                      -       -       -',
    "gold    shop:prod blog:$default              10/s, burst 20, exact  -       closed  partners",
    "silver  -                                    -                      5/WEEK  local   -",
  ]);
});

describe("usage-plans delete", () => {
  const key = (id: string, ...usagePlans: string[]) => ({ id, usagePlans });

  test("removes a plan that no key names", async () => {
    const store = new MemoryStore({
      "usage-plans/gold": { apiStages: [] },
      "api-keys/1": key("k_1", "silver"),
      "api-keys/2": "{",
    });
    await deleteUsagePlan(store, "gold", false);
    expect([...store.entries.keys()]).toEqual(["api-keys/1", "api-keys/2"]);
  });

  test("leaves one that keys name, unless it is forced", async () => {
    const store = new MemoryStore({
      "usage-plans/gold": { apiStages: [] },
      "api-keys/1": key("k_1", "silver", "gold"),
    });
    expect(await failure(deleteUsagePlan(store, "gold", false))).toBe(
      'the usage plan "gold" is in use by the key k_1 (give them other plans first: portico keys set-plans; or delete it all the same with --force: they are refused then)',
    );
    await deleteUsagePlan(store, "gold", true);
    expect([...store.entries.keys()]).toEqual(["api-keys/1"]);
  });

  test("names some of many keys", async () => {
    const keys = Array.from({ length: 8 }, (_, i) => [`api-keys/${i}`, key(`k_${i}`, "gold")]);
    const store = new MemoryStore({ "usage-plans/gold": { apiStages: [] }, ...Object.fromEntries(keys) });
    expect(await failure(deleteUsagePlan(store, "gold", false))).toMatch(
      /by the keys k_0, k_1, k_2, k_3, k_4 and 3 more \(/,
    );
  });

  test("of one that is not there says what might be meant", async () => {
    const store = new MemoryStore({ "usage-plans/gold": { apiStages: [] } });
    expect(await failure(deleteUsagePlan(store, "glod", false))).toBe(
      'there is no usage plan "glod" (did you mean "gold"?)',
    );
  });
});
