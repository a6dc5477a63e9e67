import { describe, expect, test } from "vitest";
import { Buckets } from "../../src/throttle/buckets.ts";
import type { Ask } from "../../src/throttle/lease.ts";
import { slackOf } from "../../src/throttle/shared-bucket.ts";
import { quotaAsk, rateAsk, slotsAsk } from "./support/asks.ts";
import { KeptMap } from "./support/kept.ts";

const START = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;

/** Buckets over what they keep, with restarts. */
class Counter {
  readonly keep = new KeptMap();
  buckets: Buckets;

  constructor(now = START) {
    this.buckets = new Buckets(this.keep, now);
  }

  restart(now: number): void {
    this.buckets = new Buckets(this.keep, now);
  }

  ask(ask: Ask, now: number, holder = "isolate") {
    const [grant] = this.buckets.lease(holder, [ask], now);
    if (!grant) throw new Error("no answer");
    return grant;
  }

  /** How many single tokens it grants. */
  singles(rate: number, burst: number, now: number, most = 100_000): number {
    let count = 0;
    while (count < most && this.ask(rateAsk({ rate, burst, now: 1 }), now).granted) count++;
    return count;
  }
}

describe("a restart", () => {
  test("of a small bucket is not noticed: each token is written", () => {
    const counter = new Counter();
    expect(counter.singles(1, 5, START, 3)).toBe(3);
    counter.restart(START + 1);
    expect(counter.singles(1, 5, START + 1)).toBe(2);
  });

  test("at once after some tokens of a large one: never one too many, and few too few", () => {
    for (const spent of [0, 1, 9, 10, 11, 55, 100]) {
      const counter = new Counter();
      expect(counter.singles(1, 100, START, spent)).toBe(spent);
      counter.restart(START);
      const rest = counter.singles(1, 100, START);
      expect(spent + rest, `after ${spent}`).toBeLessThanOrEqual(100);
      expect(spent + rest, `after ${spent}`).toBeGreaterThanOrEqual(100 - 2 * slackOf(100));
    }
  });

  // What went out unwritten since the bucket was full again is forgotten: the slack lies before that.
  test("after a pause in which it has filled up: never one too many", () => {
    const counter = new Counter();
    // So many that it has just been written down, and then a minute to fill up.
    counter.singles(10, 100, START, slackOf(100) + 1);
    const later = START + 60_000;
    const spent = counter.singles(10, 100, later, slackOf(100));
    counter.restart(later);
    expect(spent + counter.singles(10, 100, later)).toBeLessThanOrEqual(100);
  });

  // Each life may leave as much unwritten as one may.
  test("after a restart: never one too many", () => {
    const counter = new Counter();
    let spent = counter.singles(0.001, 100, START, 50);
    for (let life = 0; life < 4; life++) {
      counter.restart(START);
      spent += counter.singles(0.001, 100, START, 10);
    }
    counter.restart(START);
    spent += counter.singles(0.001, 100, START);
    expect(spent).toBeLessThanOrEqual(100);
  });

  // As above, of a bucket that was never written.
  test("after a restart, of buckets that were never written: never one too many", () => {
    const counter = new Counter();
    counter.ask(rateAsk({ bucket: "other", rate: 1, burst: 1, now: 1 }), START);
    let spent = 0;
    for (let life = 0; life < 3; life++) {
      spent += counter.singles(0.001, 100, START, 10);
      counter.restart(START);
    }
    spent += counter.singles(0.001, 100, START);
    expect(spent).toBeLessThanOrEqual(100);
  });

  test("of a bucket with slices: what is lent stays lent until its end", () => {
    const counter = new Counter();
    const grant = counter.ask(rateAsk({ rate: 100, burst: 100, demand: 1000, lifetime: 5_000 }), START);
    counter.restart(START + 10);
    const other = counter.ask(
      rateAsk({ rate: 100, burst: 100, demand: 1000, lifetime: 1_000 }),
      START + 10,
      "another",
    );
    expect(grant.rate + other.rate).toBeLessThanOrEqual(100 + 1e-9);
    expect(grant.burst + other.burst).toBeLessThanOrEqual(100 + 1e-9);
  });

  // Each restart writes what is lent anew: a tenth more, and for half a second longer.
  test("time and again, and what was lent once comes back all the same", () => {
    const counter = new Counter();
    const grant = counter.ask(rateAsk({ rate: 100, burst: 100, demand: 30, lifetime: 2_000 }), START);
    let now = START;
    for (; now < START + 10_000; now += 250) {
      counter.restart(now);
      counter.ask(rateAsk({ rate: 100, burst: 100, now: 1 }), now, "another");
    }
    expect(grant.lifetime).toBe(2_000);
    expect(counter.ask(rateAsk({ rate: 100, burst: 100, now: 1 }), now, "another").granted).toBe(true);
  });

  test("tokens that are owed are not forgotten", () => {
    const counter = new Counter();
    counter.ask(rateAsk({ rate: 0.001, burst: 5, owed: 5 }), START);
    counter.restart(START);
    expect(counter.singles(0.001, 5, START)).toBe(0);
  });

  test("of a quota loses nothing", () => {
    const counter = new Counter();
    for (let i = 0; i < 7; i++) counter.ask(quotaAsk({ limit: 10, now: 1 }), START);
    for (let life = 0; life < 5; life++) counter.restart(START);
    let rest = 0;
    while (counter.ask(quotaAsk({ limit: 10, now: 1 }), START).granted) rest++;
    expect(rest).toBe(3);
  });

  test("of slots loses nothing", () => {
    const counter = new Counter();
    counter.ask(slotsAsk({ limit: 10, need: 7 }), START);
    counter.restart(START + 1);
    expect(counter.ask(slotsAsk({ limit: 10, need: 4 }), START + 1, "another").granted).toBe(false);
    expect(counter.ask(slotsAsk({ limit: 10, need: 3 }), START + 1, "another").granted).toBe(true);
  });

  test("a hot bucket is written seldom", () => {
    const counter = new Counter();
    for (let i = 0; i < 1_000; i++)
      counter.ask(rateAsk({ rate: 100_000, burst: 100_000, now: 1 }), START + i);
    expect(counter.keep.writes).toBeLessThanOrEqual(3);
  });
});

