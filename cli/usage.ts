import * as v from "valibot";
import { recognise } from "../src/access/api-key/key-format.ts";
import { nearest } from "../src/config/problem.ts";
import { dayAfter, startOfDay } from "../src/management/usage.ts";
import { Failure } from "./engine/failure.ts";
import { listKeys } from "./keys.ts";
import { ask, type Fetch, type Management, refused } from "./management.ts";
import { noPlan, planNames } from "./plan-stages.ts";
import type { Store } from "./store.ts";
import { table } from "./usage-plans.ts";

/** So many days are shown by default, the last one included. */
const DAYS_SHOWN = 30;

/**
 * Who types a key in place of its id has shown it to this terminal only: it is neither repeated
 * nor sent anywhere.
 *
 * @throws Failure for a key
 */
export function refuseKeyText(id: string): void {
  if (recognise(id) !== "valid") return;
  throw new Failure("this is a key, not its id", "portico keys list shows the ids");
}

/**
 * The plan whose usage is meant: the key's only one when none is named. A plan that the key had
 * once may be named too.
 *
 * @throws Failure when there is no such key or plan, or the key does not have exactly one
 */
export async function usagePlanOf(store: Store, id: string, plan: string | undefined): Promise<string> {
  const plans = await plansOfKey(store, id);
  if (plan !== undefined) {
    const names = plans.includes(plan) ? [plan] : await planNames(store);
    if (!names.includes(plan)) throw noPlan(plan, names);
    return plan;
  }
  const [only, ...others] = plans;
  if (only === undefined)
    throw new Failure(`the key ${id} has no usage plan`, "name one that it had: --plan");
  if (others.length === 0) return only;
  throw new Failure(
    `the key ${id} has the usage plans ${plans.join(", ")}`,
    `say which: portico usage ${id} --plan ${only}`,
  );
}

async function plansOfKey(store: Store, id: string): Promise<readonly string[]> {
  const keys = (await listKeys(store, {}, new Date())).filter(({ state }) => state !== "bad");
  const found = keys.filter((key) => key.id === id);
  if (found.length > 0) return [...new Set(found.flatMap(({ plans }) => plans))];
  const near = nearest(
    id,
    keys.map((key) => key.id),
  );
  throw new Failure(
    `there is no key with the id "${id}"`,
    near === undefined ? "portico keys list shows the ids" : `did you mean "${near}"?`,
  );
}

/** The first and the last day (UTC), both included. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** @throws Failure for what is no day */
export function usageDays(
  options: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): Days {
  for (const [name, text] of Object.entries(options)) {
    if (text === undefined || startOfDay(text) !== undefined) continue;
    throw new Failure(`--${name} "${text}" is no day of the calendar`, "write it as 2026-11-21");
  }
  const { to = now.toISOString().slice(0, 10) } = options;
  return { from: options.from ?? dayAfter(to, 1 - DAYS_SHOWN), to };
}

/** In the shape of API Gateway's GetUsage; of each day used and remaining requests. */
const Usage = v.object({
  usagePlanId: v.string(),
  startDate: v.string(),
  endDate: v.string(),
  items: v.record(v.string(), v.array(v.tuple([v.number(), v.number()]))),
});
export type Usage = v.InferOutput<typeof Usage>;

/**
 * Asks a gateway for a key's usage.
 *
 * @throws Failure when it does not answer, does not take the token, has its management off or
 *   refuses the question
 */
export async function readUsage(
  gateway: Management,
  query: Days & { readonly plan: string; readonly key: string },
  fetch: Fetch,
): Promise<Usage> {
  const { plan, key, from, to } = query;
  const path = `/_portico/usage?${new URLSearchParams({ plan, key, from, to })}`;
  const { status, body } = await ask(gateway, path, {}, fetch);
  const usage = v.safeParse(Usage, body);
  if (status === 200 && usage.success) return usage.output;
  throw refused(gateway, status, body);
}

/** Days as lines, a line of headings first and one of totals last. */
export function usageTable(usage: Usage, key: string): readonly string[] {
  const daily = usage.items[key] ?? [];
  if (daily.length === 0) {
    return [`the key ${key} has used no quota of the usage plan ${usage.usagePlanId}`];
  }
  const total = daily.reduce((sum, [used]) => sum + used, 0);
  const rows = daily.map(([used, remaining], index) => [
    dayAfter(usage.startDate, index),
    String(used),
    String(remaining),
  ]);
  rows.push(["TOTAL", String(total), String(daily.at(-1)?.[1] ?? 0)]);
  const headings = ["DAY", "USED", "REMAINING"];
  const widths = [1, 2].map((column) =>
    Math.max(...[headings, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const right = (cells: readonly string[]): string[] =>
    cells.map((cell, column) => (column === 0 ? cell : cell.padStart(widths[column - 1] ?? 0)));
  return table(right(headings), rows.map(right));
}
