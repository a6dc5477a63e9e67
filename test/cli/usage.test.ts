import { describe, expect, test } from "vitest";
import { Failure } from "../../cli/engine/failure.ts";
import type { Fetch } from "../../cli/management.ts";
import { readUsage, refuseKeyText, type Usage, usageDays, usagePlanOf, usageTable } from "../../cli/usage.ts";
import { generateKey } from "../../src/access/api-key/key-format.ts";
import { managementApp } from "../../src/management/management.ts";
import { inspection, TOKEN } from "../management/inspection.ts";
import { MemoryStore } from "../support/memory-store.ts";

const KEY = generateKey((count) => crypto.getRandomValues(new Uint8Array(count)));
const STAGES = { apiStages: [] };

const store = () =>
  new MemoryStore({
    [`api-keys/${"a".repeat(64)}`]: { id: "k_one", usagePlans: ["gold"] },
    [`api-keys/${"b".repeat(64)}`]: { id: "k_both", usagePlans: ["gold", "silver"] },
    [`api-keys/${"c".repeat(64)}`]: { id: "k_none" },
    [`api-keys/${"d".repeat(64)}`]: "{",
    "usage-plans/gold": STAGES,
    "usage-plans/silver": STAGES,
  });

async function failure(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
  return "no failure";
}

describe("the plan whose usage is shown", () => {
  test("is the key's only one, or the one that is named", async () => {
    expect(await usagePlanOf(store(), "k_one", undefined)).toBe("gold");
    expect(await usagePlanOf(store(), "k_one", "gold")).toBe("gold");
    expect(await usagePlanOf(store(), "k_both", "silver")).toBe("silver");
    // One that it had once.
    expect(await usagePlanOf(store(), "k_one", "silver")).toBe("silver");
  });

  test.each([
    [
      "k_both",
      undefined,
      "the key k_both has the usage plans gold, silver (say which: portico usage k_both --plan gold)",
    ],
    ["k_none", undefined, "the key k_none has no usage plan (name one that it had: --plan)"],
    ["k_on", undefined, 'there is no key with the id "k_on" (did you mean "k_one"?)'],
    ["somebody", "gold", 'there is no key with the id "somebody" (portico keys list shows the ids)'],
    [
      "d".repeat(64),
      "gold",
      `there is no key with the id "${"d".repeat(64)}" (portico keys list shows the ids)`,
    ],
    ["k_one", "golf", 'there is no usage plan "golf" (did you mean "gold"?)'],
  ])("of %s with --plan %s cannot be told", async (id, plan, message) => {
    expect(await failure(() => usagePlanOf(store(), id, plan))).toBe(message);
  });
});

test("R-12 a key in place of its id is not repeated", async () => {
  const message = await failure(() => refuseKeyText(KEY));
  expect(message).toBe("this is a key, not its id (portico keys list shows the ids)");
  expect(() => refuseKeyText("k_one")).not.toThrow();
});

describe("the days that are shown", () => {
  const NOW = new Date("2026-11-21T23:59:59Z");

  test("are the last 30, today included, in UTC", () => {
    expect(usageDays({}, NOW)).toEqual({ from: "2026-10-23", to: "2026-11-21" });
    expect(usageDays({ to: "2026-03-01" }, NOW)).toEqual({ from: "2026-01-31", to: "2026-03-01" });
    expect(usageDays({ from: "2026-11-01" }, NOW)).toEqual({ from: "2026-11-01", to: "2026-11-21" });
  });

  test("are days of the calendar", async () => {
    expect(await failure(() => usageDays({ from: "yesterday" }, NOW))).toBe(
      '--from "yesterday" is no day of the calendar (write it as 2026-11-21)',
    );
    expect(await failure(() => usageDays({ to: "2026-02-30" }, NOW))).toBe(
      '--to "2026-02-30" is no day of the calendar (write it as 2026-11-21)',
    );
  });
});

