import { describe, expect, test } from "vitest";
import { AccessLog } from "../../src/observability/access-log.ts";
import type { RequestOptions } from "../support/gateway.ts";
import {
  headersOf,
  keyEntry,
  type LimitedGateway,
  limited,
  newKey,
  only,
  onlyPlan,
  routes,
  SlowOrigin,
} from "./gateway-support.ts";

const DAY = 86_400;
const KEY = newKey();
const WITH_KEY: RequestOptions = { headers: { "x-api-key": KEY } };
const COVERED = [{ api: "default", stage: "$default" }];

/** What a refusal of an API of this kind has besides what its limit says. */
const frame = (protocol: string, errorType: string) => ({
  "content-type": "application/json",
  ...(protocol === "REST" && { "x-amzn-errortype": errorType }),
});

async function withPlan(settings: object, plan: object, more: object = {}): Promise<LimitedGateway> {
  return limited(
    {
      "apis/default": settings,
      ...routes({ "GET /a": { apiKeyRequired: true } }),
      ...(await keyEntry(KEY, "k_one")),
      "usage-plans/gold": { apiStages: COVERED, ...plan },
    },
    { showReasons: false, ...more },
  );
}

/** What is left of the day, in seconds. */
const untilMidnight = (): number => DAY - Math.floor((Date.now() / 1000) % DAY);

describe.each(["HTTP", "REST"])("an %s API", (protocol) => {
  test("answers 429 Too Many Requests over a limit, and the origin hears nothing", async () => {
    const subject = await limited(
      {
        "apis/default": { protocol },
        ...routes({ "GET /a": { throttle: only(1, { interval: "minute" }) } }),
      },
      { showReasons: false },
    );
    expect((await subject.send("/a")).status).toBe(200);
    const refused = await subject.send("/a");
    expect(refused.status).toBe(429);
    expect(await refused.text()).toBe('{"message":"Too Many Requests"}');
    expect(headersOf(refused)).toEqual({
      ...frame(protocol, "TooManyRequestsException"),
      "retry-after": "60",
      "ratelimit-policy": '"route";q=1;w=60',
      ratelimit: '"route";r=0;t=60',
    });
    expect(subject.gate.sent).toHaveLength(1);
  });

  test("answers 429 Limit Exceeded over a quota, until midnight UTC", async () => {
    const subject = await withPlan({ protocol }, { quota: { limit: 1, period: "DAY" } });
    expect((await subject.send("/a", WITH_KEY)).status).toBe(200);
    const latest = untilMidnight();
    const refused = await subject.send("/a", WITH_KEY);
    const earliest = untilMidnight();
    expect(refused.status).toBe(429);
    expect(await refused.text()).toBe('{"message":"Limit Exceeded"}');
    const { "retry-after": retryAfter, ratelimit, ...headers } = headersOf(refused);
    expect(headers).toEqual({
      ...frame(protocol, "LimitExceededException"),
      "ratelimit-policy": `"quota";q=1;w=${DAY}`,
    });
    const among = [latest, earliest, earliest - 1].map(String);
    expect(among).toContain(retryAfter);
    expect(among.map((seconds) => `"quota";r=0;t=${seconds}`)).toContain(ratelimit);
    expect(subject.gate.sent).toHaveLength(1);
  });

  test("answers 429 Too Many Requests with too much in flight", async () => {
    const origin = new SlowOrigin();
    const subject = await limited(
      { "apis/default": { protocol }, ...routes({ "GET /a": { concurrency: { limit: 1 } } }) },
      { origin: origin.answer, showReasons: false },
    );
    const first = subject.send("/a");
    await origin.has(1);
    const refused = await subject.send("/a");
    expect(refused.status).toBe(429);
    expect(await refused.text()).toBe('{"message":"Too Many Requests"}');
    expect(headersOf(refused)).toEqual({
      ...frame(protocol, "TooManyRequestsException"),
      "retry-after": "1",
    });
    origin.release();
    await (await first).text();
  });

  test("answers 503 where a limit that is closed cannot be asked", async () => {
    const subject = await limited(
      {
        "apis/default": { protocol },
        ...routes({ "GET /a": { throttle: only(5, { fail: "closed" }) } }),
      },
      { showReasons: false },
    );
    subject.counters.fault = "throws";
    const refused = await subject.send("/a");
    expect(refused.status).toBe(503);
    expect(await refused.text()).toBe(
      protocol === "REST" ? '{"message": "Service Unavailable"}' : '{"message":"Service Unavailable"}',
    );
    expect(headersOf(refused)).toEqual(frame(protocol, "InternalServerErrorException"));
    expect(subject.gate.sent).toHaveLength(0);
  });

  test("R-17 has CORS headers on its refusals", async () => {
    const subject = await limited({
      "apis/default": { protocol, cors: { allowOrigins: ["https://page.test"] } },
      ...routes({ "GET /a": { throttle: only(1) } }),
    });
    const headers = { origin: "https://page.test" };
    for (const status of [200, 429]) {
      const response = await subject.send("/a", { headers });
      expect(response.status).toBe(status);
      expect(response.headers.get("access-control-allow-origin")).toBe("https://page.test");
    }
  });

  test("answers preflights, which no limit counts", async () => {
    const subject = await limited({
      "apis/default": { protocol, throttle: only(1), cors: { allowOrigins: ["*"], allowMethods: ["GET"] } },
      ...routes({ "ANY /a": { throttle: only(1, { per: "ip" }) } }),
    });
    const headers = { origin: "https://page.test", "access-control-request-method": "GET" };
    for (let i = 0; i < 3; i++) {
      expect((await subject.send("/a", { method: "OPTIONS", headers })).status).toBe(204);
    }
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
  });
});

