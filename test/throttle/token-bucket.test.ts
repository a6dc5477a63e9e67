import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenBucket } from "../../src/throttle/token-bucket.ts";

/** Tokens a second, as a fraction; with some, no double is the rate itself. */
const RATES = [
  [1n, 10n],
  [1n, 3n],
  [2n, 3n],
  [1n, 7n],
  [7n, 10n],
  [100n, 86_400n],
  [1n, 1n],
  [999n, 7n],
  [1_000_000n, 1n],
  [1_000_000_000n, 1n],
] as const;

/** The same bucket in whole numbers: of `1000 × denominator` parts to a token, it gains `numerator` a ms. */
class Exact {
  readonly #parts: bigint;
  #numerator: bigint;
  #burst: bigint;
  #level: bigint;
  #latest: bigint;

  /** All rates of one run have the same denominator. */
  constructor(
    [numerator, denominator]: readonly [bigint, bigint],
    burst: number,
    level: number,
    now: number,
  ) {
    this.#parts = 1000n * denominator;
    this.#numerator = numerator;
    this.#burst = BigInt(burst) * this.#parts;
    this.#level = BigInt(level) * this.#parts;
    this.#latest = BigInt(now);
  }

  /** Tokens by which it has more than so many; below 0 for what it lacks. */
  spare(tokens: number, now: number): number {
    this.#settle(now);
    return Number(this.#level - BigInt(tokens) * this.#parts) / Number(this.#parts);
  }

  add(tokens: number, now: number): void {
    this.#settle(now);
    this.#level += BigInt(tokens) * this.#parts;
    if (this.#level > this.#burst) this.#level = this.#burst;
  }

  reshape(numerator: bigint, burst: number, now: number): void {
    this.#settle(now);
    this.#numerator = numerator;
    this.#burst = BigInt(burst) * this.#parts;
    if (this.#level > this.#burst) this.#level = this.#burst;
  }

  #settle(now: number): void {
    const time = BigInt(now);
    if (time <= this.#latest) return;
    this.#level += (time - this.#latest) * this.#numerator;
    this.#latest = time;
    if (this.#level > this.#burst) this.#level = this.#burst;
  }
}

const START = Date.UTC(2026, 10, 21);

const rateOf = ([numerator, denominator]: readonly [bigint, bigint]): number =>
  Number(numerator) / Number(denominator);

/** How long a step takes, in ms: mostly moments, now and then hours, and a clock that is put back. */
const elapsed = fc.oneof(
  { weight: 6, arbitrary: fc.nat(50) },
  { weight: 3, arbitrary: fc.nat(5_000) },
  { weight: 1, arbitrary: fc.nat(20_000_000) },
  { weight: 1, arbitrary: fc.integer({ min: -100_000, max: -1 }) },
);
const tokens = fc.oneof(fc.constant(0), fc.constant(1), fc.nat(30), fc.nat(1_000_000));
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("take" as const), elapsed, tokens }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("add" as const), elapsed, tokens }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("charge" as const), elapsed, tokens }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("reshape" as const), elapsed, tokens, factor: fc.nat(4) }),
  },
);
const rate = fc.constantFrom(...RATES);
const burst = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1_000_000_000 }));

/** Doubles of this size are apart by less than this, and each step may round a few times. */
const roundingOf = (size: number): number => 1e-9 + size * 1e-13;

test("it is the exact bucket, whatever is taken, put in, reshaped, and however the clock goes", () => {
  fc.assert(
    fc.property(rate, burst, fc.array(step, { maxLength: 150 }), (fraction, size, steps) => {
      const bucket = new TokenBucket(rateOf(fraction), size, size, START);
      const exact = new Exact(fraction, size, size, START);
      let now = START;
      let largest = size;
      for (const at of steps) {
        now += at.elapsed;
        if (at.kind === "take") {
          const spare = exact.spare(at.tokens, now);
          const taken = bucket.take(at.tokens, now);
          // Within rounding both answers are right.
          if (Math.abs(spare) > roundingOf(largest)) expect(taken).toBe(spare >= 0);
          if (taken) exact.add(-at.tokens, now);
        } else if (at.kind === "charge") {
          largest = Math.max(largest, at.tokens);
          bucket.charge(at.tokens, now);
          exact.add(-at.tokens, now);
        } else if (at.kind === "add") {
          bucket.add(at.tokens, now);
          exact.add(at.tokens, now);
        } else {
          const numerator = (fraction[0] * BigInt(at.factor)) / 2n;
          largest = Math.max(largest, at.tokens);
          bucket.reshape(rateOf([numerator, fraction[1]]), at.tokens, now);
          exact.reshape(numerator, at.tokens, now);
        }
        const level = bucket.level(now);
        expect(level).toBeGreaterThanOrEqual(0);
        expect(level).toBeLessThanOrEqual(bucket.burst);
        expect(Math.abs(level - Math.max(0, exact.spare(0, now)))).toBeLessThan(roundingOf(largest));
      }
    }),
    { numRuns: 400 },
  );
});

test("without takes its level never falls, also where the clock is put back", () => {
  fc.assert(
    fc.property(rate, burst, fc.array(elapsed, { maxLength: 60 }), (fraction, size, steps) => {
      const bucket = new TokenBucket(rateOf(fraction), size, 0, START);
      let now = START;
      let before = 0;
      for (const ms of steps) {
        now += ms;
        const level = bucket.level(now);
        expect(level).toBeGreaterThanOrEqual(before - roundingOf(size));
        before = level;
      }
    }),
    { numRuns: 200 },
  );
});

