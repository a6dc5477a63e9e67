import { expect, test } from "vitest";
import { TokenBucket } from "../../src/throttle/token-bucket.ts";
import { check, Isolate } from "./support/isolate.ts";
import { Random } from "./support/random.ts";

const SECONDS = 40;

/** What is admitted in relation to one bucket that sees the same requests. */
async function shareOf(isolates: number, rate: number, burst: number, load: number): Promise<number> {
  const random = new Random(7);
  const first = new Isolate();
  const all = [first, ...Array.from({ length: isolates - 1 }, () => new Isolate(first))];
  const { clock } = first;
  const ideal = new TokenBucket(rate, burst, burst, clock.now());
  let admitted = 0;
  let allowed = 0;
  const count = ({ denied }: { readonly denied: number | undefined }): void => {
    if (denied === undefined) admitted++;
  };
  const limits = all.map((isolate) => check(isolate.rate("b", rate, burst)));
  for (let elapsed = 0; elapsed < SECONDS * 1000; elapsed++) {
    all.forEach((isolate, index) => {
      const limit = limits[index];
      if (!limit || !random.chance((load * rate) / isolates / 1000)) return;
      if (ideal.take(1, clock.now())) allowed++;
      const decision = isolate.limiter.decide([limit], isolate.background);
      if (decision instanceof Promise) void decision.then(count);
      else count(decision);
    });
    await clock.pass(1);
  }
  return admitted / allowed;
}

/** Buckets that are too small to be divided: whoever is alone has them whole, others ask for each token. */
test.each([
  [1, 2, 1],
  [1, 10, 1],
  [1, 10, 2],
  [1, 10, 5],
  [1, 100, 1],
  [1, 100, 10],
  [3, 10, 10],
  [6, 10, 10],
  [6, 10, 20],
  [8, 100, 10],
  [8, 100, 100],
])(
  "%i isolates, %i a second, burst %i: used well below, at and above the limit",
  async (isolates, rate, burst) => {
    for (const load of [0.6, 1.2, 3]) {
      expect(await shareOf(isolates, rate, burst, load)).toBeGreaterThan(0.85);
    }
  },
);
