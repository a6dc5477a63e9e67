import type { Arrivals } from "./arrivals.ts";
import type { Outcome } from "./outcome.ts";
import type { Limit, Scenario } from "./scenario.ts";

/** What is said of one way to limit in one scenario. */
export interface Figures {
  readonly requests: number;
  readonly admitted: number;
  /** What the ideal bucket admits of the same requests. */
  readonly allowed: number;
  /** Admitted ÷ allowed, of the whole run and of its second half. */
  readonly share: number;
  readonly settledShare: number;
  /**
   * How many requests too many the worst of all stretches of time saw: admitted less
   * `burst + rate × time`. Above 0 the limit was broken.
   */
  readonly excess: number;
  /** Calls to the counter, of the whole run and of its second half. */
  readonly callsPer100: number;
  readonly settledCallsPer100: number;
  /** Part of the requests that were not decided at once. */
  readonly waited: number;
  /** How long requests waited for the counter, those that did not wait among them, in ms. */
  readonly p50Wait: number;
  readonly p99Wait: number;
}

export function figures(outcome: Outcome, ideal: Outcome, arrivals: Arrivals, scenario: Scenario): Figures {
  const { admittedAt, calledAt } = outcome;
  const requests = arrivals.times.length;
  const half = scenario.seconds * 500;
  const waits = Float64Array.from(outcome.waits).sort();
  return {
    requests,
    admitted: admittedAt.length,
    allowed: ideal.admittedAt.length,
    share: admittedAt.length / ideal.admittedAt.length,
    settledShare: from(half, admittedAt) / from(half, ideal.admittedAt),
    excess: worstExcess(admittedAt, scenario.limit),
    callsPer100: (100 * calledAt.length) / requests,
    settledCallsPer100: (100 * from(half, calledAt)) / from(half, arrivals.times),
    waited: waits.length / requests,
    p50Wait: quantile(waits, requests, 0.5),
    p99Wait: quantile(waits, requests, 0.99),
  };
}

/** @param admittedAt in whole ms, in any order */
export function worstExcess(admittedAt: readonly number[], { rate, burst }: Limit): number {
  let lowest = Number.POSITIVE_INFINITY;
  let worst = -burst;
  Float64Array.from(admittedAt)
    .sort()
    .forEach((at, index) => {
      // Admitted so far beyond the rate: a stretch that begins where this is lowest has the most.
      const beyond = index - (rate * at) / 1000;
      lowest = Math.min(lowest, beyond);
      worst = Math.max(worst, beyond - lowest + 1 - burst);
    });
  return worst;
}

/** How many a second, in stretches of `binMs`; the first one begins at 0. */
export function perSecond(times: Iterable<number>, binMs: number, seconds: number): readonly number[] {
  const counts = new Array<number>(Math.ceil((seconds * 1000) / binMs)).fill(0);
  for (const at of times) {
    const bin = Math.floor(at / binMs);
    const count = counts[bin];
    if (count !== undefined) counts[bin] = count + 1;
  }
  return counts.map((count) => (count * 1000) / binMs);
}

function from(start: number, times: Iterable<number>): number {
  let count = 0;
  for (const at of times) if (at >= start) count++;
  return count;
}

/** @param sorted those above 0 of `count` values; the others are 0 */
function quantile(sorted: Float64Array, count: number, part: number): number {
  return sorted[Math.min(count - 1, Math.floor(part * count)) - (count - sorted.length)] ?? 0;
}
