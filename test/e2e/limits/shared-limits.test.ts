import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../support/wait.ts";
import type { CounterControl, Fault } from "./cluster.ts";
import { table } from "./table.ts";
import { evenly, ISOLATES, type Outcome, type Scenario, Trial } from "./trial.ts";

/**
 * One limit and eight isolates: gateways as they are deployed, on the real engine, with real
 * counters. What is asserted, and printed at the end, was measured at the client.
 */

const LIMIT = { rate: 300, burst: 150 };
const SMALL = { rate: 150, burst: 75 };

const MOVE_MS = 1_500;
const AWAY = { fromMs: 1_000, untilMs: 2_500 };
const THROWS: Fault = { kind: "throw", each: 1 };

/** The first isolate gets so many requests a second, the others together so many. */
function skewed(first: number, others: number) {
  const rates = Array.from({ length: ISOLATES }, (_, isolate) =>
    isolate === 0 ? first : others / (ISOLATES - 1),
  );
  return () => rates;
}

const pulses = (rate: number) => (elapsedMs: number) => evenly(elapsedMs % 1000 < 500 ? rate : 0)(elapsedMs);

/** Half of the isolates get everything; from one moment on they get nothing, and the others all. */
const moving = (rate: number) => (elapsedMs: number) =>
  Array.from({ length: ISOLATES }, (_, isolate) =>
    isolate < ISOLATES / 2 === elapsedMs < MOVE_MS ? (2 * rate) / ISOLATES : 0,
  );

const having = (fault: Fault) => (counter: CounterControl) => counter.fail(fault);

const havingForAWhile =
  (fault: Fault, { fromMs, untilMs } = AWAY) =>
  async (counter: CounterControl) => {
    await pause(fromMs);
    await counter.fail(fault);
    await pause(untilMs - fromMs);
    await counter.fail({ kind: "none" });
  };

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  over: { limit: LIMIT, durationMs: 5_000, traffic: evenly(600) },
  under: { limit: LIMIT, durationMs: 5_000, traffic: evenly(150) },
  skewed: { limit: LIMIT, durationMs: 5_000, traffic: skewed(480, 120) },
  bursty: { limit: LIMIT, durationMs: 5_000, traffic: pulses(800) },
  flood: { limit: LIMIT, durationMs: 5_000, traffic: 2 },
  // Who gets nothing any more is still alive, and gives back what it has.
  left: { limit: SMALL, durationMs: 3_500, traffic: moving(300) },
  // An isolate cannot be ended alone; to its counter it is dead when nothing of it arrives any more.
  died: {
    limit: SMALL,
    durationMs: 3_500,
    traffic: moving(300),
    meanwhile: async (counter) => {
      await pause(MOVE_MS);
      await counter.bury();
    },
  },
  restarted: {
    limit: SMALL,
    durationMs: 3_500,
    traffic: evenly(300),
    meanwhile: async (counter) => {
      for (let i = 0; i < 3; i++) {
        await pause(900);
        await counter.crash();
      }
    },
  },
  "each-second": {
    limit: SMALL,
    durationMs: 3_500,
    traffic: evenly(300),
    before: having({ kind: "throw", each: 2 }),
  },
  "away-local": {
    limit: SMALL,
    fail: "local",
    durationMs: 4_500,
    traffic: evenly(300),
    meanwhile: havingForAWhile(THROWS),
  },
  "away-open": {
    limit: SMALL,
    fail: "open",
    durationMs: 4_500,
    traffic: evenly(300),
    meanwhile: havingForAWhile(THROWS),
  },
  "away-closed": {
    limit: SMALL,
    fail: "closed",
    durationMs: 4_500,
    traffic: evenly(300),
    meanwhile: havingForAWhile(THROWS),
  },
  "never-local": {
    limit: SMALL,
    fail: "local",
    durationMs: 2_500,
    traffic: evenly(300),
    before: having(THROWS),
  },
  "never-open": {
    limit: SMALL,
    fail: "open",
    durationMs: 2_500,
    traffic: evenly(300),
    before: having(THROWS),
  },
  "never-closed": {
    limit: SMALL,
    fail: "closed",
    durationMs: 2_500,
    traffic: evenly(300),
    before: having(THROWS),
  },
  // Meanwhile a bucket that nobody asks for fills up; it must not be spent a second time.
  "away-for-long": {
    limit: { rate: 200, burst: 400 },
    fail: "local",
    durationMs: 6_500,
    traffic: evenly(600),
    meanwhile: havingForAWhile(THROWS, { fromMs: 1_500, untilMs: 4_000 }),
  },
  "late-50": {
    limit: SMALL,
    durationMs: 3_500,
    traffic: evenly(300),
    before: having({ kind: "late", ms: 50 }),
  },
  "late-2000": {
    limit: SMALL,
    durationMs: 3_500,
    traffic: evenly(300),
    before: having({ kind: "late", ms: 2_000 }),
  },
  hangs: {
    limit: SMALL,
    durationMs: 4_500,
    traffic: evenly(300),
    meanwhile: havingForAWhile({ kind: "hang" }),
  },
};

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.start(SCENARIOS);
});

