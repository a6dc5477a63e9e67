import { describe, expect, test } from "vitest";
import { check, Isolate } from "./support/isolate.ts";

const HOUR = 3_600_000;

/** What the counters have granted to requests that waited, less what they were given back. */
function spentAtCounters({ counters }: Isolate, bucket: string): number {
  let spent = 0;
  for (const { ask, grant } of counters.asked) {
    if (ask.kind === "slots" || ask.bucket !== bucket) continue;
    spent += (grant.granted ? ask.now : 0) + grant.tokens + ask.owed - ask.returned;
  }
  return spent;
}

describe("one limit", () => {
  test("the burst is let in, then as many as come in", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 5));
    let admitted = 0;
    for (let i = 0; i < 8; i++) if (await isolate.isAdmitted(limit)) admitted++;
    expect(admitted).toBe(5);
    await isolate.clock.pass(1_000);
    expect(await isolate.isAdmitted(limit)).toBe(true);
  });

  test("many at once get the burst between them, and no more", async () => {
    const isolate = new Isolate();
    expect(await isolate.together(50, check(isolate.rate("b", 1, 20)))).toBe(20);
  });

  test("two isolates get the burst between them, and no more", async () => {
    const first = new Isolate();
    const second = new Isolate(first);
    const [a, b] = [check(first.rate("b", 1, 20)), check(second.rate("b", 1, 20))];
    let admitted = 0;
    for (let i = 0; i < 20; i++) {
      if (await first.isAdmitted(a)) admitted++;
      if (await second.isAdmitted(b)) admitted++;
    }
    expect(admitted).toBeLessThanOrEqual(20);
    // A token may lie in a slice that its holder does not know to be the last.
    expect(admitted).toBeGreaterThanOrEqual(18);
  });

  test("a request that costs more than the burst never gets in, and asks nobody", async () => {
    const isolate = new Isolate();
    const decision = await isolate.decide(check(isolate.rate("b", 10, 5), { cost: 6 }));
    expect(decision).toMatchObject({ denied: 0, retryAfterMs: HOUR });
    expect(isolate.counters.calls).toBe(0);
  });

  test.each([
    ["rate", 0, 5],
    ["burst", 5, 0],
  ])("a %s of 0 lets nothing in, and asks nobody", async (_, rate, burst) => {
    const isolate = new Isolate();
    expect(await isolate.isAdmitted(check(isolate.rate("b", rate, burst)))).toBe(false);
    expect(isolate.counters.calls).toBe(0);
  });
});

describe("denials are remembered", () => {
  test.each([
    ["slow", 0.1, 5],
    ["middling", 10, 10],
    ["fast", 100, 10],
  ])("10,000 requests on an exhausted %s bucket make a handful of calls", async (_, rate, burst) => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", rate, burst));
    await isolate.together(200, limit);
    const { calls } = isolate.counters;
    for (let i = 0; i < 10_000; i++) await isolate.decide(limit);
    expect(isolate.counters.calls - calls).toBeLessThanOrEqual(5);
  });

  test("a minute of 200 requests a second against 10 a second makes few calls, and lets in what it may", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 10));
    const startedAt = isolate.clock.now();
    let admitted = 0;
    for (let i = 0; i < 12_000; i++) {
      if (await isolate.isAdmitted(limit)) admitted++;
      await isolate.clock.pass(5);
    }
    const may = 10 + (10 * (isolate.clock.now() - startedAt)) / 1000;
    expect(admitted).toBeLessThanOrEqual(may);
    expect(admitted).toBeGreaterThan(0.9 * may);
    expect(isolate.counters.calls).toBeLessThan(120);
  });

  test("an exhausted quota is asked for again seldom, not at every request", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.quota("q", 5));
    expect(await isolate.together(50, limit)).toBe(5);
    const { calls } = isolate.counters;
    for (let i = 0; i < 1_000; i++) await isolate.decide(limit);
    expect(isolate.counters.calls).toBe(calls);
  });

  test("whoever is denied is told when to come back, and then gets in", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 0.1, 1));
    await isolate.decide(limit);
    const { denied, retryAfterMs } = await isolate.decide(limit);
    expect(denied).toBe(0);
    expect(retryAfterMs).toBeGreaterThan(9_000);
    expect(retryAfterMs).toBeLessThanOrEqual(10_000);
    await isolate.clock.pass(retryAfterMs);
    expect(await isolate.isAdmitted(limit)).toBe(true);
  });
});

