import { TokenBucket } from "../../../src/throttle/token-bucket.ts";
import type { Exchange } from "./connection.ts";

export interface Limit {
  /** Tokens a second. */
  readonly rate: number;
  readonly burst: number;
}

/** One limit, and the traffic that was held against it. */
export interface Observed {
  readonly limit: Limit;
  readonly exchanges: readonly Exchange[];
  /** Those of a route without a limit, from the same time. */
  readonly free: readonly Exchange[];
  /** How often the counter was asked, slices that were given back at the end included. */
  readonly calls: number;
  /** When isolates have had time to find their shares, and how often the counter was asked from then to the end. */
  readonly settledAt: number;
  readonly settledCalls: number;
}

export interface Figures {
  readonly requests: number;
  readonly admitted: number;
  /** What one bucket in front of all isolates would have admitted. */
  readonly allowed: number;
  /** `burst + rate × duration`, from the first request sent to the last answer. */
  readonly bound: number;
  /** The most by which any stretch of time has more than its bound; see `worstExcess`. */
  readonly excess: number;
  readonly callsPer100: number;
  /** From `settledAt` on. */
  readonly settledShare: number;
  readonly settledCallsPer100: number;
  /** Of admitted requests, beyond those of the route without a limit, in ms. */
  readonly addedP50: number;
  readonly addedP99: number;
}

const isAdmitted = ({ status }: Exchange): boolean => status === 200;

export function figures({ limit, exchanges, free, calls, settledAt, settledCalls }: Observed): Figures {
  const admitted = exchanges.filter(isAdmitted);
  const allowed = allowedBy(limit, exchanges);
  const isSettled = ({ sentAt }: Exchange): boolean => sentAt >= settledAt;
  const from = Math.min(...exchanges.map(({ sentAt }) => sentAt));
  const to = Math.max(...exchanges.map(({ answeredAt }) => answeredAt));
  return {
    requests: exchanges.length,
    admitted: admitted.length,
    allowed: allowed.length,
    bound: limit.burst + (limit.rate * (to - from)) / 1000,
    excess: worstExcess(limit, admitted),
    callsPer100: (calls * 100) / exchanges.length,
    settledShare: admitted.filter(isSettled).length / allowed.filter(isSettled).length,
    settledCallsPer100: (settledCalls * 100) / exchanges.filter(isSettled).length,
    addedP50: latencyMs(admitted, 0.5) - latencyMs(free, 0.5),
    addedP99: latencyMs(admitted, 0.99) - latencyMs(free, 0.99),
  };
}

/** What one token bucket admits that gets the requests when they were sent. */
export function allowedBy({ rate, burst }: Limit, exchanges: readonly Exchange[]): readonly Exchange[] {
  const inOrder = exchanges.toSorted((a, b) => a.sentAt - b.sentAt);
  const bucket = new TokenBucket(rate, burst, burst, inOrder[0]?.sentAt ?? 0);
  return inOrder.filter(({ sentAt }) => bucket.take(1, sentAt));
}

/**
 * By how much admitted requests exceed `burst + rate × time` at most, over all stretches of
 * time; below 0 by how much they stay under it. When a request was decided is known only as
 * between its sending and its answer. So what counts for a stretch is what was both sent and
 * answered within it, which is true whatever the network and the client add. The only
 * allowance is 1 ms for each stretch, since the engine's clocks go in whole ms.
 */
export function worstExcess({ rate, burst }: Limit, admitted: readonly Exchange[]): number {
  let worst = -burst;
  /** Of what was sent since the stretch began, in order. */
  const answers: number[] = [];
  for (const { sentAt, answeredAt } of admitted.toSorted((a, b) => b.sentAt - a.sentAt)) {
    insert(answers, answeredAt);
    answers.forEach((end, index) => {
      worst = Math.max(worst, index + 1 - burst - (rate * (end - sentAt + CLOCK_MS)) / 1000);
    });
  }
  return worst;
}

const CLOCK_MS = 1;

function insert(sorted: number[], value: number): void {
  let at = sorted.length;
  while (at > 0 && (sorted[at - 1] ?? 0) > value) at--;
  sorted.splice(at, 0, value);
}

/** How long so large a part of the answers took at most, in ms. */
export function latencyMs(exchanges: readonly Exchange[], part: number): number {
  const sorted = exchanges.map(({ sentAt, answeredAt }) => answeredAt - sentAt).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
}