describe("asking a gateway", () => {
  const URL_ = "http://127.0.0.1:8787";
  const QUERY = { key: "k_one", plan: "gold", from: "2026-11-20", to: "2026-11-21" };
  const hints = { away: "start it", token: "take another" };
  const gateway = (token = TOKEN) => ({ url: URL_, token, hints });

  /** The real endpoints, behind no socket. */
  const served =
    (token: string | undefined = TOKEN, days = {}): Fetch =>
    async (url, init) => {
      const usage = { ...inspection().usage, days: async () => days };
      return managementApp(inspection({ token, usage })).request(url, init);
    };

  test("gives its answer", async () => {
    const days = { "2026-11-20": [3, 7] };
    expect(await readUsage(gateway(), QUERY, served(TOKEN, days))).toEqual({
      usagePlanId: "gold",
      startDate: "2026-11-20",
      endDate: "2026-11-21",
      items: {
        k_one: [
          [3, 7],
          [0, 7],
        ],
      },
    });
  });

  const OFF =
    "management is off at http://127.0.0.1:8787 (it is on once the gateway has the secret MANAGEMENT_TOKEN, 32 characters or more: npx wrangler secret put MANAGEMENT_TOKEN)";
  const answer =
    (status: number, body: string): Fetch =>
    () =>
      Promise.resolve(new Response(body, { status, headers: { location: "https://elsewhere.example/" } }));
  const away =
    (cause?: Error): Fetch =>
    () =>
      Promise.reject(new TypeError("fetch failed", { cause }));
  const OTHER = "is no Portico gateway, or another version of it";
  test.each([
    ["another token", served(`${TOKEN}x`), `the gateway at ${URL_} does not take the token (take another)`],
    ["no token", managementOff(), OFF],
    [
      "nobody",
      away(new Error("connect ECONNREFUSED 127.0.0.1:8787")),
      `the gateway at ${URL_} does not answer: connect ECONNREFUSED 127.0.0.1:8787 (start it)`,
    ],
    ["nobody, without a cause", away(), `the gateway at ${URL_} does not answer (start it)`],
    ["another server", answer(200, "<html>"), `what answers at ${URL_} (200) ${OTHER}`],
    ["another answer", answer(200, '{"message":"x"}'), `what answers at ${URL_} (200) ${OTHER}`],
    ["a redirect", answer(302, ""), `what answers at ${URL_} (302) ${OTHER}`],
    ["a failing one", answer(503, '{"message":"no counter"}'), "the gateway answered 503: no counter"],
  ])("where there is %s fails, saying so", async (_, fetch, message) => {
    expect(await failure(() => readUsage(gateway(), QUERY, fetch))).toBe(message);
  });

  function managementOff(): Fetch {
    const app = managementApp(inspection({ token: undefined }));
    return async (url, init) => app.request(url, init);
  }

  test("hands on what it refuses", async () => {
    const query = { ...QUERY, from: "2026-11-22" };
    expect(await failure(() => readUsage(gateway(), query, served()))).toBe(
      'the gateway answered 400: "from" is after "to": 2026-11-22 is later than 2026-11-21',
    );
  });

  test("R-12 shows the token to it alone: in a header, following no redirect", async () => {
    const calls: unknown[] = [];
    const fetch: Fetch = async (url, init) => {
      calls.push([url, init]);
      return served()(url, init);
    };
    await readUsage(gateway(), QUERY, fetch);
    expect(calls).toEqual([
      [
        `${URL_}/_portico/usage?plan=gold&key=k_one&from=2026-11-20&to=2026-11-21`,
        { method: "GET", headers: { authorization: `Bearer ${TOKEN}` }, redirect: "manual" },
      ],
    ]);
  });
});

describe("the table", () => {
  const usage = (items: Usage["items"]): Usage => ({
    usagePlanId: "gold",
    startDate: "2026-02-27",
    endDate: "2026-03-01",
    items,
  });

  test("has a line for each day, and the totals", () => {
    expect(
      usageTable(
        usage({
          k_one: [
            [0, 1000],
            [12, 988],
            [1000, 0],
          ],
        }),
        "k_one",
      ),
    ).toEqual([
      "DAY         USED  REMAINING",
      "2026-02-27     0       1000",
      "2026-02-28    12        988",
      "2026-03-01  1000          0",
      "TOTAL       1012          0",
    ]);
  });

  test("is a sentence where there is nothing", () => {
    for (const items of [{ k_one: [] }, {}]) {
      expect(usageTable(usage(items), "k_one")).toEqual([
        "the key k_one has used no quota of the usage plan gold",
      ]);
    }
  });
});
