import { describe, expect, test } from "vitest";
import type { Ask, Grant } from "../../src/throttle/lease.ts";
import { LocalBucket } from "../../src/throttle/local-bucket.ts";

const NOW = 1_000_000;

const rate = (more: { rate?: number; burst?: number; exact?: boolean } = {}): LocalBucket =>
  new LocalBucket({ kind: "rate", bucket: "b", rate: 100, burst: 100, exact: false, ...more }, 0);

const quota = (): LocalBucket =>
  new LocalBucket({ kind: "quota", bucket: "q", limit: 1000, offset: 0, period: "DAY", exact: false }, 0);

const grant = (more: Partial<Grant> = {}): Grant => ({
  granted: true,
  tokens: 0,
  rate: 0,
  burst: 0,
  lifetime: 0,
  wait: 0,
  remaining: 0,
  epoch: 0,
  ...more,
});

const SLICE = { tokens: 20, rate: 50, burst: 40, lifetime: 1_000 };

/** Requests every 10 ms for half a second, the last at `now`. */
function busy(local: LocalBucket, now: number): void {
  for (let i = 50; i >= 0; i--) local.want(1, now - 10 * i);
}

/** With a slice of 50 tokens a second, 40 at once, 20 in it, for a second. */
function withSlice(): LocalBucket {
  const local = rate();
  busy(local, NOW);
  const ask = local.ask(0, NOW, 1);
  local.receive(ask, grant(SLICE), NOW, NOW);
  return local;
}

/** What it lets in at once. */
function letIn(local: LocalBucket, now: number): number {
  let count = 0;
  for (; local.verdict(1, now, 1) === "take"; count++) local.take(1, now);
  return count;
}

const slots = (ask: Ask): never => {
  throw new Error(`an ask for ${ask.kind}`);
};
const returnedOf = (ask: Ask): number => (ask.kind === "slots" ? slots(ask) : ask.returned);
const owedOf = (ask: Ask): number => (ask.kind === "slots" ? slots(ask) : ask.owed);
const sliceOf = (ask: Ask) => (ask.kind === "rate" ? ask.slice : slots(ask));

describe("before it has a slice", () => {
  test("it asks, up to four at a time, and others wait", () => {
    const local = rate();
    const verdicts: string[] = [];
    for (let i = 0; i < 6; i++) {
      local.want(1, NOW);
      verdicts.push(local.verdict(1, NOW, 10));
      if (verdicts.at(-1) === "ask") local.ask(1, NOW, 10);
    }
    // The second ask is for a slice, which is worth waiting for.
    expect(verdicts[0]).toBe("ask");
    expect(verdicts.at(-1)).toBe("wait");
    expect(verdicts.filter((verdict) => verdict === "ask").length).toBeLessThanOrEqual(4);
  });

  test("one request alone asks for itself, not for a slice", () => {
    const local = rate();
    local.want(1, NOW);
    expect(local.ask(1, NOW, 10)).toMatchObject({ now: 1, demand: 0, lifetime: 0 });
  });

  test("told that there is too little it says so without asking, until it is worth it", () => {
    const local = rate();
    local.want(1, NOW);
    const ask = local.ask(1, NOW, 10);
    local.receive(ask, grant({ granted: false, wait: 500 }), NOW, NOW + 10);
    expect(local.verdict(1, NOW + 499, 10)).toBe("deny");
    expect(local.retryAfter(1, NOW + 100)).toBe(400);
    expect(local.verdict(1, NOW + 500, 10)).toBe("ask");
  });

  test("exact ones never ask for a slice", () => {
    const local = rate({ exact: true });
    busy(local, NOW);
    expect(local.ask(1, NOW, 10)).toMatchObject({ now: 1, lifetime: 0 });
    expect(local.isDue(NOW, 10)).toBe(false);
  });
});

