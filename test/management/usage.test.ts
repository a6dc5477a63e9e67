import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dailyUsage,
  dayAfter,
  parseUsageQuery,
  type QuotaTerms,
  startOfDay,
  type UsedDays,
} from "../../src/management/usage.ts";
import { type Period, periodStart } from "../../src/throttle/period.ts";

const quota = (limit: number, period: Period): QuotaTerms => ({
  limit,
  periodStart: (now) => periodStart(period, now),
});

/** 15 November 2026 is a Sunday. */
const DAYS = { "2026-11-12": [30, 70], "2026-11-14": [20, 50], "2026-11-17": [1, 99] } as const;
const WEEK = { from: "2026-11-11", to: "2026-11-18" };

describe("usage by day", () => {
  test.each([
    // Days:  11        12         13        14         15        16        17       18
    [
      "DAY",
      [
        [0, 100],
        [30, 70],
        [0, 100],
        [20, 50],
        [0, 100],
        [0, 100],
        [1, 99],
        [0, 100],
      ],
    ],
    [
      "WEEK",
      [
        [0, 100],
        [30, 70],
        [0, 70],
        [20, 50],
        [0, 100],
        [0, 100],
        [1, 99],
        [0, 99],
      ],
    ],
    [
      "MONTH",
      [
        [0, 100],
        [30, 70],
        [0, 70],
        [20, 50],
        [0, 50],
        [0, 50],
        [1, 99],
        [0, 99],
      ],
    ],
  ] as const)("of a quota per %s: what remains is carried on within a period", (period, daily) => {
    expect(dailyUsage(DAYS, WEEK, quota(100, period))).toEqual(daily);
  });

  test("knows what remained before its first day", () => {
    const range = { from: "2026-11-13", to: "2026-11-13" };
    expect(dailyUsage(DAYS, range, quota(100, "MONTH"))).toEqual([[0, 70]]);
    expect(dailyUsage(DAYS, range, quota(100, "DAY"))).toEqual([[0, 100]]);
    expect(dailyUsage(DAYS, { from: "2026-12-01", to: "2026-12-01" }, quota(100, "MONTH"))).toEqual([
      [0, 100],
    ]);
  });

  test("of a plan that has no quota any more goes by the days that are known", () => {
    const daily = [
      [0, 100],
      [30, 70],
      [0, 70],
      [20, 50],
      [0, 50],
      [0, 50],
      [1, 99],
      [0, 99],
    ];
    expect(dailyUsage(DAYS, WEEK, undefined)).toEqual(daily);
  });

  test("of a key that has used nothing is empty", () => {
    expect(dailyUsage({}, WEEK, quota(100, "DAY"))).toEqual([]);
  });

  test("has a pair for each day, known ones as they are kept, others with nothing used", () => {
    const day = fc.integer({ min: -100, max: 100 }).map((days) => dayAfter("2026-11-21", days));
    const pair = fc.tuple(fc.nat(1000), fc.nat(1000));
    const known: fc.Arbitrary<UsedDays> = fc.dictionary(day, pair, { minKeys: 1, maxKeys: 30 });
    const period = fc.constantFrom<Period>("DAY", "WEEK", "MONTH");
    fc.assert(
      fc.property(known, day, fc.integer({ min: 0, max: 89 }), period, (used, from, length, per) => {
        const to = dayAfter(from, length);
        const daily = dailyUsage(used, { from, to }, quota(1000, per));
        expect(daily).toHaveLength(length + 1);
        for (const [index, [count, remaining]] of daily.entries()) {
          const kept = used[dayAfter(from, index)];
          if (kept) expect([count, remaining]).toEqual(kept);
          else expect(count).toBe(0);
          if (!kept && per === "DAY") expect(remaining).toBe(1000);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("days", () => {
  test.each(["2026-02-29", "2026-13-01", "2026-00-10", "2026-11-00", "2026-1-1", "20261121", "", "today"])(
    "%j is none",
    (text) => {
      expect(startOfDay(text)).toBeUndefined();
    },
  );

  test("begin at midnight UTC, and follow each other over months and leap days", () => {
    expect(startOfDay("2026-11-21")).toBe(Date.UTC(2026, 10, 21));
    expect(dayAfter("2028-02-28", 1)).toBe("2028-02-29");
    expect(dayAfter("2026-01-01", -1)).toBe("2025-12-31");
    expect(dayAfter("2026-11-21", -29)).toBe("2026-10-23");
  });
});

describe("a question about usage", () => {
  const GOOD = { plan: "gold", key: "k_1", from: "2026-11-01", to: "2026-11-21" };

  test("names a plan, a key, and at most 90 days", () => {
    expect(parseUsageQuery(GOOD)).toEqual({ ok: true, value: GOOD });
    const longest = { ...GOOD, from: "2026-08-24" };
    expect(parseUsageQuery(longest)).toEqual({ ok: true, value: longest });
    const oneDay = { ...GOOD, from: "2026-11-21" };
    expect(parseUsageQuery(oneDay)).toEqual({ ok: true, value: oneDay });
  });

  const required = (name: string, what: string) => `"${name}" is required: ${what}`;
  const noDay = (name: string) => `"${name}" is no day of the calendar: write it as 2026-11-21`;
  const PLAN = "a usage plan's name is 1 to 128 of A-Z a-z 0-9 . _ -";
  const ID = "a key's id is 1 to 64 of A-Z a-z 0-9 _ -";
  const KEY = "the id of an API key (the usage of all keys of a plan at once is not there yet)";
  test.each([
    [
      "no plan",
      { plan: undefined },
      "parameter.missing",
      "plan",
      required("plan", "the name of a usage plan"),
    ],
    ["no key", { key: undefined }, "parameter.missing", "key", required("key", KEY)],
    ["an empty key", { key: "" }, "parameter.missing", "key", required("key", KEY)],
    [
      "no first day",
      { from: undefined },
      "parameter.missing",
      "from",
      required("from", "the first day, as 2026-11-01"),
    ],
    [
      "no last day",
      { to: undefined },
      "parameter.missing",
      "to",
      required("to", "the last day, as 2026-11-30"),
    ],
    ["a plan of another counter", { plan: "gold/k_2" }, "value.invalid", "plan", PLAN],
    ["a key of another counter", { key: "k_1/x" }, "value.invalid", "key", ID],
    ["a key that is too long", { key: "k".repeat(65) }, "value.invalid", "key", ID],
    ["a day that is none", { from: "2026-02-30" }, "value.invalid", "from", noDay("from")],
    ["a word for a day", { to: "today" }, "value.invalid", "to", noDay("to")],
    [
      "days in the wrong order",
      { to: "2026-10-31" },
      "value.invalid",
      "from",
      '"from" is after "to": 2026-11-01 is later than 2026-10-31',
    ],
    [
      "91 days",
      { from: "2026-08-23" },
      "value.invalid",
      "from",
      "2026-08-23 to 2026-11-21 are 91 days: at most 90 can be asked for at once",
    ],
  ] as const)("with %s is refused", (_, change, code, path, message) => {
    const given = Object.entries({ ...GOOD, ...change }).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, text]],
    );
    expect(parseUsageQuery(Object.fromEntries(given))).toEqual({
      ok: false,
      problems: [{ code, path, message }],
    });
  });
});