describe("several limits at once", () => {
  test("when one denies, nothing is spent of the others in the end: they are side by side", async () => {
    const isolate = new Isolate();
    const wide = check(isolate.rate("wide", 0.001, 100));
    const narrow = check(isolate.rate("narrow", 0.001, 3));
    let admitted = 0;
    for (let i = 0; i < 50; i++) if (await isolate.isAdmitted(wide, narrow)) admitted++;
    await isolate.clock.pass(60_000);
    expect(admitted).toBe(3);
    expect(await isolate.together(200, wide)).toBe(97);
  });

  test("also where hundreds ask at the same time", async () => {
    const isolate = new Isolate();
    const wide = check(isolate.rate("wide", 0.001, 500));
    const narrow = check(isolate.rate("narrow", 0.001, 3));
    expect(await isolate.together(200, wide, narrow)).toBe(3);
    await isolate.clock.pass(60_000);
    expect(await isolate.together(1000, wide)).toBe(497);
  });

  test("also where one is a quota", async () => {
    const isolate = new Isolate();
    const quota = check(isolate.quota("quota", 1000, { counter: "plan" }));
    const plan = check(isolate.rate("plan", 0.001, 3, { counter: "plan" }));
    expect(await isolate.together(100, plan, quota)).toBe(3);
    await isolate.clock.pass(60_000);
    expect(spentAtCounters(isolate, "quota")).toBe(3);
  });

  test("the first that denies is named, and the longest wait is told", async () => {
    const isolate = new Isolate();
    const [free, slow, slower] = [
      check(isolate.rate("free", 10, 10)),
      check(isolate.rate("slow", 0.1, 1)),
      check(isolate.rate("slower", 0.01, 1)),
    ];
    await isolate.decide(slow, slower);
    await isolate.decide(slow);
    await isolate.decide(slower);
    const decision = await isolate.decide(free, slow, slower);
    expect(decision.denied).toBe(1);
    expect(decision.retryAfterMs).toBeGreaterThan(90_000);
  });

  test("limits at one counter are asked in one call", async () => {
    const isolate = new Isolate();
    const limits = ["a", "b", "c"].map((bucket) => check(isolate.rate(bucket, 10, 10, { counter: "one" })));
    await isolate.decide(...limits);
    expect(isolate.counters.calls).toBe(1);
    expect(isolate.counters.asked.length).toBe(3);
  });
});

describe("what a request did not use after all", () => {
  test("is there for the next one, whether it came from the counter or a slice", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 0.001, 5));
    for (let i = 0; i < 30; i++) {
      expect(await isolate.isAdmitted(limit)).toBe(true);
      isolate.limiter.putBack([limit], undefined, isolate.background);
      await isolate.clock.pass(50);
    }
  });

  test("is given back once, also where the answer to that breaks off", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 0.000001, 5, { exact: true }));
    for (let i = 0; i < 5; i++) expect(await isolate.isAdmitted(limit)).toBe(true);
    isolate.counters.moods.push("breaks off");
    isolate.limiter.putBack([limit], undefined, isolate.background);
    await isolate.clock.pass(HOUR);
    expect(await isolate.together(10, limit)).toBeLessThanOrEqual(1);
  });

  test("also of a quota", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.quota("q", 5, { exact: true }));
    for (let i = 0; i < 5; i++) expect(await isolate.isAdmitted(limit)).toBe(true);
    isolate.counters.moods.push("breaks off");
    isolate.limiter.putBack([limit], undefined, isolate.background);
    await isolate.clock.pass(HOUR);
    expect(await isolate.together(10, limit)).toBeLessThanOrEqual(1);
  });
});

