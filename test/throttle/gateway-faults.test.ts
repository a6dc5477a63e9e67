import { describe, expect, test } from "vitest";
import type { Fail } from "../../src/config/throttle-schema.ts";
import {
  Counters,
  keyEntry,
  type LimitedGateway,
  limited,
  newKey,
  only,
  reasonOf,
  routes,
  wait,
} from "./gateway-support.ts";

const KEYS: Readonly<Record<Fail, string>> = { closed: newKey(), open: newKey(), local: newKey() };
const KEY = KEYS.local;
const WITH_KEY = { headers: { "x-api-key": KEY } };
const COVERED = [{ api: "default", stage: "$default" }];

const many = (count: number, status: number): readonly number[] =>
  Array.from({ length: count }, () => status);

/** Until a request behind which the counter is tried again has found it there. */
async function recovered(subject: LimitedGateway, target: string): Promise<void> {
  const { counters } = subject;
  counters.fault = "none";
  const before = counters.asked.length;
  for (let i = 0; i < 200 && counters.asked.length === before; i++) {
    await subject.send(target);
    await wait(25);
  }
  expect(counters.asked.length).toBeGreaterThan(before);
  await wait(50);
}

/** Routes and plans with each `fail`, of a counter that has never been asked. */
async function everyFail(): Promise<LimitedGateway> {
  const fails = ["closed", "open", "local"] as const;
  const entries: Record<string, unknown> = {};
  for (const fail of fails) {
    Object.assign(
      entries,
      routes({
        [`GET /throttle/${fail}`]: { throttle: only(50, { fail }) },
        [`GET /small/${fail}`]: { throttle: only(2, { fail, per: "ip" }) },
        [`GET /quota/${fail}`]: { apiKeyRequired: true },
        [`GET /concurrency/${fail}`]: { concurrency: { limit: 5, fail } },
      }),
      await keyEntry(KEYS[fail], `k_${fail}`, fail),
    );
    entries[`usage-plans/${fail}`] = { apiStages: COVERED, quota: { limit: 40, period: "MONTH" }, fail };
  }
  // An answer without a body is sent at once, and its slot is free.
  return limited(entries, { origin: () => new Response(null) });
}

test.each(["throws", "hangs"] as const)("a counter that %s, from the first request on", async (fault) => {
  const expected: Readonly<Record<string, readonly number[]>> = {
    "/throttle/closed": many(8, 503),
    "/small/closed": many(8, 503),
    "/quota/closed": many(8, 503),
    "/concurrency/closed": many(8, 503),
    "/throttle/open": many(60, 200),
    "/small/open": many(8, 200),
    "/quota/open": many(60, 200),
    "/concurrency/open": many(8, 200),
    // A tenth of what was never asked for, and one at least.
    "/throttle/local": [...many(5, 200), ...many(3, 429)],
    "/small/local": [200, ...many(7, 429)],
    "/quota/local": [...many(4, 200), ...many(4, 429)],
    "/concurrency/local": many(8, 200),
  };
  const subject = await everyFail();
  subject.counters.fault = fault;
  const found = await Promise.all(
    Object.entries(expected).map(async ([path, statuses]) => {
      const fail = path.endsWith("closed") ? "closed" : path.endsWith("open") ? "open" : "local";
      const options = { headers: { "x-api-key": KEYS[fail] } };
      return [path, await subject.statuses(statuses.length, path, options)] as const;
    }),
  );
  expect(Object.fromEntries(found)).toEqual(expected);
  const admitted = Object.values(expected).flatMap((statuses) => statuses.filter((status) => status === 200));
  expect(subject.gate.sent).toHaveLength(admitted.length);
});

test("a counter that is away is reported once, and its limit's refusals say so", async () => {
  const subject = await limited(routes({ "GET /a": { throttle: only(50, { fail: "closed" }) } }));
  subject.counters.fault = "throws";
  for (let i = 0; i < 4; i++) {
    const refused = await subject.send("/a");
    expect([refused.status, await refused.text(), reasonOf(refused)]).toEqual([
      503,
      '{"message":"Service Unavailable"}',
      "throttle.unavailable",
    ]);
  }
  expect(subject.gate.problems).toEqual([
    {
      code: "throttle.unavailable",
      path: "route/default/$default/GET /a",
      message: "the counter does not answer: Durable Object is overloaded",
      hint: expect.any(String),
    },
  ]);
});

