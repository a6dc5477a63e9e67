import fc from "fast-check";
import { expect, test } from "vitest";
import { figures, perSecond, worstExcess } from "../../bench/simulation/figures.ts";
import { away } from "../../bench/simulation/fleet.ts";
import { Outcome } from "../../bench/simulation/outcome.ts";
import { steady } from "../../bench/simulation/traffic.ts";

/** 10 tokens a second: one in 100 ms. */
const LIMIT = { rate: 10, burst: 2 };

test.each([
  ["nothing", [], -2],
  ["one request", [0], -1],
  ["three at once", [0, 0, 0], 1],
  ["three, the last one when its token is there", [0, 0, 100], 0],
  ["three, the last one a little too early", [0, 0, 90], 0.1],
  ["a burst behind a quiet time", [0, 5000, 5000, 5000], 1],
])("the worst stretch of %s", (_, admittedAt, excess) => {
  expect(worstExcess(admittedAt, LIMIT)).toBeCloseTo(excess, 9);
});

test("the worst stretch is that of all pairs of a beginning and an end", () => {
  const times = fc.array(fc.nat(3000), { minLength: 1, maxLength: 50 });
  const limits = fc.record({ rate: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 10 }) });
  fc.assert(
    fc.property(times, limits, (admittedAt, { rate, burst }) => {
      const all = admittedAt.flatMap((from) =>
        admittedAt
          .filter((to) => to >= from)
          .map((to) => {
            const within = admittedAt.filter((at) => at >= from && at <= to).length;
            return within - burst - (rate * (to - from)) / 1000;
          }),
      );
      expect(worstExcess(admittedAt, { rate, burst })).toBeCloseTo(Math.max(...all), 6);
    }),
  );
});

test("figures of a run", () => {
  const outcome = new Outcome();
  for (const at of [0, 10.7, 1500]) outcome.admit(at);
  outcome.waited(40);
  for (const at of [0, 400, 1100]) outcome.called(at);
  const ideal = new Outcome();
  for (const at of [0, 10, 100, 1000, 1500]) ideal.admit(at);
  const times = Float64Array.from([0, 10, 100, 1000, 1500]);
  const arrivals = { times, isolates: new Uint16Array(5) };
  const scenario = { limit: LIMIT, fleet: away(1, 1), traffic: steady(1), seconds: 2 };
  expect(figures(outcome, ideal, arrivals, scenario)).toEqual({
    requests: 5,
    admitted: 3,
    allowed: 5,
    share: 3 / 5,
    settledShare: 1 / 2,
    excess: expect.closeTo(-0.1, 9),
    callsPer100: 60,
    settledCallsPer100: 50,
    waited: 1 / 5,
    p50Wait: 0,
    p99Wait: 40,
  });
});

test("requests a second, in stretches", () => {
  expect(perSecond([0, 499, 500, 1999, 2000], 500, 2)).toEqual([4, 2, 0, 2]);
});
