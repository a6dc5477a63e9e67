import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ApiConfig, StageLimits } from "../../src/config/api-config.ts";
import type { Problem } from "../../src/config/problem.ts";
import { ConfigStore } from "../../src/config/store.ts";
import { answerWith, api, gateway, writeEntries } from "../support/gateway.ts";

const A = { "GET /a": answerWith("a") };
const LIMIT = { interval: "second", cost: 1, fail: "local", exact: false };
const limit = (rate: number) => ({ ...LIMIT, rate, burst: rate });
const NONE: StageLimits = { stage: [], defaultRoute: undefined, routes: new Map(), account: [] };
const SLOW = { throttlingRateLimit: 1, throttlingBurstLimit: 2 };

/** The store itself, with what is compiled shown as it is. */
class Subject {
  readonly problems: Problem[] = [];
  compiled = 0;
  readonly #store: ConfigStore<ApiConfig>;

  constructor() {
    this.#store = new ConfigStore<ApiConfig>({
      compile: (config) => {
        this.compiled += 1;
        return config;
      },
      refreshMs: 2 ** 40,
      report: (problem) => this.problems.push(problem),
    });
  }

  async read(name = "default"): Promise<ApiConfig> {
    await this.#store.ready(env.CONFIG);
    const config = this.#store.api(name) ?? (await this.#store.loadApi(env.CONFIG, name));
    if (!config) throw new Error(`there is no API ${name}`);
    return config;
  }

  async limits(stage = "$default", name = "default"): Promise<StageLimits | undefined> {
    return (await this.read(name)).stages.get(stage)?.limits;
  }

  async refresh(entries: Readonly<Record<string, unknown>>): Promise<void> {
    await writeEntries(entries);
    await this.#store.refresh(env.CONFIG);
  }

  get codes(): readonly string[] {
    return this.problems.map(({ code, path }) => `${code} ${path}`);
  }
}

async function subject(entries: Readonly<Record<string, unknown>>): Promise<Subject> {
  await writeEntries(entries);
  return new Subject();
}

describe("the entry `account`", () => {
  test("reaches each API's stages at the refresh that sees it, when nothing else has changed", async () => {
    const store = await subject({
      ...api(A),
      ...api(A, {}, "shop"),
      "apis/shop/stages/prod": {},
      "apis/shop/stages/dev": {},
    });
    expect(await store.limits()).toEqual(NONE);
    await store.read("shop");
    expect(store.compiled).toBe(2);
    await store.refresh({ account: { throttle: { rate: 5 } } });
    const account = [limit(5)];
    expect(await store.limits()).toEqual({ ...NONE, account });
    expect(await store.limits("prod", "shop")).toEqual({ ...NONE, account });
    expect(await store.limits("dev", "shop")).toEqual({ ...NONE, account });
    expect(store.compiled).toBe(4);
    await store.refresh({});
    expect(store.compiled).toBe(4);
    await store.refresh({ account: { throttle: [] } });
    expect(await store.limits()).toEqual(NONE);
    expect(store.compiled).toBe(6);
  });

  test("is there for an API that is read cold, and gone when it is deleted", async () => {
    const store = await subject({ ...api(A), account: { throttle: [{ rate: 5 }, { rate: 9, per: "ip" }] } });
    expect((await store.limits())?.account).toEqual([limit(5), { ...limit(9), per: "ip" }]);
    await env.CONFIG.delete("account");
    await store.refresh({});
    expect(await store.limits()).toEqual(NONE);
    expect(store.problems).toEqual([]);
  });

  test.each([
    ["{", "json.malformed account"],
    [{ throttle: { rate: 0 } }, "value.invalid account#throttle.rate"],
    [{ throtle: { rate: 1 } }, "key.unknown account#throtle"],
    [{ throttle: [{ rate: 1 }, { rate: 1, per: "account" }] }, "throttle.duplicate account#throttle.1"],
    [[], "value.invalid account"],
  ])("R-29 that is bad (%j) is reported once, and the last good one holds", async (bad, code) => {
    const store = await subject({ ...api(A), account: { throttle: { rate: 5 } } });
    await store.read();
    for (let i = 0; i < 3; i++) await store.refresh({ account: bad });
    expect((await store.limits())?.account).toEqual([limit(5)]);
    expect(store.codes).toEqual([code]);
    expect(store.compiled).toBe(1);
    await store.refresh({ account: { throttle: { rate: 6 } } });
    expect((await store.limits())?.account).toEqual([limit(6)]);
  });

  test("R-29 that is bad from the start limits nothing, and is reported", async () => {
    const store = await subject({ ...api(A), account: "{" });
    expect(await store.limits()).toEqual(NONE);
    expect(store.codes).toEqual(["json.malformed account"]);
  });
});

