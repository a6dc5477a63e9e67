import fc from "fast-check";
import { expect, test } from "vitest";
import type { Exchange } from "./connection.ts";
import { allowedBy, figures, worstExcess } from "./figures.ts";

const at = (sentAt: number, tookMs = 0, status = 200): Exchange => ({
  isolate: 0,
  sentAt,
  answeredAt: sentAt + tookMs,
  status,
});

/** 10 tokens a second: one in 100 ms. */
const LIMIT = { rate: 10, burst: 2 };

test("what one bucket allows", () => {
  const sent = [at(0), at(10), at(20), at(100), at(110), at(250)];
  expect(allowedBy(LIMIT, sent.toReversed()).map(({ sentAt }) => sentAt)).toEqual([0, 10, 100, 250]);
});

test.each([
  ["nothing", [], -2],
  ["one request", [at(0)], 1 - 2 - 0.01],
  ["three at once", [at(0), at(0), at(0)], 3 - 2 - 0.01],
  ["three, the last one when its token is there", [at(0), at(0), at(100)], 2 - 2 - 0.01],
  ["three, any of which may have been decided late", [at(0, 99), at(0, 99), at(0, 99)], 3 - 2 - 1],
  ["a burst behind a quiet time", [at(0), at(5000), at(5000), at(5000)], 3 - 2 - 0.01],
])("the worst stretch of %s", (_, admitted, excess) => {
  expect(worstExcess(LIMIT, admitted)).toBeCloseTo(excess, 9);
});

const traffic = fc.array(fc.tuple(fc.nat(3000), fc.nat(300)), { minLength: 1, maxLength: 60 });
const limits = fc.record({ rate: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 10 }) });

test("no stretch of what one bucket allows is above its bound, however late answers are", () => {
  fc.assert(
    fc.property(traffic, limits, (times, limit) => {
      const exchanges = times.map(([sentAt, tookMs]) => at(sentAt, tookMs));
      expect(worstExcess(limit, allowedBy(limit, exchanges))).toBeLessThanOrEqual(0);
    }),
  );
});

test("the worst stretch is that of all pairs of a beginning and an end", () => {
  fc.assert(
    fc.property(traffic, limits, (times, limit) => {
      const exchanges = times.map(([sentAt, tookMs]) => at(sentAt, tookMs));
      const all = exchanges.flatMap(({ sentAt: from }) =>
        exchanges
          .filter(({ answeredAt: to }) => to >= from)
          .map(({ answeredAt: to }) => {
            const within = exchanges.filter(({ sentAt, answeredAt }) => sentAt >= from && answeredAt <= to);
            return within.length - limit.burst - (limit.rate * (to - from + 1)) / 1000;
          }),
      );
      expect(worstExcess(limit, exchanges)).toBeCloseTo(Math.max(-limit.burst, ...all), 6);
    }),
  );
});

test("figures of a run", () => {
  const exchanges = [at(0, 4), at(10, 6), at(20, 5, 429), at(1000, 5), at(1010, 5, 429)];
  const free = [at(0, 1), at(1000, 1)];
  const run = { limit: LIMIT, exchanges, free, calls: 3, settledAt: 500, settledCalls: 1 };
  expect(figures(run)).toMatchObject({
    requests: 5,
    admitted: 3,
    allowed: 4,
    bound: 2 + (10 * 1015) / 1000,
    callsPer100: 60,
    settledShare: 1 / 2,
    settledCallsPer100: 50,
    addedP50: 4,
  });
});
