import type { Call, Guard } from "../call.ts";
import type { StageConfig } from "../config/api-config.ts";
import type { UsagePlanEntry } from "../config/api-key-schema.ts";
import type { RouteEntry } from "../config/schemas.ts";
import type { Throttle } from "../config/throttle-schema.ts";
import { limitConcurrency, SlotTable } from "./concurrency.ts";
import { throttle } from "./guard.ts";
import { Limiter } from "./limiter.ts";
import type { LinksOptions } from "./links.ts";
import { type Level, planRules, type Rule, settingsRule, throttleRule } from "./rule.ts";

/** What an isolate remembers of limits; it outlives every configuration. */
export interface Throttling {
  readonly limiter: Limiter;
  readonly slots: SlotTable;
}

export function throttling(options: LinksOptions): Throttling {
  const limiter = new Limiter(options);
  return { limiter, slots: new SlotTable(limiter.links) };
}

export interface RouteLimits {
  /** In front of the authorizer: by address. */
  readonly early: Guard | undefined;
  /** Behind the API key: all others, and what may be in flight. */
  readonly late: readonly Guard[];
}

/**
 * How often a route may be called, in API Gateway's order: a usage plan's client and method,
 * route, stage, account (aws-semantics 11); and beyond it whatever `throttle` entries say.
 */
export function routeLimits(
  key: string,
  entry: RouteEntry,
  stage: StageConfig,
  { limiter, slots }: Throttling,
): RouteLimits {
  const rules = ownRules(key, entry, stage, limiter);
  const early = rules.filter((rule) => rule.early);
  const late = rules.filter((rule) => !rule.early);
  const plans = entry.apiKeyRequired ? rulesOfPlans(key, stage, limiter) : undefined;
  const { strict } = stage.settings;
  const { type } = entry.integration;
  const streams = type === "http" || type === "http_proxy";
  const level = routeLevel(key, stage);
  return {
    early: early.length > 0 ? throttle(() => early, limiter, strict) : undefined,
    late: [
      ...(plans ? [throttle((call) => withPlan(plans(call), late), limiter, strict)] : []),
      ...(!plans && late.length > 0 ? [throttle(() => late, limiter, strict)] : []),
      ...(entry.concurrency.length > 0
        ? [limitConcurrency(entry.concurrency, level, slots, { streams, strict })]
        : []),
    ],
  };
}

const withPlan = (plan: readonly Rule[], others: readonly Rule[]): readonly Rule[] =>
  others.length === 0 ? plan : [...plan, ...others];

function ownRules(key: string, entry: RouteEntry, stage: StageConfig, limiter: Limiter): readonly Rule[] {
  const { limits, settings } = stage;
  const rules = (throttles: readonly Throttle[], level: Level): Rule[] =>
    throttles.map((limit, index) => throttleRule(limit, index, level, limiter));
  const setting = limits.routes.get(key) ?? limits.defaultRoute;
  const level = routeLevel(key, stage);
  const { api, route } = level;
  const rate = setting && { rate: setting.throttlingRateLimit, burst: setting.throttlingBurstLimit };
  return distinct([
    ...rules(entry.throttle, level),
    ...(rate ? [settingsRule(rate, level, limiter)] : []),
    ...rules(limits.stage, {
      reason: "throttle.stage",
      whose: `the stage ${stage.stage}`,
      api,
      route,
      counter: `stage/${stage.api}/${stage.stage}`,
      shared: `callers/${stage.api}/${stage.stage}`,
      id: `stage ${stage.stage}`,
    }),
    ...rules(settings.throttle, {
      reason: "throttle.api",
      whose: `the API ${stage.api}`,
      api,
      route,
      counter: `api/${stage.api}`,
      shared: `callers/${stage.api}`,
      id: "api",
    }),
    ...rules(limits.account, {
      reason: "throttle.account",
      whose: "the account",
      api: "",
      route,
      counter: "account/",
      shared: "callers/",
      id: "account",
    }),
  ]);
}

/** Answers tell limits apart by their names: the second one by address is `ip-2`. */
function distinct(rules: readonly Rule[]): readonly Rule[] {
  const count = new Map<string, number>();
  return rules.map((rule) => {
    const nth = (count.get(rule.name) ?? 0) + 1;
    count.set(rule.name, nth);
    if (nth === 1) return rule;
    const name = `${rule.name}-${nth}`;
    return { ...rule, name, policy: rule.policy.replace(`"${rule.name}"`, `"${name}"`) };
  });
}

const routeCounter = (key: string, api: string, stage: string): string => `route/${api}/${stage}/${key}`;

const routeLevel = (key: string, { api, stage }: StageConfig): Level => ({
  reason: "throttle.route",
  whose: `the route ${key}`,
  counter: routeCounter(key, api, stage),
  api,
  route: routeCounter(key, api, stage),
  shared: `callers/${api}/${stage}`,
  id: key,
});

/** The rules of whatever plan a caller's key is in, built once for each plan. */
function rulesOfPlans(key: string, stage: StageConfig, limiter: Limiter): (call: Call) => readonly Rule[] {
  const built = new WeakMap<UsagePlanEntry, readonly Rule[]>();
  return ({ caller: { apiKey } }) => {
    if (!apiKey) return [];
    const { usagePlan } = apiKey;
    let rules = built.get(usagePlan);
    if (!rules) {
      rules = planRules(usagePlan, methodLimit(usagePlan, key, stage), limiter);
      built.set(usagePlan, rules);
    }
    return rules;
  };
}

/** The plan's override for one method: `/pets/GET` for the route `GET /pets` (aws-semantics 11). */
function methodLimit(plan: UsagePlanEntry, key: string, { api, stage }: StageConfig) {
  const blank = key.indexOf(" ");
  const path = `${key.slice(blank + 1)}/${key.slice(0, blank)}`;
  const covered = plan.apiStages.find((candidate) => candidate.api === api && candidate.stage === stage);
  const override = covered?.throttle?.[path];
  if (!override) return undefined;
  const { rateLimit = plan.throttle?.rateLimit, burstLimit = plan.throttle?.burstLimit } = override;
  if (rateLimit === undefined || burstLimit === undefined) return undefined;
  return { name: `${api}/${stage}${path}`, rate: rateLimit, burst: burstLimit };
}
