import { expect, test } from "vitest";
import { RateBound } from "./support/bound.ts";
import { check, Isolate } from "./support/isolate.ts";
import { Random } from "./support/random.ts";

const LIMIT = { rate: 200, burst: 400 };
const ISOLATES = 8;
const REQUESTS = 75;
const OUTAGE = { from: 1_500, until: 4_000 };
const END_MS = 6_500;
const ROUNDING = 1e-6;

/** By how many tokens some stretch of time has too much, when the counter is away for a while. */
async function worstOf(seed: number): Promise<number> {
  const random = new Random(seed);
  const first = new Isolate();
  const isolates = [first, ...Array.from({ length: ISOLATES - 1 }, () => new Isolate(first))];
  const { clock, counters } = first;
  const limits = isolates.map((isolate) => check(isolate.rate("b", LIMIT.rate, LIMIT.burst)));
  const startedAt = clock.now();
  const bound = new RateBound(LIMIT.rate, LIMIT.burst, startedAt);
  let admitted = 0;
  const count = ({ denied }: { readonly denied: number | undefined }): void => {
    if (denied !== undefined) return;
    admitted++;
    bound.spend(1, clock.now());
  };
  for (let elapsed = 0; elapsed < END_MS; elapsed++) {
    counters.mood = elapsed >= OUTAGE.from && elapsed < OUTAGE.until ? "throws" : "well";
    counters.latency = random.chance(0.05) ? 10 : 1;
    isolates.forEach((isolate, index) => {
      const limit = limits[index];
      if (!limit || !random.chance(REQUESTS / 1000)) return;
      const decision = isolate.limiter.decide([limit], isolate.background);
      if (decision instanceof Promise) void decision.then(count);
      else count(decision);
    });
    await clock.pass(1);
  }
  // Somebody got in all the time.
  expect(admitted).toBeGreaterThan((0.8 * LIMIT.rate * END_MS) / 1000);
  return bound.worst;
}

/**
 * Eight isolates go on by themselves, and come back one after the other. Whoever comes first
 * must not get what the others are using still.
 */
test("through an outage no stretch of time has more than burst + rate × time", async () => {
  const broken: (readonly [seed: number, worst: number])[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const worst = await worstOf(seed);
    if (worst > ROUNDING) broken.push([seed, worst]);
  }
  expect(broken).toEqual([]);
});
