import { type Period, periodStart } from "../../../src/throttle/period.ts";

/** Watches what is spent, in the order of time; times are ms of the counter's clock. */
export interface Watch {
  spend(tokens: number, now: number): void;
  /** Tokens that a request took at `takenAt` and did not use. */
  refund(tokens: number, takenAt: number, now: number): void;
  /** By how many tokens it was over at the worst; 0 or less is right. */
  readonly worst: number;
  readonly worstAt: number;
}

/**
 * Sees that no stretch of time has more than `burst + rate × time` spent in it: a bucket that
 * is full at first and never runs below 0 says so of all stretches at once. What is put back
 * counts as spent when it was taken, and may be spent again.
 */
export class RateBound implements Watch {
  #rate: number;
  #burst: number;
  #level: number;
  #at: number;
  worst = Number.NEGATIVE_INFINITY;
  worstAt = 0;

  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#level = burst;
    this.#at = now;
  }

  /** Another limit from now on. */
  set(rate: number, burst: number, now: number): void {
    this.#settle(now);
    // A bucket that nobody has asked for begins full, whichever size it has then.
    this.#level = Math.min(burst, this.#level + Math.max(0, burst - this.#burst));
    this.#rate = rate;
    this.#burst = burst;
  }

  spend(tokens: number, now: number): void {
    this.#settle(now);
    this.#level -= tokens;
    if (-this.#level > this.worst) {
      this.worst = -this.#level;
      this.worstAt = now;
    }
  }

  refund(tokens: number, _takenAt: number, now: number): void {
    this.#settle(now);
    this.#level = Math.min(this.#burst, this.#level + tokens);
  }

  #settle(now: number): void {
    this.#level = Math.min(this.#burst, this.#level + ((now - this.#at) * this.#rate) / 1000);
    this.#at = now;
  }
}

/** Sees that no period has more than its limit spent in it. */
export class QuotaBound implements Watch {
  readonly #limit: number;
  readonly #offset: number;
  readonly #period: Period;
  readonly #first: number;
  readonly used = new Map<number, number>();
  worst = Number.NEGATIVE_INFINITY;
  worstAt = 0;

  constructor(limit: number, offset: number, period: Period, now: number) {
    this.#limit = limit;
    this.#offset = offset;
    this.#period = period;
    this.#first = periodStart(period, now);
  }

  spend(tokens: number, now: number): void {
    const over = this.#count(tokens, now);
    if (over > this.worst) {
      this.worst = over;
      this.worstAt = now;
    }
  }

  refund(tokens: number, takenAt: number): void {
    this.#count(-tokens, takenAt);
  }

  #count(tokens: number, at: number): number {
    const start = periodStart(this.#period, at);
    const used = (this.used.get(start) ?? 0) + tokens;
    this.used.set(start, used);
    return used - this.#limit + (start === this.#first ? this.#offset : 0);
  }
}
