import * as v from "valibot";
import {
  API_KEY_PREFIX,
  ApiKeyEntry,
  PlanName,
  USAGE_PLAN_PREFIX,
  UsagePlanEntry,
} from "../src/config/api-key-schema.ts";
import { parseValue } from "../src/config/parse.ts";
import type { Parsed } from "../src/config/problem.ts";
import { Failure } from "./engine/failure.ts";
import { readEntries, someOf } from "./entries.ts";
import { apiStage, missingStages, noPlan, planNames, requireOwnStages, stageText } from "./plan-stages.ts";
import type { Store } from "./store.ts";

export interface NewUsagePlan {
  readonly description?: string | undefined;
  /** `api:stage`; an API alone means its default stage. */
  readonly stages: readonly string[];
  /** Requests a second, as text; only with `burst`. */
  readonly rate?: string | undefined;
  /** Requests at once, as text; only with `rate`. */
  readonly burst?: string | undefined;
  /** `1000/DAY` */
  readonly quota?: string | undefined;
  /** What holds while the counter cannot be asked: `local`, `open` or `closed`. */
  readonly fail?: string | undefined;
  /** Asks the counter at every request. */
  readonly exact?: boolean | undefined;
  /** Takes the place of a plan of this name, whose keys stay. */
  readonly replace?: boolean | undefined;
  /** Also with stages that the store does not have. */
  readonly force?: boolean | undefined;
}

export interface CreatedUsagePlan {
  readonly entry: UsagePlanEntry;
  /** What is allowed but looks like a mistake. */
  readonly warnings: readonly string[];
}

/**
 * Writes `usage-plans/{name}`.
 *
 * @throws Failure when there is a plan of this name already and it is not to be replaced, a
 *   stage is not there, a key would have two plans for a stage, or a value is none
 */
export async function createUsagePlan(
  store: Store,
  name: string,
  options: NewUsagePlan,
): Promise<CreatedUsagePlan> {
  const key = USAGE_PLAN_PREFIX + name;
  if (!v.is(PlanName, name)) {
    throw new Failure(`"${name}" is no usage plan's name`, "1 to 128 of A-Z a-z 0-9 . _ -");
  }
  const exists = (await store.get(key)) !== undefined;
  if (exists && !options.replace) {
    throw new Failure(
      `there is a usage plan "${name}" already`,
      "--replace puts the new one in its place, for all its keys",
    );
  }
  const apiStages = options.stages.map(apiStage);
  // Written as it was said: a default that is spelt out would outlive a change of defaults.
  const value = {
    ...(options.description === undefined ? {} : { description: options.description }),
    apiStages,
    ...throttle(options),
    ...(options.quota === undefined ? {} : { quota: quota(options.quota) }),
    ...(options.fail === undefined ? {} : { fail: options.fail }),
    ...(options.exact ? { exact: true } : {}),
  };
  const entry = checked(key, value);
  const missing = await missingStages(store, apiStages);
  const [first] = missing;
  if (first && !options.force) {
    throw new Failure(first.message, `${first.hint}; --force makes the plan all the same`);
  }
  if (exists) await requireOwnStages(store, name, apiStages);
  await store.put(new Map([[key, JSON.stringify(value)]]));
  return { entry, warnings: missing.map(({ message }) => message) };
}

export interface UsagePlanRow {
  readonly name: string;
  readonly stages: readonly string[];
  /** `10/s, burst 20`, and `exact` where every request is counted for itself. */
  readonly throttle: string;
  /** `1000/DAY` */
  readonly quota: string;
  readonly fail: string;
  readonly description: string;
  /** Why the entry cannot be used, when it cannot. */
  readonly problem: string | undefined;
}

