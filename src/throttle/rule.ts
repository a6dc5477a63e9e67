import type { Call } from "../call.ts";
import type { UsagePlanEntry } from "../config/api-key-schema.ts";
import type { Cost, Fail, Throttle } from "../config/throttle-schema.ts";
import { INTERVAL_MS } from "../config/throttle-schema.ts";
import type { Reason } from "../gateway-responses/gateway-error.ts";
import { hash } from "../lib/hash.ts";
import { callerKey, type Key } from "./caller-key.ts";
import type { Check, Limiter, Place } from "./limiter.ts";
import type { RateSpec } from "./local-bucket.ts";
import { type Period, periodEnd, periodStart } from "./period.ts";

/** Buckets that callers name by what they send share so many counters, at each place of the configuration. */
const COUNTERS = 64;

/** A limit of the configuration, ready for requests. */
export interface Rule {
  /** Its name in `RateLimit`. */
  readonly name: string;
  readonly reason: Reason;
  /** Whose limit it is, in a sentence's words. */
  readonly whose: string;
  /** `"ip";q=20;w=2`: its member of `RateLimit-Policy`. */
  readonly policy: string;
  readonly quota: boolean;
  readonly cost: Cost;
  /** Decided before the authorizer is asked: what guesses at tokens and keys is counted too. */
  readonly early: boolean;
  /** What it means for a request; a promise where a long value has to be digested first. */
  check(call: Call): Check | Promise<Check>;
  /** Ms until all of it is there again, with so many tokens left. */
  resetMs(remaining: number, now: number): number;
}

/** Where limits stand in the configuration: names are the counters'. */
export interface Level {
  readonly reason: Reason;
  readonly whose: string;
  /** The counter of a limit without `per`. */
  readonly counter: string;
  /** The API that has it; empty for the account. */
  readonly api: string;
  /** The counter of the route that it is applied to. */
  readonly route: string;
  /** What the counters that callers share are called, without their number. */
  readonly shared: string;
  /** Tells limits of several places apart within one counter. */
  readonly id: string;
}

interface BucketLimit {
  readonly rate: number;
  readonly burst: number;
  readonly cost: Cost;
  readonly fail: Fail;
  readonly exact: boolean;
}

/** A `throttle` of a route, a stage, an API or the account. */
export function throttleRule(limit: Throttle, index: number, level: Level, limiter: Limiter): Rule {
  const rate = (limit.rate * 1000) / INTERVAL_MS[limit.interval];
  const bucket = { rate, burst: limit.burst, cost: limit.cost, fail: limit.fail, exact: limit.exact };
  const keyOf = limit.per === undefined ? undefined : callerKey(limit.per);
  const id = `${level.id}#${index}`;
  // What several stages share may have another size in each, as deployments have it: those are other limits.
  const sized = `${level.api} ${id} ${limit.burst} ${rate}`;
  if (limit.per === "route")
    return fixedRule("route", bucket, { ...level, counter: level.route }, id, limiter);
  if (!keyOf)
    return fixedRule(nameOf(level), bucket, level, level.reason === "throttle.api" ? sized : id, limiter);
  const place = (key: Key): Place => {
    if (key.scope !== undefined) return limiter.place(key.scope, specOf(sized, bucket));
    return limiter.place(sharedCounter(level.shared, key.value), specOf(`${id}:${key.value}`, bucket));
  };
  const per = limit.per ?? "";
  const owner = isWide(per)
    ? level
    : ({ reason: "throttle.client", whose: `${level.whose}, per ${per},` } as const);
  return {
    ...describe(per, bucket, owner),
    early: per === "ip",
    check: (call) => {
      const key = keyOf(call);
      return key instanceof Promise
        ? key.then((found) => checkOf(place(found), bucket))
        : checkOf(place(key), bucket);
    },
  };
}

/** Buckets that all callers share. */
const isWide = (per: string): boolean => per === "stage" || per === "api" || per === "account";

/** API Gateway's `rateLimit` and `burstLimit`; with 0 nothing gets in. */
export function settingsRule(
  limit: { readonly rate: number; readonly burst: number },
  level: Level,
  limiter: Limiter,
): Rule {
  return fixedRule(nameOf(level), { ...limit, ...PLAIN }, level, `${level.id}#settings`, limiter);
}

