import { TokenBucket } from "../../../src/throttle/token-bucket.ts";
import type { Arrivals } from "../arrivals.ts";
import { type Contestant, Outcome } from "../outcome.ts";
import type { Limit } from "../scenario.ts";

/** One bucket that all isolates reach at once: what nobody can build, and what the others are measured by. */
export const ideal: Contestant = {
  name: "ideal",
  run: async ({ limit }, arrivals) => {
    const bucket = full(limit, 1);
    return locally(arrivals, () => bucket);
  },
};

/**
 * Every request asks a counter, and waits for it. The counter has all the time in the world: a
 * real one answers some thousand requests a second, and those beyond that wait or fail.
 */
export const callPerRequest: Contestant = {
  name: "a call per request",
  run: async ({ limit, fleet }, { times, isolates }) => {
    const outcome = new Outcome();
    const bucket = full(limit, 1);
    const reachedAt = times.map((cameAt, index) => {
      const roundTrip = fleet.isolates[isolates[index] ?? 0]?.roundTrip ?? 0;
      outcome.called(cameAt);
      outcome.waited(roundTrip);
      return cameAt + roundTrip / 2;
    });
    for (const at of reachedAt.sort()) if (bucket.take(1, Math.floor(at))) outcome.admit(at);
    return outcome;
  },
};

/** Each isolate has the limit divided by the number of isolates, which somebody has to know. */
export const divided: Contestant = {
  name: "rate ÷ isolates",
  run: async ({ limit, fleet }, arrivals) => {
    const buckets = fleet.isolates.map(() => full(limit, fleet.isolates.length));
    return locally(arrivals, (isolate) => buckets[isolate]);
  },
};

/** Each isolate has the whole limit, as with a store in memory. */
export const each: Contestant = {
  name: "full limit each",
  run: async ({ limit, fleet }, arrivals) => {
    const buckets = fleet.isolates.map(() => full(limit, 1));
    return locally(arrivals, (isolate) => buckets[isolate]);
  },
};

/** Every request is decided on the spot. */
function locally(
  { times, isolates }: Arrivals,
  bucketOf: (isolate: number) => TokenBucket | undefined,
): Outcome {
  const outcome = new Outcome();
  times.forEach((at, index) => {
    if (bucketOf(isolates[index] ?? 0)?.take(1, Math.floor(at))) outcome.admit(at);
  });
  return outcome;
}

/** A full bucket with a part of the limit; one that never holds a token is of no use. */
const full = ({ rate, burst }: Limit, parts: number): TokenBucket => {
  const size = Math.max(1, burst / parts);
  return new TokenBucket(rate / parts, size, size, 0);
};
