import type { Grant } from "../../../src/throttle/lease.ts";
import { type Background, type Check, type Decision, Limiter } from "../../../src/throttle/limiter.ts";
import type { Limit } from "../scenario.ts";
import type { World } from "../world.ts";
import type { Caller, SimulatedCounter } from "./counter.ts";

/** What fails there is a defect, and ends the run as any unhandled rejection does. */
const BACKGROUND: Background = { waitUntil: () => {} };

/** Tells what became of a request. @param countsAt when it counts, in ms since the start */
export type Told = (admitted: boolean, countsAt: number) => void;

export interface IsolateOptions {
  readonly world: World;
  readonly counter: SimulatedCounter;
  readonly limit: Limit;
  readonly name: string;
  readonly roundTrip: number;
  /** By how much its clock is wrong, in ms. */
  readonly offset: number;
}

/** The real `Limiter` with one limit. */
export class Isolate implements Caller {
  readonly roundTrip: number;
  readonly #world: World;
  readonly #limiter: Limiter;
  readonly #checks: readonly Check[];
  #isAlive = true;
  /** While an answer is taken in: when its counter gave it. */
  #grantedAt: number | undefined;

  constructor({ world, counter, limit, name, roundTrip, offset }: IsolateOptions) {
    this.#world = world;
    this.roundTrip = roundTrip;
    this.#limiter = new Limiter({
      open: () => counter.stub(this),
      report: () => {},
      clock: world.clock(offset, () => this.#isAlive),
      holder: () => name,
    });
    const { rate, burst, exact = false, fail = "local" } = limit;
    const place = this.#limiter.place("route/simulated", { kind: "rate", bucket: "b", rate, burst, exact });
    this.#checks = [{ place, cost: 1, fail }];
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  die(): void {
    this.#isAlive = false;
  }

  request(told: Told): void {
    const decision = this.#limiter.decide(this.#checks, BACKGROUND);
    const now = this.#world.now;
    if (!(decision instanceof Promise)) {
      told(isAdmitted(decision), now);
      return;
    }
    this.#world.settled();
    decision.then((late) => told(isAdmitted(late), this.#grantedAt ?? this.#world.now));
  }

  /** Who goes on now was let in by the counter, then; whoever takes from the slice does so later on. */
  answered(grants: readonly Grant[], grantedAt: number): void {
    if (!grants.some(({ granted }) => granted)) return;
    this.#grantedAt = grantedAt;
    this.#world.at(this.#world.now, () => {
      this.#grantedAt = undefined;
    });
  }
}

const isAdmitted = ({ denied }: Decision): boolean => denied === undefined;
