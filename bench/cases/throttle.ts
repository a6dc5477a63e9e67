import { createHash } from "node:crypto";
import type { BenchRequest, Case, Contestant } from "../case.ts";
import { plainEntries } from "./plain-proxy.ts";

const ROUTE = "apis/default/routes/GET /plain";
const OPEN = "gateway, open";

/** Far above the load: what is measured is the limit, not its refusals. */
const MUCH = { rate: 1_000_000, burst: 1_000_000 };
const PLAN = "bench";
const API_KEY = { id: "k_bench", text: "bench-key-0123456789abcdefghij" };
const CALLERS = 10_000;

const plain: BenchRequest = { path: "/plain" };

/** The names of counters: `src/throttle/route-limits.ts` and `rule.ts`. */
const ROUTE_COUNTER = ["route/default/$default/GET /plain"];
const CALLER_COUNTERS = Array.from({ length: 64 }, (_, number) => `callers/default/$default#${number}`);

/** A JSON answer of an origin behind limits that are not reached, what a refusal costs, and the alternatives. */
export const throttle: Case = {
  name: "throttle",
  contestants: [
    { name: "bare Worker", script: "bare", requests: [plain] },
    limited(OPEN, {}),
    {
      ...limited("gateway, hot key", { throttle: { ...MUCH, per: "ip" } }),
      counters: CALLER_COUNTERS,
      budget: 1.05,
      against: OPEN,
    },
    { ...limited("gateway, hot route", { throttle: MUCH }), counters: ROUTE_COUNTER },
    {
      ...limited("gateway, two limits", {
        throttle: [MUCH, { rate: 1_000_000_000, burst: 1_000_000_000, interval: "hour" }],
      }),
      counters: ROUTE_COUNTER,
    },
    {
      ...limited("gateway, usage plan", { apiKeyRequired: true }, [
        { ...plain, headers: { "x-api-key": API_KEY.text } },
      ]),
      counters: [`plan/${PLAN}/${API_KEY.id}`],
    },
    {
      ...limited(
        `gateway, ${CALLERS.toLocaleString("en")} keys`,
        { throttle: { ...MUCH, per: "header.x-user" } },
        Array.from({ length: CALLERS }, (_, number) => ({
          ...plain,
          headers: { "x-user": `user-${number}` },
        })),
      ),
      counters: CALLER_COUNTERS,
    },
    {
      ...limited("gateway, refused", { throttle: { rate: 1, burst: 1, interval: "hour" } }, [
        { ...plain, status: 429 },
      ]),
      opening: [plain],
      counters: ROUTE_COUNTER,
      budget: 0.5,
    },
    {
      name: "one object call a request",
      script: "durable-object",
      requests: [plain],
      counters: ["unknown"],
    },
    { name: "Hono proxy", script: "hono", requests: [plain] },
    { name: "hono-rate-limiter, in isolate", script: "hono-memory-store", requests: [plain] },
    {
      name: "hono-rate-limiter, shared",
      script: "hono-durable-object-store",
      requests: [plain],
      counters: ["hrl:"],
    },
  ],
};

function limited(
  name: string,
  route: Readonly<Record<string, unknown>>,
  requests: readonly BenchRequest[] = [plain],
): Contestant {
  return {
    name,
    script: "gateway",
    requests,
    vars: { ACCESS_LOG: "off" },
    entries: (origin) => ({
      ...planEntries(),
      [ROUTE]: { ...plainEntries(origin)[ROUTE], ...route },
    }),
  };
}

function planEntries(): Record<string, unknown> {
  return {
    [`usage-plans/${PLAN}`]: {
      apiStages: [{ api: "default", stage: "$default" }],
      throttle: { rateLimit: MUCH.rate, burstLimit: MUCH.burst },
      quota: { limit: 1_000_000_000, period: "MONTH" },
    },
    [`api-keys/${createHash("sha256").update(API_KEY.text).digest("hex")}`]: {
      id: API_KEY.id,
      usagePlans: [PLAN],
    },
  };
}
