import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayOf, type Period, periodEnd, periodStart } from "../../src/throttle/period.ts";

const PERIODS: readonly Period[] = ["DAY", "WEEK", "MONTH"];

const at = (text: string): number => Date.parse(text);
const text = (ms: number): string => new Date(ms).toISOString();

test.each<readonly [Period, string, string, string]>([
  ["DAY", "2026-11-21T12:34:56.789Z", "2026-11-21", "2026-11-22"],
  ["DAY", "2026-11-21T00:00:00.000Z", "2026-11-21", "2026-11-22"],
  ["DAY", "2026-11-21T23:59:59.999Z", "2026-11-21", "2026-11-22"],
  ["DAY", "2026-12-31T23:59:59.999Z", "2026-12-31", "2027-01-01"],
  ["DAY", "2028-02-28T12:00:00.000Z", "2028-02-28", "2028-02-29"],
  ["DAY", "2027-02-28T12:00:00.000Z", "2027-02-28", "2027-03-01"],
  ["WEEK", "2026-11-21T23:59:59.999Z", "2026-11-15", "2026-11-22"],
  ["WEEK", "2026-11-22T00:00:00.000Z", "2026-11-22", "2026-11-29"],
  ["WEEK", "2026-11-28T23:59:59.999Z", "2026-11-22", "2026-11-29"],
  ["WEEK", "2027-01-01T00:00:00.000Z", "2026-12-27", "2027-01-03"],
  ["WEEK", "2028-03-01T00:00:00.000Z", "2028-02-27", "2028-03-05"],
  ["WEEK", "1970-01-01T00:00:00.000Z", "1969-12-28", "1970-01-04"],
  ["MONTH", "2026-11-01T00:00:00.000Z", "2026-11-01", "2026-12-01"],
  ["MONTH", "2026-12-31T23:59:59.999Z", "2026-12-01", "2027-01-01"],
  ["MONTH", "2027-01-31T12:00:00.000Z", "2027-01-01", "2027-02-01"],
  ["MONTH", "2028-02-29T12:00:00.000Z", "2028-02-01", "2028-03-01"],
  ["MONTH", "2027-02-28T23:59:59.999Z", "2027-02-01", "2027-03-01"],
  ["MONTH", "2100-02-28T23:59:59.999Z", "2100-02-01", "2100-03-01"],
])("the %s of %s is from %s to %s", (period, now, start, end) => {
  expect(text(periodStart(period, at(now)))).toBe(`${start}T00:00:00.000Z`);
  expect(text(periodEnd(period, at(now)))).toBe(`${end}T00:00:00.000Z`);
});

const moment = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });

describe.each(PERIODS)("%s", (period) => {
  test("every moment lies in its period, and its end is the next one's start", () => {
    fc.assert(
      fc.property(moment, (now) => {
        const [start, end] = [periodStart(period, now), periodEnd(period, now)];
        expect(start).toBeLessThanOrEqual(now);
        expect(end).toBeGreaterThan(now);
        expect(periodStart(period, end)).toBe(end);
        expect(periodStart(period, end - 1)).toBe(start);
        expect(periodEnd(period, start)).toBe(end);
      }),
      { numRuns: 500 },
    );
  });

  test("it begins at midnight UTC on its day", () => {
    fc.assert(
      fc.property(moment, (now) => {
        const start = new Date(periodStart(period, now));
        expect(start.toISOString()).toMatch(/T00:00:00\.000Z$/);
        if (period === "WEEK") expect(start.getUTCDay()).toBe(0);
        if (period === "MONTH") expect(start.getUTCDate()).toBe(1);
      }),
    );
  });
});

test.each([
  ["2026-11-21T00:00:00.000Z", "2026-11-21"],
  ["2026-11-21T23:59:59.999Z", "2026-11-21"],
  ["2028-02-29T12:00:00.000Z", "2028-02-29"],
])("the day of %s is %s", (now, day) => {
  expect(dayOf(at(now))).toBe(day);
});
