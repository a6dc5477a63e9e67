import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ask, Grant } from "../../src/throttle/lease.ts";
import { LocalBucket } from "../../src/throttle/local-bucket.ts";
import { SharedBucket, slackOf } from "../../src/throttle/shared-bucket.ts";
import { rateAsk } from "./support/asks.ts";

const START = Date.UTC(2026, 10, 21);

/** A bucket that is asked by its limit. */
class Subject {
  readonly shared: SharedBucket;
  readonly #limit: { readonly rate: number; readonly burst: number };

  constructor(rate: number, burst: number) {
    this.#limit = { rate, burst };
    this.shared = new SharedBucket(rate, burst, START);
  }

  lease(id: string, ask: Omit<Parameters<typeof rateAsk>[0], "rate" | "burst">, now: number): Grant {
    return this.shared.lease(id, rateAsk({ ...this.#limit, ...ask }), now);
  }

  answer(id: string, ask: Ask, now: number): Grant {
    if (ask.kind !== "rate") throw new Error("no such ask");
    return this.shared.lease(id, ask, now);
  }

  /** How many single tokens are there for somebody new. */
  singles(now: number): number {
    let count = 0;
    while (this.lease("somebody new", { now: 1 }, now).granted) count++;
    return count;
  }
}

/** An isolate that has seen 25 requests within 250 ms, the last of them at `now`. */
function busyLocal(rate: number, burst: number, now: number): LocalBucket {
  const local = new LocalBucket({ kind: "rate", bucket: "b", rate, burst, exact: false }, 0);
  for (let i = 24; i >= 0; i--) local.want(1, now - 10 * i);
  return local;
}

describe("single tokens", () => {
  test("the burst at once, then one after the other as they come", () => {
    const subject = new Subject(10, 5);
    expect(subject.singles(START)).toBe(5);
    expect(subject.singles(START + 99)).toBe(0);
    expect(subject.singles(START + 100)).toBe(1);
    expect(subject.singles(START + 10_000)).toBe(5);
  });

  test("whoever gets none is told when it is worth asking again", () => {
    const subject = new Subject(10, 5);
    subject.lease("a", { now: 5 }, START);
    expect(subject.lease("a", { now: 1 }, START)).toMatchObject({ granted: false, wait: 100, remaining: 0 });
    expect(subject.lease("a", { now: 1 }, START + 60).wait).toBeCloseTo(40, 6);
    // It is the last one: the next is 100 ms away again.
    expect(subject.lease("a", { now: 1 }, START + 100)).toMatchObject({ granted: true, wait: 100 });
    expect(subject.lease("a", { now: 1 }, START + 400)).toMatchObject({ granted: true, wait: 0 });
  });

  test("what is owed is paid before anything is granted", () => {
    const subject = new Subject(10, 5);
    expect(subject.lease("a", { now: 1, owed: 7 }, START).granted).toBe(false);
    expect(subject.singles(START + 200)).toBe(0);
    expect(subject.singles(START + 300)).toBe(1);
  });
});

test("a slice is taken out of the bucket: rate, burst and tokens", () => {
  const subject = new Subject(100, 100);
  const { rate, burst, tokens, lifetime } = subject.lease("a", { demand: 1000, lifetime: 1000 }, START);
  expect([rate, lifetime]).toEqual([98, 1000]);
  expect(tokens).toBeLessThanOrEqual(burst);
  const left = subject.singles(START);
  expect(left).toBe(Math.floor(100 - tokens));
  // What is left of the rate is 2 a second, what is left of the burst what the slice has not.
  expect(subject.singles(START + 999)).toBe(Math.floor(Math.min(100 - burst, 100 - tokens - left + 1.998)));
  // The slice's time is over.
  expect(subject.singles(START + 1000)).toBeLessThanOrEqual(1);
  expect(subject.singles(START + 1110)).toBeGreaterThanOrEqual(10);
});

const isolate = fc.constantFrom("a", "b", "c", "d");
const step = fc.record({
  isolate,
  elapsed: fc.oneof(fc.nat(20), fc.nat(2_000), fc.constant(12_000)),
  demand: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5_000)),
  lifetime: fc.constantFrom(0, 100, 500, 3_000, 10_000),
  now: fc.nat(3),
  owed: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(50) }),
  release: fc.oneof(
    { weight: 9, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  isHeard: fc.boolean(),
});
const limits = fc.record({
  rate: fc.constantFrom(0.5, 3, 10, 100, 2_000),
  burst: fc.constantFrom(1, 2, 5, 10, 100, 4_000),
});

interface Held {
  rate: number;
  burst: number;
  until: number;
}

describe("after every step", () => {
  test("the tokens of all slices and of what is left are within the burst, and what is given was there", () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), ({ rate, burst }, steps) => {
        const subject = new Subject(rate, burst);
        let now = START;
        let left: number = burst;
        for (const at of steps) {
          now += at.elapsed;
          const ask = at.release
            ? { release: true, owed: at.owed }
            : { demand: at.demand, lifetime: at.lifetime, now: Math.min(at.now, burst), owed: at.owed };
          const most = Math.min(burst, left + (at.elapsed * rate) / 1000);
          const { granted, tokens, remaining } = subject.lease(at.isolate, ask, now);
          const given = tokens + (granted ? (ask.now ?? 0) : 0);
          expect(given + remaining).toBeLessThanOrEqual(most + 1e-6);
          // The next step starts from at most this much.
          left = Math.min(most - given, remaining + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("slices in use never add up to more than the rate and the burst", () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), ({ rate, burst }, steps) => {
        const subject = new Subject(rate, burst);
        const slices = new Map<string, Held>();
        let now = START;
        for (const at of steps) {
          now += at.elapsed;
          const own = slices.get(at.isolate);
          const slice = own && own.until > now ? { rate: own.rate, burst: own.burst, level: 0 } : undefined;
          if (at.release) {
            slices.delete(at.isolate);
            subject.lease(at.isolate, { release: true }, now);
          } else {
            const { demand, lifetime } = at;
            const grant = subject.lease(at.isolate, { demand, lifetime, ...(slice ? { slice } : {}) }, now);
            if (lifetime > 0) {
              slices.set(at.isolate, { rate: grant.rate, burst: grant.burst, until: now + grant.lifetime });
            }
          }
          const used = [...slices.values()].filter(({ until }) => until > now);
          expect(used.reduce((sum, held) => sum + held.rate, 0)).toBeLessThanOrEqual(rate * (1 + 1e-9));
          expect(used.reduce((sum, held) => sum + held.burst, 0)).toBeLessThanOrEqual(burst * (1 + 1e-9));
        }
      }),
      { numRuns: 300 },
    );
  });

  // A renewal that ends sooner than the slice it renews: who does not hear of it goes on until the old end.
  test("also where some answers are lost, and isolates go on with what they have until its end", () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), ({ rate, burst }, steps) => {
        const subject = new Subject(rate, burst);
        const slices = new Map<string, Held>();
        let now = START;
        for (const at of steps) {
          now += at.elapsed;
          const own = slices.get(at.isolate);
          const slice = own && own.until > now ? { rate: own.rate, burst: own.burst, level: 0 } : undefined;
          const { demand, lifetime, isHeard } = at;
          const grant = subject.lease(at.isolate, { demand, lifetime, ...(slice ? { slice } : {}) }, now);
          if (lifetime > 0 && isHeard) {
            slices.set(at.isolate, { rate: grant.rate, burst: grant.burst, until: now + grant.lifetime });
          }
          const used = [...slices.values()].filter(({ until }) => until > now);
          expect(used.reduce((sum, held) => sum + held.rate, 0)).toBeLessThanOrEqual(rate * (1 + 1e-9));
          expect(used.reduce((sum, held) => sum + held.burst, 0)).toBeLessThanOrEqual(burst * (1 + 1e-9));
        }
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});

describe("no more than burst + rate × time", () => {
  // The renewal ends after 200 ms at the counter; its answer is lost, and the isolate goes on for 10 s.
  test("where the answer to a shorter renewal is lost", () => {
    const subject = new Subject(100, 100);
    const first = subject.lease("a", { demand: 60, lifetime: 10_000 }, START);
    const slice = { rate: first.rate, burst: first.burst, level: 0 };
    subject.lease("a", { demand: 60, lifetime: 200, slice }, START + 100);
    const other = subject.lease("b", { demand: 1000, lifetime: 1000 }, START + 400);
    expect(first.lifetime).toBe(10_000);
    expect(first.rate + other.rate).toBeLessThanOrEqual(100);
  });

  // Tokens of a slice that ended seconds ago come on top of a bucket that has filled up since.
  test("where tokens of an ended slice are given back after others have had the whole burst", () => {
    const [rate, burst] = [1000, 1000];
    const subject = new Subject(rate, burst);
    const local = busyLocal(rate, burst, START);
    const ask = local.ask(0, START, 1);
    local.receive(ask, subject.answer("a", ask, START), START, START);
    const later = START + 20_000;
    let spent = subject.singles(later);
    expect(spent).toBe(burst);
    const back = local.ask(1, later, 1);
    if (subject.answer("a", back, later).granted) spent++;
    spent += subject.singles(later);
    expect(spent).toBe(burst);
  });

  // As above, on the quick way: the slice ends while what is left of it travels back.
  test("where a slice is given back, and ends on the way", () => {
    const [rate, burst] = [1000, 1000];
    const subject = new Subject(rate, burst);
    const local = busyLocal(rate, burst, START);
    const ask = local.ask(0, START, 1);
    const grant = subject.answer("a", ask, START);
    local.receive(ask, grant, START, START);
    const back = local.release(START + grant.lifetime - 1);
    const later = START + grant.lifetime + 100;
    let spent = subject.singles(later);
    subject.answer("a", back, later);
    spent += subject.singles(later);
    expect(spent).toBeLessThanOrEqual(burst);
  });

  // What is left has not been full since, but with the tokens that were left over it would have been.
  test("where tokens of an ended slice are given back a moment after others have had the rest", () => {
    const [rate, burst] = [1000, 1000];
    const subject = new Subject(rate, burst);
    const local = busyLocal(rate, burst, START);
    const ask = local.ask(0, START, 1);
    const grant = subject.answer("a", ask, START);
    local.receive(ask, grant, START, START);
    expect(grant.tokens).toBeGreaterThan(100);
    const end = START + grant.lifetime;
    subject.singles(START + 1);
    // From then on 1,000 tokens may be spent at once, and no more.
    const later = end + 500;
    let spent = subject.singles(later);
    const back = local.ask(1, later, 1);
    if (subject.answer("a", back, later).granted) spent++;
    spent += subject.singles(later);
    expect(spent).toBeLessThanOrEqual(burst);
  });

  // The part that a slice lost is free from its old end on; its tokens come back later, with the rest.
  test("where a slice became smaller, and what it lost is given back with the rest of it", () => {
    const [rate, burst] = [100, 100];
    const subject = new Subject(rate, burst);
    const local = busyLocal(rate, burst, START);
    const ask = local.ask(0, START, 1);
    const grant = subject.answer("a", ask, START);
    local.receive(ask, grant, START, START);
    // Fewer come: at the next renewal it is a tenth of what it was.
    const renewAt = START + grant.lifetime - 50;
    const renewal = { ...local.ask(0, renewAt, 1), demand: 10, lifetime: 5_000 };
    if (renewal.kind === "slots") throw new Error("no such ask");
    const smaller = subject.answer("a", renewal, renewAt);
    expect(smaller.rate).toBeLessThan(grant.rate / 2);
    local.receive(renewal, smaller, renewAt, renewAt);
    // The bucket fills up beside the small slice.
    const later = renewAt + 2_000;
    let spent = subject.singles(later);
    subject.answer("a", local.release(later), later);
    spent += subject.singles(later);
    expect(spent).toBeLessThanOrEqual(burst);
  });

  // The ask that counted as lost was only late: its slice is used after the counter has it back.
  test("where an answer comes after the slice was given back", () => {
    const [rate, burst] = [100, 100];
    const subject = new Subject(rate, burst);
    const local = busyLocal(rate, burst, START);
    const first = local.ask(0, START, 1);
    local.receive(first, subject.answer("a", first, START), START, START);
    for (let i = 0; i < 10; i++) local.want(1, START + 200);
    const renewal = local.ask(0, START + 200, 1);
    const late = subject.answer("a", renewal, START + 200);
    const { generation } = local;
    // Long enough for the ask to count as lost.
    expect(local.isDue(START + 500, 1)).toBe(true);
    expect(local.isIdle(generation)).toBe(true);
    const release = local.release(START + 500);
    local.receive(release, subject.answer("a", release, START + 501), START + 500, START + 502);
    local.receive(renewal, late, START + 200, START + 510);
    const other = subject.lease("b", { demand: 1000, lifetime: 1000 }, START + 520);
    const next = local.ask(0, START + 520, 1);
    const own = next.kind === "rate" ? next.slice.rate : 0;
    expect(own + other.rate).toBeLessThanOrEqual(rate);
  });

  // It gives back a slice that was lent after it was sent.
  test("where an isolate asks again, and what it gave back arrives after that", () => {
    const [rate, burst] = [100, 100];
    const subject = new Subject(rate, burst);
    const local = busyLocal(rate, burst, START);
    const first = local.ask(0, START, 1);
    local.receive(first, subject.answer("a", first, START), START, START);
    const release = local.release(START + 300);
    // It has not been answered for so long that it counts as lost.
    for (let i = 0; i < 20; i++) local.want(1, START + 500);
    const again = local.ask(0, START + 500, 1);
    const grant = subject.answer("a", again, START + 500);
    local.receive(again, grant, START + 500, START + 501);
    subject.answer("a", release, START + 502);
    const other = subject.lease("b", { demand: 1000, lifetime: 1000 }, START + 503);
    expect(grant.rate + other.rate).toBeLessThanOrEqual(rate);
  });

  // The slice that its holder has under the old limit and the one under the new are one to the counter.
  test("where an isolate gives back its slice of the limit as it was before a change", () => {
    const subject = new Subject(100, 100);
    const before = busyLocal(100, 100, START);
    const first = before.ask(0, START, 1);
    before.receive(first, subject.answer("a", first, START), START, START);
    const after = busyLocal(101, 101, START + 100);
    const ask = after.ask(0, START + 100, 1);
    const grant = subject.answer("a", ask, START + 100);
    after.receive(ask, grant, START + 100, START + 100);
    subject.answer("a", before.release(START + 200), START + 200);
    const other = subject.shared.lease(
      "b",
      rateAsk({ rate: 101, burst: 101, demand: 1000, lifetime: 1000 }),
      START + 201,
    );
    expect(grant.rate + other.rate).toBeLessThanOrEqual(101);
  });

  // While 490 tokens are on their way, the slice that they are for fills up by itself.
  test("where a slice fills up while tokens for it are on their way", () => {
    const [rate, burst] = [1000, 1000];
    const subject = new Subject(rate, burst);
    const local = busyLocal(rate, burst, START);
    const first = local.ask(0, START, 400);
    local.receive(first, subject.answer("a", first, START), START, START);
    const spend = (now: number): number => {
      let spent = 0;
      for (; local.verdict(1, now, 400) === "take"; spent++) local.take(1, now);
      return spent;
    };
    spend(START);
    // The bucket fills up at the counter, the slice stays empty.
    let now = START;
    for (; now < START + 700; now++) spend(now);
    for (let i = 0; i < 25; i++) local.want(1, now);
    const ask = local.ask(0, now, 400);
    const grant = subject.answer("a", ask, now);
    const answerAt = now + 400;
    let spent = spend(answerAt);
    local.receive(ask, grant, now, answerAt);
    spent += spend(answerAt) + subject.singles(answerAt);
    expect(spent).toBeLessThanOrEqual(burst);
  });

  // Both answers fill the slice, though it holds one filling.
  test("where an ask leaves before the answer to the one before has come", () => {
    const [rate, burst] = [1000, 100];
    const subject = new Subject(rate, burst);
    const ask = { demand: 2000, lifetime: 1000 };
    const first = subject.lease("a", ask, START);
    const second = subject.lease("a", ask, START + 5);
    expect(first.tokens + second.tokens).toBeLessThanOrEqual(second.burst + 1e-9);
  });
});

describe("a restart from what was kept", () => {
  const revived = (
    subject: Subject,
    rate: number,
    burst: number,
    keptAt: number,
    now: number,
  ): SharedBucket => new SharedBucket(rate, burst, now, 0, structuredClone(subject.shared.state(keptAt)));

  test("gives nothing away that was lent: the slices' part stays away until they end", () => {
    const subject = new Subject(100, 100);
    const grant = subject.lease("a", { demand: 1000, lifetime: 5_000 }, START);
    const shared = revived(subject, 100, 100, START, START + 1);
    const other = shared.lease(
      "b",
      rateAsk({ rate: 100, burst: 100, demand: 1000, lifetime: 1000 }),
      START + 1,
    );
    expect(grant.rate + other.rate).toBeLessThanOrEqual(100 + 1e-9);
    expect(grant.burst + other.burst).toBeLessThanOrEqual(100 + 1e-9);
  });

  test("knows a slice again by what its holder says", () => {
    const subject = new Subject(100, 100);
    const grant = subject.lease("a", { demand: 60, lifetime: 5_000 }, START);
    const shared = revived(subject, 100, 100, START, START + 1);
    const slice = { rate: grant.rate, burst: grant.burst, level: 0 };
    const again = shared.lease(
      "a",
      rateAsk({ rate: 100, burst: 100, demand: 60, lifetime: 5_000, slice }),
      START + 1,
    );
    expect(again.rate).toBe(grant.rate);
    expect(again.burst).toBe(grant.burst);
  });

  test("a holder that says it had more than was lent gets no more than was lent", () => {
    const subject = new Subject(100, 100);
    const grant = subject.lease("a", { demand: 10, lifetime: 5_000 }, START);
    const shared = revived(subject, 100, 100, START, START + 1);
    const slice = { rate: 1_000_000, burst: 1_000_000, level: 0 };
    const liar = shared.lease(
      "b",
      rateAsk({ rate: 100, burst: 100, demand: 1e6, lifetime: 1000, slice }),
      START + 1,
    );
    expect(liar.rate).toBeLessThanOrEqual(100);
    const other = shared.lease(
      "c",
      rateAsk({ rate: 100, burst: 100, demand: 1000, lifetime: 1000 }),
      START + 1,
    );
    expect(grant.rate + other.rate).toBeLessThanOrEqual(100);
  });

  test("debts are not forgotten", () => {
    const subject = new Subject(10, 5);
    subject.lease("a", { owed: 9 }, START);
    const shared = revived(subject, 10, 5, START, START + 1);
    expect(shared.lease("a", rateAsk({ rate: 10, burst: 5, now: 1 }), START + 400).granted).toBe(false);
    expect(shared.lease("a", rateAsk({ rate: 10, burst: 5, now: 1 }), START + 500).granted).toBe(true);
  });
});

describe("when it is full again, if nobody asks", () => {
  test.each([
    ["never used", 0, 0],
    ["5 of 10 tokens gone at 10 a second", 5, 500],
    ["all gone", 10, 1000],
  ])("%s", (_, tokens, ms) => {
    const subject = new Subject(10, 10);
    subject.lease("a", { now: tokens }, START);
    expect(subject.shared.fullAt(START)).toBe(START + ms);
  });

  test("never before the last slice is over, and what it held has come again", () => {
    const subject = new Subject(100, 100);
    const { lifetime } = subject.lease("a", { demand: 1000, lifetime: 5_000 }, START);
    expect(subject.shared.fullAt(START)).toBeGreaterThan(START + lifetime);
  });

  // What is left grows by its own small rate until somebody asks, though the slice has long ended.
  test("then all of it is there, also where a slice was lent that nobody gave back", () => {
    const subject = new Subject(100, 100);
    subject.lease("a", { demand: 1000, lifetime: 1000 }, START);
    const full = Math.ceil(subject.shared.fullAt(START));
    expect(full).toBeLessThanOrEqual(START + 2_000);
    expect(subject.singles(full)).toBe(100);
  });

  // A debt shrinks by a burst at most each time that somebody asks, however long it has been since.
  test("then all of it is there, also where tokens were owed", () => {
    const subject = new Subject(10, 5);
    subject.lease("a", { owed: 50 }, START);
    expect(subject.shared.fullAt(START)).toBe(START + 5_000);
    expect(subject.singles(START + 5_000)).toBe(5);
  });

  // 0 tokens are missing, and come at 0 a second: that is no number.
  test("with a rate of 0: at once if nothing is gone, else never", () => {
    expect(new SharedBucket(0, 5, START).fullAt(START)).toBe(START);
    const used = new Subject(0, 5);
    used.lease("a", { now: 1 }, START);
    expect(used.shared.fullAt(START)).toBe(Number.POSITIVE_INFINITY);
  });
});

test.each([
  [1, 0],
  [9, 0],
  [10, 1],
  [100, 10],
  [10_000, 1000],
  [1_000_000_000, 1000],
])("of a burst of %d, %d tokens may go out unwritten", (burst, slack) => {
  expect(slackOf(burst)).toBe(slack);
});

describe("after an outage", () => {
  const LIMIT = { rate: 100, burst: 100 };
  const NAMES = ["a", "b", "c", "d"];

  /** Four isolates with slices that end within the outage, and how long each of them lasts. */
  function outage(): {
    readonly subject: Subject;
    readonly grants: ReadonlyMap<string, Grant>;
    /** Of one whose slice outlasts it. */
    readonly long: Grant;
    readonly end: number;
  } {
    const subject = new Subject(LIMIT.rate, LIMIT.burst);
    const long = subject.lease("long", { demand: 20, lifetime: 10_000 }, START);
    const grants = new Map<string, Grant>();
    for (const round of [0, 100, 200, 300]) {
      for (const name of NAMES) {
        const before = grants.get(name);
        const slice = before ? { rate: before.rate, burst: before.burst, level: 0 } : undefined;
        const ask = { demand: 50, lifetime: 1_000, epoch: before?.epoch ?? 0, ...(slice ? { slice } : {}) };
        grants.set(name, subject.lease(name, ask, START + round));
      }
    }
    return { subject, grants, long, end: START + 300 + 1_000 };
  }

  test("what others may be using alone is not lent to the first who is back", () => {
    const { subject, grants, end } = outage();
    const back = end + 2_000;
    const own = grants.get("a")?.rate ?? 0;
    expect(own).toBeGreaterThan(10);
    const slice = { rate: own, burst: 20, level: 0 };
    const grant = subject.lease("a", { demand: 50, lifetime: 1_000, alone: 2_000, slice }, back);
    const others = ["b", "c", "d"].map((name) => grants.get(name)?.rate ?? 0);
    expect(grant.rate + others.reduce((sum, rate) => sum + rate)).toBeLessThanOrEqual(LIMIT.rate);
    // What the bucket gained meanwhile they may have spent.
    expect(subject.singles(back + 1)).toBe(0);
  });

  test("nor to one whose slice has outlasted it, and who knows of nothing", () => {
    const { subject, grants, long, end } = outage();
    const { rate, burst, epoch } = long;
    expect(rate).toBeGreaterThan(10);
    const ask = { demand: 200, lifetime: 1_000, slice: { rate, burst, level: 0 }, epoch };
    const grant = subject.lease("long", ask, end + 2_000);
    const others = NAMES.map((name) => grants.get(name)?.rate ?? 0);
    expect(grant.rate + others.reduce((sum, rate) => sum + rate)).toBeLessThanOrEqual(LIMIT.rate);
    expect(subject.singles(end + 2_001)).toBe(0);
  });

  test("all are back by and by, and have what they had", () => {
    const { subject, grants, end } = outage();
    for (const [index, name] of NAMES.entries()) {
      const rate = grants.get(name)?.rate ?? 0;
      const slice = { rate, burst: 10, level: 0 };
      const ask = { demand: 50, lifetime: 1_000, alone: 2_000, slice };
      expect(subject.lease(name, ask, end + 2_000 + 200 * index).rate).toBeCloseTo(rate, 6);
    }
  });

  test("whoever went on alone where nothing had been lent shuts nothing", () => {
    const subject = new Subject(0.001, 30);
    subject.lease("a", { now: 1 }, START);
    expect(subject.lease("b", { now: 1, alone: 5_000, drained: 3 }, START + 5_000).granted).toBe(true);
    expect(subject.singles(START + 5_000)).toBe(25);
  });
});
