import { describe, expect, test } from "vitest";
import type { Fail } from "../../src/config/throttle-schema.ts";
import { check, Isolate } from "./support/isolate.ts";

/** Requests one after the other until the counter counts as away. */
async function giveUp(isolate: Isolate, limit: ReturnType<typeof check>): Promise<void> {
  for (let i = 0; i < 20 && !limit.place.link.isAway; i++) await isolate.decide(limit);
  expect(limit.place.link.isAway).toBe(true);
}

describe("a counter that fails", () => {
  test.each(["throws", "breaks off"] as const)(
    "once, and %s: it is asked again, and nobody notices",
    async (mood) => {
      const isolate = new Isolate();
      const limit = check(isolate.rate("b", 10, 10));
      isolate.counters.moods.push(mood);
      expect(await isolate.decide(limit)).toEqual({
        denied: undefined,
        retryAfterMs: 0,
        closed: false,
        without: undefined,
      });
      expect(isolate.counters.calls).toBe(2);
      expect(isolate.problems).toEqual([]);
    },
  );

  test("every second time: no request notices, and no token too many is given", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 0.000001, 50, { exact: true }));
    let admitted = 0;
    for (let i = 0; i < 100; i++) {
      isolate.counters.moods.push("breaks off");
      const { denied, without } = await isolate.decide(limit);
      expect(without).toBe(undefined);
      if (denied === undefined) admitted++;
    }
    expect(admitted).toBeLessThanOrEqual(50);
  });

  test("for long: it is said once, and hardly asked", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 10));
    isolate.counters.mood = "throws";
    await giveUp(isolate, limit);
    const { calls } = isolate.counters;
    for (let i = 0; i < 6_000; i++) {
      await isolate.decide(limit);
      await isolate.clock.pass(10);
    }
    expect(isolate.problems.map(({ code, path }) => [code, path])).toEqual([
      ["throttle.unavailable", "counter of b"],
    ]);
    // A minute: after 25 ms, 50 ms, ... 2 s.
    expect(isolate.counters.calls - calls).toBeLessThan(40);
  });

  test("an answer later than a second counts as none, and one is enough", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 10));
    isolate.counters.latency = 600;
    const startedAt = isolate.clock.now();
    const { denied, without } = await isolate.decide(limit);
    expect([denied, without]).toEqual([undefined, "local"]);
    expect(isolate.clock.now() - startedAt).toBeLessThanOrEqual(1_001);
    expect(isolate.problems.length).toBe(1);
  });

  test("no request waits for it longer than two seconds and a bit, however many come", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 10));
    isolate.counters.mood = "silent";
    const startedAt = isolate.clock.now();
    await isolate.together(100, limit);
    expect(isolate.clock.now() - startedAt).toBeLessThan(3_100);
  });
});