describe("with a slice", () => {
  test("it lets in what is in it, and then as many as come in", () => {
    const local = withSlice();
    expect(letIn(local, NOW)).toBe(20);
    expect(letIn(local, NOW + 100)).toBe(5);
  });

  test("not beyond its end", () => {
    const local = withSlice();
    expect(letIn(local, NOW + 999)).toBe(40);
    const other = withSlice();
    expect(letIn(other, NOW + 1_000)).toBe(0);
  });

  test("it is due when a third of its time is left, and not twice", () => {
    const local = withSlice();
    expect(local.isDue(NOW + 600, 1)).toBe(false);
    expect(local.isDue(NOW + 701, 1)).toBe(true);
    local.ask(0, NOW + 701, 1);
    expect(local.isDue(NOW + 702, 1)).toBe(false);
  });

  test("a renewal adds its tokens, up to the new burst", () => {
    const local = withSlice();
    expect(letIn(local, NOW)).toBe(20);
    const ask = local.ask(0, NOW, 1);
    local.receive(ask, grant({ ...SLICE, tokens: 30 }), NOW, NOW);
    expect(letIn(local, NOW)).toBe(30);
  });

  test("a renewal that is smaller holds at once", () => {
    const local = withSlice();
    const ask = local.ask(0, NOW, 1);
    local.receive(ask, grant({ rate: 10, burst: 5, lifetime: 1_000 }), NOW, NOW);
    expect(letIn(local, NOW)).toBe(5);
    expect(letIn(local, NOW + 100)).toBe(1);
  });

  test("none any more: it has nothing", () => {
    const local = withSlice();
    const ask = local.ask(0, NOW, 1);
    local.receive(ask, grant(), NOW, NOW);
    expect(letIn(local, NOW)).toBe(0);
  });

  test("an answer about single tokens leaves it as it is", () => {
    const local = withSlice();
    const first = local.ask(0, NOW, 1);
    // A second ask at the same time is not about the slice.
    const second = local.ask(1, NOW, 1);
    expect([first, second].map((ask) => (ask.kind === "slots" ? 0 : ask.lifetime > 0))).toEqual([
      true,
      false,
    ]);
    local.receive(second, grant(), NOW, NOW);
    expect(letIn(local, NOW)).toBe(20);
  });

  test("what it says of itself is what it has", () => {
    const local = withSlice();
    local.take(5, NOW);
    expect(sliceOf(local.ask(0, NOW, 1))).toEqual({ rate: 50, burst: 40, level: 15 });
  });

  test("once it is given back it is empty, and what was in it comes back", () => {
    const local = withSlice();
    local.take(5, NOW);
    const release = local.release(NOW);
    expect(release).toMatchObject({ release: true, returned: 15, now: 0, lifetime: 0 });
    expect(letIn(local, NOW + 500)).toBe(0);
  });

  test("nobody comes for ten gaps, and it is idle: unless it has been renewed since", () => {
    const local = withSlice();
    const { generation } = local;
    expect(local.quietFor(NOW + 300)).toBe(300);
    expect(local.patience(NOW)).toBe(100);
    expect(local.isIdle(generation)).toBe(true);
    local.receive(local.ask(0, NOW, 1), grant(SLICE), NOW, NOW);
    expect(local.isIdle(generation)).toBe(false);
  });

  test("what it did not use is put back, as far as there is room", () => {
    const local = withSlice();
    local.take(5, NOW);
    expect(local.putBack(5, NOW)).toBe(0);
    expect(letIn(local, NOW)).toBe(20);
    expect(local.putBack(41, NOW)).toBeGreaterThan(0);
    expect(rate().putBack(1, NOW)).toBe(1);
  });

  test("a charge takes what is there and owes the rest, once", () => {
    const local = withSlice();
    local.charge(27, NOW);
    expect(letIn(local, NOW)).toBe(0);
    expect(local.isDue(NOW, 1)).toBe(true);
    expect(owedOf(local.ask(0, NOW, 1))).toBe(7);
    expect(owedOf(local.ask(0, NOW, 1))).toBe(0);
  });

  test("what it owes is told again when it was not heard; what it gives back is not", () => {
    const local = withSlice();
    local.charge(27, NOW);
    local.failed(local.ask(0, NOW, 1));
    expect(owedOf(local.ask(0, NOW, 1))).toBe(7);
    const other = withSlice();
    other.failed(other.release(NOW));
    expect(returnedOf(other.ask(0, NOW + 1, 1))).toBe(0);
  });
});