/** All plans by name. */
export async function listUsagePlans(store: Store): Promise<readonly UsagePlanRow[]> {
  const rows = (await readEntries(store, USAGE_PLAN_PREFIX, UsagePlanEntry)).map(({ name, entry }) =>
    row(name, entry),
  );
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function row(name: string, entry: Parsed<UsagePlanEntry>): UsagePlanRow {
  if (!entry.ok) {
    const problem = entry.problems[0]?.message ?? "";
    return { name, stages: [], throttle: "", quota: "", fail: "", description: "", problem };
  }
  const { apiStages, throttle: rates, quota: limit, fail, exact, description = "" } = entry.value;
  const often = rates === undefined ? [] : [`${rates.rateLimit}/s`, `burst ${rates.burstLimit}`];
  return {
    name,
    stages: apiStages.map(stageText),
    throttle: [...often, ...(exact ? ["exact"] : [])].join(", "),
    quota: limit === undefined ? "" : `${limit.limit}/${limit.period}`,
    fail,
    description,
    problem: undefined,
  };
}

/** Plans as lines, a line of headings first. */
export function usagePlanTable(rows: readonly UsagePlanRow[]): readonly string[] {
  return table(
    ["NAME", "STAGES", "THROTTLE", "QUOTA", "FAIL", "DESCRIPTION"],
    rows.map(({ name, stages, throttle: rates, quota: limit, fail, description, problem }) => [
      name,
      problem === undefined ? stages.join(" ") : `bad: ${problem}`,
      rates,
      limit,
      fail,
      description,
    ]),
  );
}

/**
 * Removes `usage-plans/{name}`. Its keys stay, and are refused where no other plan of theirs
 * lets them in: so that takes `force`.
 *
 * @throws Failure when there is no such plan, or keys name it and `force` is not set
 */
export async function deleteUsagePlan(store: Store, name: string, force: boolean): Promise<void> {
  const names = await planNames(store);
  if (!names.includes(name)) throw noPlan(name, names);
  const keys = force ? [] : await readEntries(store, API_KEY_PREFIX, ApiKeyEntry);
  const ids = keys.flatMap(({ entry }) =>
    entry.ok && entry.value.usagePlans.includes(name) ? [entry.value.id] : [],
  );
  if (ids.length > 0) {
    throw new Failure(
      `the usage plan "${name}" is in use by ${ids.length === 1 ? "the key" : "the keys"} ${someOf(ids)}`,
      "give them other plans first: portico keys set-plans; or delete it all the same with --force: they are refused then",
    );
  }
  await store.remove([USAGE_PLAN_PREFIX + name]);
}

function throttle({ rate, burst }: NewUsagePlan): object {
  if (rate === undefined && burst === undefined) return {};
  if (rate === undefined || burst === undefined) {
    throw new Failure(
      `--${rate === undefined ? "burst" : "rate"} is there without --${rate === undefined ? "rate" : "burst"}`,
      "a throttle has both: --rate 10 --burst 20 is 10 requests a second, 20 of them at once",
    );
  }
  return { throttle: { rateLimit: number("--rate", rate), burstLimit: number("--burst", burst) } };
}

function number(option: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new Failure(`${option} "${text}" is no number`);
  return value;
}

function quota(text: string): object {
  const [, limit, period] = /^(\d+)\/([A-Za-z]+)$/.exec(text) ?? [];
  if (limit === undefined || period === undefined) {
    throw new Failure(
      `--quota "${text}" is no quota`,
      "write a number and DAY, WEEK or MONTH: --quota 1000/DAY",
    );
  }
  return { limit: Number(limit), period: period.toUpperCase() };
}

function checked(key: string, value: unknown): UsagePlanEntry {
  const parsed = parseValue(key, value, UsagePlanEntry);
  if (parsed.ok) return parsed.value;
  const [problem] = parsed.problems;
  throw new Failure(`${problem?.path.split("#")[1] ?? "the plan"}: ${problem?.message ?? ""}`, problem?.hint);
}

/** Columns as wide as what is in them; the last one ends the line. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [headings, ...rows.map((cells) => cells.map((cell) => cell || "-"))];
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
