/** Over this time demand is averaged, in ms: older requests count less and less. */
const WINDOW = 1000;
/** So short a time says little of how often requests come, in ms. */
const YOUNGEST = 50;

/**
 * How many tokens a second requests ask for, as of lately. Unbiased from the first moments on:
 * ten requests within 100 ms are 100 a second, not 10. The first request alone is no demand.
 */
export class Demand {
  #heat = 0;
  #at = Number.NEGATIVE_INFINITY;
  #since = 0;

  add(tokens: number, now: number): void {
    this.#cool(now);
    if (this.#heat < tokens / 20) {
      this.#heat = 0;
      this.#since = now;
    }
    this.#heat += tokens;
  }

  /** For how long there has been any, in ms. */
  age(now: number): number {
    return Math.max(0, now - this.#since);
  }

  /** Tokens a second, without one request's `unit` that may have come alone. */
  rate(unit: number, now: number): number {
    this.#cool(now);
    const age = Math.max(YOUNGEST, this.age(now));
    return (Math.max(0, this.#heat - unit) * 1000) / (WINDOW * (1 - Math.exp(-age / WINDOW)));
  }

  #cool(now: number): void {
    const elapsed = now - this.#at;
    if (elapsed === 0) return;
    this.#at = now;
    if (elapsed > 0) this.#heat *= Math.exp(-elapsed / WINDOW);
    // A clock that was put back says nothing: all is as old as it was.
    else this.#since += elapsed;
  }
}
