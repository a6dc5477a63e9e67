import { describe, expect, test } from "vitest";
import { keyEntry, limited, newKey, only, onlyPlan, onlySettings, routes, wait } from "./gateway-support.ts";

const KEY = newKey();
const WITH_KEY = { headers: { "x-api-key": KEY } };
const DAY = 86_400;

/** `RateLimit` as a list of names with what they say. */
const stateOf = (response: Response): readonly (readonly [string, number, number])[] =>
  (response.headers.get("ratelimit") ?? "").split(", ").map((item) => {
    const [, name = "", r, t] = /^"([^"]+)";r=(\d+);t=(\d+)$/.exec(item) ?? [];
    return [name, Number(r), Number(t)];
  });

const retryAfterOf = (response: Response): number => Number(response.headers.get("retry-after"));

/** How long a month is now, in seconds. */
function thisMonth(): number {
  const now = new Date();
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return (Date.UTC(year, month + 1, 1) - Date.UTC(year, month, 1)) / 1000;
}

describe("RateLimit-Policy", () => {
  test("is what the configuration says", async () => {
    const expected: [object, string][] = [
      [{ rate: 10, burst: 20, per: "ip" }, '"ip";q=20;w=2'],
      [{ rate: 10 }, '"route";q=10;w=1'],
      [{ rate: 0.5 }, '"route";q=1;w=2'],
      [{ rate: 3, burst: 10 }, '"route";q=10;w=4'],
      [{ rate: 1000, burst: 1 }, '"route";q=1;w=1'],
      [{ rate: 1000, interval: "hour", per: "header.x-user" }, '"header.x-user";q=1000;w=3600'],
      [{ rate: 60, interval: "minute", burst: 5, per: "stage" }, '"stage";q=5;w=5'],
      [{ rate: 1, interval: "day", per: "api" }, `"api";q=1;w=${DAY}`],
      [{ rate: 100, per: 'querystring.a b/c\u00e9"' }, '"querystring.a_b_c__";q=100;w=1'],
    ];
    const entries = expected.map(([throttle], index) => [`GET /${index}`, { throttle }] as const);
    const subject = await limited(routes(Object.fromEntries(entries)));
    for (const [index, [, policy]] of expected.entries()) {
      expect((await subject.send(`/${index}`)).headers.get("ratelimit-policy")).toBe(policy);
    }
  });

  test("of settings, plans and quotas", async () => {
    for (const [period, seconds] of [
      ["DAY", DAY],
      ["WEEK", 7 * DAY],
      ["MONTH", thisMonth()],
    ] as const) {
      const subject = await limited({
        ...routes({ "GET /a": { apiKeyRequired: true } }),
        "apis/default/stages/$default": {
          defaultRouteSettings: { throttlingRateLimit: 5, throttlingBurstLimit: 12 },
        },
        ...(await keyEntry(KEY, "k_one")),
        "usage-plans/gold": {
          apiStages: [{ api: "default", stage: "$default" }],
          throttle: { rateLimit: 2.5, burstLimit: 10 },
          quota: { limit: 1000, period },
        },
      });
      expect((await subject.send("/a", WITH_KEY)).headers.get("ratelimit-policy")).toBe(
        `"plan";q=10;w=4, "quota";q=1000;w=${seconds}, "route";q=12;w=3`,
      );
    }
  });
});

