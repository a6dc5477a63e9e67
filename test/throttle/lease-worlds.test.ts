import { describe, expect, test } from "vitest";
import { ALL, broken, KINDS, REFUSALS, worstOf } from "./support/broken-worlds.ts";
import type { Faults } from "./support/lease-world.ts";
import { rateScenario } from "./support/scenarios.ts";

/**
 * Isolates and a counter in worlds of all kinds. Whatever happens to asks and answers, no
 * stretch of time has more than `burst + rate × time` spent in it. No allowance is made for the
 * time that messages take. Clocks that are put back are not among what happens: whoever has no
 * other clock cannot tell how long that was.
 */
describe("a rate", () => {
  test.each(KINDS)("%s", (_, faults) => {
    expect(broken((seed) => rateScenario(seed, faults), 1, 60)).toEqual([]);
  });

  test("other limits refuse what was let in", () => {
    expect(broken((seed) => rateScenario(seed, REFUSALS), 1, 60)).toEqual([]);
  });

  /** Rare worlds, found among thousands: what was left over of a slice came on top of a full bucket. */
  const RARE: readonly (readonly [Partial<Faults>, readonly number[]])[] = [
    [{}, [843]],
    [{ late: 0.1 }, [331, 375, 507, 920]],
    [{ lostAsks: 0.1 }, [448, 843]],
    [{ lostAnswers: 0.1 }, [503, 843]],
    [{ repeats: 0.1 }, [821, 843, 981]],
    [{ sweeps: 1 }, [507, 532, 727]],
    [ALL, [209, 981]],
    [REFUSALS, [532]],
  ];

  // Tokens left over are not counted by the counter: it lends, and gains, as if they were gone.
  test("rare worlds", () => {
    const found = RARE.flatMap(([faults, seeds]) =>
      seeds.flatMap((seed) => worstOf((other) => rateScenario(other, faults), seed) ?? []),
    );
    expect(found).toEqual([]);
  });
});
