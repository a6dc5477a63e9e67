import fc from "fast-check";
import { expect, test } from "vitest";
import { SlidingCounts } from "../../../../src/integrations/http/resilience/sliding-counts.ts";

test("counts what is within the window, whatever the times", () => {
  const step = fc.record({
    afterMs: fc.constantFrom(0, 1, 99, 100, 101, 450, 999, 1000, 5000),
    marked: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(10_000), fc.array(step, { maxLength: 100 }), (start, steps) => {
      const counts = new SlidingCounts(1000);
      const kept: { slot: number; marked: boolean }[] = [];
      let now = start;
      for (const { afterMs, marked } of steps) {
        now += afterMs;
        counts.add(now, marked);
        const slot = Math.floor(now / 100);
        kept.push({ slot, marked });
        const within = kept.filter((event) => event.slot > slot - 10);
        expect(counts.total(now)).toBe(within.length);
        expect(counts.marked(now)).toBe(within.filter((event) => event.marked).length);
      }
      expect(counts.total(now + 1000)).toBe(0);
    }),
  );
});

test("a clock that is put back loses nothing and counts nothing twice", () => {
  const counts = new SlidingCounts(1000);
  counts.add(50_000, true);
  counts.add(10_000, false);
  expect([counts.total(10_000), counts.total(50_050), counts.marked(50_050)]).toEqual([2, 2, 1]);
});
