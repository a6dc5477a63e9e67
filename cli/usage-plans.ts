import * as v from "valibot";
import { DEFAULT_STAGE } from "../src/config/api-config.ts";
import {
  API_KEY_PREFIX,
  ApiKeyEntry,
  PlanName,
  USAGE_PLAN_PREFIX,
  UsagePlanEntry,
} from "../src/config/api-key-schema.ts";
import { apiKey } from "../src/config/keys.ts";
import { parseEntry, parseValue } from "../src/config/parse.ts";
import { nearest, type Parsed } from "../src/config/problem.ts";
import { Failure } from "./engine/failure.ts";
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
}

export interface CreatedUsagePlan {
  readonly entry: UsagePlanEntry;
  /** What is allowed but looks like a mistake. */
  readonly warnings: readonly string[];
}

/**
 * Writes `usage-plans/{name}`.
 *
 * @throws Failure when there is a plan of this name already, or a value is none
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
  if ((await store.get(key)) !== undefined) {
    throw new Failure(
      `there is a usage plan "${name}" already`,
      `to start anew: portico usage-plans delete ${name} --force`,
    );
  }
  const apiStages = options.stages.map(apiStage);
  const entry = checked(key, {
    ...(options.description === undefined ? {} : { description: options.description }),
    apiStages,
    ...throttle(options),
    ...(options.quota === undefined ? {} : { quota: quota(options.quota) }),
  });
  const warnings: string[] = [];
  for (const api of new Set(apiStages.map((covered) => covered.api))) {
    const keys = await store.list(apiKey(api));
    if (keys.some(({ name: found }) => found === apiKey(api) || found.startsWith(`${apiKey(api)}/`)))
      continue;
    warnings.push(`the store has no API "${api}"`);
  }
  await store.put(new Map([[key, JSON.stringify(entry)]]));
  return { entry, warnings };
}

export interface UsagePlanRow {
  readonly name: string;
  readonly stages: readonly string[];
  /** `10/s, burst 20` */
  readonly throttle: string;
  /** `1000/DAY` */
  readonly quota: string;
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
    return { name, stages: [], throttle: "", quota: "", description: "", problem };
  }
  const { apiStages, throttle: rates, quota: limit, description = "" } = entry.value;
  return {
    name,
    stages: apiStages.map(stageText),
    throttle: rates === undefined ? "" : `${rates.rateLimit}/s, burst ${rates.burstLimit}`,
    quota: limit === undefined ? "" : `${limit.limit}/${limit.period}`,
    description,
    problem: undefined,
  };
}

/** Plans as lines, a line of headings first. */
export function usagePlanTable(rows: readonly UsagePlanRow[]): readonly string[] {
  return table(
    ["NAME", "STAGES", "THROTTLE", "QUOTA", "DESCRIPTION"],
    rows.map(({ name, stages, throttle: rates, quota: limit, description, problem }) => [
      name,
      problem === undefined ? stages.join(" ") : `bad: ${problem}`,
      rates,
      limit,
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
    const some = ids.length > 5 ? `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more` : ids.join(", ");
    throw new Failure(
      `the usage plan "${name}" is in use by ${ids.length === 1 ? "the key" : "the keys"} ${some}`,
      "delete or rotate them first, or delete it all the same with --force: they are refused then",
    );
  }
  await store.remove([USAGE_PLAN_PREFIX + name]);
}

/**
 * The plans of these names, in their order.
 *
 * @throws Failure for one that is not there or is bad, and for two that contain the same stage
 *   (aws-semantics 11: a key has at most one plan for a stage)
 */
export async function requirePlans(store: Store, names: readonly string[]): Promise<void> {
  const planOfStage = new Map<string, string>();
  for (const name of new Set(names)) {
    const key = USAGE_PLAN_PREFIX + name;
    const text = v.is(PlanName, name) ? await store.get(key) : undefined;
    if (text === undefined) throw noPlan(name, await planNames(store));
    const entry = parseEntry(key, text, UsagePlanEntry);
    if (!entry.ok) {
      throw new Failure(
        `the usage plan's entry ${key} is bad: ${entry.problems[0]?.message ?? ""}`,
        "mend it",
      );
    }
    for (const covered of entry.value.apiStages) {
      const stage = stageText(covered);
      const other = planOfStage.get(stage);
      if (other !== undefined && other !== name) {
        throw new Failure(
          `the usage plans "${other}" and "${name}" both contain the stage ${stage}`,
          "a key has one plan for a stage: leave one of them out",
        );
      }
      planOfStage.set(stage, name);
    }
  }
}

function noPlan(name: string, names: readonly string[]): Failure {
  const near = nearest(name, names);
  return new Failure(
    `there is no usage plan "${name}"`,
    near === undefined
      ? `create it: portico usage-plans create ${name} --stage API:STAGE`
      : `did you mean "${near}"?`,
  );
}

async function planNames(store: Store): Promise<readonly string[]> {
  const keys = await store.list(USAGE_PLAN_PREFIX);
  return keys.map(({ name }) => name.slice(USAGE_PLAN_PREFIX.length));
}

function apiStage(text: string): { readonly api: string; readonly stage: string } {
  const [, api, stage = DEFAULT_STAGE] = /^([^:/]+)(?::([^:/]+))?$/.exec(text) ?? [];
  if (api === undefined)
    throw new Failure(`"${text}" names no stage`, "write API:STAGE, as --stage shop:prod");
  return { api, stage };
}

const stageText = ({ api, stage }: { readonly api: string; readonly stage: string }): string =>
  `${api}:${stage}`;

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

export interface NamedEntry<T> {
  /** Without the prefix. */
  readonly name: string;
  readonly entry: Parsed<T>;
}

/** All entries below a prefix, those that do not parse included. */
export async function readEntries<T extends v.GenericSchema>(
  store: Store,
  prefix: string,
  schema: T,
): Promise<readonly NamedEntry<v.InferOutput<T>>[]> {
  const entries: NamedEntry<v.InferOutput<T>>[] = [];
  for (const { name } of await store.list(prefix)) {
    const text = await store.get(name);
    // The store is eventually consistent: what is listed may be gone.
    if (text !== undefined) {
      entries.push({ name: name.slice(prefix.length), entry: parseEntry(name, text, schema) });
    }
  }
  return entries;
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
