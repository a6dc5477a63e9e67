import { env } from "cloudflare:workers";
import { USAGE_PLAN_PREFIX } from "../../src/config/api-key-schema.ts";
import type { Problem } from "../../src/config/problem.ts";
import type { Inspection } from "../../src/management/management.ts";
import { purge } from "../../src/management/purge.ts";
import { periodStart } from "../../src/throttle/period.ts";
import { planCounter } from "../../src/throttle/rule.ts";

/** As good as what is made by itself. */
export const TOKEN = "Zr3vW0pJ5mYtq8bKx1LhNcD7sUeGf2aQ9RiOoTnVyXw";

/** What the script gives to its own endpoints, over the real store and the real counters. */
export function inspection(more: Partial<Inspection> = {}): Inspection & { readonly problems: () => number } {
  return {
    version: "1.2.3",
    token: TOKEN,
    configAgeMs: () => 1000,
    problems: () => 0,
    probeConfig: async () => undefined,
    flushLog: () => undefined,
    usage: {
      days: async (plan, key) =>
        (await env.COUNTERS.getByName(planCounter(plan, key)).usage())["quota"] ?? {},
      planEntry: (plan) => env.CONFIG.get(USAGE_PLAN_PREFIX + plan),
      periodStart,
    },
    purge: (request) => purge(request, (name) => env.CACHE.getByName(name)),
    report: (problem: Problem) => {
      throw new Error(problem.message);
    },
    ...more,
  };
}
