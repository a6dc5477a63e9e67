import type { Problem } from "../config/problem.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import { withDeadline } from "../lib/deadline.ts";
import type { Ask, CounterStub, Grant } from "./lease.ts";

/** A counter that has not answered within this time is away, in ms. */
export const PATIENCE_MS = 1_000;
/** How long to leave it alone then, in ms: twice as long after each failure. */
const FIRST_REST = 25;
export const LONGEST_REST_MS = 2_000;
/** So many asks in vain, each tried twice, and it counts as away; one that is not answered in time is enough. */
const AWAY = 3;
const CAPACITY = 5_000;

/** What an isolate knows of one counter: how far away it is, and whether it answers. */
export class CounterLink {
  readonly name: string;
  /** How long an answer takes, in ms, averaged. */
  roundTrip = 0;
  #failures = 0;
  #answeredAt = 0;
  #retryAt = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether it has not answered lately, however often it was asked. */
  get isAway(): boolean {
    return this.#failures >= AWAY;
  }

  /** Whether it is time to try again; one request does so, behind itself. */
  isWorthATry(now: number): boolean {
    if (now < this.#retryAt && this.#retryAt - now <= LONGEST_REST_MS) return false;
    this.#rest(now);
    return true;
  }

  answered(now: number, tookMs: number): void {
    this.#failures = 0;
    this.#answeredAt = now;
    const trip = Math.max(1, tookMs);
    // Too long a trip is planned for at once, a shorter one is believed by and by.
    this.roundTrip = trip > this.roundTrip ? trip : this.roundTrip + (trip - this.roundTrip) / 4;
  }

  /** @returns whether it counts as away from now on */
  failed(now: number, startedAt: number): boolean {
    // Others have had answers meanwhile.
    if (this.#answeredAt > startedAt) return false;
    const before = this.isAway;
    this.#failures += now - startedAt >= PATIENCE_MS ? AWAY : 1;
    this.#rest(now);
    return this.isAway && !before;
  }

  #rest(now: number): void {
    this.#retryAt =
      now + Math.min(LONGEST_REST_MS, FIRST_REST * 2 ** Math.min(Math.max(0, this.#failures - AWAY), 10));
  }
}

export interface LinksOptions {
  readonly open: (name: string) => CounterStub;
  readonly report: (problem: Problem) => void;
  readonly clock: Clock;
  /** Tells this isolate from the others; made at its first ask, since global scope has no randomness. */
  readonly holder: () => string;
}

/** The way to the counters. */
export class CounterLinks {
  readonly #options: LinksOptions;
  readonly #links = new BoundedMap<string, CounterLink>(CAPACITY);
  #holder: string | undefined;
  /** How often counters were asked, and how often in vain. */
  calls = 0;
  failures = 0;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  link(name: string): CounterLink {
    let link = this.#links.get(name);
    if (!link) {
      link = new CounterLink(name);
      this.#links.set(name, link);
    }
    return link;
  }

  /**
   * Asks a counter. What fails at once is tried a second time.
   *
   * @throws Error when it does not answer in time, or fails twice
   */
  async ask(link: CounterLink, asks: readonly Ask[]): Promise<readonly Grant[]> {
    const { clock } = this.#options;
    const startedAt = clock.now();
    try {
      const grants = await this.#try(link, asks).catch((error) => {
        if (clock.now() - startedAt > PATIENCE_MS / 4 || link.isAway) throw error;
        // The first may have arrived: nothing may be given back twice.
        return this.#try(
          link,
          asks.map((ask) => (ask.kind === "slots" ? ask : { ...ask, returned: 0 })),
        );
      });
      link.answered(clock.now(), clock.now() - startedAt);
      return grants;
    } catch (error) {
      this.failures++;
      if (link.failed(clock.now(), startedAt)) this.#report(link, error);
      throw error;
    }
  }

  async #try(link: CounterLink, asks: readonly Ask[]): Promise<readonly Grant[]> {
    this.calls++;
    this.#holder ??= this.#options.holder();
    const late = () => new Error(`no answer within ${PATIENCE_MS} ms`);
    const grants = await withDeadline(
      this.#options.open(link.name).lease(this.#holder, asks),
      PATIENCE_MS,
      late,
      this.#options.clock,
    );
    if (grants.length !== asks.length)
      throw new Error(`${grants.length} answers to ${asks.length} questions`);
    return grants;
  }

  #report(link: CounterLink, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#options.report({
      code: "throttle.unavailable",
      path: link.name,
      message: `the counter does not answer: ${why}`,
      hint: 'until it does, each limit goes by its "fail": local, open or closed',
    });
  }
}
