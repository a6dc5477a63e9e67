import type { Arrivals } from "./arrivals.ts";
import type { Scenario } from "./scenario.ts";

/** What became of a scenario's requests. Times are in ms since the start. */
export class Outcome {
  /**
   * When each admitted request counts, in whole ms: when its isolate let it in, or, if a
   * counter was asked for it, when the counter did.
   */
  readonly admittedAt: number[] = [];
  /** How long requests waited that were not decided at once, in ms. */
  readonly waits: number[] = [];
  /** When counters were called. */
  readonly calledAt: number[] = [];

  admit(at: number): void {
    this.admittedAt.push(Math.floor(at));
  }

  waited(ms: number): void {
    this.waits.push(ms);
  }

  called(at: number): void {
    this.calledAt.push(at);
  }
}

/** A way to limit. */
export interface Contestant {
  readonly name: string;
  /** @param seed of what happens on the way; arrivals have their own */
  readonly run: (scenario: Scenario, arrivals: Arrivals, seed: number) => Promise<Outcome>;
}
