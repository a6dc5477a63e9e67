import type { Arrivals } from "../arrivals.ts";
import { type Contestant, Outcome } from "../outcome.ts";
import { Random } from "../random.ts";
import { AFTERMATH, type Limit, type Scenario } from "../scenario.ts";
import { World } from "../world.ts";

/**
 * Each isolate decides by what it last heard of the whole and by what it did itself since, and
 * tells what it did every so many seconds, as gateways do that synchronise with a store. What
 * was admitted too much is a debt that is paid back before anybody gets in again; counters of
 * fixed windows forget it instead.
 */
export const synchronised = (everySeconds: number): Contestant => ({
  name: `sync every ${everySeconds} s`,
  run: (scenario, arrivals, seed) => run(scenario, arrivals, new Random(seed), everySeconds * 1000),
});

async function run(
  { fleet, limit, seconds }: Scenario,
  arrivals: Arrivals,
  random: Random,
  everyMs: number,
): Promise<Outcome> {
  const world = new World();
  const outcome = new Outcome();
  const whole = new Account(limit);
  const end = seconds * 1000;
  const views = fleet.isolates.map(({ roundTrip }) => {
    const view = new View(limit);
    const synchronise = (): void => {
      const { untold } = view;
      outcome.called(world.now);
      world.at(world.now + roundTrip / 2, () => {
        const level = whole.spend(untold, world.now);
        world.at(world.now + roundTrip / 2, () => view.hear(level, untold, world.now));
      });
      if (world.now + everyMs < end) world.at(world.now + everyMs, synchronise);
    };
    world.at(random.next() * everyMs, synchronise);
    return view;
  });
  const arrive = (isolate: number): void => {
    if (views[isolate]?.take(world.now)) outcome.admit(world.now);
  };
  await world.run(arrivals, arrive, end + AFTERMATH);
  return outcome;
}

/** A bucket's level that may be far below 0. */
class Account {
  readonly #limit: Limit;
  #level: number;
  #at = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
    this.#level = limit.burst;
  }

  /** @returns what is left */
  spend(tokens: number, now: number): number {
    const { rate, burst } = this.#limit;
    this.#level = Math.min(burst, this.#level + ((now - this.#at) * rate) / 1000) - tokens;
    this.#at = now;
    return this.#level;
  }

  set(level: number, now: number): void {
    this.#level = level;
    this.#at = now;
  }
}

/** The whole as one isolate sees it. */
class View {
  readonly #account: Account;
  /** Tokens spent here that nobody else has heard of. */
  #untold = 0;

  constructor(limit: Limit) {
    this.#account = new Account(limit);
  }

  get untold(): number {
    return this.#untold;
  }

  take(now: number): boolean {
    if (this.#account.spend(0, now) < 1) return false;
    this.#account.spend(1, now);
    this.#untold++;
    return true;
  }

  /** @param told what it had spent when it asked */
  hear(level: number, told: number, now: number): void {
    this.#untold -= told;
    this.#account.set(level - this.#untold, now);
  }
}