describe("while it is away", () => {
  const admitted = async (isolate: Isolate, limit: ReturnType<typeof check>, seconds: number) => {
    let count = 0;
    for (let i = 0; i < seconds * 100; i++) {
      if (await isolate.isAdmitted(limit)) count++;
      await isolate.clock.pass(10);
    }
    return count;
  };

  test("open lets everything in, and says so", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 10), { fail: "open" });
    isolate.counters.mood = "throws";
    await giveUp(isolate, limit);
    expect(await admitted(isolate, limit, 5)).toBe(500);
    expect((await isolate.decide(limit)).without).toBe("open");
  });

  test("closed lets nothing in, and says that it is for that only", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 10, 10), { fail: "closed" });
    isolate.counters.mood = "throws";
    await giveUp(isolate, limit);
    expect(await admitted(isolate, limit, 5)).toBe(0);
    expect(await isolate.decide(limit)).toEqual({
      denied: 0,
      retryAfterMs: 0,
      closed: true,
      without: "closed",
    });
  });

  test("local goes on with a tenth of the limit, where it was never told anything", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 50, 100));
    isolate.counters.mood = "throws";
    await giveUp(isolate, limit);
    const count = await admitted(isolate, limit, 10);
    // 5 a second, and 10 at once; the requests above are among them.
    expect(count).toBeGreaterThan(45);
    expect(count).toBeLessThanOrEqual(10 + 5 * 11);
  });

  test("local goes on with its last slice", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.rate("b", 50, 50));
    // It has nearly all of the bucket.
    await admitted(isolate, limit, 10);
    isolate.counters.mood = "throws";
    const count = await admitted(isolate, limit, 20);
    expect(count).toBeGreaterThan(20 * 30);
    expect(count).toBeLessThanOrEqual(50 + 20 * 50);
  });

  test("the limits of a request go each by its own word", async () => {
    const isolate = new Isolate();
    const open = check(isolate.rate("open", 10, 10), { fail: "open" });
    const closed = check(isolate.rate("closed", 10, 10), { fail: "closed" });
    isolate.counters.mood = "throws";
    await giveUp(isolate, open);
    await giveUp(isolate, closed);
    expect(await isolate.decide(open, closed)).toMatchObject({ denied: 1, closed: true });
    expect((await isolate.decide(open)).denied).toBe(undefined);
  });

  test("a quota goes on with what was left, and that is told afterwards", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.quota("q", 100, { exact: true }));
    for (let i = 0; i < 40; i++) expect(await isolate.isAdmitted(limit)).toBe(true);
    isolate.counters.mood = "throws";
    expect(await isolate.together(100, limit)).toBe(60);
    isolate.counters.mood = "well";
    await isolate.clock.pass(15_000);
    await isolate.decide(limit);
    await isolate.clock.pass(1_000);
    const owed = isolate.counters.asked.map(({ ask }) => (ask.kind === "quota" ? ask.owed : 0));
    expect(owed.reduce((sum, tokens) => sum + tokens, 0)).toBe(60);
    const beside = new Isolate(isolate);
    expect(await beside.together(10, check(beside.quota("q", 100)))).toBe(0);
  });

  test("an open quota counts what got in", async () => {
    const isolate = new Isolate();
    const limit = check(isolate.quota("q", 100, { exact: true }), { fail: "open" });
    isolate.counters.mood = "throws";
    await giveUp(isolate, limit);
    expect(await isolate.together(30, limit)).toBe(30);
    isolate.counters.mood = "well";
    await isolate.clock.pass(15_000);
    await isolate.decide(limit);
    await isolate.clock.pass(1_000);
    const beside = new Isolate(isolate);
    expect(await beside.together(200, check(beside.quota("q", 100, { exact: true })))).toBeLessThanOrEqual(
      70,
    );
  });
});

describe("when it is back", () => {
  test.each<Fail>(["local", "open", "closed"])(
    "%s: it is asked again soon, and holds again",
    async (fail) => {
      const isolate = new Isolate();
      const limit = check(isolate.rate("b", 0.001, 10), { fail });
      isolate.counters.mood = "throws";
      await giveUp(isolate, limit);
      isolate.counters.mood = "well";
      await isolate.clock.pass(11_000);
      await isolate.decide(limit);
      await isolate.clock.pass(1_000);
      expect(limit.place.link.isAway).toBe(false);
      expect(await isolate.together(200, limit)).toBeLessThanOrEqual(10);
      expect((await isolate.decide(limit)).without).toBe(undefined);
    },
  );

  // Another bucket of the same counter finds it back; this one goes on by itself as long as its share suffices.
  test("a bucket that went on alone asks again, though another one found it out", async () => {
    const isolate = new Isolate();
    const alone = check(isolate.rate("alone", 20, 20, { counter: "one" }));
    const other = check(isolate.rate("other", 20, 20, { counter: "one" }));
    isolate.counters.mood = "throws";
    await giveUp(isolate, alone);
    await isolate.decide(alone);
    isolate.counters.mood = "well";
    await isolate.clock.pass(11_000);
    await isolate.decide(other);
    await isolate.clock.pass(1_000);
    expect(alone.place.link.isAway).toBe(false);
    for (let i = 0; i < 60; i++) {
      await isolate.decide(alone);
      await isolate.clock.pass(1_000);
    }
    const asked = isolate.counters.asked.filter(({ ask }) => ask.bucket === "alone");
    expect(asked.length).toBeGreaterThan(0);
  });

  test("what two isolates let in afterwards is the limit again, and no token more", async () => {
    const first = new Isolate();
    const second = new Isolate(first);
    const [a, b] = [check(first.rate("b", 20, 20)), check(second.rate("b", 20, 20))];
    const run = async (seconds: number) => {
      let count = 0;
      for (let i = 0; i < seconds * 50; i++) {
        if (await first.isAdmitted(a)) count++;
        if (await second.isAdmitted(b)) count++;
        await first.clock.pass(10);
      }
      return count;
    };
    await run(5);
    first.counters.mood = "throws";
    await run(5);
    first.counters.mood = "well";
    await run(15);
    const startedAt = first.clock.now();
    const count = await run(20);
    const may = 20 + (20 * (first.clock.now() - startedAt)) / 1000;
    expect(count).toBeLessThanOrEqual(may);
    expect(count).toBeGreaterThan(0.8 * may);
  });
});
