import { describe, expect, test } from "vitest";
import { answerWith, proxyTo, writeEntries } from "../support/gateway.ts";
import {
  Counters,
  keyEntry,
  type LimitedGateway,
  limited,
  newKey,
  only,
  onlySettings,
  reasonOf,
  routes,
  SlowOrigin,
  wait,
} from "./gateway-support.ts";

const refresh = (subject: LimitedGateway): Promise<void> => subject.gate.store.refresh(subject.gate.kv);

describe("a limit that cannot be meant", () => {
  test("is 500 on its route only, and a problem", async () => {
    const bad: [string, object][] = [
      ["a rate of 0", { throttle: { rate: 0 } }],
      ["a negative rate", { throttle: { rate: -1 } }],
      ["a rate in words", { throttle: { rate: "10" } }],
      ["a burst of 0", { throttle: { rate: 1, burst: 0 } }],
      ["half a token", { throttle: { rate: 1, burst: 1.5 } }],
      ["an unknown interval", { throttle: { rate: 1, interval: "week" } }],
      ["an unknown per", { throttle: { rate: 1, per: "user" } }],
      ["a per of nothing", { throttle: { rate: 1, per: "header." } }],
      ["a misspelt member", { throttle: { rate: 1, brust: 5 } }],
      ["an unknown fail", { throttle: { rate: 1, fail: "close" } }],
      ["more tokens than there ever are", { throttle: { rate: 1, burst: 5, cost: 6 } }],
      ["one of a list that is bad", { throttle: [{ rate: 1 }, { rate: "1" }] }],
      ["the same twice", { throttle: [{ rate: 1 }, { rate: 1, per: "route" }] }],
      ["too many", { throttle: Array.from({ length: 11 }, (_, index) => ({ rate: index + 1 })) }],
      ["a claim without an authorizer", { throttle: { rate: 1, per: "jwt.sub" } }],
      ["a key that nobody asks for", { throttle: { rate: 1, per: "apiKey" } }],
      ["what no authorizer says", { throttle: { rate: 1, per: "authorizer.tenant" } }],
      ["no room for anybody", { concurrency: { limit: 0 } }],
      ["half a request", { concurrency: { limit: 0.5 } }],
      ["a number alone", { throttle: 10 }],
      ["nothing", { throttle: null }],
    ];
    const entries = bad.map(([, members], index) => [`GET /${index}`, members] as const);
    const subject = await limited(
      routes({ ...Object.fromEntries(entries), "GET /good": { throttle: only(1) }, "GET /{proxy+}": {} }),
      { showReasons: false },
    );
    for (const [index, [name]] of bad.entries()) {
      const refused = await subject.send(`/${index}`);
      expect([refused.status, await refused.text()], name).toEqual([
        500,
        '{"message":"Internal Server Error"}',
      ]);
      const about = subject.gate.problems.filter(({ path }) =>
        path.startsWith(`apis/default/routes/GET /${index}#`),
      );
      expect(about.length, name).toBeGreaterThan(0);
    }
    expect(await subject.statuses(2, "/good")).toEqual([200, 429]);
    expect((await subject.send("/other")).status).toBe(200);
    expect(subject.gate.sent).toHaveLength(2);
  });

  test.each([
    ["a stage's", "apis/default/stages/$default"],
    ["an API's", "apis/default"],
  ])("%s: 500 on all of its routes, and on no other API's", async (_, key) => {
    const subject = await limited({
      ...routes({ "GET /a": {} }),
      ...routes({ "GET /a": {} }, "other"),
      [key]: { throttle: { rate: -1 } },
    });
    expect((await subject.send("/a")).status).toBe(500);
    expect((await subject.send("/a", { host: "other.test" })).status).toBe(200);
    // One that was good before stays.
    await writeEntries({ [key]: { throttle: only(2) } });
    await refresh(subject);
    expect((await subject.send("/a")).status).toBe(200);
    await writeEntries({ [key]: { throttle: { rate: -1 } } });
    await refresh(subject);
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
  });

  test("the account's is a problem, and the good one of before stays", async () => {
    const subject = await limited({ ...routes({ "GET /a": {} }), account: { throttle: only(2) } });
    expect((await subject.send("/a")).status).toBe(200);
    await writeEntries({ account: { throttle: { rate: -1 } } });
    await refresh(subject);
    expect(subject.gate.problems.map(({ path }) => path)).toEqual(["account#throttle.rate"]);
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
  });

  test("settings of a route that is not there are a problem, and limit nothing", async () => {
    const subject = await limited({
      ...routes({ "GET /a": {} }),
      "apis/default/stages/$default": { routeSettings: { "GET /b": onlySettings(1) } },
    });
    expect(await subject.statuses(3, "/a")).toEqual([200, 200, 200]);
    expect(subject.gate.problems).toMatchObject([{ code: "route_settings.unknown" }]);
  });
});

