import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { QuotaAsk } from "../../src/throttle/lease.ts";
import { LocalBucket } from "../../src/throttle/local-bucket.ts";
import { type Period, periodEnd, periodStart } from "../../src/throttle/period.ts";
import { QuotaState, SharedQuota } from "../../src/throttle/shared-quota.ts";
import { quotaAsk } from "./support/asks.ts";

const at = (text: string): number => Date.parse(`${text}Z`);
const NOON = at("2026-11-21T12:00:00");
const DAY = 86_400_000;

/** A quota that is asked by its limit. */
class Subject {
  shared: SharedQuota;
  readonly #terms: { readonly limit: number; readonly offset: number; readonly period: Period };

  constructor(limit: number, { offset = 0, period = "DAY" as Period, now = NOON } = {}) {
    this.#terms = { limit, offset, period };
    this.shared = new SharedQuota(now, { period });
  }

  lease(ask: Partial<QuotaAsk>, now: number) {
    return this.shared.lease(quotaAsk({ ...this.#terms, ...ask }), now);
  }

  /** How many single requests are let in. */
  singles(now: number): number {
    let count = 0;
    while (this.lease({ now: 1 }, now).granted) count++;
    return count;
  }

  restart(now: number): void {
    this.shared = new SharedQuota(now, { period: "DAY" }, structuredClone(this.shared.state()));
  }
}

test("so many in a period, and all of them again in the next", () => {
  const subject = new Subject(10);
  expect(subject.singles(NOON)).toBe(10);
  expect(subject.singles(at("2026-11-21T23:59:59.999"))).toBe(0);
  expect(subject.singles(at("2026-11-22T00:00:00"))).toBe(10);
});

test.each<readonly [Period, string, string, string]>([
  ["DAY", "2026-11-21T12:00:00", "2026-11-21T23:59:59.999", "2026-11-22T00:00:00"],
  ["WEEK", "2026-11-21T12:00:00", "2026-11-21T23:59:59.999", "2026-11-22T00:00:00"],
  ["WEEK", "2026-11-22T12:00:00", "2026-11-28T23:59:59.999", "2026-11-29T00:00:00"],
  ["MONTH", "2028-02-01T12:00:00", "2028-02-29T23:59:59.999", "2028-03-01T00:00:00"],
  ["MONTH", "2026-12-31T12:00:00", "2026-12-31T23:59:59.999", "2027-01-01T00:00:00"],
])("a %s from %s on lasts until %s", (period, first, last, next) => {
  const subject = new Subject(3, { period, now: at(first) });
  expect([first, last, next].map((time) => subject.singles(at(time)))).toEqual([3, 0, 3]);
});

test("the first period has fewer by the offset, the others do not", () => {
  const subject = new Subject(10, { offset: 4 });
  expect(subject.singles(NOON)).toBe(6);
  expect(subject.singles(NOON + DAY)).toBe(10);
  expect(subject.singles(NOON + 2 * DAY)).toBe(10);
});

test("an offset above the limit leaves nothing of the first period, and owes nothing to the next", () => {
  const subject = new Subject(10, { offset: 40 });
  expect(subject.singles(NOON)).toBe(0);
  expect(subject.singles(NOON + DAY)).toBe(10);
});

test("a clock that is put back opens no period a second time", () => {
  const subject = new Subject(10);
  expect(subject.singles(NOON)).toBe(10);
  expect(subject.singles(NOON + DAY)).toBe(10);
  expect(subject.singles(NOON)).toBe(0);
  expect(subject.singles(NOON + DAY)).toBe(0);
  expect(subject.singles(NOON + 2 * DAY)).toBe(10);
});

test("what comes back is there again; what is of an older period is not", () => {
  const subject = new Subject(10);
  const { epoch } = subject.lease({ now: 5 }, NOON);
  expect(epoch).toBe(at("2026-11-21T00:00:00"));
  subject.lease({ returned: 2, epoch }, NOON);
  expect(subject.singles(NOON)).toBe(7);
  subject.lease({ returned: 5, epoch }, NOON + DAY);
  expect(subject.singles(NOON + DAY)).toBe(10);
  subject.lease({ returned: 5, epoch }, NOON + DAY);
  expect(subject.singles(NOON + DAY)).toBe(0);
});

test("more comes back than is used: there is not more than all", () => {
  const subject = new Subject(10);
  const { epoch } = subject.lease({ now: 1 }, NOON);
  subject.lease({ returned: 100, epoch }, NOON);
  expect(subject.singles(NOON)).toBe(10);
});

test("what is owed counts, also beyond the limit", () => {
  const subject = new Subject(10);
  subject.lease({ owed: 25 }, NOON);
  expect(subject.singles(NOON)).toBe(0);
  expect(subject.singles(NOON + DAY)).toBe(10);
});

test("a batch is what its holder will need, and a small part of what is left", () => {
  const subject = new Subject(1000);
  expect(subject.lease({ demand: 10, lifetime: 3_000 }, NOON).tokens).toBe(30);
  expect(subject.lease({ demand: 10_000, lifetime: 3_000 }, NOON)).toMatchObject({
    tokens: 48,
    remaining: 922,
  });
});

test("nothing that is handed out may be used in the next period", () => {
  const subject = new Subject(1000, { now: at("2026-11-21T23:59:58") });
  const { lifetime } = subject.lease({ demand: 100, lifetime: 10_000 }, at("2026-11-21T23:59:58"));
  expect(lifetime).toBe(2_000);
});

test("whoever finds nothing is told to wait: until what was handed out may have come back, else until the next period", () => {
  const subject = new Subject(100);
  expect(subject.lease({ now: 100 }, NOON).wait).toBe(DAY / 2);
  const lent = new Subject(100);
  lent.lease({ demand: 100, lifetime: 5_000 }, NOON);
  expect(lent.lease({ now: 95 }, NOON).wait).toBe(5_000);
});

describe("a restart loses nothing", () => {
  test("whatever was asked before", () => {
    const ask = fc.record({
      elapsed: fc.oneof(fc.nat(10_000), fc.nat(DAY)),
      now: fc.nat(5),
      owed: fc.nat(3),
      demand: fc.nat(100),
      returned: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(50), fc.array(ask), (limit, offset, asks) => {
        const [kept, restarted] = [new Subject(limit, { offset }), new Subject(limit, { offset })];
        let now = NOON;
        let epoch = 0;
        for (const { elapsed, ...rest } of asks) {
          now += elapsed;
          restarted.restart(now);
          const expected = kept.lease({ ...rest, epoch, lifetime: 1_000 }, now);
          const { wait: _, ...answer } = restarted.lease({ ...rest, epoch, lifetime: 1_000 }, now);
          expect(answer).toEqual({ ...answer, ...expected, wait: undefined, ...answer });
          epoch = expected.epoch;
        }
        expect(restarted.shared.state()).toEqual(kept.shared.state());
      }),
    );
  });

  test("its state is what the schema says", () => {
    const subject = new Subject(10);
    subject.lease({ now: 3 }, NOON);
    expect(v.parse(QuotaState, structuredClone(subject.shared.state()))).toEqual({
      kind: "quota",
      period: at("2026-11-21T00:00:00"),
      first: at("2026-11-21T00:00:00"),
      used: 3,
      days: { "2026-11-21": [3, 7] },
    });
  });
});

describe("days", () => {
  test("each has what was used on it, and what was left at its end", () => {
    const subject = new Subject(100, { period: "MONTH" });
    subject.lease({ now: 3 }, NOON);
    subject.lease({ now: 4 }, NOON + 1000);
    subject.lease({ now: 5 }, NOON + DAY);
    expect(subject.shared.days).toEqual({ "2026-11-21": [7, 93], "2026-11-22": [5, 88] });
  });

  test("what comes back a day later comes off the day before, and no day has less than none", () => {
    const subject = new Subject(100, { period: "MONTH" });
    const { epoch } = subject.lease({ now: 10 }, NOON);
    subject.lease({ returned: 4, epoch }, NOON + DAY);
    expect(subject.shared.days).toEqual({ "2026-11-21": [6, 90], "2026-11-22": [0, 94] });
  });

  test("90 days are kept", () => {
    const subject = new Subject(100);
    for (let day = 0; day < 200; day++) subject.lease({ now: 1 }, NOON + day * DAY);
    const days = Object.keys(subject.shared.days).sort();
    expect(days.length).toBe(91);
    expect(days.at(-1)).toBe("2027-06-08");
  });
});

test("never more than the limit in a period, however it is asked", () => {
  const ask = fc.record({
    elapsed: fc.oneof(fc.nat(1_000), fc.nat(DAY / 3)),
    now: fc.nat(20),
    demand: fc.nat(1_000),
    lifetime: fc.constantFrom(0, 100, 5_000),
    back: fc.nat(10),
  });
  const terms = fc.record({
    limit: fc.integer({ min: 1, max: 500 }),
    offset: fc.nat(20),
    period: fc.constantFrom<Period>("DAY", "WEEK", "MONTH"),
  });
  fc.assert(
    fc.property(terms, fc.array(ask, { maxLength: 80 }), ({ limit, ...more }, asks) => {
      const subject = new Subject(limit, more);
      const first = periodStart(more.period, NOON);
      const given = new Map<number, number>();
      let now = NOON;
      let epoch = 0;
      for (const { elapsed, back, ...rest } of asks) {
        now += elapsed;
        const start = periodStart(more.period, now);
        const out = given.get(epoch) ?? 0;
        const returned = Math.min(back, out);
        given.set(epoch, out - returned);
        const grant = subject.lease({ ...rest, returned, epoch }, now);
        epoch = grant.epoch;
        expect(epoch).toBe(start);
        expect(now + grant.lifetime).toBeLessThanOrEqual(periodEnd(more.period, now));
        given.set(start, (given.get(start) ?? 0) + grant.tokens + (grant.granted ? rest.now : 0));
        const may = Math.max(0, limit - (start === first ? more.offset : 0));
        expect(given.get(start)).toBeLessThanOrEqual(may);
      }
    }),
  );
});

describe("across the end of a period", () => {
  const MIDNIGHT = at("2026-11-22T00:00:00");

  /** An isolate with 50 requests of the old period in hand, 100 ms before its end. */
  function holding(subject: Subject) {
    const local = new LocalBucket(
      { kind: "quota", bucket: "q", limit: 1000, offset: 0, period: "DAY", exact: false },
      0,
    );
    const now = MIDNIGHT - 100;
    for (let i = 0; i < 1000; i++) local.want(1, now - 1000 + i);
    const ask = local.ask(0, now, 1);
    if (ask.kind !== "quota") throw new Error("no such ask");
    const grant = subject.lease(ask, now);
    local.receive(ask, grant, now, now);
    expect(grant.tokens).toBeGreaterThan(40);
    return local;
  }

  /** All that it lets in by itself. */
  function letIn(local: LocalBucket, now: number): number {
    let count = 0;
    for (; local.verdict(1, now, 1) === "take"; count++) local.take(1, now);
    return count;
  }

  test("what was handed out before is not used after", () => {
    const local = holding(new Subject(1000, { now: MIDNIGHT - 100 }));
    expect(letIn(local, MIDNIGHT)).toBe(0);
  });

  // The answer of the new period gives its time to requests of the old one.
  test("not even where the isolate asked before, and was answered after", () => {
    const subject = new Subject(1000, { now: MIDNIGHT - 100 });
    const local = holding(subject);
    const ask = local.ask(0, MIDNIGHT - 1, 1);
    if (ask.kind !== "quota") throw new Error("no such ask");
    local.receive(ask, subject.lease(ask, MIDNIGHT), MIDNIGHT - 1, MIDNIGHT + 1);
    expect(letIn(local, MIDNIGHT + 2) + subject.singles(MIDNIGHT + 2)).toBeLessThanOrEqual(1000);
  });

  // What was left of the old period is said to be of the new one, once an answer of that has come.
  test("what is left of it is not given back to the next", () => {
    const subject = new Subject(1000, { now: MIDNIGHT - 100 });
    const local = holding(subject);
    const ask = local.ask(0, MIDNIGHT - 1, 1);
    if (ask.kind !== "quota") throw new Error("no such ask");
    const grant = subject.lease({ ...ask, lifetime: 0 }, MIDNIGHT + 5);
    expect(local.verdict(1, MIDNIGHT + 6, 1)).not.toBe("take");
    local.receive({ ...ask, lifetime: 0 }, grant, MIDNIGHT - 1, MIDNIGHT + 10);
    let used = subject.singles(MIDNIGHT + 11);
    const next = local.ask(0, MIDNIGHT + 12, 1);
    if (next.kind !== "quota") throw new Error("no such ask");
    subject.lease(next, MIDNIGHT + 12);
    used += subject.singles(MIDNIGHT + 13);
    expect(used).toBeLessThanOrEqual(1000);
  });

  test("a request that another limit refuses after it is not given back to the next", () => {
    const subject = new Subject(1000, { now: MIDNIGHT - 100 });
    const local = new LocalBucket(
      { kind: "quota", bucket: "q", limit: 1000, offset: 0, period: "DAY", exact: true },
      0,
    );
    const decide = (now: number) => {
      local.want(1, now);
      const ask = local.ask(1, now, 1);
      if (ask.kind !== "quota") throw new Error("no such ask");
      const grant = subject.lease(ask, now);
      local.receive(ask, grant, now, now);
      return grant.granted ? 1 : 0;
    };
    decide(MIDNIGHT - 1);
    const { epoch } = local;
    decide(MIDNIGHT + 1);
    // Now the first is refused after all.
    expect(local.putBack(1, MIDNIGHT + 2, epoch)).toBe(0);
    expect(local.putBack(1, MIDNIGHT + 2, local.epoch)).toBe(1);
  });
});