describe("a stage's limits", () => {
  test("are those of its entry", async () => {
    const store = await subject({
      ...api({ ...A, "GET /b/{id}": answerWith("b") }, { throttle: { rate: 100 } }),
      "apis/default/stages/prod": {
        throttle: { rate: 50 },
        defaultRouteSettings: SLOW,
        routeSettings: { "GET /b/{id}": { throttlingRateLimit: 0, throttlingBurstLimit: 0 } },
      },
      "apis/default/stages/dev": {},
    });
    expect(await store.limits("prod")).toEqual({
      stage: [limit(50)],
      defaultRoute: SLOW,
      routes: new Map([["GET /b/{id}", { throttlingRateLimit: 0, throttlingBurstLimit: 0 }]]),
      account: [],
    });
    expect(await store.limits("dev")).toEqual(NONE);
    const { stages, problems } = await store.read();
    expect(stages.get("dev")?.settings.throttle).toEqual([limit(100)]);
    expect(problems).toEqual([]);
  });

  test("for a route that it does not have are reported, and break nothing", async () => {
    const running = await gateway({
      ...api(A),
      "apis/default/stages/$default": { routeSettings: { "GET /aa": SLOW } },
    });
    expect((await running.fetch("/a")).status).toBe(200);
    expect(running.problems).toEqual([
      {
        code: "route_settings.unknown",
        path: "apis/default/stages/$default#routeSettings.GET /aa",
        message: 'the stage has no route "GET /aa": these settings limit nothing',
        hint: 'did you mean "GET /a"?',
      },
    ]);
  });

  test("for a route whose own entry is bad are no mistake", async () => {
    const store = await subject({
      "apis/default/routes/GET /a": "{",
      "apis/default/stages/$default": { routeSettings: { "GET /a": SLOW } },
    });
    await store.read();
    expect(store.codes).toEqual(["json.malformed apis/default/routes/GET /a"]);
  });

  test.each([
    [{ routeSettings: { "GET a": SLOW } }, "value.invalid apis/default/stages/prod#routeSettings.GET a"],
    [{ throttle: { rate: 0 } }, "value.invalid apis/default/stages/prod#throttle.rate"],
    [
      { throttle: [{ rate: 1 }, { rate: 1, per: "stage" }] },
      "throttle.duplicate apis/default/stages/prod#throttle.1",
    ],
  ])("R-29 that are bad (%j) break it, or leave it as it was but for the account's", async (bad, code) => {
    const cold = await subject({ ...api(A), "apis/default/stages/prod": bad });
    expect((await cold.read()).stages.get("prod")).toMatchObject({ broken: true, limits: NONE });
    expect(cold.codes).toEqual([code]);
    const warm = await subject({ ...api(A), "apis/default/stages/prod": { throttle: { rate: 7 } } });
    await warm.read();
    await warm.refresh({ "apis/default/stages/prod": bad });
    expect(await warm.limits("prod")).toEqual({ ...NONE, stage: [limit(7)] });
    await warm.refresh({ account: { throttle: { rate: 5 } } });
    expect(await warm.limits("prod")).toEqual({ ...NONE, stage: [limit(7)], account: [limit(5)] });
  });
});

test("a stage that is pinned has its API's and routes' limits from the deployment, its own live", async () => {
  const store = await subject({
    ...api(A, { throttle: { rate: 1 } }),
    "apis/default/stages/prod": { deployment: "1", throttle: { rate: 20 }, defaultRouteSettings: SLOW },
    "apis/default/deployments/1": {
      id: "1",
      createdAt: "2026-11-21T00:00:00Z",
      api: { throttle: { rate: 100 } },
      routes: {
        "GET /a": { integration: answerWith("a"), throttle: { rate: 10 }, concurrency: { limit: 3 } },
      },
    },
  });
  const stage = async () => {
    const found = (await store.read()).stages.get("prod");
    const route = found?.routes[0];
    const ofRoute = route?.ok ? [route.entry.throttle, route.entry.concurrency] : undefined;
    return [found?.settings.throttle, ofRoute, found?.limits.stage, found?.limits.account];
  };
  const ofRoute = [[limit(10)], [{ limit: 3, fail: "local" }]];
  expect(await stage()).toEqual([[limit(100)], ofRoute, [limit(20)], []]);
  await store.refresh({
    ...api(A, { throttle: { rate: 2 } }),
    "apis/default/stages/prod": { deployment: "1", throttle: { rate: 30 } },
    account: { throttle: { rate: 5 } },
  });
  expect(await stage()).toEqual([[limit(100)], ofRoute, [limit(30)], [limit(5)]]);
  expect((await store.limits("prod"))?.defaultRoute).toBeUndefined();
});

test("R-29 an API whose limits are bad keeps what it served, and answers 500 cold", async () => {
  const twice = { throttle: [{ rate: 1 }, { rate: 1, per: "api" }] };
  const store = await subject(api(A, { throttle: { rate: 8 } }));
  await store.read();
  await store.refresh(api(A, twice));
  expect((await store.read()).stages.get("$default")?.settings.throttle).toEqual([limit(8)]);
  expect(store.codes).toEqual(["throttle.duplicate apis/default#throttle.1"]);
  const cold = await gateway(api(A, twice));
  expect((await cold.fetch("/a")).status).toBe(500);
});

test("R-29 a route whose limit cannot know its callers answers 500, and the others go on", async () => {
  const subject = await gateway(
    {
      ...api(A),
      "apis/default/routes/GET /b": { integration: answerWith("b"), throttle: { rate: 1, per: "jwt.sub" } },
    },
    { showReasons: true },
  );
  expect((await subject.fetch("/a")).status).toBe(200);
  const bad = await subject.fetch("/b");
  expect(bad.status).toBe(500);
  expect(bad.headers.get("x-portico-reason")).toContain("jwt.sub is a token's claim");
});
