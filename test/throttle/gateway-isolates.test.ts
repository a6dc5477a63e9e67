import { describe, expect, test } from "vitest";
import {
  Counters,
  keyEntry,
  type LimitedGateway,
  limited,
  newKey,
  only,
  routes,
  settle,
  wait,
} from "./gateway-support.ts";

const KEY = newKey();
const WITH_KEY = { headers: { "x-api-key": KEY } };

/** Gateways of so many isolates over the same entries and counters. */
async function isolates(
  count: number,
  entries: Readonly<Record<string, unknown>>,
): Promise<readonly LimitedGateway[]> {
  const counters = new Counters();
  await limited(entries, {}, counters);
  return Promise.all(Array.from({ length: count }, () => limited({}, {}, counters)));
}

/** The first and the second of them. */
async function two(entries: Readonly<Record<string, unknown>>): Promise<[LimitedGateway, LimitedGateway]> {
  const [first, second] = await isolates(2, entries);
  if (!first || !second) throw new Error("two were asked for");
  return [first, second];
}

describe("isolates share a limit", () => {
  test.each([
    ["a route's", {}],
    ["an address's", { per: "ip" }],
    ["one that asks each time", { exact: true }],
  ])("%s: never more than there are, at once from all of them", async (_, more) => {
    const subjects = await isolates(4, routes({ "GET /a": { throttle: only(20, more) } }));
    const admitted = await Promise.all(subjects.map((subject) => subject.admittedAtOnce(20, "/a")));
    const sum = admitted.reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(20);
    expect(sum).toBeGreaterThanOrEqual("exact" in more ? 20 : 10);
    // What is left comes back to whoever asks, and no more than that.
    const later = await Promise.all(subjects.map((subject) => subject.admitted(20, "/a")));
    expect(later.reduce((a, b) => a + b, sum)).toBeLessThanOrEqual(20);
  });

  test("a quota, in full", async () => {
    const subjects = await isolates(3, {
      ...routes({ "GET /a": { apiKeyRequired: true } }),
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": {
        apiStages: [{ api: "default", stage: "$default" }],
        quota: { limit: 30, period: "MONTH" },
      },
    });
    let sum = 0;
    for (let round = 0; round < 4; round++) {
      const admitted = await Promise.all(subjects.map((subject) => subject.admitted(4, "/a", WITH_KEY)));
      sum += admitted.reduce((a, b) => a + b, 0);
    }
    expect(sum).toBe(30);
  });

  test("what is in flight, in full", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const counters = new Counters();
    const entries = routes({ "GET /a": { concurrency: { limit: 4 } } });
    const origin = async () => {
      await held;
      return new Response(null);
    };
    const first = await limited(entries, { origin }, counters);
    const second = await limited({}, { origin }, counters);
    const answers = [first, second].flatMap((subject) => [1, 2, 3].map(() => subject.send("/a")));
    while (first.gate.sent.length + second.gate.sent.length < 4) await wait(2);
    await wait(150);
    expect(first.gate.sent.length + second.gate.sent.length).toBe(4);
    release();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 200, 200, 429, 429]);
  });

  test("what one of them leased and did not use, the other gets", async () => {
    const [first, second] = await two(routes({ "GET /a": { throttle: only(10, { per: "header.x-user" }) } }));
    const users = Array.from({ length: 6 }, (_, index) => ({ headers: { "x-user": String(index) } }));
    for (const user of users) expect(await first.admitted(3, "/a", user)).toBe(3);
    await wait(500);
    for (const user of users) expect(await second.admittedInTime(7, "/a", user)).toBe(7);
  });

  test("what one of them gives back, the other gets though it was refused before", async () => {
    const [first, second] = await two(routes({ "GET /a": { throttle: only(60) } }));
    for (let i = 0; i < 40; i++) {
      expect((await first.send("/a")).status).toBe(200);
      await wait(10);
    }
    await second.send("/a");
    await settle();
    expect(await second.admittedInTime(15, "/a")).toBeGreaterThanOrEqual(15);
  });
});
