import { SlidingCounts } from "./sliding-counts.ts";

const WINDOW_MS = 10_000;
/** Retries per window that few requests may have, too. */
const FIRST_FEW = 10;

/**
 * How many retries an origin that fails can bring about: so many per 100 requests of the last
 * ten seconds. Pure: times are given, in ms.
 */
export class RetryBudget {
  readonly #percent: number;
  /** Requests, and retries as marked ones among them. */
  readonly #sent = new SlidingCounts(WINDOW_MS);

  /** @param percent retries per 100 requests */
  constructor(percent: number) {
    this.#percent = percent;
  }

  /** Counts a request's first attempt. */
  request(now: number): void {
    this.#sent.add(now, false);
  }

  /** Takes a retry out of the budget; false when there is none left. */
  take(now: number): boolean {
    const retries = this.#sent.marked(now);
    const requests = this.#sent.total(now) - retries;
    if (retries >= FIRST_FEW && (retries + 1) * 100 > this.#percent * requests) return false;
    this.#sent.add(now, true);
    return true;
  }
}