describe("more buckets than fit into memory", () => {
  const fill = (counter: Counter, count: number, now: number): void => {
    for (let i = 0; i < count; i += 100) {
      const asks = Array.from({ length: 100 }, (_, at) =>
        rateAsk({ bucket: `caller ${i + at}`, rate: 0.001, burst: 2, now: 1 }),
      );
      counter.buckets.lease("isolate", asks, now);
    }
  };

  test("the oldest are written down and let go, and come back as they were", () => {
    const counter = new Counter();
    fill(counter, 60_000, START);
    expect(counter.buckets.size).toBeLessThanOrEqual(50_000);
    expect(counter.buckets.size).toBeGreaterThan(45_000);
    for (const name of ["caller 0", "caller 5000", "caller 59999"]) {
      const ask = rateAsk({ bucket: name, rate: 0.001, burst: 2, now: 1 });
      expect([counter.ask(ask, START).granted, counter.ask(ask, START).granted], name).toEqual([true, false]);
    }
  });

  test("a bucket that is used stays", () => {
    const counter = new Counter();
    const favourite = rateAsk({ bucket: "favourite", rate: 0.001, burst: 100, now: 1 });
    let granted = 0;
    for (let round = 0; round < 30; round++) {
      if (counter.ask(favourite, START).granted) granted++;
      const asks = Array.from({ length: 2_000 }, (_, at) =>
        rateAsk({ bucket: `caller ${round} ${at}`, rate: 0.001, burst: 20, now: 1 }),
      );
      counter.buckets.lease("isolate", asks, START);
    }
    expect(granted).toBe(30);
    let rest = 0;
    while (counter.ask(favourite, START).granted) rest++;
    expect(rest).toBe(70);
  });
});

describe("sweeping", () => {
  test("deletes what is full, and nothing else; says when there may be more", () => {
    const counter = new Counter();
    counter.ask(rateAsk({ bucket: "soon", rate: 1, burst: 5, now: 5 }), START);
    counter.ask(rateAsk({ bucket: "late", rate: 1, burst: 60, now: 60 }), START);
    counter.ask(slotsAsk({ bucket: "slots", limit: 5, need: 1 }), START);
    const names = () => [...counter.keep.entries.keys()].filter((key) => key.startsWith("bucket/")).sort();
    expect(names()).toEqual(["bucket/late", "bucket/slots", "bucket/soon"]);
    expect(counter.buckets.sweep(START)).toBe(START + 5_000);
    expect(counter.buckets.sweep(START + 5_000)).toBe(START + 10_000);
    expect(names()).toEqual(["bucket/late", "bucket/slots"]);
    expect(counter.buckets.sweep(START + 10_000)).toBe(START + 60_000);
    expect(counter.buckets.sweep(START + 60_000)).toBe(Number.POSITIVE_INFINITY);
    expect(names()).toEqual([]);
    expect(counter.buckets.size).toBe(0);
  });

  test("a quota is kept for 90 days after it was used last", () => {
    const counter = new Counter();
    counter.ask(quotaAsk({ limit: 10, now: 1 }), START);
    const midnight = Date.UTC(2026, 10, 21);
    expect(counter.buckets.sweep(START + 80 * DAY)).toBe(midnight + 90 * DAY);
    expect(counter.buckets.sweep(midnight + 90 * DAY)).toBe(Number.POSITIVE_INFINITY);
  });

  test("also after a restart, without loading everything for good", () => {
    const counter = new Counter();
    counter.ask(rateAsk({ rate: 1, burst: 60, now: 60 }), START);
    counter.restart(START);
    expect(counter.buckets.sweep(START)).toBeGreaterThan(START + 59_000);
    expect(counter.buckets.size).toBe(0);
    expect(counter.singles(1, 60, START)).toBe(0);
  });

  // "Never" is taken for "nothing is left", and the object that asks deletes all that it keeps.
  test("a bucket with a rate of 0 does not make it forget others", () => {
    const counter = new Counter();
    counter.ask(quotaAsk({ limit: 10, now: 1 }), START);
    counter.ask(rateAsk({ rate: 0, burst: 0 }), START);
    expect(Number.isFinite(counter.buckets.sweep(START + 1))).toBe(true);
  });

  // As above: it is never full again, and whoever finds nothing else left deletes it.
  test("a bucket with a rate of 0 whose burst is gone is not taken for nothing", () => {
    const counter = new Counter();
    counter.ask(rateAsk({ rate: 0, burst: 5, now: 5 }), START);
    expect(counter.buckets.sweep(START + 1)).not.toBe(Number.POSITIVE_INFINITY);
  });

  test("after everything was deleted a newcomer finds a full bucket", () => {
    const counter = new Counter();
    counter.ask(rateAsk({ rate: 100, burst: 100, now: 100 }), START);
    counter.buckets.sweep(START + 1_000);
    counter.keep.entries.clear();
    counter.buckets.forget();
    expect(counter.singles(100, 100, START + 1_000)).toBe(100);
  });
});