describe("strict leaves out what API Gateway does not say", () => {
  const NAMES = ["retry-after", "ratelimit", "ratelimit-policy"];
  const namesOf = (response: Response) => NAMES.filter((name) => response.headers.has(name));

  test("of a throttle", async () => {
    const subject = await limited({
      "apis/default": { strict: true },
      ...routes({ "GET /a": { throttle: [only(1), only(5, { per: "ip" })] } }),
    });
    for (const status of [200, 429]) {
      const response = await subject.send("/a");
      expect([response.status, namesOf(response)]).toEqual([status, []]);
    }
  });

  test("of a quota", async () => {
    const subject = await withPlan({ strict: true }, { quota: { limit: 1, period: "MONTH" } });
    for (const status of [200, 429]) {
      const response = await subject.send("/a", WITH_KEY);
      expect([response.status, namesOf(response)]).toEqual([status, []]);
    }
  });

  test("of what is in flight", async () => {
    const origin = new SlowOrigin();
    const subject = await limited(
      { "apis/default": { strict: true }, ...routes({ "GET /a": { concurrency: { limit: 1 } } }) },
      { origin: origin.answer },
    );
    const first = subject.send("/a");
    await origin.has(1);
    const refused = await subject.send("/a");
    origin.release();
    await (await first).text();
    expect([refused.status, namesOf(refused)]).toEqual([429, []]);
  });
});

describe("the access log", () => {
  function logged() {
    const lines: string[] = [];
    const log = new AccessLog((text) => lines.push(...text.split("\n")));
    return {
      log,
      /** The lines so far, as objects. */
      read: (): Record<string, unknown>[] => {
        log.flush();
        return lines.map((line) => JSON.parse(line));
      },
    };
  }

  test("says whose limit it was, where clients are not told", async () => {
    const { log, read } = logged();
    const plan = { throttle: onlyPlan(1), quota: { limit: 5, period: "DAY" } };
    const subject = await withPlan({}, plan, { log });
    for (const status of [200, 429]) {
      const response = await subject.send("/a", WITH_KEY);
      expect([response.status, response.headers.has("x-portico-reason")]).toEqual([status, false]);
    }
    const [first, second] = read();
    expect(first).toMatchObject({ status: 200, apiKeyId: "k_one" });
    expect(Object.keys(first ?? {})).not.toContain("reason");
    expect(Object.keys(first ?? {})).not.toContain("limiter");
    expect(second).toMatchObject({
      status: 429,
      apiKeyId: "k_one",
      reason: "throttle.client",
      detail: `the API key's usage plan allows no more ("plan";q=1;w=100000); worth trying again in 3600 s`,
    });
    expect(Object.keys(second ?? {})).not.toContain("limiter");
  });

  test.each([
    ["local", 200],
    ["open", 200],
    ["closed", 503],
  ])("says what a limit went by while its counter was away: %s", async (fail, status) => {
    const { log, read } = logged();
    const subject = await limited(
      routes({ "GET /a": { throttle: only(100, { fail }) }, "GET /b": { throttle: only(100, { fail }) } }),
      { log },
    );
    expect((await subject.send("/b")).status).toBe(200);
    subject.counters.fault = "throws";
    expect((await subject.send("/a")).status).toBe(status);
    const [without, alone] = read();
    expect(without).not.toHaveProperty("limiter");
    expect(alone).toMatchObject({ status, limiter: fail });
    expect(alone?.["reason"]).toBe(status === 503 ? "throttle.unavailable" : undefined);
  });

  test("has what is in flight too", async () => {
    const { log, read } = logged();
    const origin = new SlowOrigin();
    const subject = await limited(routes({ "GET /a": { concurrency: { limit: 1 } } }), {
      origin: origin.answer,
      log,
      showReasons: false,
    });
    const first = subject.send("/a");
    await origin.has(1);
    await subject.send("/a");
    origin.release();
    await (await first).text();
    expect(read()[0]).toMatchObject({
      status: 429,
      reason: "throttle.concurrency",
      detail: "1 requests are in flight, as many as may be at a time",
    });
  });
});
