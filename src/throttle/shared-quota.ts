import * as v from "valibot";
import type { Grant, QuotaAsk } from "./lease.ts";
import { dayOf, periodEnd, periodStart } from "./period.ts";

/** An isolate gets at most this part of what is left, so that the last requests are left to whoever asks. */
const PART = 0.05;
/** Below so many expected requests they are handed out singly. */
const WORTH = 2;
/** How long requests that were handed out may be used, in ms. */
const LONGEST = 10_000;
/** Who finds nothing left does not ask again within this time, in ms. */
const SHORTEST_WAIT = 1_000;
/** For so many days usage is kept, as API Gateway keeps it. */
export const DAYS_KEPT = 90;

export const QuotaState = v.strictObject({
  kind: v.literal("quota"),
  /** When the current period began, and when the first one did, in ms since the epoch. */
  period: v.number(),
  first: v.number(),
  /** In the current period; those handed out and not given back count as used. */
  used: v.number(),
  /** Used and remaining at the end of each day that had any: `{"2026-11-21": [12, 988]}`. */
  days: v.record(v.string(), v.tuple([v.number(), v.number()])),
});
export type QuotaState = v.InferOutput<typeof QuotaState>;

/**
 * A quota as its counter keeps it: requests used in a period. Pure: times are given, in ms.
 *
 * What is handed out counts as used from then on, and comes off again when it is given back:
 * an isolate that dies loses its caller a few requests, and never grants one too many.
 */
export class SharedQuota {
  #state: QuotaState;

  constructor(now: number, ask: Pick<QuotaAsk, "period">, state?: QuotaState) {
    const period = periodStart(ask.period, now);
    this.#state = state ?? { kind: "quota", period, first: period, used: 0, days: {} };
  }

  lease(ask: QuotaAsk, now: number): Grant {
    this.#turn(ask, now);
    const day = dayOf(now);
    this.#count(ask.owed - (ask.epoch === this.#state.period ? ask.returned : 0));
    let left = this.#left(ask);
    const granted = left >= ask.now;
    if (granted) {
      this.#count(ask.now);
      left -= ask.now;
    }
    const end = periodEnd(ask.period, now);
    const lifetime = Math.min(LONGEST, ask.lifetime, end - now);
    const expected = (ask.demand * lifetime) / 1000;
    const tokens = expected >= WORTH ? Math.max(0, Math.floor(Math.min(expected, left * PART))) : 0;
    this.#count(tokens);
    left -= tokens;
    if (tokens > 0) this.#lentUntil = Math.max(this.#lentUntil, now + lifetime);
    this.#book(day, left);
    return {
      granted,
      tokens,
      rate: 0,
      burst: tokens > 0 ? Number.MAX_SAFE_INTEGER : 0,
      lifetime,
      wait: left >= 1 ? 0 : this.#wait(end, now),
      remaining: Math.max(0, left),
      epoch: this.#state.period,
    };
  }

  /** A quota is written at every change: nothing of it may be forgotten. */
  state(): QuotaState {
    return this.#state;
  }

  /** Used and remaining at the end of each day that had any, the current one included. */
  get days(): QuotaState["days"] {
    return this.#state.days;
  }

  #today = 0;
  /** Until then requests may come back that were handed out. */
  #lentUntil = 0;

  #wait(end: number, now: number): number {
    return this.#lentUntil > now ? Math.max(SHORTEST_WAIT, this.#lentUntil - now) : end - now;
  }

  #count(requests: number): void {
    this.#state.used = Math.max(0, this.#state.used + requests);
    this.#today += requests;
  }

  /** What came back today may have been handed out yesterday. */
  #book(day: string, left: number): void {
    const { days } = this.#state;
    let used = (days[day]?.[0] ?? 0) + this.#today;
    const [yesterday] =
      used < 0
        ? Object.keys(days)
            .filter((name) => name < day)
            .sort()
            .reverse()
        : [];
    const before = yesterday === undefined ? undefined : days[yesterday];
    if (before && yesterday !== undefined) days[yesterday] = [Math.max(0, before[0] + used), before[1]];
    used = Math.max(0, used);
    days[day] = [used, Math.max(0, left)];
    this.#today = 0;
  }

  #left({ limit, offset }: QuotaAsk): number {
    const first = this.#state.period === this.#state.first;
    return Math.max(0, limit - (first ? offset : 0) - this.#state.used);
  }

  /** The next period begins; a clock that is put back leaves things as they are. */
  #turn({ period }: QuotaAsk, now: number): void {
    const start = periodStart(period, now);
    if (start > this.#state.period) {
      this.#state.period = start;
      this.#state.used = 0;
    }
    const oldest = dayOf(now - DAYS_KEPT * 86_400_000);
    for (const day of Object.keys(this.#state.days)) if (day < oldest) delete this.#state.days[day];
  }
}