describe("when the counter is back", () => {
  test("closed lets in again, and counts on from where it was", async () => {
    const subject = await limited(
      routes({ "GET /a": { throttle: only(4, { fail: "closed", exact: true }) } }),
    );
    expect(await subject.statuses(2, "/a")).toEqual([200, 200]);
    subject.counters.fault = "throws";
    expect(await subject.statuses(3, "/a")).toEqual([503, 503, 503]);
    subject.counters.fault = "none";
    const statuses: number[] = [];
    for (let i = 0; i < 100 && statuses.filter((status) => status === 200).length < 2; i++) {
      statuses.push((await subject.send("/a")).status);
      await wait(20);
    }
    expect(new Set(statuses)).toEqual(new Set([503, 200]));
    expect(await subject.statuses(2, "/a")).toEqual([429, 429]);
  });

  test.each(["local", "open"])("%s limits by its rate, as before", async (fail) => {
    const subject = await limited(routes({ "GET /a": { throttle: { rate: 20, burst: 20, fail } } }));
    subject.counters.fault = "throws";
    await subject.statuses(200, "/a");
    await recovered(subject, "/a");
    await wait(1500);
    expect((await subject.send("/a")).status).toBe(200);
  });

  test("local takes off what got in meanwhile, and no more", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(30) } }));
    subject.counters.fault = "throws";
    expect(await subject.admitted(8, "/a")).toBe(3);
    await recovered(subject, "/a");
    const later = await subject.admittedInTime(27, "/a");
    expect(later).toBeGreaterThanOrEqual(27);
    expect(later).toBeLessThanOrEqual(30);
  });

  test("a quota counts what got in meanwhile", async () => {
    const subject = await limited({
      ...routes({ "GET /a": { apiKeyRequired: true } }),
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": { apiStages: COVERED, quota: { limit: 40, period: "MONTH" } },
    });
    subject.counters.fault = "throws";
    expect(await subject.admitted(8, "/a", WITH_KEY)).toBe(4);
    subject.counters.fault = "none";
    let admitted = 4;
    for (let i = 0; i < 400 && admitted < 40; i++) {
      if ((await subject.send("/a", WITH_KEY)).status === 200) admitted++;
      else await wait(10);
    }
    expect(admitted).toBe(40);
    expect(await subject.admitted(5, "/a", WITH_KEY)).toBe(0);
  });
});

describe("a counter that fails once", () => {
  test.each([1, 2, 5])("%i times in a row is asked again, and nobody notices", async (times) => {
    const counters = new Counters();
    let failures = times;
    const subject = await limited(
      routes({ "GET /a": { throttle: only(5, { exact: true, fail: "closed" }) } }),
      {
        counters: (name) => ({
          lease: (holder, asks) =>
            failures-- > 0 ? Promise.reject(new Error("moved")) : counters.open(name).lease(holder, asks),
        }),
      },
      counters,
    );
    expect(await subject.statuses(6, "/a")).toEqual([...many(5, 200), 429]);
  });

  test("that of another limit does not matter", async () => {
    const counters = new Counters();
    const subject = await limited(
      {
        ...routes({ "GET /a": { throttle: only(50, { fail: "open" }) } }),
        "apis/default": { throttle: only(3) },
      },
      {
        counters: (name) =>
          name.startsWith("route/")
            ? { lease: () => Promise.reject(new Error("overloaded")) }
            : counters.open(name),
      },
      counters,
    );
    expect(await subject.admitted(10, "/a")).toBe(3);
    expect(reasonOf(await subject.send("/a"))).toBe("throttle.api");
  });

  test("with nonsense is one that does not answer", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(50, { fail: "closed" }) } }), {
      counters: () => ({ lease: async () => [] }),
    });
    expect(await subject.statuses(3, "/a")).toEqual([503, 503, 503]);
  });

  test("is never asked by two requests in one's place: each of many at once is decided", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(50, { fail: "closed" }) } }));
    subject.counters.fault = "hangs";
    const answers = await Promise.all(Array.from({ length: 30 }, () => subject.send("/a")));
    expect(answers.map(({ status }) => status)).toEqual(many(30, 503));
    expect(subject.counters.asked.length).toBeLessThanOrEqual(30);
  });
});

describe("exact", () => {
  test("asks the counter at every request, and uses every token", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(30, { exact: true }) } }));
    expect(await subject.statuses(33, "/a")).toEqual([...many(30, 200), ...many(3, 429)]);
    // A refusal is remembered until tokens are due.
    expect(subject.counters.asked.length).toBeGreaterThanOrEqual(30);
    expect(subject.counters.asked.length).toBeLessThanOrEqual(31);
  });

  test("of many at once too", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(30, { exact: true }) } }));
    expect(await subject.admittedAtOnce(60, "/a")).toBe(30);
    expect(await subject.admitted(5, "/a")).toBe(0);
  });

  test("of a plan, its rate and its quota in one call", async () => {
    const subject = await limited({
      ...routes({ "GET /a": { apiKeyRequired: true } }),
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": {
        apiStages: COVERED,
        throttle: { rateLimit: 1000, burstLimit: 100 },
        quota: { limit: 20, period: "DAY" },
        exact: true,
      },
    });
    expect(await subject.admitted(12, "/a", WITH_KEY)).toBe(12);
    expect(subject.counters.asked).toEqual(Array.from({ length: 12 }, () => "plan/gold/k_one"));
    expect(await subject.admitted(12, "/a", WITH_KEY)).toBe(8);
  });
});