describe("a change of the configuration", () => {
  test("leaves the tokens of what did not change", async () => {
    const subject = await limited(
      routes({ "GET /a": { throttle: only(3) }, "GET /b": { throttle: only(3) } }),
    );
    expect([await subject.admitted(2, "/a"), await subject.admitted(2, "/b")]).toEqual([2, 2]);
    await writeEntries(routes({ "GET /b": { throttle: only(3), operationName: "b" } }));
    await refresh(subject);
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
    expect(await subject.statuses(2, "/b")).toEqual([200, 429]);
  });

  test("a smaller burst holds at once, a larger one fills up by its rate", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(10, { exact: true }) } }));
    expect(await subject.admitted(1, "/a")).toBe(1);
    await writeEntries(routes({ "GET /a": { throttle: only(4, { exact: true }) } }));
    await refresh(subject);
    expect(await subject.admitted(8, "/a")).toBe(4);
    await writeEntries(routes({ "GET /a": { throttle: only(20, { exact: true }) } }));
    await refresh(subject);
    expect(await subject.admitted(5, "/a")).toBe(0);
  });

  test("a limit that is new holds for the next request, one that is gone does not", async () => {
    const subject = await limited(routes({ "GET /a": {} }));
    expect(await subject.admitted(5, "/a")).toBe(5);
    await writeEntries(routes({ "GET /a": { throttle: only(1) } }));
    await refresh(subject);
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
    await writeEntries(routes({ "GET /a": {} }));
    await refresh(subject);
    expect(await subject.admitted(5, "/a")).toBe(5);
  });
});

describe("a stage that serves a deployment", () => {
  const route = (burst: number) => ({ integration: answerWith("a"), throttle: only(burst) });
  const deployment = (id: string, burst: number, api?: object) => ({
    id,
    createdAt: "2026-11-21T00:00:00Z",
    routes: { "GET /a": route(burst), "GET /free": { integration: answerWith("free") } },
    ...(api && { api }),
  });

  test("has the limits of its routes and of its API from the snapshot", async () => {
    const subject = await limited({
      "apis/default/routes/GET /a": route(1),
      "apis/default/stages/prod": { deployment: "1" },
      "apis/default/stages/dev": {},
      "apis/default/deployments/1": deployment("1", 3, { throttle: only(5) }),
    });
    expect(await subject.statuses(4, "/prod/a")).toEqual([200, 200, 200, 429]);
    expect(await subject.statuses(2, "/dev/a")).toEqual([200, 429]);
    const last = await subject.send("/prod/free");
    expect(last.headers.get("ratelimit-policy")).toBe(`"api";q=5;w=${5 * 86_400}`);
  });

  test("does not disturb a stage whose API has another limit", async () => {
    const subject = await limited({
      "apis/default": { throttle: only(5) },
      ...routes({ "GET /a": {} }),
      "apis/default/stages/prod": { deployment: "1" },
      "apis/default/stages/dev": {},
      "apis/default/deployments/1": deployment("1", 50, { throttle: only(2) }),
    });
    expect(await subject.statuses(3, "/prod/a")).toEqual([200, 200, 429]);
    // A limit of another size is another limit.
    expect(await subject.admittedInTime(5, "/dev/a")).toBe(5);
  });

  test("has the stage's own and the account's as they are now", async () => {
    const subject = await limited({
      account: { throttle: only(4) },
      "apis/default/stages/prod": {
        deployment: "1",
        throttle: only(100),
        routeSettings: { "GET /a": onlySettings(2) },
      },
      "apis/default/deployments/1": deployment("1", 50),
    });
    expect(await subject.statuses(3, "/prod/a")).toEqual([200, 200, 429]);
    expect(reasonOf(await subject.send("/prod/a"))).toBe("throttle.route");
    expect(await subject.statuses(3, "/prod/free")).toEqual([200, 200, 429]);
    expect(reasonOf(await subject.send("/prod/free"))).toBe("throttle.account");
  });

  test("has those of another deployment once it points there", async () => {
    const subject = await limited({
      "apis/default/stages/prod": { deployment: "1" },
      "apis/default/deployments/1": deployment("1", 1),
      "apis/default/deployments/2": deployment("2", 3),
    });
    expect(await subject.statuses(2, "/prod/a")).toEqual([200, 429]);
    await writeEntries({ "apis/default/stages/prod": { deployment: "2" } });
    await refresh(subject);
    const next = await subject.send("/prod/free");
    expect(next.status).toBe(200);
    expect((await subject.send("/prod/a")).headers.get("ratelimit-policy")).toBe(
      `"route";q=3;w=${3 * 86_400}`,
    );
  });

  test("answers 500 where the snapshot's limit is bad", async () => {
    const subject = await limited({
      "apis/default/stages/prod": { deployment: "1" },
      "apis/default/deployments/1": {
        ...deployment("1", 1),
        routes: {
          "GET /a": { integration: answerWith("a"), throttle: { rate: 0 } },
          "GET /free": { integration: answerWith("free") },
        },
      },
    });
    expect((await subject.send("/prod/a")).status).toBe(500);
    expect((await subject.send("/prod/free")).status).toBe(200);
  });
});