describe("answers that come late", () => {
  test("a slice whose time is over is not used", () => {
    const local = rate();
    busy(local, NOW);
    const ask = local.ask(0, NOW, 1);
    local.receive(ask, grant({ ...SLICE, lifetime: 300 }), NOW, NOW + 300);
    expect(letIn(local, NOW + 300)).toBe(0);
  });

  test("its time counts from when it was asked for", () => {
    const local = rate();
    busy(local, NOW);
    const ask = local.ask(0, NOW, 1);
    local.receive(ask, grant(SLICE), NOW, NOW + 600);
    expect(letIn(local, NOW + 600)).toBe(20);
    expect(letIn(local, NOW + 1_000)).toBe(0);
  });

  test("an ask that is not answered counts as lost, and another one is made", () => {
    const local = rate();
    busy(local, NOW);
    local.ask(0, NOW, 1);
    expect(local.verdict(1, NOW + 100, 1)).toBe("wait");
    expect(local.verdict(1, NOW + 101, 1)).toBe("ask");
    const far = rate();
    busy(far, NOW);
    far.ask(0, NOW, 200);
    expect(far.verdict(1, NOW + 1_000, 200)).toBe("wait");
    expect(far.verdict(1, NOW + 1_001, 200)).toBe("ask");
  });

  // The counter has that slice back, and others have it by now.
  test("one to an ask from before the slice was given back gives no slice", () => {
    const local = withSlice();
    const renewal = local.ask(0, NOW + 100, 1);
    expect(local.isDue(NOW + 300, 1)).toBe(false);
    const release = local.release(NOW + 300);
    local.receive(release, grant(), NOW + 300, NOW + 301);
    local.receive(renewal, grant(SLICE), NOW + 100, NOW + 310);
    expect(letIn(local, NOW + 310)).toBe(0);
  });
});

describe("a clock that is put back", () => {
  // It is looked at whether the slice was got later than now, not whether it was used later than now.
  test("by less than a slice's age does not make it last longer either", () => {
    const local = withSlice();
    expect(local.verdict(1, NOW + 900, 1)).toBe("take");
    // Some 600 ms are the same once more.
    expect(letIn(local, NOW + 300)).toBe(0);
  });

  // The slice lasts for as much longer, while the counter has it back long ago.
  test("does not make a slice last longer", () => {
    const local = withSlice();
    expect(local.verdict(1, NOW + 900, 1)).toBe("take");
    // Seconds later, by any other clock.
    expect(letIn(local, NOW - 60_000)).toBe(0);
  });

  // It stays shut for as long as the clock was put back.
  test("does not keep a bucket shut", () => {
    const local = rate();
    local.want(1, NOW);
    local.receive(local.ask(1, NOW, 1), grant({ granted: false, wait: 500 }), NOW, NOW);
    expect(local.verdict(1, NOW + 499, 1)).toBe("deny");
    expect(local.verdict(1, NOW - 3_600_000 + 10_000, 1)).toBe("ask");
  });

  test("does not make it wait for an ask that was lost", () => {
    const local = rate();
    local.want(1, NOW);
    for (let i = 0; i < 4; i++) local.ask(1, NOW, 1);
    const later = NOW - 3_600_000;
    local.want(1, later);
    expect(["wait", "ask"]).toContain(local.verdict(1, later, 1));
  });
});

