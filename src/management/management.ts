import { type Context, Hono } from "hono";
import { USAGE_PLAN_PREFIX, UsagePlanEntry } from "../config/api-key-schema.ts";
import { parseEntry } from "../config/parse.ts";
import type { Problem } from "../config/problem.ts";
import { withDeadline } from "../lib/deadline.ts";
import { tokenGuard } from "./guard.ts";
import { type PurgeRequest, parsePurge } from "./purge.ts";
import { dailyUsage, parseUsageQuery, type QuotaTerms, type UsageQuery, type UsedDays } from "./usage.ts";

/** What the gateway's own endpoints may ask of it. */
export interface Inspection {
  readonly version: string;
  /** Opens all of them but health, which is always open; without it they are off. */
  readonly token: string | undefined;
  /** Age of the configuration in ms; none before the first read. */
  configAgeMs(): number | undefined;
  problems(): number;
  /** Reads something from the config store; rejects when it does not answer. */
  probeConfig(): Promise<void>;
  flushLog(): void;
  readonly usage: UsageSource;
  /** Forgets responses; how many there were. */
  purge(request: PurgeRequest): Promise<number>;
  report(problem: Problem): void;
}

/** Where the use of quotas is kept. What it cannot read rejects. */
export interface UsageSource {
  /** The days on which a key used its quota in a plan. */
  days(plan: string, key: string): Promise<UsedDays>;
  /** The text of `usage-plans/{plan}`; null when there is no such plan. */
  planEntry(plan: string): Promise<string | null>;
  /** When the period began that holds an instant; both in ms since the epoch. */
  periodStart(period: "DAY" | "WEEK" | "MONTH", now: number): number;
}

/** How long a store may take to answer, and how long the result of a probe is kept, in ms. */
const PATIENCE_MS = 2000;
const PROBE_KEPT_MS = 1000;

/** The gateway's own endpoints, under `/_portico`. */
export function managementApp(inspection: Inspection): Hono {
  const app = new Hono();
  app.get("/_portico/health", health(inspection));
  // in front of everything that is added from here on, and of what is not there.
  app.use(tokenGuard(inspection.token));
  app.get("/_portico/usage", usage(inspection));
  app.post("/_portico/cache/purge", purgeCache(inspection));
  app.notFound((c) => c.json({ message: "Not Found" }, 404));
  return app;
}

function health(inspection: Inspection): (c: Context) => Promise<Response> {
  let probed = { at: 0, ok: false };
  return async (c) => {
    // Whoever stops the gateway asks for its health first, and the log's last lines come out.
    inspection.flushLog();
    const now = Date.now();
    if (now - probed.at > PROBE_KEPT_MS) probed = { at: now, ok: await answers(inspection) };
    const age = inspection.configAgeMs();
    return c.json(
      {
        status: probed.ok ? "ok" : "degraded",
        version: inspection.version,
        config: {
          ageSeconds: age === undefined ? null : Math.round(age / 1000),
          problems: inspection.problems(),
        },
        stores: { config: probed.ok ? "ok" : "unavailable" },
      },
      probed.ok ? 200 : 503,
      { "cache-control": "no-store" },
    );
  };
}

async function answers(inspection: Inspection): Promise<boolean> {
  return inTime(inspection.probeConfig()).then(
    () => true,
    () => false,
  );
}

/** A key's use of its quota, in the shape of API Gateway's GetUsage. */
function usage(inspection: Inspection): (c: Context) => Promise<Response> {
  return async (c) => {
    const query = parseUsageQuery(c.req.query());
    if (!query.ok) return c.json(query.problems[0], 400);
    const { plan, key, from, to } = query.value;
    try {
      const items = { [key]: await inTime(readUsage(inspection.usage, query.value)) };
      return c.json({ usagePlanId: plan, startDate: from, endDate: to, items });
    } catch (error) {
      const problem = {
        code: "usage.unavailable",
        path: `plan/${plan}/${key}`,
        message: "the usage of this key cannot be read at the moment",
      };
      const why = error instanceof Error ? error.message : String(error);
      inspection.report({ ...problem, message: `${problem.message}: ${why}` });
      return c.json(problem, 503);
    }
  };
}

/** Forgets responses of one stage: `{"tag": "users"}` and the like. */
function purgeCache(inspection: Inspection): (c: Context) => Promise<Response> {
  return async (c) => {
    const request = parsePurge(await c.req.text());
    if (!request.ok) return c.json(request.problems[0], 400);
    try {
      return c.json({ purged: await inTime(inspection.purge(request.value)) });
    } catch (error) {
      const path = `${request.value.api}/${request.value.stage}`;
      const problem = {
        code: "cache.unavailable",
        path,
        message: "not all of the cache answers: purge again",
      };
      const why = error instanceof Error ? error.message : String(error);
      inspection.report({ ...problem, message: `${problem.message}: ${why}` });
      return c.json(problem, 503);
    }
  };
}

async function readUsage(source: UsageSource, query: UsageQuery): Promise<ReturnType<typeof dailyUsage>> {
  const { plan, key } = query;
  const [days, entry] = await Promise.all([source.days(plan, key), source.planEntry(plan)]);
  return dailyUsage(days, query, quotaTerms(plan, entry, source));
}

function quotaTerms(plan: string, text: string | null, source: UsageSource): QuotaTerms | undefined {
  const entry = text === null ? undefined : parseEntry(USAGE_PLAN_PREFIX + plan, text, UsagePlanEntry);
  if (!entry?.ok || !entry.value.quota) return undefined;
  const { limit, period } = entry.value.quota;
  return { limit, periodStart: (now) => source.periodStart(period, now) };
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return withDeadline(work, PATIENCE_MS, () => new Error(`no answer within ${PATIENCE_MS} ms`));
}
