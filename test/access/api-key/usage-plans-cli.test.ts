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
    const store = new MemoryStore({ "apis/shop": {}, "apis/blog/routes/GET /": {} });
    const created = await createUsagePlan(store, "gold", {
      description: "for partners",
      stages: ["shop:prod", "blog", "shop:$default"],
      rate: "0.5",
      burst: "20",
      quota: "1000/day",
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
    });
  });

  test("a plan may contain nothing yet, and one of an API that is not there is warned of", async () => {
    const store = new MemoryStore({ "apis/shopping": {} });
    expect((await createUsagePlan(store, "empty", { stages: [] })).warnings).toEqual([]);
    expect((await createUsagePlan(store, "gold", { stages: ["shop:a", "shop:b"] })).warnings).toEqual([
      'the store has no API "shop"',
    ]);
    expect(store.json("usage-plans/empty")).toEqual({ apiStages: [] });
  });

  test.each<[string, Partial<NewUsagePlan>, string]>([
    ["a b", {}, '"a b" is no usage plan\'s name (1 to 128 of A-Z a-z 0-9 . _ -)'],
    ["../x", {}, '"../x" is no usage plan\'s name (1 to 128 of A-Z a-z 0-9 . _ -)'],
    [
      "old",
      {},
      'there is a usage plan "old" already (to start anew: portico usage-plans delete old --force)',
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
    },
    "usage-plans/broken": "{}",
  });
  expect(usagePlanTable(await listUsagePlans(store))).toEqual([
    "NAME    STAGES                               THROTTLE        QUOTA   DESCRIPTION",
    'broken  bad: the key "apiStages" is missing  -               -       -',
    "gold    shop:prod blog:$default              10/s, burst 20  -       partners",
    "silver  -                                    -               5/WEEK  -",
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
      'the usage plan "gold" is in use by the key k_1 (delete or rotate them first, or delete it all the same with --force: they are refused then)',
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