/** The limits of a usage plan, of each key by itself. @param method the override for one method, if there is one */
export function planRules(
  plan: UsagePlanEntry,
  method: { readonly name: string; readonly rate: number; readonly burst: number } | undefined,
  limiter: Limiter,
): readonly Rule[] {
  const rules: Rule[] = [];
  const { throttle, quota, fail, exact } = plan;
  const level = { reason: "throttle.client", whose: "the API key's usage plan" } as const;
  const limit =
    method ?? (throttle && { name: "plan", rate: throttle.rateLimit, burst: throttle.burstLimit });
  if (limit) {
    const bucket = { rate: limit.rate, burst: limit.burst, cost: 1, fail, exact };
    const spec = specOf(limit.name, bucket);
    rules.push({
      ...describe("plan", bucket, level),
      early: false,
      check: (call) => checkOf(limiter.place(counterOf(call), spec), bucket),
    });
  }
  if (quota) rules.push(quotaRule(quota, plan, limiter));
  return rules;
}

/** The counter of a key in its plan. */
function counterOf({ caller: { apiKey } }: Call): string {
  return planCounter(apiKey?.plan ?? "", apiKey?.id ?? "");
}

export const planCounter = (plan: string, keyId: string): string => `plan/${plan}/${keyId}`;

function quotaRule(
  quota: NonNullable<UsagePlanEntry["quota"]>,
  plan: UsagePlanEntry,
  limiter: Limiter,
): Rule {
  const { limit, offset = 0, period } = quota;
  const spec = { kind: "quota", bucket: "quota", limit, offset, period, exact: plan.exact } as const;
  return {
    name: "quota",
    reason: "quota.exceeded",
    whose: "the API key's usage plan",
    // Months are not all of one length.
    get policy() {
      return `"quota";q=${limit};w=${lengthOf(period)}`;
    },
    quota: true,
    cost: 1,
    early: false,
    check: (call) => ({ place: limiter.place(counterOf(call), spec), cost: 1, fail: plan.fail }),
    resetMs: (_, now) => periodEnd(period, now) - now,
  };
}

/** Of the current period, in seconds. */
function lengthOf(period: Period): number {
  const now = Date.now();
  return (periodEnd(period, now) - periodStart(period, now)) / 1000;
}

const PLAIN = { cost: 1, fail: "local", exact: false } as const;

/** Every request has the same check. */
function fixedRule(name: string, bucket: BucketLimit, level: Level, id: string, limiter: Limiter): Rule {
  const check = checkOf(limiter.place(level.counter, specOf(id, bucket)), bucket);
  return { ...describe(name, bucket, level), early: false, check: () => check };
}

function describe(
  name: string,
  bucket: BucketLimit,
  level: Pick<Level, "reason" | "whose">,
): Omit<Rule, "check" | "early"> {
  const { rate, burst } = bucket;
  const shown = name.replace(/[^A-Za-z0-9._-]/g, "_");
  const window = rate > 0 ? Math.max(1, Math.ceil(burst / rate - ROUNDING)) : 1;
  return {
    name: shown,
    reason: level.reason,
    whose: level.whose,
    policy: `"${shown}";q=${burst};w=${window}`,
    quota: false,
    cost: bucket.cost,
    resetMs: (remaining) => (rate > 0 ? ((burst - remaining) * 1000) / rate : 0),
  };
}

/** What a quotient of doubles may have above a whole number. */
const ROUNDING = 1e-9;

const specOf = (bucket: string, { rate, burst, exact }: BucketLimit): RateSpec => ({
  kind: "rate",
  bucket,
  rate,
  burst,
  exact,
});

const checkOf = (place: Place, { cost, fail }: BucketLimit): Check => ({
  place,
  cost: typeof cost === "number" ? cost : cost.default,
  fail,
});

const nameOf = ({ counter }: Level): string => counter.slice(0, counter.indexOf("/"));

/** Which of the counters that callers share keeps the bucket of a value. */
export const sharedCounter = (shared: string, value: string): string => `${shared}#${hash(value) % COUNTERS}`;
