import * as v from "valibot";
import { DEFAULT_STAGE } from "../src/config/api-config.ts";
import {
  API_KEY_PREFIX,
  ApiKeyEntry,
  PlanName,
  USAGE_PLAN_PREFIX,
  UsagePlanEntry,
} from "../src/config/api-key-schema.ts";
import { API_PREFIX, parseEntryKey } from "../src/config/keys.ts";
import { parseEntry } from "../src/config/parse.ts";
import { nearest, type Parsed } from "../src/config/problem.ts";
import { Failure } from "./engine/failure.ts";
import { readEntries, someOf } from "./entries.ts";
import type { Store } from "./store.ts";

/** What a usage plan lets its keys into. */
export interface ApiStage {
  readonly api: string;
  readonly stage: string;
}

/**
 * Reads `api:stage`; an API alone means its default stage.
 *
 * @throws Failure for what names none
 */
export function apiStage(text: string): ApiStage {
  const [, api, stage = DEFAULT_STAGE] = /^([^:/]+)(?::([^:/]+))?$/.exec(text) ?? [];
  if (api === undefined)
    throw new Failure(`"${text}" names no stage`, "write API:STAGE, as --stage shop:prod");
  return { api, stage };
}

export const stageText = ({ api, stage }: ApiStage): string => `${api}:${stage}`;

/** A stage that a plan names and the store does not have. */
export interface MissingStage {
  readonly message: string;
  /** What there is instead. */
  readonly hint: string;
}

export async function missingStages(
  store: Store,
  stages: readonly ApiStage[],
): Promise<readonly MissingStage[]> {
  if (stages.length === 0) return [];
  const known = await storedStages(store);
  return stages.flatMap(({ api, stage }) => {
    const ofApi = known.get(api);
    if (ofApi?.has(stage)) return [];
    const [message, there] = ofApi
      ? [`the API "${api}" has no stage "${stage}"`, [...ofApi]]
      : [`the store has no API "${api}"`, [...known.keys()]];
    return { message, hint: there.length === 0 ? "it has none yet" : `it has ${someOf(there)}` };
  });
}

/** Stages by API; an API without stage entries has the default one. */
async function storedStages(store: Store): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const stages = new Map<string, Set<string>>();
  for (const { name } of await store.list(API_PREFIX)) {
    const entry = parseEntryKey(name);
    if (!entry) continue;
    const ofApi = stages.get(entry.api) ?? new Set();
    stages.set(entry.api, entry.kind === "stages" ? ofApi.add(entry.name) : ofApi);
  }
  for (const ofApi of stages.values()) if (ofApi.size === 0) ofApi.add(DEFAULT_STAGE);
  return stages;
}

/**
 * Whether a key may have all of these plans.
 *
 * @throws Failure for one that is not there or is bad, and for two that contain the same stage
 *   (aws-semantics 11: a key has at most one plan for a stage)
 */
export async function requirePlans(store: Store, names: readonly string[]): Promise<void> {
  const planOfStage = new Map<string, string>();
  for (const name of new Set(names)) {
    const entry = await readPlan(store, name);
    if (entry === undefined) throw noPlan(name, await planNames(store));
    if (!entry.ok) {
      const key = USAGE_PLAN_PREFIX + name;
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
          "a key has one plan per stage: leave one of them out",
        );
      }
      planOfStage.set(stage, name);
    }
  }
}

/**
 * Whether the keys of a plan may keep it with these stages.
 *
 * @throws Failure when another plan of one of them contains one of the stages
 */
export async function requireOwnStages(
  store: Store,
  name: string,
  stages: readonly ApiStage[],
): Promise<void> {
  const covered = new Set(stages.map(stageText));
  const checked = new Set([name]);
  for (const { entry: key } of await readEntries(store, API_KEY_PREFIX, ApiKeyEntry)) {
    if (!key.ok || !key.value.usagePlans.includes(name)) continue;
    for (const other of key.value.usagePlans) {
      if (checked.has(other)) continue;
      checked.add(other);
      const plan = await readPlan(store, other);
      const both = plan?.ok
        ? plan.value.apiStages.map(stageText).find((stage) => covered.has(stage))
        : undefined;
      if (both === undefined) continue;
      throw new Failure(
        `the key ${key.value.id} has the usage plan "${other}" too, which contains the stage ${both}`,
        `a key has one plan per stage: portico keys set-plans ${key.value.id} --plan ${other}`,
      );
    }
  }
}

async function readPlan(store: Store, name: string): Promise<Parsed<UsagePlanEntry> | undefined> {
  const key = USAGE_PLAN_PREFIX + name;
  const text = v.is(PlanName, name) ? await store.get(key) : undefined;
  return text === undefined ? undefined : parseEntry(key, text, UsagePlanEntry);
}

export function noPlan(name: string, names: readonly string[]): Failure {
  const near = nearest(name, names);
  return new Failure(
    `there is no usage plan "${name}"`,
    near === undefined
      ? `create it: portico usage-plans create ${name} --stage API:STAGE`
      : `did you mean "${near}"?`,
  );
}

export async function planNames(store: Store): Promise<readonly string[]> {
  const keys = await store.list(USAGE_PLAN_PREFIX);
  return keys.map(({ name }) => name.slice(USAGE_PLAN_PREFIX.length));
}
