import { describe, expect, test } from "vitest";
import { broken, KINDS, REFUSALS } from "./support/broken-worlds.ts";
import { quotaScenario } from "./support/scenarios.ts";

/** As the worlds of rates: no period has more than its quota spent in it, around midnight too. */
describe("a quota", () => {
  test.each(KINDS.filter(([, faults]) => !faults.changes))("%s", (_, faults) => {
    expect(broken((seed) => quotaScenario(seed, faults), 1, 25)).toEqual([]);
  });

  // A request let in right before midnight and refused right after it comes back to the new period.
  test("other limits refuse what was let in", () => {
    expect(broken((seed) => quotaScenario(seed, REFUSALS), 1, 25)).toEqual([]);
  });
});
