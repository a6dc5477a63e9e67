/** After so many responses in a row that were not to be stored, a route's requests pass the store by. */
const ENOUGH = 100;
/** One of so many asks it all the same. */
const PROBED = 16;
/** What was seen longer ago says nothing, in ms. */
const KNOWN_MS = 60_000;

/**
 * Whether it is of use to ask the store about a route: one whose responses are never stored,
 * whatever their URL, would pay for a call each time ("hit for pass", by route).
 */
export class Usefulness {
  #refused = 0;
  /** When the last one was refused, ms since the epoch. */
  #last = 0;
  #passed = 0;

  /** A response was stored, or served from the store. */
  proved(): void {
    this.#refused = 0;
  }

  /** A response may not be stored, and not because of who asks for it or how. */
  refused(now: number): void {
    this.#refused = this.#isKnown(now) ? this.#refused + 1 : 1;
    this.#last = now;
  }

  /** Whether this request passes the store by. */
  passes(now: number): boolean {
    return this.#refused >= ENOUGH && this.#isKnown(now) && ++this.#passed % PROBED !== 0;
  }

  /** A clock that was put back makes nothing last longer. */
  #isKnown(now: number): boolean {
    return now >= this.#last && now - this.#last <= KNOWN_MS;
  }
}