describe("RateLimit", () => {
  test.each([
    ["the route", {}],
    ["an address", { per: "ip" }],
    ["a header", { per: "header.x-user" }],
    ["a limit that asks each time", { exact: true }],
  ])("of %s goes down by one with each request of a cold key", async (_, more) => {
    const subject = await limited(routes({ "GET /a": { throttle: only(5, more) } }));
    for (let left = 4; left >= 0; left--) {
      const [[, r, t] = []] = stateOf(await subject.send("/a"));
      // The `t` is until the bucket is full again.
      expect([r, t]).toEqual([left, (5 - left) * DAY]);
    }
    expect(stateOf(await subject.send("/a"))[0]?.slice(1)).toEqual([0, 5 * DAY]);
  });

  test("goes down by one of larger buckets too", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(10) } }));
    const left: (number | undefined)[] = [];
    for (let i = 0; i < 6; i++) left.push(stateOf(await subject.send("/a"))[0]?.[1]);
    expect(left).toEqual([9, 8, 7, 6, 5, 4]);
  });

  test("says that something is left only to those who get it", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(20) } }));
    for (let i = 0; i < 20; i++) {
      const response = await subject.send("/a");
      expect([response.status, stateOf(response)[0]?.[1]]).toEqual([200, 19 - i]);
    }
  });

  test("has a member for each limit, and the same ones as the policy", async () => {
    const subject = await limited({
      ...routes({
        "GET /a": {
          apiKeyRequired: true,
          throttle: [only(10), only(11, { per: "ip" }), only(12, { per: "header.x-user" })],
        },
      }),
      "apis/default/stages/$default": { throttle: only(13), defaultRouteSettings: onlySettings(14) },
      "apis/default": { throttle: [only(15), only(16, { per: "querystring.q" })] },
      account: { throttle: only(17) },
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": {
        apiStages: [{ api: "default", stage: "$default" }],
        throttle: onlyPlan(18),
        quota: { limit: 19, period: "MONTH" },
      },
    });
    const response = await subject.send("/a", WITH_KEY);
    const expected = {
      plan: 17,
      quota: 18,
      route: 9,
      "route-2": 13,
      "header.x-user": 11,
      stage: 12,
      api: 14,
      "querystring.q": 15,
      account: 16,
      ip: 10,
    };
    const state = stateOf(response);
    expect(Object.fromEntries(state.map(([name, r]) => [name, r]))).toMatchObject(expected);
    const policy = response.headers.get("ratelimit-policy") ?? "";
    const named = [...policy.matchAll(/"([^"]+)";q=(\d+);w=\d+(?:, |$)/g)].map(([, name, q]) => [
      name,
      Number(q) - 1,
    ]);
    expect(named).toEqual(state.map(([name, r]) => [name, r]));
  });

  test("stands beside an origin's own", async () => {
    const headers = {
      ratelimit: '"origin";r=5;t=7',
      "ratelimit-policy": '"origin";q=6;w=60',
      "x-ratelimit-remaining": "5",
      "retry-after": "120",
    };
    for (const protocol of ["HTTP", "REST"]) {
      const subject = await limited(
        {
          "apis/default": { protocol },
          ...routes({ "GET /a": { throttle: [only(3), only(4, { per: "ip" })] } }),
        },
        { origin: () => Response.json({}, { status: 503, headers }) },
      );
      const response = await subject.send("/a");
      expect(response.status).toBe(503);
      expect(response.headers.get("ratelimit")).toBe(
        `"origin";r=5;t=7, "route";r=2;t=${DAY}, "ip";r=3;t=${DAY}`,
      );
      expect(response.headers.get("ratelimit-policy")).toBe(
        `"origin";q=6;w=60, "route";q=3;w=${3 * DAY}, "ip";q=4;w=${4 * DAY}`,
      );
      expect(response.headers.get("x-ratelimit-remaining")).toBe("5");
      expect(response.headers.get("retry-after")).toBe("120");
    }
  });

  test("leaves an origin's own as they are with strict", async () => {
    const subject = await limited(
      { "apis/default": { strict: true }, ...routes({ "GET /a": { throttle: only(3) } }) },
      {
        origin: () =>
          Response.json({}, { headers: { ratelimit: '"origin";r=5', "ratelimit-policy": '"origin";q=6' } }),
      },
    );
    const { headers } = await subject.send("/a");
    expect([headers.get("ratelimit"), headers.get("ratelimit-policy")]).toEqual([
      '"origin";r=5',
      '"origin";q=6',
    ]);
  });

  test("is on answers of functions and mocks", async () => {
    const subject = await limited(
      {
        "apis/default/routes/GET /lambda": {
          integration: { type: "aws_proxy", uri: "lambda" },
          throttle: only(2),
        },
        "apis/default/routes/GET /worker": {
          integration: { type: "aws_proxy", uri: "worker" },
          throttle: only(2),
        },
        "apis/default/routes/GET /mock": {
          integration: {
            type: "mock",
            requestTemplates: { "application/json": '{"statusCode": 200}' },
            responses: { default: { statusCode: 204 } },
          },
          throttle: only(2),
        },
      },
      {
        functions: {
          lambda: { handler: async () => ({ statusCode: 404, body: "none" }) },
          worker: { default: { fetch: () => new Response(null, { status: 304 }) } },
        },
      },
    );
    for (const [path, status] of [
      ["/lambda", 404],
      ["/worker", 304],
      ["/mock", 204],
    ] as const) {
      const response = await subject.send(path);
      expect([response.status, response.headers.get("ratelimit")]).toEqual([status, `"route";r=1;t=${DAY}`]);
    }
  });
});

