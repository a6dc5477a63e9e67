import * as v from "valibot";
import { ApiKeyEntry, PlanName } from "../config/api-key-schema.ts";
import type { Parsed, Problem } from "../config/problem.ts";

const DAY_MS = 86_400_000;

/** Usage is kept for so many days, and asked for by as many at once. */
const LONGEST_RANGE = 90;

/** A day's requests, as API Gateway's GetUsage has them: used, and remaining at the day's end. */
export type UsedRemaining = readonly [used: number, remaining: number];

/** The days that had any requests, with used and remaining: `{"2026-11-21": [12, 988]}`. */
export type UsedDays = Readonly<Record<string, readonly number[]>>;

/** As much of a plan's quota as tells what remains on days without requests. */
export interface QuotaTerms {
  readonly limit: number;
  /** When the period began that holds an instant; both in ms since the epoch. */
  periodStart(now: number): number;
}

export interface UsageQuery {
  /** A usage plan's name. */
  readonly plan: string;
  /** An API key's id. */
  readonly key: string;
  /** The first and the last day, both included, in UTC: `2026-11-21`. */
  readonly from: string;
  readonly to: string;
}

const PARAMETERS = {
  plan: "the name of a usage plan",
  key: "the id of an API key (the usage of all keys of a plan at once is not there yet)",
  from: "the first day, as 2026-11-01",
  to: "the last day, as 2026-11-30",
} as const;

/** @returns the query, or what is wrong with its first bad parameter */
export function parseUsageQuery(query: Readonly<Record<string, string>>): Parsed<UsageQuery> {
  for (const [name, what] of Object.entries(PARAMETERS)) {
    if (!query[name]) return bad("parameter.missing", name, `"${name}" is required: ${what}`);
  }
  const { plan = "", key = "", from = "", to = "" } = query;
  if (!v.is(PlanName, plan)) {
    return bad("value.invalid", "plan", "a usage plan's name is 1 to 128 of A-Z a-z 0-9 . _ -");
  }
  // What is no id may be a key's text, which is not repeated.
  if (!v.is(ApiKeyEntry.entries.id, key)) {
    return bad("value.invalid", "key", "a key's id is 1 to 64 of A-Z a-z 0-9 _ -");
  }
  for (const [name, text] of Object.entries({ from, to })) {
    if (startOfDay(text) === undefined) {
      return bad("value.invalid", name, `"${name}" is no day of the calendar: write it as 2026-11-21`);
    }
  }
  const days = ((startOfDay(to) ?? 0) - (startOfDay(from) ?? 0)) / DAY_MS + 1;
  if (days < 1) return bad("value.invalid", "from", `"from" is after "to": ${from} is later than ${to}`);
  if (days > LONGEST_RANGE) {
    const message = `${from} to ${to} are ${days} days: at most ${LONGEST_RANGE} can be asked for at once`;
    return bad("value.invalid", "from", message);
  }
  return { ok: true, value: { plan, key, from, to } };
}

function bad(code: string, path: string, message: string): { ok: false; problems: readonly [Problem] } {
  return { ok: false, problems: [{ code, path, message }] };
}

/** When a day begins (UTC), in ms since the epoch; none for a text that is no day (30 February). */
export function startOfDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && dayOf(at) === text ? at : undefined;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** So many days later, or earlier: `2026-11-21`. */
export function dayAfter(day: string, days: number): string {
  return dayOf((startOfDay(day) ?? 0) + days * DAY_MS);
}

/**
 * One pair for each day from `from` to `to`; none at all for a key that has never used the
 * quota. A day without requests has what remained before it in its period, which is the whole
 * limit where the period had no requests yet.
 *
 * @param quota none when the plan is gone or has none any more: then the first day that is
 *   known tells the limit, and periods are not told apart
 */
export function dailyUsage(
  used: UsedDays,
  { from, to }: Pick<UsageQuery, "from" | "to">,
  quota: QuotaTerms | undefined,
): readonly UsedRemaining[] {
  const known = Object.keys(used).sort();
  const [first] = known;
  if (first === undefined) return [];
  const kept = (day: string): UsedRemaining => [used[day]?.[0] ?? 0, used[day]?.[1] ?? 0];
  const limit = quota?.limit ?? kept(first)[0] + kept(first)[1];
  const period = (day: string): number => quota?.periodStart(startOfDay(day) ?? 0) ?? 0;
  let before = known.findLast((day) => day < from);
  const daily: UsedRemaining[] = [];
  for (let day = from; day <= to; day = dayAfter(day, 1)) {
    if (day in used) {
      daily.push(kept(day));
      before = day;
    } else {
      daily.push([0, before !== undefined && period(before) === period(day) ? kept(before)[1] : limit]);
    }
  }
  return daily;
}