describe("alone", () => {
  test("who was never told anything has a tenth of the limit", () => {
    const local = rate();
    local.goAlone(NOW);
    expect(letIn(local, NOW)).toBe(10);
    expect(letIn(local, NOW + 500)).toBe(5);
  });

  test("a small limit lets one in, and then a tenth of the rate", () => {
    const local = rate({ rate: 5, burst: 3 });
    local.goAlone(NOW);
    expect(letIn(local, NOW)).toBe(1);
    expect(letIn(local, NOW + 1_999)).toBe(0);
    local.goAlone(NOW + 2_000);
    expect(letIn(local, NOW + 2_000)).toBe(1);
  });

  test("who had a slice goes on with its rate, from nothing", () => {
    const local = withSlice();
    letIn(local, NOW);
    local.goAlone(NOW + 1_000);
    expect(letIn(local, NOW + 1_000)).toBe(0);
    expect(letIn(local, NOW + 1_100)).toBe(5);
  });

  test("a slice that still lasts is used up first", () => {
    const local = withSlice();
    local.goAlone(NOW + 100);
    expect(letIn(local, NOW + 100)).toBe(25);
  });

  test("the first answer ends it", () => {
    const local = rate();
    busy(local, NOW);
    local.goAlone(NOW);
    const ask = local.ask(0, NOW, 1);
    expect(sliceOf(ask)).toEqual({ rate: 10, burst: 10, level: 0 });
    local.receive(ask, grant(), NOW, NOW + 1);
    expect(letIn(local, NOW + 1)).toBe(0);
  });

  test("a quota goes on with a tenth of it, or with what was left, and owes what it lets in", () => {
    const cold = quota();
    cold.goAlone(NOW);
    expect(letIn(cold, NOW)).toBe(100);
    expect(owedOf(cold.ask(0, NOW, 1))).toBe(100);
    const told = quota();
    told.want(1, NOW);
    told.receive(told.ask(1, NOW, 1), grant({ remaining: 7 }), NOW, NOW);
    told.goAlone(NOW);
    expect(letIn(told, NOW)).toBe(7);
    told.goAlone(NOW + 5_000);
    expect(letIn(told, NOW + 5_000)).toBe(0);
    expect(owedOf(told.ask(0, NOW + 5_000, 1))).toBe(7);
  });

  // Nobody asks any more: it lets in what its share allows, beside all others, for ever.
  test("it asks again when its second is over", () => {
    const local = rate();
    local.want(1, NOW);
    local.goAlone(NOW);
    expect(local.verdict(1, NOW, 1)).toBe("take");
    local.take(1, NOW);
    const later = NOW + 60_000;
    local.want(1, later);
    expect(local.verdict(1, later, 1) === "ask" || local.isDue(later, 1)).toBe(true);
  });
});

describe("what is told of it", () => {
  test("what is left: in the slice, and at the counter when it was asked last", () => {
    const local = rate();
    busy(local, NOW);
    expect(local.remaining(NOW)).toBe(0);
    local.receive(local.ask(0, NOW, 1), grant({ ...SLICE, remaining: 30 }), NOW, NOW);
    expect(local.remaining(NOW)).toBe(50);
    // 50 a second here, and 50 a second there.
    expect(local.remaining(NOW + 100)).toBe(60);
    expect(local.remaining(NOW + 900)).toBe(100);
  });

  test("when to come back: never less than a moment, never more than an hour", () => {
    expect(rate().retryAfter(1, NOW)).toBe(1);
    expect(rate({ rate: 0 }).retryAfter(1, NOW)).toBe(3_600_000);
    expect(rate().retryAfter(101, NOW)).toBe(3_600_000);
    const local = withSlice();
    letIn(local, NOW);
    expect(local.retryAfter(1, NOW)).toBe(20);
  });

  test("a quota's when its period is over", () => {
    const noon = Date.UTC(2026, 10, 21, 12);
    expect(quota().retryAfter(1, noon)).toBe(12 * 3_600_000);
  });
});
