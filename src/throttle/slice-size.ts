import type { RateAsk } from "./lease.ts";

/** Slices together never get more than this of a rate, so that a newcomer finds something. */
export const LENT = 0.98;
/**
 * While there is plenty, slices are this many times as large as what their isolates need now,
 * as long as they leave a quarter of the rate, and a little larger than that in any case.
 */
const HEADROOM = 1.5;
const LENT_IN_PLENTY = 0.75;
const LEAST_HEADROOM = 1.1;
/** A slice stays as it is while it is up to so much larger, or smaller, than it should be. */
export const STEADY_ABOVE = 1.3;
const STEADY_BELOW = 0.95;
/** Slices get this part of the burst, so that whoever runs dry finds tokens at the counter. */
const LENT_BURST = 0.7;
/** A slice with a burst of fewer requests than this refuses what the whole bucket would let in. */
const THIN = 5;
/** Tokens a second that all isolates ask for: from then on a counter is spared, even so. */
const BUSY = 400;

/** A rate, in tokens a second, and a burst. */
export interface Share {
  readonly rate: number;
  readonly burst: number;
}

/** What the other isolates have, and the tokens a second that they ask for. */
export interface Others extends Share {
  readonly demand: number;
}

export const NO_SLICE: Share = { rate: 0, burst: 0 };

/**
 * The part of a bucket that an isolate gets, or none. It stays as it was where it would change
 * by little: demand is never quite the same.
 *
 * @param before the one that it has
 * @param all tokens a second that all isolates ask for, this one included
 * @param others what they have
 */
export function steadySlice(
  before: Share,
  limit: Share,
  ask: Pick<RateAsk, "unit" | "demand" | "slice">,
  all: number,
  others: Others,
): Share {
  const slice = sliceOf(limit, ask, all, others);
  const ratio = before.rate / slice.rate;
  const fits =
    before.rate <= limit.rate - others.rate && before.burst <= limit.burst - others.burst && before.burst > 0;
  return ratio >= STEADY_BELOW && ratio <= STEADY_ABOVE && fits ? before : slice;
}

function sliceOf(
  limit: Share,
  ask: Pick<RateAsk, "unit" | "demand" | "slice">,
  all: number,
  others: Others,
): Share {
  const { unit, demand, slice } = ask;
  if (limit.rate <= 0) return NO_SLICE;
  const fair = (demand / all) * lendable(limit.rate, all);
  const free = limit.rate - others.rate;
  // A sliver is not worth its bookkeeping; more comes when others' slices end.
  if (free < fair / 20) return NO_SLICE;
  const most = limit.burst - others.burst - unit;
  const even = (LENT_BURST * limit.burst * Math.min(fair, free)) / limit.rate;
  const isBusy = all >= BUSY;
  if (most >= unit && even >= (isBusy ? 1 : THIN) * unit) {
    // What is in the slice already stays in it: nobody else could use those tokens now.
    return { rate: Math.min(fair, free), burst: Math.min(most, Math.max(even, slice.level)) };
  }
  if (!isBusy) {
    // Whoever is alone with a small bucket gets it whole; in all other cases each token is asked for.
    const isSmall = LENT * LENT_BURST * limit.burst < THIN * unit;
    const isAlone = others.demand === 0 && others.rate === 0 && others.burst === 0;
    return isSmall && isAlone && limit.burst >= unit ? { rate: limit.rate, burst: limit.burst } : NO_SLICE;
  }
  if (most >= unit) {
    // A small burst lets few have slices: they get the rate of the others too.
    const theirs = Math.min(demand, (LENT * limit.rate * unit) / limit.burst);
    const rate = Math.min(free, Math.max(fair, theirs));
    return { rate, burst: Math.min(most, Math.max(unit, slice.level)) };
  }
  // A bucket too small to be divided goes round whole, while there is more demand than it can meet.
  const whole = limit.burst >= unit && others.rate === 0 && others.burst === 0 && all >= limit.rate;
  return whole ? { rate: limit.rate, burst: limit.burst } : NO_SLICE;
}

/** How much of the rate is for slices, when so much of it is asked for. */
function lendable(rate: number, demand: number): number {
  const ample = Math.min(HEADROOM * demand, LENT_IN_PLENTY * rate);
  return Math.min(LENT * rate, Math.max(LEAST_HEADROOM * demand, ample));
}
