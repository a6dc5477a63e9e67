import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Demand } from "../../src/throttle/demand.ts";

const START = Date.UTC(2026, 10, 21);

/** Requests of one token, evenly apart. */
function evenly(everyMs: number, count: number): { readonly demand: Demand; readonly now: number } {
  const demand = new Demand();
  let now = START;
  for (let i = 0; i < count; i++) {
    now = START + i * everyMs;
    demand.add(1, now);
  }
  return { demand, now };
}

test("the first request alone is no demand", () => {
  const demand = new Demand();
  demand.add(1, START);
  expect(demand.rate(1, START)).toBe(0);
  const dear = new Demand();
  dear.add(7, START);
  expect(dear.rate(7, START)).toBe(0);
});

test("nothing is no demand", () => {
  expect(new Demand().rate(1, START)).toBe(0);
  expect(new Demand().rate(0, START)).toBe(0);
});

describe("it is known from the first moments on, within a fifth", () => {
  test.each([
    [10, 20, 100],
    [10, 200, 100],
    [10, 1000, 100],
    [1, 200, 1000],
    [1, 20_000, 1000],
    [100, 100, 10],
    [500, 100, 2],
  ])("a request every %d ms, %d of them: %d a second", (everyMs, count, expected) => {
    const { demand, now } = evenly(everyMs, count);
    const rate = demand.rate(0, now);
    expect(rate).toBeGreaterThan(expected * 0.8);
    // One request that has just come counts as one that lies ahead.
    expect(rate).toBeLessThan(expected * 1.2 + 1.2);
  });
});

test("it is forgotten within seconds", () => {
  const { demand, now } = evenly(1, 10_000);
  expect(demand.rate(1, now + 5_000)).toBeLessThan(10);
  expect(demand.rate(1, now + 30_000)).toBe(0);
});

test("after a pause it begins afresh: ten at once are not a hundred a second of before", () => {
  const { demand, now } = evenly(1, 10_000);
  const later = now + 60_000;
  for (let i = 0; i < 10; i++) demand.add(1, later + i * 10);
  expect(demand.age(later + 100)).toBe(100);
  expect(demand.rate(0, later + 100)).toBeGreaterThan(80);
  expect(demand.rate(0, later + 100)).toBeLessThan(125);
});

test("it is never negative, infinite or no number, however the clock goes", () => {
  const step = fc.record({ elapsed: fc.integer({ min: -100_000, max: 100_000 }), tokens: fc.nat(1_000_000) });
  fc.assert(
    fc.property(fc.array(step), fc.nat(10), (steps, unit) => {
      const demand = new Demand();
      let now = START;
      for (const { elapsed, tokens } of steps) {
        now += elapsed;
        demand.add(tokens, now);
        const rate = demand.rate(unit, now);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(rate)).toBe(true);
        expect(demand.age(now)).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

// Demand of an age of 0 is taken for that of 50 ms: 20 times as much.
test("a clock that is put back makes no demand out of nothing", () => {
  const { demand, now } = evenly(10, 1000);
  const before = demand.rate(0, now);
  expect(demand.rate(0, now - 3_600_000)).toBeLessThanOrEqual(before * 1.01);
});
