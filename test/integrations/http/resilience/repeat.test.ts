import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backoffMs,
  isRepeatable,
  retryAfterMs,
} from "../../../../src/integrations/http/resilience/repeat.ts";

describe("what may be sent twice", () => {
  const none = new Headers();
  const keyed = new Headers({ "idempotency-key": "8e03978e-40d5" });
  test.each([
    ["GET", true],
    ["HEAD", true],
    ["OPTIONS", true],
    ["PUT", true],
    ["DELETE", true],
    ["POST", false],
    ["PATCH", false],
    ["PURGE", false],
  ])("%s: %s, whatever key it carries", (method, expected) => {
    expect(isRepeatable(method, none)).toBe(expected);
    expect(isRepeatable(method, keyed)).toBe(expected);
  });

  test("what the entry says, and no more", () => {
    const said = { methods: ["POST"], idempotencyKey: false };
    expect([isRepeatable("POST", none, said), isRepeatable("GET", none, said)]).toEqual([true, false]);
  });

  test("a request with a key, where the entry allows it", () => {
    const said = { methods: ["GET"], idempotencyKey: true };
    expect(isRepeatable("POST", keyed, said)).toBe(true);
    expect(isRepeatable("POST", none, said)).toBe(false);
    expect(isRepeatable("POST", new Headers({ "idempotency-key": "" }), said)).toBe(false);
  });
});

describe("the wait before a retry", () => {
  test("its bound doubles up to ten times the first", () => {
    expect([1, 2, 3, 4, 5, 9].map((attempts) => backoffMs(100, attempts, 1))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  test("it is drawn from all of nothing to the bound", () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (first, attempts, at) => {
          const bound = backoffMs(first, attempts, 1);
          const wait = backoffMs(first, attempts, at);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeCloseTo(bound * at, 6);
        },
      ),
    );
  });
});

test.each([
  [null, 0],
  ["0", 0],
  ["3", 3000],
  ["120", 120_000],
  ["Wed, 21 Oct 2026 07:28:05 GMT", 5000],
  ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
  ["Wed, 99 Oct 2026 07:28:05 GMT", 0],
  ["-1", 0],
  ["1.5", 0],
  ["soon", 0],
  ["9".repeat(400), 0],
])("Retry-After %j asks for %i ms", (value, expected) => {
  expect(retryAfterMs(value, Date.parse("2026-10-21T07:28:00Z"))).toBe(expected);
});