test("a response that cost more is charged for it: what it took beyond is owed", async () => {
  const isolate = new Isolate();
  const limit = check(isolate.rate("b", 1, 10));
  expect(await isolate.isAdmitted(limit)).toBe(true);
  isolate.limiter.charge(limit, 14, isolate.background);
  await isolate.clock.pass(100);
  // 5 tokens are missing, and one is needed.
  expect(await isolate.isAdmitted(limit)).toBe(false);
  await isolate.clock.pass(6_500);
  expect(await isolate.isAdmitted(limit)).toBe(true);
});

describe("exact", () => {
  test("every request asks the counter", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 1000, 1000, { exact: true }));
    for (let i = 0; i < 300; i++) {
      expect(await isolate.isAdmitted(limit)).toBe(true);
      await isolate.clock.pass(1);
    }
    expect(isolate.counters.calls).toBe(300);
    expect(spentAtCounters(isolate, "b")).toBe(300);
  });

  test("a quota too", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.quota("q", 1000, { exact: true }));
    for (let i = 0; i < 300; i++) expect(await isolate.isAdmitted(limit)).toBe(true);
    expect(isolate.counters.calls).toBe(300);
    expect(spentAtCounters(isolate, "q")).toBe(300);
  });
});

test("a hot key costs less than a call for a hundred requests", async () => {
  const isolate = new Isolate();
  const limit = check(isolate.rate("b", 100_000, 100_000));
  for (let i = 0; i < 20_000; i++) {
    expect(await isolate.isAdmitted(limit)).toBe(true);
    if (i % 2 === 1) await isolate.clock.pass(1);
  }
  expect(isolate.counters.calls).toBeLessThan(200);
});

describe("memory", () => {
  test("of all callers that ever came the least recently used are forgotten, others not", () => {
    const isolate = new Isolate();
    const caller = (name: string) => isolate.rate(name, 1, 1, { counter: "callers" });
    const [first, favourite] = [caller("0"), caller("favourite")];
    for (let i = 1; i < 40_000; i++) {
      caller(`${i}`);
      if (i % 10_000 === 0) expect(caller("favourite")).toBe(favourite);
    }
    const recent = caller("39999");
    expect(caller("39999")).toBe(recent);
    expect(caller("0")).not.toBe(first);
  });

  test("nothing is left waiting when the requests have stopped", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 1000, 1000));
    for (let i = 0; i < 2_000; i++) {
      await isolate.decide(limit);
      await isolate.clock.pass(1);
    }
    await isolate.clock.pass(60_000);
    expect(isolate.clock.pending).toBe(0);
  });

  test("an isolate that forgot a bucket and asks for it anew does not get a second slice for the first", async () => {
    const isolate = new Isolate();
    const busy = async (place: ReturnType<Isolate["rate"]>) => {
      let admitted = 0;
      for (let i = 0; i < 100; i++) {
        if (await isolate.isAdmitted(check(place))) admitted++;
        await isolate.clock.pass(2);
      }
      return admitted;
    };
    const before = await busy(isolate.rate("b", 100, 100));
    for (let i = 0; i < 20_001; i++) isolate.rate(`caller ${i}`, 1, 1);
    const after = await busy(isolate.rate("b", 100, 100));
    expect(before + after).toBeLessThanOrEqual(100 + 100 * 0.5);
  });
});

describe("a slice that is not needed any more", () => {
  test("is given back: soon the whole burst is there for another isolate", async () => {
    const first = new Isolate();
    const second = new Isolate(first);
    const limit = check(first.rate("b", 100, 100));
    for (let i = 0; i < 40; i++) {
      await first.decide(limit);
      await first.clock.pass(5);
    }
    await first.clock.pass(4_000);
    expect(await second.together(300, check(second.rate("b", 100, 100)))).toBe(100);
  });
});

describe("a clock that is put back by an hour", () => {
  test("does not keep a bucket shut", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 5));
    for (let i = 0; i < 100; i++) {
      await isolate.decide(limit);
      await isolate.clock.pass(10);
    }
    isolate.clock.leap(-HOUR);
    await isolate.clock.pass(120_000);
    const beside = new Isolate(isolate);
    // From the first ask on time goes on.
    await beside.decide(check(beside.rate("b", 10, 5)));
    await isolate.clock.pass(15_000);
    expect(await beside.together(20, check(beside.rate("b", 10, 5)))).toBe(5);
  });
});
