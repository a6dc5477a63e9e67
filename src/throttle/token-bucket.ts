/**
 * Sums of doubles may miss a token by this much; such a token counts as there, and is taken
 * off all the same, so that nothing is given twice.
 */
const ROUNDING = 1e-9;

/** After so long the sums start afresh, so that they stay small enough to be exact, in ms. */
const REBASE_MS = 60_000;

/**
 * A token bucket: it gains `rate` tokens a second up to `burst` of them. Pure arithmetic: it
 * has no clock, and times are ms of any clock. A clock that is put back stops it from gaining
 * until the clock is where it was.
 *
 * What it gained is computed from one point in time, not added up, so that a rate of 0.1 gives
 * its token after 10,000 ms exactly, and one of a million loses none.
 */
export class TokenBucket {
  #rate: number;
  #burst: number;
  /** Tokens at `#since`; what was taken since then stands in `#taken`. */
  #base: number;
  #since: number;
  #taken = 0;
  #latest: number;

  /** @param level how many tokens it holds at `now` */
  constructor(rate: number, burst: number, level: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#base = Math.min(level, burst);
    this.#since = now;
    this.#latest = now;
  }

  get rate(): number {
    return this.#rate;
  }

  get burst(): number {
    return this.#burst;
  }

  /** How many tokens it holds: 0 to `burst`, with fractions. */
  level(now: number): number {
    return Math.max(0, this.#settle(now));
  }

  /** The level, below 0 where tokens were charged that it has not gained yet. */
  balance(now: number): number {
    return this.#settle(now);
  }

  has(tokens: number, now: number): boolean {
    return this.#settle(now) >= tokens - ROUNDING;
  }

  /** Takes them all or none. */
  take(tokens: number, now: number): boolean {
    if (!this.has(tokens, now)) return false;
    this.#taken += tokens;
    return true;
  }

  /** Takes tokens that are not there yet: it holds none until it has gained them. */
  charge(tokens: number, now: number): void {
    this.#settle(now);
    this.#taken += tokens;
  }

  /** Puts tokens in; what is above the burst is lost. */
  add(tokens: number, now: number): void {
    this.#rebase(Math.min(this.#burst, this.#settle(now) + tokens));
  }

  /** Another rate and burst from now on; tokens above the burst are lost. */
  reshape(rate: number, burst: number, now: number): void {
    if (rate === this.#rate && burst === this.#burst) return;
    const level = this.#settle(now);
    this.#rate = rate;
    this.#burst = burst;
    this.#rebase(Math.min(level, burst));
  }

  /** Ms until it holds so many; 0 when it does, Infinity when it never will. */
  msUntil(tokens: number, now: number): number {
    const missing = tokens - this.#settle(now);
    if (missing <= ROUNDING) return 0;
    if (tokens > this.#burst + ROUNDING || this.#rate <= 0) return Number.POSITIVE_INFINITY;
    return (missing * 1000) / this.#rate;
  }

  /** The level, which rounding may leave a hair below 0. */
  #settle(now: number): number {
    if (now > this.#latest) this.#latest = now;
    const elapsed = this.#latest - this.#since;
    const level = this.#base + (elapsed * this.#rate) / 1000 - this.#taken;
    if (level >= this.#burst) return this.#rebase(this.#burst);
    return elapsed > REBASE_MS ? this.#rebase(level) : level;
  }

  #rebase(level: number): number {
    this.#base = level;
    this.#since = this.#latest;
    this.#taken = 0;
    return level;
  }
}