describe("exact over hours", () => {
  test.each([
    ["0.1 a second", 0.1, 10_000],
    ["1/3 a second", 1 / 3, 3_000],
    ["1/7 a second", 1 / 7, 7_000],
    ["0.7 a second, every 10 tokens", 0.07, 100_000 / 7],
    ["1 a minute", 1 / 60, 60_000],
    ["100 a day", 100 / 86_400, 864_000],
  ])("%s: each token on its ms, and not one before", (_, perSecond, everyMs) => {
    const bucket = new TokenBucket(perSecond, 5, 0, START);
    for (let count = 1; count <= 2_000; count++) {
      const due = START + Math.ceil(count * everyMs - 1e-6);
      expect(bucket.take(1, due - 1), `before token ${count}`).toBe(false);
      expect(bucket.take(1, due), `token ${count}`).toBe(true);
    }
  });

  test.each([
    ["1,000,000 a second", 1_000_000],
    ["1,000,000,000 a second", 1_000_000_000],
  ])("%s: all that it gains in every stretch of 7 ms, and not one more", (_, perSecond) => {
    const bucket = new TokenBucket(perSecond, perSecond, 0, START);
    let right = 0;
    const stretches = Math.floor(7_200_000 / 7);
    for (let now = START + 7; now <= START + 7_200_000; now += 7) {
      if (bucket.take(perSecond * 0.007, now) && !bucket.has(1, now)) right++;
    }
    expect(right).toBe(stretches);
  });

  test("a token every 3 ms of 1,000/3 a second, for 2 hours", () => {
    const bucket = new TokenBucket(1000 / 3, 1000, 0, START);
    let right = 0;
    for (let count = 1; count <= 2_400_000; count++) {
      if (!bucket.has(1, START + 3 * count - 1) && bucket.take(1, START + 3 * count)) right++;
    }
    expect(right).toBe(2_400_000);
  });
});

test("what is denied costs nothing", () => {
  const bucket = new TokenBucket(1, 10, 3, START);
  for (let i = 0; i < 1000; i++) expect(bucket.take(4, START)).toBe(false);
  expect(bucket.take(3, START)).toBe(true);
  expect(bucket.level(START)).toBe(0);
});

test("a clock that is put back gives nothing, and costs nothing but the time until it is where it was", () => {
  const bucket = new TokenBucket(10, 10, 0, START);
  expect(bucket.level(START + 500)).toBe(5);
  expect(bucket.level(START - 3_600_000)).toBe(5);
  expect(bucket.take(5, START - 3_600_000)).toBe(true);
  expect(bucket.level(START + 500)).toBe(0);
  expect(bucket.level(START + 600)).toBe(1);
});

test("a clock that leaps forward fills it once", () => {
  const bucket = new TokenBucket(10, 10, 0, START);
  expect(bucket.take(10, START + 10 ** 12)).toBe(true);
  expect(bucket.has(1, START + 10 ** 12)).toBe(false);
});

test("what is put in is kept up to the burst", () => {
  const bucket = new TokenBucket(0, 10, 2.5, START);
  bucket.add(4.25, START);
  expect(bucket.level(START)).toBe(6.75);
  bucket.add(100, START);
  expect(bucket.level(START)).toBe(10);
});

test("what is charged is gained before anything is there again", () => {
  const bucket = new TokenBucket(10, 10, 10, START);
  bucket.charge(25, START);
  expect([bucket.level(START), bucket.balance(START)]).toEqual([0, -15]);
  expect(bucket.msUntil(1, START + 1_500)).toBe(100);
  expect(bucket.take(1, START + 1_599)).toBe(false);
  expect(bucket.take(1, START + 1_600)).toBe(true);
});

test("another shape keeps the tokens that fit, and what was gained until then by the old rate", () => {
  const bucket = new TokenBucket(10, 100, 0, START);
  bucket.reshape(1, 100, START + 2_000);
  expect(bucket.level(START + 2_000)).toBe(20);
  expect(bucket.level(START + 3_000)).toBe(21);
  bucket.reshape(1, 5, START + 3_000);
  bucket.reshape(1, 100, START + 3_000);
  expect(bucket.level(START + 3_000)).toBe(5);
});

describe("ms until so many tokens are there", () => {
  test("on that ms they can be taken, on the one before not", () => {
    const gone = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 1, max: 100_000 }),
        gone,
        fc.nat(100_000),
        (fraction, size, part, wanted) => {
          const perSecond = rateOf(fraction);
          const wants = Math.min(size, wanted);
          const level = Math.floor(size * part);
          const ms = new TokenBucket(perSecond, size, level, START).msUntil(wants, START);
          // Where it is a whole number, rounding may leave it a hair above.
          const due = START + Math.ceil(ms * (1 - 1e-12));
          if (due > START)
            expect(new TokenBucket(perSecond, size, level, START).take(wants, due - 1)).toBe(false);
          expect(new TokenBucket(perSecond, size, level, START).take(wants, due)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ["they are there", 10, 5, 0],
    ["they come", 5, 6, 100],
    ["all of the burst", 0, 10, 1000],
    ["more than the burst", 10, 11, Number.POSITIVE_INFINITY],
  ])("%s", (_, level, wants, ms) => {
    expect(new TokenBucket(10, 10, level, START).msUntil(wants, START)).toBe(ms);
  });

  test("without a rate they never come", () => {
    expect(new TokenBucket(0, 10, 9, START).msUntil(10, START)).toBe(Number.POSITIVE_INFINITY);
    expect(new TokenBucket(0, 10, 9, START).msUntil(9, START)).toBe(0);
  });
});

test("a bucket of nothing gives nothing, ever", () => {
  for (const [perSecond, size] of [
    [0, 0],
    [100, 0],
  ] as const) {
    const bucket = new TokenBucket(perSecond, size, 10, START);
    expect(bucket.take(1, START + 10 ** 9)).toBe(false);
    expect(bucket.level(START + 10 ** 9)).toBe(0);
  }
});
