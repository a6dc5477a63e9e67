/** How long a quota's period is (aws-semantics 11). */
export type Period = "DAY" | "WEEK" | "MONTH";

const DAY_MS = 86_400_000;

/** 1970-01-04 was the first Sunday. */
const FIRST_SUNDAY = 3 * DAY_MS;

/** When the period that holds `now` began, in ms since the epoch: midnight UTC; weeks begin on Sundays. */
export function periodStart(period: Period, now: number): number {
  switch (period) {
    case "DAY":
      return Math.floor(now / DAY_MS) * DAY_MS;
    case "WEEK":
      return Math.floor((now - FIRST_SUNDAY) / (7 * DAY_MS)) * 7 * DAY_MS + FIRST_SUNDAY;
    case "MONTH": {
      const date = new Date(now);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    }
  }
}

/** When it ends, which is when the next one begins. */
export function periodEnd(period: Period, now: number): number {
  const start = periodStart(period, now);
  if (period !== "MONTH") return start + (period === "DAY" ? 1 : 7) * DAY_MS;
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The day, as usage is kept by: `2026-11-21`. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
