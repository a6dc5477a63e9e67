import * as v from "valibot";

/** How an http integration goes on when an origin does not answer as it should. */

const text = v.pipe(v.string(), v.nonEmpty());

const between = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(least, `at least ${least}`),
    v.maxValue(most, `at most ${most}`),
  );

/** The answers that count as failed. */
const statuses = v.optional(
  v.pipe(v.array(between(400, 599)), v.minLength(1, "at least one status")),
  [502, 503, 504],
);

/** Several origins for one route, in place of `uri`. */
const Origin = v.strictObject({
  uri: text,
  /** Its share of the requests, in proportion to the other weights; 0 for one that stands by until the others fail. */
  weight: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1000)), 1),
});

const method = v.pipe(v.string(), v.toUpperCase(), v.regex(/^[A-Z]+$/, "not a method"));

const Retry = v.strictObject({
  /** How often a request is sent at most, the first time included. */
  attempts: v.optional(between(2, 10), 3),
  /** Answers that are asked for again; failures of the network and timeouts are in any case. */
  statuses,
  /** How long one attempt may take, in ms; `timeoutInMillis` bounds all of them together. */
  perTryTimeoutInMillis: v.optional(between(50, 900_000)),
  /** The longest wait before the first retry, in ms; it doubles with each, up to ten times this. */
  backoffInMillis: v.optional(between(0, 10_000), 25),
  /** What may be sent twice. */
  methods: v.optional(v.array(method), ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]),
  /** Whether a request of any method that has an `Idempotency-Key` may be, too. */
  idempotencyKey: v.optional(v.boolean(), false),
  /** Retries per 100 requests of the last ten seconds, beyond a first few: what a failing origin may get on top. */
  budgetPercent: v.optional(between(1, 100), 20),
});

/** When an origin is left alone, and how it comes back; per origin, as each isolate sees it. */
const Circuit = v.strictObject({
  /** Failures in a row that open it. */
  failures: v.optional(between(1, 1000), 5),
  /** Failures per 100 requests that open it, once there were `minimumRequests` within `windowInMillis`. */
  failurePercent: v.optional(between(1, 100), 50),
  minimumRequests: v.optional(between(1, 100_000), 20),
  windowInMillis: v.optional(between(1000, 600_000), 10_000),
  /** How long it stays open before requests probe the origin, in ms. */
  openInMillis: v.optional(between(100, 600_000), 10_000),
  /** Probes that have to succeed before it closes. */
  probes: v.optional(between(1, 100), 1),
  /** Answers that are failures, besides those of the network and timeouts. */
  statuses,
});

/** What stands in for an answer when every origin has failed: another origin, or an answer written here. */
const Fallback = v.strictObject({
  uri: v.optional(text),
  /** The time of that other origin, in ms; the route's timeout by default. */
  timeoutInMillis: v.optional(between(50, 900_000)),
  statusCode: v.optional(between(200, 599)),
  headers: v.optional(v.record(text, v.string())),
  body: v.optional(v.string()),
  /** Answers in whose place it stands, besides failures of the network, timeouts and open circuits. */
  statuses,
});

export const Resilience = {
  origins: v.optional(v.pipe(v.array(Origin), v.minLength(1), v.maxLength(20))),
  retry: v.optional(Retry),
  circuit: v.optional(Circuit),
  fallback: v.optional(Fallback),
} as const;

export type Retry = v.InferOutput<typeof Retry>;
export type Circuit = v.InferOutput<typeof Circuit>;
export type Fallback = v.InferOutput<typeof Fallback>;