describe("counters are asked", () => {
  test("never by routes without limits", async () => {
    const key = newKey();
    const subject = await limited({
      ...routes({
        "GET /a": {},
        "GET /keyed": { apiKeyRequired: true },
        "GET /limited": { throttle: only(1) },
      }),
      ...(await keyEntry(key, "k_one")),
      "usage-plans/gold": { apiStages: [{ api: "default", stage: "$default" }] },
    });
    expect(await subject.admitted(20, "/a")).toBe(20);
    const headers = { "x-api-key": key };
    expect(await subject.admitted(20, "/keyed", { headers })).toBe(20);
    const answer = await subject.send("/keyed", { headers });
    expect([answer.headers.has("ratelimit"), answer.headers.has("ratelimit-policy")]).toEqual([false, false]);
    expect((await subject.send("/none")).status).toBe(404);
    expect(subject.counters.asked).toEqual([]);
  });

  test.each([
    ["a route's", { rate: 20_000, burst: 10_000 }, 1],
    ["three", [{ rate: 20_000 }, { rate: 20_000, per: "ip" }, { rate: 20_000, per: "header.host" }], 3],
  ])("less than once for 100 requests of a hot limit: %s", async (_, throttle, limits) => {
    const subject = await limited(routes({ "GET /a": { throttle } }));
    // A key becomes hot by and by.
    for (let i = 0; i < 3; i++) expect(await subject.admittedAtOnce(100, "/a")).toBe(100);
    const before = subject.counters.asked.length;
    for (let i = 0; i < 20; i++) expect(await subject.admittedAtOnce(50, "/a")).toBe(50);
    expect(subject.counters.asked.length - before).toBeLessThanOrEqual(10 * limits);
  });

  test("not at all while a refusal is remembered", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(1, { per: "ip" }) } }));
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
    await wait(300);
    await subject.send("/a");
    const before = subject.counters.asked.length;
    expect(await subject.admitted(200, "/a")).toBe(0);
    expect(subject.counters.asked.length - before).toBeLessThanOrEqual(2);
  });
});

test("R-31 interleaved requests of different callers share nothing", async () => {
  const keys = [newKey(), newKey()] as const;
  const origin = new SlowOrigin();
  const handler = async ({ headers }: { headers: Record<string, string> }) => {
    await wait(headers["authorization"] === "ann" ? 20 : 5);
    return { isAuthorized: true, context: { tenant: headers["authorization"] } };
  };
  const subject = await limited(
    {
      ...routes({
        "GET /a": {
          authorizer: "guard",
          apiKeyRequired: true,
          throttle: [
            only(1, { per: "authorizer.tenant" }),
            only(2, { per: "header.x-user" }),
            only(3, { per: "ip" }),
            only(4, { per: "apiKey" }),
          ],
          concurrency: { limit: 1, per: "header.x-user" },
        },
      }),
      "apis/default/authorizers/guard": {
        type: "request",
        authorizerUri: "guard",
        enableSimpleResponses: true,
        identitySource: "$request.header.Authorization",
        authorizerResultTtlInSeconds: 0,
      },
      ...(await keyEntry(keys[0], "k_ann")),
      ...(await keyEntry(keys[1], "k_bob")),
      "usage-plans/gold": {
        apiStages: [{ api: "default", stage: "$default" }],
        throttle: { rateLimit: 0.0001, burstLimit: 5 },
        quota: { limit: 6, period: "DAY" },
      },
    },
    { functions: { guard: { handler } }, origin: origin.answer },
    new Counters(),
  );
  const as = (name: string, key: string, peer: string) =>
    subject.send("/a", { headers: { authorization: name, "x-user": name, "x-api-key": key }, peer });
  const ann = as("ann", keys[0], "203.0.113.1:1");
  const bob = as("bob", keys[1], "203.0.113.2:1");
  await origin.has(2);
  // Bob's second request is refused by what is his, while both first ones are under way.
  const refused = await as("bob", keys[1], "203.0.113.2:1");
  expect(refused.headers.get("x-portico-reason")).toContain("authorizer.tenant");
  // What it had in hand is on its way back.
  await wait(50);
  origin.releaseAll();
  for (const response of await Promise.all([ann, bob])) {
    expect(response.status).toBe(200);
    const left = Object.fromEntries(
      [...(response.headers.get("ratelimit") ?? "").matchAll(/"([^"]+)";r=(\d+)/g)].map(([, name, r]) => [
        name,
        r,
      ]),
    );
    expect(left).toEqual({
      plan: "4",
      quota: "5",
      "authorizer.tenant": "0",
      "header.x-user": "1",
      ip: "2",
      apiKey: "3",
    });
  }
});

test("a route's limits hold for its preflights, methods and paths as it matches them", async () => {
  const subject = await limited({
    "apis/default/routes/ANY /items/{id}": {
      integration: proxyTo("https://origin.test/"),
      throttle: only(3),
    },
  });
  expect((await subject.send("/items/1")).status).toBe(200);
  expect((await subject.send("/items/2", { method: "POST" })).status).toBe(200);
  expect((await subject.send("/items/%33?x=1", { method: "HEAD" })).status).toBe(200);
  expect((await subject.send("/items/4", { method: "DELETE" })).status).toBe(429);
});