describe("Retry-After tells the truth", () => {
  /** Uses each limit up, waits as long as its refusal says, and asks again. */
  async function whoeverWaits(throttles: readonly object[]): Promise<readonly string[]> {
    const entries = throttles.map((throttle, index) => [`GET /${index}`, { throttle }] as const);
    const subject = await limited(routes(Object.fromEntries(entries)));
    return Promise.all(
      throttles.map(async (_, index) => {
        const target = `/${index}`;
        let refused = await subject.send(target);
        for (let i = 0; refused.status === 200 && i < 20; i++) refused = await subject.send(target);
        const seconds = retryAfterOf(refused);
        await wait(seconds * 1000);
        return `${refused.status}, in ${seconds} s ${(await subject.send(target)).status}`;
      }),
    );
  }

  test("whoever waits gets in", async () => {
    const throttles = [
      { rate: 2, burst: 2 },
      { rate: 2, burst: 2, exact: true },
      { rate: 2, burst: 1, per: "ip" },
      { rate: 30, interval: "minute", burst: 1 },
      { rate: 30, interval: "minute", burst: 1, exact: true },
      { rate: 5, burst: 5 },
      { rate: 5, burst: 10, cost: 8 },
    ];
    expect(await whoeverWaits(throttles)).toEqual([
      "429, in 1 s 200",
      "429, in 1 s 200",
      "429, in 1 s 200",
      "429, in 2 s 200",
      "429, in 2 s 200",
      "429, in 1 s 200",
      "429, in 2 s 200",
    ]);
  });

  test("with many who ask at once", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: { rate: 4, burst: 4 } } }));
    const answers = await Promise.all(Array.from({ length: 30 }, () => subject.send("/a")));
    const waits = answers.filter(({ status }) => status === 429).map(retryAfterOf);
    expect(waits.length).toBeGreaterThanOrEqual(26);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2);
    await wait(Math.max(...waits) * 1000);
    expect((await subject.send("/a")).status).toBe(200);
  });

  test("of the limit that refuses, where another has enough", async () => {
    const throttle = [only(100, { interval: "minute" }), { rate: 0.5, burst: 1, per: "ip" }];
    const subject = await limited(routes({ "GET /a": { throttle } }));
    await subject.send("/a");
    expect(retryAfterOf(await subject.send("/a"))).toBe(2);
  });

  test("of the longest, where several refuse", async () => {
    const throttle = [
      { rate: 1, burst: 1 },
      { rate: 1, interval: "minute", burst: 1, per: "header.x-user" },
    ];
    const subject = await limited(routes({ "GET /a": { throttle } }));
    expect((await subject.send("/a")).status).toBe(200);
    const refused = await subject.send("/a");
    expect(refused.status).toBe(429);
    expect(retryAfterOf(refused)).toBeGreaterThan(55);
  });

  test("of the quota, where the plan's rate refuses as well", async () => {
    const subject = await limited({
      ...routes({ "GET /a": { apiKeyRequired: true } }),
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": {
        apiStages: [{ api: "default", stage: "$default" }],
        throttle: { rateLimit: 1, burstLimit: 1 },
        quota: { limit: 1, period: "MONTH" },
      },
    });
    expect((await subject.send("/a", WITH_KEY)).status).toBe(200);
    const refused = await subject.send("/a", WITH_KEY);
    expect(refused.status).toBe(429);
    expect(retryAfterOf(refused)).toBeGreaterThan(60);
  });
});

describe("a caller who keeps to the limit is never refused", () => {
  /** How many requests each of the limits refuses to a caller who sends one in so many ms. */
  async function refusals(limits: readonly (readonly [object, number])[]): Promise<readonly number[]> {
    const entries = limits.map(([throttle], index) => [`GET /${index}`, { throttle }] as const);
    const subject = await limited(routes(Object.fromEntries(entries)));
    return Promise.all(
      limits.map(async ([, everyMs], index) => {
        let refused = 0;
        for (let passed = 0; passed < 2000; passed += everyMs) {
          if ((await subject.send(`/${index}`)).status === 429) refused++;
          await wait(everyMs);
        }
        return refused;
      }),
    );
  }

  test("at half the rate", async () => {
    const half = [
      [{ rate: 20, burst: 2, exact: true }, 100],
      [{ rate: 20 }, 100],
      [{ rate: 5, burst: 1 }, 400],
      [{ rate: 40, burst: 5, per: "ip" }, 50],
    ] as const;
    expect(await refusals(half)).toEqual([0, 0, 0, 0]);
  });

  // Two tokens are divided between a slice and the counter, and neither gains what the other has no room for.
  test("at half the rate, with a burst of 2", async () => {
    expect(await refusals([[{ rate: 20, burst: 2 }, 100]])).toEqual([0]);
  });
});
