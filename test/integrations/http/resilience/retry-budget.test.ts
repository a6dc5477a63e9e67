import fc from "fast-check";
import { expect, test } from "vitest";
import { RetryBudget } from "../../../../src/integrations/http/resilience/retry-budget.ts";

test("within any ten seconds, retries stay within their share of the requests, or the first ten", () => {
  const step = fc.record({ afterMs: fc.constantFrom(0, 0, 1, 50, 400, 3000), retries: fc.nat(3) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step, { maxLength: 200 }), (percent, steps) => {
      const budget = new RetryBudget(percent);
      const requests: number[] = [];
      const retries: number[] = [];
      let now = 1_000_000;
      for (const { afterMs, retries: wanted } of steps) {
        now += afterMs;
        budget.request(now);
        requests.push(now);
        for (let i = 0; i < wanted; i++) {
          if (!budget.take(now)) continue;
          retries.push(now);
          // The window moves by its tenths: the one that is passing counts whole.
          const since = (Math.floor(now / 1000) - 9) * 1000;
          const count = (times: readonly number[]) => times.filter((time) => time >= since).length;
          expect(count(retries)).toBeLessThanOrEqual(Math.max(10, (count(requests) * percent) / 100));
        }
      }
    }),
  );
});

test("an origin that is down gets 20 percent more requests with a budget of 20, not three times as many", () => {
  const budget = new RetryBudget(20);
  let retries = 0;
  for (let i = 0; i < 1000; i++) {
    budget.request(5_000);
    for (let attempt = 2; attempt <= 3; attempt++) if (budget.take(5_000)) retries += 1;
  }
  expect(retries).toBe(200);
});

test("what was spent comes back when its window has passed", () => {
  const budget = new RetryBudget(1);
  const take = (now: number) => Array.from({ length: 20 }, () => budget.take(now)).filter(Boolean).length;
  expect([take(50_000), take(59_999), take(60_000)]).toEqual([10, 0, 10]);
});
