/** What an origin is chosen by. */
export interface Weighted {
  readonly weight: number;
}

/**
 * One of several, each as often as its weight says; by turns alike where none has any weight.
 *
 * @param at where between 0 and 1 (exclusive): drawn at random
 */
export function byWeight<T extends Weighted>(candidates: readonly T[], at: number): T | undefined {
  const sum = candidates.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) return candidates[Math.floor(at * candidates.length)];
  let left = at * sum;
  for (const candidate of candidates) {
    if (left < candidate.weight) return candidate;
    left -= candidate.weight;
  }
  // Sums of fractions are not exact.
  return candidates.findLast(({ weight }) => weight > 0);
}

/**
 * The origin for an attempt: one that this request has not tried, else any but the last. One
 * of weight 0 stands by: it is chosen where no other can be.
 *
 * @param open those whose circuit lets requests through
 * @param tried in the order of the attempts
 */
export function chooseOrigin<T extends Weighted>(
  open: readonly T[],
  tried: readonly T[],
  at: number,
): T | undefined {
  const fresh = open.filter((origin) => !tried.includes(origin));
  const others = fresh.length > 0 ? fresh : open.filter((origin) => origin !== tried.at(-1));
  const pool = others.length > 0 ? others : open;
  const weighted = pool.filter(({ weight }) => weight > 0);
  return byWeight(weighted.length > 0 ? weighted : pool, at);
}
