import { describe, expect, test } from "vitest";
import type { Ask } from "../../src/throttle/lease.ts";
import { CounterLink, CounterLinks } from "../../src/throttle/links.ts";
import { quotaAsk, rateAsk } from "./support/asks.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

const START = 1_000_000;

describe("how far away a counter is", () => {
  test("is what it took last, if that was longer, and comes down by and by", () => {
    const link = new CounterLink("c");
    expect(link.roundTrip).toBe(0);
    link.answered(START, 20);
    expect(link.roundTrip).toBe(20);
    link.answered(START, 100);
    expect(link.roundTrip).toBe(100);
    link.answered(START, 20);
    expect(link.roundTrip).toBe(80);
    link.answered(START, 20);
    expect(link.roundTrip).toBe(65);
    link.answered(START, 0);
    expect(link.roundTrip).toBe(49);
  });
});

describe("a counter is away", () => {
  test("after three asks in vain, and not before", () => {
    const link = new CounterLink("c");
    expect([1, 2, 3].map(() => link.failed(START, START))).toEqual([false, false, true]);
    expect(link.isAway).toBe(true);
    expect(link.failed(START, START)).toBe(false);
  });

  test("after one that was not answered in time", () => {
    const link = new CounterLink("c");
    expect(link.failed(START + 1_000, START)).toBe(true);
    expect(link.isAway).toBe(true);
  });

  test("not when it has answered others meanwhile", () => {
    const link = new CounterLink("c");
    link.answered(START + 500, 10);
    expect(link.failed(START + 1_000, START)).toBe(false);
    expect(link.isAway).toBe(false);
  });

  test("until it answers", () => {
    const link = new CounterLink("c");
    link.failed(START + 1_000, START);
    link.answered(START + 2_000, 10);
    expect(link.isAway).toBe(false);
  });
});

test("it is tried again by one at a time, ever more seldom, but every 2 s", () => {
  const link = new CounterLink("c");
  link.failed(START + 1_000, START);
  let now = START + 1_000;
  const tries: number[] = [];
  for (; now < START + 120_000; now++) {
    if (!link.isWorthATry(now)) continue;
    tries.push(now);
    expect(link.isWorthATry(now)).toBe(false);
    link.failed(now, now);
  }
  const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
  expect(gaps.every((gap, index) => gap >= (gaps[index - 1] ?? 0))).toBe(true);
  expect(Math.max(...gaps)).toBe(2_000);
  expect(tries.length).toBeLessThan(70);
});

test("a clock that is put back does not keep it away", () => {
  const link = new CounterLink("c");
  link.failed(START + 1_000, START);
  expect(link.isWorthATry(START - 3_600_000)).toBe(true);
});

describe("asking", () => {
  /** A counter that goes by a script: what it says to each call in turn. */
  function scripted(script: readonly ("ok" | "throw" | "never" | "short")[]) {
    const clock = new VirtualClock(START);
    const calls: (readonly Ask[])[] = [];
    const links = new CounterLinks({
      clock,
      report: () => {},
      holder: () => "me",
      open: () => ({
        lease: (_, asks) => {
          const what = script[calls.length] ?? "ok";
          calls.push(asks);
          if (what === "throw") return Promise.reject(new Error("no"));
          if (what === "never") return new Promise(() => {});
          const grants = asks.map(() => ({
            granted: true,
            tokens: 0,
            rate: 0,
            burst: 0,
            lifetime: 0,
            wait: 0,
            remaining: 0,
            epoch: 0,
          }));
          return Promise.resolve(what === "short" ? grants.slice(1) : grants);
        },
      }),
    });
    return { clock, calls, links, link: links.link("c") };
  }

  const ask = rateAsk({ rate: 1, burst: 1, now: 1, returned: 3, owed: 2 });

  test("what fails at once is tried a second time, with all that it says but what it gives back", async () => {
    const { clock, calls, links, link } = scripted(["throw", "ok"]);
    await clock.until(links.ask(link, [ask, quotaAsk({ limit: 5, returned: 4, owed: 1 })]));
    expect(calls).toEqual([
      [ask, quotaAsk({ limit: 5, returned: 4, owed: 1 })],
      [{ ...ask, returned: 0 }, quotaAsk({ limit: 5, returned: 0, owed: 1 })],
    ]);
    expect([links.calls, links.failures]).toEqual([2, 0]);
  });

  test("what fails twice has failed", async () => {
    const { clock, links, link } = scripted(["throw", "throw"]);
    await expect(clock.until(links.ask(link, [ask]))).rejects.toThrow("no");
    expect([links.calls, links.failures]).toEqual([2, 1]);
  });

  test("what is not answered within a second has failed, and is not tried again", async () => {
    const { clock, links, link } = scripted(["never"]);
    await expect(clock.until(links.ask(link, [ask]))).rejects.toThrow("no answer within 1000 ms");
    expect(clock.now()).toBe(START + 1_000);
    expect(links.calls).toBe(1);
    expect(link.isAway).toBe(true);
  });

  test("an answer to fewer questions than were asked is none", async () => {
    const { clock, links, link } = scripted(["short", "short"]);
    await expect(clock.until(links.ask(link, [ask, ask]))).rejects.toThrow("1 answers to 2 questions");
  });

  test("a counter that is away is asked once only", async () => {
    const { clock, links, link } = scripted(["never", "throw"]);
    await expect(clock.until(links.ask(link, [ask]))).rejects.toThrow();
    await expect(clock.until(links.ask(link, [ask]))).rejects.toThrow("no");
    expect(links.calls).toBe(2);
  });

  test("no timer is left behind", async () => {
    const { clock, links, link } = scripted(["throw", "ok"]);
    await clock.until(links.ask(link, [ask]));
    expect(clock.pending).toBe(0);
  });
});

test("no more counters are kept in mind than fit", () => {
  const { links } = {
    links: new CounterLinks({
      clock: new VirtualClock(0),
      report: () => {},
      holder: () => "me",
      open: () => ({ lease: () => Promise.reject(new Error("no")) }),
    }),
  };
  const first = links.link("0");
  for (let i = 1; i < 5_001; i++) links.link(`${i}`);
  expect(links.link("5000")).toBe(links.link("5000"));
  expect(links.link("0")).not.toBe(first);
});
