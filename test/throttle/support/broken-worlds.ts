import { expect } from "vitest";
import { type Faults, LeaseWorld, type Scenario } from "./lease-world.ts";

export interface Broken {
  readonly seed: number;
  /** By how many tokens, and when, in ms since the beginning. */
  readonly by: number;
  readonly at: number;
}

/** Sums of thousands of doubles. */
const ROUNDING = 1e-6;

export function worstOf(scenario: (seed: number) => Scenario, seed: number): Broken | undefined {
  const { worst, worstAt } = new LeaseWorld(scenario(seed), seed).run();
  return worst > ROUNDING ? { seed, by: worst, at: worstAt } : undefined;
}

/** Worlds in which too much was spent. A seed gives the same world each time. */
export function broken(scenario: (seed: number) => Scenario, first: number, last: number): readonly Broken[] {
  const found: Broken[] = [];
  let slices = 0;
  let admitted = 0;
  for (let seed = first; seed <= last; seed++) {
    const outcome = new LeaseWorld(scenario(seed), seed).run();
    slices += outcome.slices;
    admitted += outcome.admitted;
    if (outcome.worst > ROUNDING) found.push({ seed, by: outcome.worst, at: outcome.worstAt });
  }
  // A world in which nothing happens says nothing.
  expect(slices).toBeGreaterThan(last - first);
  expect(admitted).toBeGreaterThan(100 * (last - first));
  return found;
}

export const ALL: Partial<Faults> = {
  late: 0.05,
  lostAsks: 0.05,
  lostAnswers: 0.05,
  repeats: 0.05,
  refusals: 0.05,
  restarts: 0.2,
  sweeps: 0.2,
  deaths: 0.1,
  forgets: 0.1,
};

export const KINDS: readonly (readonly [string, Partial<Faults>])[] = [
  ["nothing goes wrong", {}],
  ["asks and answers are late, and overtake each other", { late: 0.1 }],
  ["asks are lost", { lostAsks: 0.1 }],
  ["answers are lost", { lostAnswers: 0.1 }],
  ["asks arrive twice", { repeats: 0.1 }],
  ["the counter restarts from what it kept", { restarts: 0.5 }],
  ["the counter deletes what is full", { sweeps: 1 }],
  ["isolates die, and others come", { deaths: 0.3 }],
  ["isolates forget the bucket", { forgets: 0.3 }],
  ["the limit is changed", { changes: 1 }],
  ["all of this", ALL],
];

export const REFUSALS: Partial<Faults> = { refusals: 0.1 };