afterAll(async () => {
  if (trial) console.log(table(trial.outcomes));
  await trial?.stop();
});

/** Whatever happens: in all, and in every stretch of time. */
function expectWithinBound({ admitted, bound, excess }: Outcome) {
  expect(admitted).toBeLessThanOrEqual(bound);
  expect(excess).toBeLessThanOrEqual(0);
}

/** What is told of how well limits are used; no figure where the machine had no time. */
function measured(name: string, skip: (note: string) => never): Outcome {
  const outcome = trial.outcome(name);
  return outcome.isStarved ? skip("the machine had no time") : outcome;
}

const statuses = ({ exchanges }: Outcome): readonly number[] =>
  [...new Set(exchanges.map(({ status }) => status))].sort();

/** Admitted requests that were sent in the last second. */
function admittedAtLast({ exchanges }: Outcome): number {
  const end = Math.max(...exchanges.map(({ sentAt }) => sentAt));
  return exchanges.filter(({ status, sentAt }) => status === 200 && sentAt > end - 1000).length;
}

describe("while its counter is well", () => {
  beforeAll(async () => {
    await trial.measure("over", "under");
    await trial.measure("skewed", "bursty");
    await trial.measure("flood");
  });

  test.each(["over", "under", "skewed", "bursty", "flood"])("%s: never above the limit", (name) => {
    for (const outcome of trial.attempts(name)) {
      expectWithinBound(outcome);
      expect(new Set([...statuses(outcome), 429])).toEqual(new Set([200, 429]));
    }
  });

  test("under: nobody is refused", ({ skip }) => {
    const outcome = measured("under", skip);
    expect(statuses(outcome)).toEqual([200]);
  });

  test.for(["over", "skewed", "flood"])("%s: hardly below it", (name, { skip }) => {
    const { admitted, allowed, settledShare } = measured(name, skip);
    expect(settledShare).toBeGreaterThanOrEqual(0.97);
    // It takes isolates a while to find out who needs the burst.
    expect(admitted / allowed).toBeGreaterThan(0.9);
  });

  test.for(["over", "flood"])("%s: the counter is asked less than once in 100 requests", (name, { skip }) => {
    expect(measured(name, skip).settledCallsPer100).toBeLessThan(1);
  });
});

describe("when traffic moves to other isolates", () => {
  beforeAll(() => trial.run("left", "died"));

  test.each(["left", "died"])("%s: never above the limit, and the others get their share", (name) => {
    const outcome = trial.outcome(name);
    expectWithinBound(outcome);
    expect(statuses(outcome)).toEqual([200, 429]);
    expect(admittedAtLast(outcome)).toBeGreaterThan(0);
  });
});

describe("when its counter fails now and then", () => {
  beforeAll(() => trial.run("restarted", "each-second", "late-50"));

  test.each(["restarted", "each-second", "late-50"])(
    "%s: never above the limit, and nobody is told",
    (name) => {
      const outcome = trial.outcome(name);
      expectWithinBound(outcome);
      expect(statuses(outcome)).toEqual([200, 429]);
    },
  );

  test("restarted: it was", () => {
    // After the last time it starts when somebody asks, which may be later.
    expect(trial.outcome("restarted").starts).toBeGreaterThanOrEqual(3);
  });
});

describe("while its counter fails", () => {
  beforeAll(async () => {
    await trial.run("away-local", "away-open", "away-closed");
    await trial.run("never-local", "never-open", "never-closed");
    await trial.run("away-for-long");
    await trial.run("hangs");
    await trial.run("late-2000");
  });

  test.each(["away-local", "never-local", "away-for-long", "hangs", "late-2000"])(
    "%s: local limits are never above the limit",
    (name) => {
      const outcome = trial.outcome(name);
      expectWithinBound(outcome);
      expect(statuses(outcome)).toEqual([200, 429]);
      expect(admittedAtLast(outcome)).toBeGreaterThan(0);
    },
  );

  test("never-open: everything passes", () => {
    expect(statuses(trial.outcome("never-open"))).toEqual([200]);
  });

  test("away-open: nobody is told", () => {
    const outcome = trial.outcome("away-open");
    expect(statuses(outcome)).toEqual([200, 429]);
  });

  test("never-closed: nothing passes", () => {
    expect(statuses(trial.outcome("never-closed"))).toEqual([503]);
  });

  test("away-closed: refused as long as it is away, and never above the limit", () => {
    const outcome = trial.outcome("away-closed");
    expectWithinBound(outcome);
    expect(statuses(outcome)).toEqual([200, 429, 503]);
    expect(admittedAtLast(outcome)).toBeGreaterThan(0);
  });
});

test("nothing was complained of but counters that do not answer", () => {
  const others = trial.complaints.filter((line) => !line.includes('"reason":"throttle.unavailable"'));
  expect(others).toEqual([]);
});