describe("what is kept of a bucket and not understood", () => {
  const DAMAGED = [
    ["of a newer version", { version: 2, state: {} }],
    ["nothing", null],
    ["a text", "full"],
    ["a list", []],
    ["no number", { version: 1, state: { kind: "rate", rate: "1" } }],
    ["of no known kind", { version: 1, state: { kind: "lottery" } }],
    ["lacks a member", { version: 1, state: { kind: "slots", limit: 1 } }],
  ] as const;

  test.each(DAMAGED)("%s: a rate begins empty", (_, kept) => {
    const counter = new Counter();
    counter.ask(rateAsk({ bucket: "other", rate: 1, burst: 5, now: 1 }), START);
    counter.keep.put("bucket/b", kept);
    counter.restart(START);
    expect(counter.singles(10, 100, START)).toBe(0);
    expect(counter.singles(10, 100, START + 1_000)).toBe(10);
    // It is understood from now on.
    counter.restart(START + 1_000);
    expect(counter.singles(10, 100, START + 1_000)).toBe(0);
  });

  test.each(DAMAGED)("%s: slots are taken, until their time is over", (_, kept) => {
    const counter = new Counter();
    counter.ask(rateAsk({ rate: 1, burst: 5, now: 1 }), START);
    counter.keep.put("bucket/s", kept);
    counter.restart(START);
    expect(counter.ask(slotsAsk({ limit: 5, need: 1 }), START).granted).toBe(false);
    expect(counter.ask(slotsAsk({ limit: 5, need: 1 }), START + 10_000).granted).toBe(true);
  });

  test.each(DAMAGED)("%s: a quota is refused, and other buckets go on", (_, kept) => {
    const counter = new Counter();
    counter.ask(rateAsk({ rate: 1, burst: 5, now: 1 }), START);
    counter.keep.put("bucket/q", kept);
    counter.restart(START);
    const refused = () => counter.ask(quotaAsk({ limit: 10, now: 1 }), START);
    expect(refused).toThrow('what is kept of "q" is of another version or damaged');
    expect(counter.singles(1, 5, START)).toBe(4);
    expect(refused).toThrow();
    expect(() => counter.buckets.sweep(START + DAY)).not.toThrow();
    expect(counter.keep.entries.has("bucket/q")).toBe(true);
  });

  test("a name that was of another kind begins afresh", () => {
    const counter = new Counter();
    counter.ask(rateAsk({ bucket: "x", rate: 1, burst: 5, now: 5 }), START);
    expect(counter.ask(quotaAsk({ bucket: "x", limit: 5, now: 1 }), START)).toMatchObject({
      granted: true,
      remaining: 4,
    });
  });
});

test("usage is told by quota, and of quotas only, before and after a restart", () => {
  const counter = new Counter();
  counter.ask(quotaAsk({ limit: 10, now: 3 }), START);
  counter.ask(rateAsk({ rate: 1, burst: 5, now: 1 }), START);
  const expected = { q: { "2026-11-21": [3, 7] } };
  expect(counter.buckets.usage(START)).toEqual(expected);
  counter.restart(START);
  expect(counter.buckets.usage(START)).toEqual(expected);
});

test("isolates, and an isolate's memories of one bucket, are told apart", () => {
  const counter = new Counter();
  const ask = rateAsk({ rate: 100, burst: 100, demand: 60, lifetime: 5_000 });
  const grants = [
    counter.ask(ask, START, "a"),
    counter.ask({ ...ask, instance: 1 }, START, "a"),
    counter.ask(ask, START, "b"),
  ];
  expect(grants.reduce((sum, { rate }) => sum + rate, 0)).toBeLessThanOrEqual(100 + 1e-9);
  expect(grants.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(100 + 1e-9);
});
