import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byWeight, chooseOrigin } from "../../../../src/integrations/http/resilience/choose-origin.ts";

const weight = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 1000 }),
  fc.double({ min: 0.01, max: 10, noNaN: true }),
);
const origins = fc
  .array(weight, { minLength: 1, maxLength: 20 })
  .map((weights) => weights.map((weight, name) => ({ name, weight })));
const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("the share of each origin", () => {
  test("is its weight's share of all weights, to one in the number of draws", () => {
    fc.assert(
      fc.property(
        origins.filter((all) => all.some((origin) => origin.weight > 0)),
        (all) => {
          const draws = 1000;
          const counts = new Map<number, number>();
          for (let i = 0; i < draws; i++) {
            const name = byWeight(all, i / draws)?.name ?? -1;
            counts.set(name, (counts.get(name) ?? 0) + 1);
          }
          const sum = all.reduce((total, origin) => total + origin.weight, 0);
          for (const origin of all) {
            const count = counts.get(origin.name) ?? 0;
            expect(Math.abs(count - (origin.weight / sum) * draws)).toBeLessThanOrEqual(1.001);
            if (origin.weight === 0) expect(count).toBe(0);
          }
        },
      ),
    );
  });

  test("is the same for all where none has a weight", () => {
    const all = [1, 2, 3, 4].map((name) => ({ name, weight: 0 }));
    expect([0, 0.26, 0.51, 0.99].map((draw) => byWeight(all, draw)?.name)).toEqual([1, 2, 3, 4]);
  });
});

describe("a further attempt", () => {
  test("goes to an origin not tried yet while there is one, else not to the last if it can", () => {
    fc.assert(
      fc.property(origins, fc.array(fc.nat(19), { maxLength: 30 }), at, (all, names, draw) => {
        const tried = names.flatMap((name) => all[name] ?? []);
        const chosen = chooseOrigin(all, tried, draw);
        if (!chosen) throw new Error("none was chosen");
        const fresh = all.filter((origin) => !tried.includes(origin));
        if (fresh.length > 0) expect(fresh).toContain(chosen);
        else if (all.length > 1) expect(chosen).not.toBe(tried.at(-1));
      }),
    );
  });

  test("one of weight 0 stands by until no other is left", () => {
    const [a, b, standby] = [
      { name: "a", weight: 1 },
      { name: "b", weight: 3 },
      { name: "standby", weight: 0 },
    ];
    const all = [standby, a, b];
    fc.assert(fc.property(at, (draw) => chooseOrigin(all, [], draw) !== standby));
    fc.assert(fc.property(at, (draw) => chooseOrigin(all, [a, b], draw) === standby));
    fc.assert(fc.property(at, (draw) => chooseOrigin([standby], [], draw) === standby));
  });

  test("there is none when no origin may be asked", () => {
    expect(chooseOrigin([], [], 0.5)).toBeUndefined();
  });
});
