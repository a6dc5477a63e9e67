import { describe, expect, test } from "vitest";
import {
  Counters,
  keyEntry,
  limited,
  newKey,
  only,
  onlyPlan,
  onlySettings,
  reasonOf,
  routes,
  SlowOrigin,
  wait,
} from "./gateway-support.ts";

const KEY = newKey();
const WITH_KEY = { headers: { "x-api-key": KEY } };
const COVERED = { api: "default", stage: "$default" };

describe("a request that one limit refuses takes nothing from another", () => {
  // Each: what /a is held against besides a limit of 1 of its own, and what /b finds of it.
  test.each<[string, Record<string, unknown>]>([
    ["the stage's", { "apis/default/stages/$default": { throttle: only(4) } }],
    [
      "the stage's per address, decided first",
      { "apis/default/stages/$default": { throttle: only(4, { per: "ip" }) } },
    ],
    ["the API's", { "apis/default": { throttle: only(4) } }],
    ["the API's per header", { "apis/default": { throttle: only(4, { per: "header.host" }) } }],
    ["the API's, that asks each time", { "apis/default": { throttle: only(4, { exact: true }) } }],
    ["the account's", { account: { throttle: only(4) } }],
    ["the account's per address, decided first", { account: { throttle: only(4, { per: "ip" }) } }],
  ])("%s", async (_, entries) => {
    const subject = await limited({
      ...routes({ "GET /a": { throttle: only(1) }, "GET /b": {} }),
      ...entries,
    });
    expect(await subject.admitted(10, "/a")).toBe(1);
    expect(await subject.admittedInTime(3, "/b")).toBe(3);
  });

  test.each<[string, Record<string, unknown>]>([
    ["the stage's", { "apis/default/stages/$default": { throttle: only(40) } }],
    ["the stage's per address", { "apis/default/stages/$default": { throttle: only(40, { per: "ip" }) } }],
    ["the account's per header", { account: { throttle: only(40, { per: "header.host" }) } }],
  ])("%s, with many requests at once and slices", async (_, entries) => {
    const subject = await limited({
      ...routes({ "GET /a": { throttle: only(10) }, "GET /b": {} }),
      ...entries,
    });
    const first = await subject.admittedAtOnce(60, "/a");
    expect(first + (await subject.admittedInTime(10 - first, "/a"))).toBe(10);
    expect(await subject.admittedInTime(30, "/b")).toBe(30);
  });

  test("the settings' bucket of the route", async () => {
    const subject = await limited({
      ...routes({ "ANY /a": { throttle: only(1, { per: "header.x-user" }) } }),
      "apis/default/stages/$default": { defaultRouteSettings: onlySettings(3) },
    });
    const as = (user: string) => ({ headers: { "x-user": user } });
    expect(await subject.admitted(5, "/a", as("ann"))).toBe(1);
    expect(await subject.admitted(5, "/a", as("bob"))).toBe(1);
    expect(await subject.statuses(1, "/a", as("carol"))).toEqual([200]);
    const refused = await subject.send("/a", as("dave"));
    expect([refused.status, reasonOf(refused)]).toEqual([429, "throttle.route"]);
  });

  test("the quota, where the plan's rate refuses", async () => {
    const subject = await limited({
      ...routes({ "GET /a": { apiKeyRequired: true }, "GET /b": { apiKeyRequired: true } }),
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": {
        apiStages: [{ ...COVERED, throttle: { "/a/GET": onlyPlan(1) } }],
        throttle: onlyPlan(100),
        quota: { limit: 4, period: "DAY" },
      },
    });
    expect(await subject.admitted(10, "/a", WITH_KEY)).toBe(1);
    expect(await subject.admitted(10, "/b", WITH_KEY)).toBe(3);
    expect(reasonOf(await subject.send("/b", WITH_KEY))).toBe("quota.exceeded");
  });

  test("the plan's rate, where the quota refuses", async () => {
    const subject = await limited({
      ...routes({ "GET /a": { apiKeyRequired: true } }),
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": {
        apiStages: [COVERED],
        throttle: onlyPlan(5),
        quota: { limit: 2, period: "DAY" },
      },
    });
    expect(await subject.admitted(10, "/a", WITH_KEY)).toBe(2);
    const refused = await subject.send("/a", WITH_KEY);
    expect(refused.headers.get("ratelimit")).toMatch(/^"plan";r=3;t=\d+, "quota";r=0;t=\d+$/);
  });

  test("the plan's rate and quota, where the route, the stage or the address refuses", async () => {
    for (const [member, entries] of [
      ["route", {}],
      ["stage", { "apis/default/stages/$default": { throttle: only(1, { per: "header.x-part" }) } }],
      ["ip", { "apis/default": { throttle: only(1, { per: "ip" }) } }],
    ] as const) {
      const own = member === "route" ? { throttle: only(1) } : {};
      for (const plan of [{ throttle: onlyPlan(4) }, { quota: { limit: 4, period: "DAY" } }]) {
        const subject = await limited({
          ...routes({ "GET /a": { apiKeyRequired: true, ...own }, "GET /b": { apiKeyRequired: true } }),
          ...(await keyEntry(KEY, "k_one")),
          "usage-plans/gold": { apiStages: [COVERED], ...plan },
          "apis/default/stages/$default": {},
          "apis/default": {},
          ...entries,
        });
        expect(await subject.admitted(8, "/a", WITH_KEY), member).toBe(1);
        let others = 0;
        // Each is another part and another address.
        for (let i = 0; i < 60 && others < 3; i++) {
          const headers = { ...WITH_KEY.headers, "x-part": String(i) };
          const response = await subject.send("/b", { headers, peer: `198.51.100.${i}:1` });
          if (response.status === 200) others++;
          else await wait(25);
        }
        expect(others, member).toBe(3);
        const headers = { ...WITH_KEY.headers, "x-part": "last" };
        const refused = await subject.send("/b", { headers, peer: "198.51.100.200:1" });
        expect(reasonOf(refused), member).toBe("throttle" in plan ? "throttle.client" : "quota.exceeded");
      }
    }
  });

  test.each<[string, object, object]>([
    ["the route's", { throttle: only(4) }, {}],
    ["the address's", { throttle: only(4, { per: "ip" }) }, {}],
    ["the plan's rate", { apiKeyRequired: true }, { throttle: onlyPlan(4) }],
    ["the quota", { apiKeyRequired: true }, { quota: { limit: 4, period: "DAY" } }],
  ])("%s, where too much is in flight", async (_, more, plan) => {
    const slow = new SlowOrigin();
    let holds = true;
    const subject = await limited(
      {
        ...routes({ "GET /a": { ...more, concurrency: { limit: 1 } } }),
        ...(await keyEntry(KEY, "k_one")),
        "usage-plans/gold": { apiStages: [COVERED], ...plan },
      },
      { origin: () => (holds ? slow.answer() : new Response(null)) },
    );
    const first = subject.send("/a", WITH_KEY);
    await slow.has(1);
    expect(await subject.statuses(8, "/a", WITH_KEY)).toEqual(Array.from({ length: 8 }, () => 429));
    holds = false;
    slow.release(new Response(null));
    expect((await first).status).toBe(200);
    expect(await subject.admittedInTime(3, "/a", WITH_KEY)).toBe(3);
  });

  test("the stage's, where a limit that is closed cannot be asked", async () => {
    const counters = new Counters();
    const away = { lease: () => Promise.reject(new Error("overloaded")) };
    const subject = await limited(
      {
        ...routes({ "GET /a": { throttle: only(5, { fail: "closed" }) }, "GET /b": {} }),
        "apis/default/stages/$default": { throttle: only(3) },
      },
      { counters: (name) => (name.startsWith("route/") ? away : counters.open(name)) },
      counters,
    );
    expect(await subject.statuses(6, "/a")).toEqual(Array.from({ length: 6 }, () => 503));
    expect(await subject.admittedInTime(3, "/b")).toBe(3);
  });

  // A token that is put back into a slice which has gained the least meanwhile goes to the counter, which has no room.
  test("the address's, where refusals take their time", async () => {
    const origin = new SlowOrigin();
    const subject = await limited(
      {
        ...routes({ "GET /a": { concurrency: { limit: 1, per: "header.x-user" } }, "GET /b": {} }),
        "apis/default/stages/$default": { throttle: only(4, { per: "ip" }) },
      },
      { origin: (request) => (request.headers.has("x-user") ? origin.answer() : new Response(null)) },
    );
    const users = Array.from({ length: 12 }, (_, index) => ({ headers: { "x-user": String(index) } }));
    const held = users.map((user, index) => subject.send("/a", { ...user, peer: `198.51.100.${index}:1` }));
    await origin.has(users.length);
    // Each of them is refused by a counter.
    for (const user of users) expect((await subject.send("/a", user)).status).toBe(429);
    expect(await subject.admittedInTime(4, "/b")).toBe(4);
    origin.releaseAll();
    await Promise.all(held);
  });
});

test("a refused guess at a token costs its address a token, and no other limit any", async () => {
  const handler = async () => ({ isAuthorized: false });
  const subject = await limited(
    {
      ...routes({
        "GET /a": { authorizer: "guard", throttle: [only(3, { per: "ip" }), only(5)] },
        "GET /b": {},
      }),
      "apis/default/authorizers/guard": {
        type: "request",
        authorizerUri: "guard",
        enableSimpleResponses: true,
        identitySource: "$request.header.Authorization",
      },
      "apis/default": { throttle: only(2) },
    },
    { functions: { guard: { handler } } },
  );
  const guess = (index: number) => subject.send("/a", { headers: { authorization: `guess ${index}` } });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await guess(i)).status);
  expect(statuses).toEqual([403, 403, 403, 429, 429]);
  // Whoever shows nothing at all has no more guesses either.
  expect((await subject.send("/a")).status).toBe(429);
  expect((await subject.send("/a", { peer: "203.0.113.99:1" })).status).toBe(401);
  expect(await subject.admitted(4, "/b")).toBe(2);
});
