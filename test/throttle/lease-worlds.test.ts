import { describe, expect, test } from "vitest";
import { type Faults, LeaseWorld, type Scenario } from "./support/lease-world.ts";
import { quotaScenario, rateScenario } from "./support/scenarios.ts";

/**
 * Isolates and a counter in worlds of all kinds. Whatever happens to asks and answers, no
 * stretch of time has more than `burst + rate × time` spent in it, and no period more than its
 * quota. No allowance is made for the time that messages take.
 */

interface Broken {
  readonly seed: number;
  /** By how many tokens, and when, in ms since the beginning. */
  readonly by: number;
  readonly at: number;
}

/** Worlds in which too much was spent. A seed gives the same world each time. */
function broken(scenario: (seed: number) => Scenario, first: number, last: number): readonly Broken[] {
  const found: Broken[] = [];
  let slices = 0;
  let admitted = 0;
  for (let seed = first; seed <= last; seed++) {
    const outcome = new LeaseWorld(scenario(seed), seed).run();
    slices += outcome.slices;
    admitted += outcome.admitted;
    if (outcome.worst > 1e-6) found.push({ seed, by: outcome.worst, at: outcome.worstAt });
  }
  // A world in which nothing happens says nothing.
  expect(slices).toBeGreaterThan(last - first);
  expect(admitted).toBeGreaterThan(100 * (last - first));
  return found;
}

const ALL: Partial<Faults> = {
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

const KINDS: readonly (readonly [string, Partial<Faults>])[] = [
  ["nothing goes wrong", {}],
  ["asks and answers are late, and overtake each other", { late: 0.1 }],
  ["asks are lost", { lostAsks: 0.1 }],
  ["answers are lost", { lostAnswers: 0.1 }],
  ["asks arrive twice", { repeats: 0.1 }],
  ["the counter restarts from what it kept", { restarts: 0.5 }],
  ["the counter deletes what is full", { sweeps: 1 }],
  ["isolates die, and others come", { deaths: 0.3 }],
  ["isolates forget the bucket", { forgets: 0.3 }],
  ["all of this", ALL],
];

const REFUSALS: Partial<Faults> = { refusals: 0.1 };

describe("a rate", () => {
  test.each(KINDS)("%s", (_, faults) => {
    expect(broken((seed) => rateScenario(seed, faults), 1, 80)).toEqual([]);
  });

  test("other limits refuse what was let in", () => {
    expect(broken((seed) => rateScenario(seed, REFUSALS), 1, 80)).toEqual([]);
  });
});

describe("a quota", () => {
  test.each(KINDS)("%s", (_, faults) => {
    expect(broken((seed) => quotaScenario(seed, faults), 1, 40)).toEqual([]);
  });

  // A request let in right before midnight and refused right after it comes back to the new period.
  test.fails("other limits refuse what was let in", () => {
    expect(broken((seed) => quotaScenario(seed, REFUSALS), 1, 40)).toEqual([]);
  });
});
