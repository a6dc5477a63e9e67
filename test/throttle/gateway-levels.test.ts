import { beforeAll, describe, expect, test } from "vitest";
import { Clock, Issuer, type Signer, signer } from "../access/jwt/issuer.ts";
import type { GatewayOptions, RequestOptions } from "../support/gateway.ts";
import {
  keyEntry,
  limited,
  newKey,
  only,
  onlyPlan,
  onlySettings,
  reasonOf,
  routes,
} from "./gateway-support.ts";

const KEYS = [newKey(), newKey()] as const;
const COVERED = [
  { api: "default", stage: "$default" },
  { api: "default", stage: "prod" },
];

let signing: Signer;

beforeAll(async () => {
  signing = await signer("RS256");
});

/** Two callers for each `per` that tells callers apart, on a route that knows them. */
async function twoCallers(per: string): Promise<{
  route: object;
  entries: object;
  options: GatewayOptions;
  callers: [RequestOptions, RequestOptions];
  query?: [string, string];
}> {
  const none = { route: {}, entries: {}, options: {} };
  const headers = (name: string, values: readonly [string, string]): [RequestOptions, RequestOptions] => [
    { headers: { [name]: values[0] } },
    { headers: { [name]: values[1] } },
  ];
  switch (per.split(".")[0]) {
    case "ip":
      return { ...none, callers: [{ peer: "203.0.113.1:1" }, { peer: "203.0.113.2:1" }] };
    case "apiKey":
      return {
        ...none,
        route: { apiKeyRequired: true },
        entries: {
          ...(await keyEntry(KEYS[0], "k_one")),
          ...(await keyEntry(KEYS[1], "k_two")),
          "usage-plans/gold": { apiStages: COVERED },
        },
        callers: headers("x-api-key", KEYS),
      };
    case "jwt": {
      const clock = new Clock();
      clock.ms = Date.now();
      const issuer = new Issuer(clock);
      issuer.publish(signing, "k1");
      const jwtConfiguration = { issuer: issuer.url, audience: ["orders-api"] };
      const tokens = [
        await issuer.sign(signing, "k1", { sub: "ann", tenant: { id: 1 }, level: 3 }),
        await issuer.sign(signing, "k1", { sub: "bob", tenant: { id: 2 }, level: 4 }),
      ] as const;
      return {
        route: { authorizer: "issuer" },
        entries: { "apis/default/authorizers/issuer": { type: "jwt", jwtConfiguration } },
        options: {
          origin: (request) =>
            request.url.startsWith(issuer.url)
              ? issuer.fetch(request.url, { redirect: "manual" })
              : Response.json({}),
        },
        callers: headers("authorization", tokens),
      };
    }
    case "authorizer": {
      const handler = async ({ headers: sent }: { headers: Record<string, string> }) => ({
        principalId: sent["authorization"],
        policyDocument: {
          Version: "2012-10-17",
          Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: "*" }],
        },
        context: { tenant: `tenant of ${sent["authorization"]}` },
      });
      return {
        route: { authorizer: "guard" },
        entries: {
          "apis/default/authorizers/guard": {
            type: "request",
            authorizerUri: "guard",
            identitySource: "$request.header.Authorization",
          },
        },
        options: { functions: { guard: { handler } } },
        callers: headers("authorization", ["ann", "bob"]),
      };
    }
    case "header":
      return { ...none, callers: headers("x-tenant", ["a", "b"]) };
    default:
      return { ...none, callers: [{}, {}], query: ["?tenant=a", "?tenant=b"] };
  }
}

const CALLERS = [
  "ip",
  "apiKey",
  "jwt.sub",
  "jwt.tenant",
  "jwt.level",
  "authorizer.principalId",
  "authorizer.tenant",
  "header.X-Tenant",
  "querystring.tenant",
];

describe("each caller has a bucket of its own", () => {
  test.each(CALLERS)("per %s on a route", async (per) => {
    const { route, entries, options, callers, query = ["", ""] } = await twoCallers(per);
    const throttle = only(2, { per });
    const subject = await limited(
      { ...routes({ "GET /a": { ...route, throttle }, "GET /b": { ...route, throttle } }), ...entries },
      options,
    );
    expect(await subject.statuses(4, `/a${query[0]}`, callers[0])).toEqual([200, 200, 429, 429]);
    expect(await subject.statuses(3, `/a${query[1]}`, callers[1])).toEqual([200, 200, 429]);
    // Another route is another limit.
    expect(await subject.statuses(3, `/b${query[0]}`, callers[0])).toEqual([200, 200, 429]);
    const refused = await subject.send(`/a${query[0]}`, callers[0]);
    expect([refused.headers.get("ratelimit-policy"), reasonOf(refused)]).toEqual([
      `"${per}";q=2;w=172800`,
      "throttle.client",
    ]);
  });

  test.each(CALLERS)("per %s on the stage, the API and the account", async (per) => {
    const { route, entries, options, callers, query = ["", ""] } = await twoCallers(per);
    for (const [level, whose] of [
      ["apis/default/stages/$default", "the stage $default"],
      ["apis/default", "the API default"],
      ["account", "the account"],
    ] as const) {
      const subject = await limited(
        {
          "apis/default/stages/$default": {},
          "apis/default": {},
          account: {},
          ...routes({ "GET /a": route, "GET /b": route }),
          ...entries,
          [level]: { throttle: only(3, { per }) },
        },
        options,
      );
      expect(await subject.statuses(2, `/a${query[0]}`, callers[0]), level).toEqual([200, 200]);
      expect(await subject.statuses(2, `/b${query[0]}`, callers[0]), level).toEqual([200, 429]);
      expect(await subject.statuses(4, `/a${query[1]}`, callers[1]), level).toEqual([200, 200, 200, 429]);
      const refused = await subject.send(`/b${query[1]}`, callers[1]);
      expect(refused.headers.get("x-portico-reason")).toContain(`throttle.client: ${whose}, per ${per},`);
    }
  });
});

test("the tokens of one list member are not another's", async () => {
  const throttle = [only(4, { per: "header.x-tenant" }), only(2, { per: "ip" })];
  const subject = await limited(routes({ "GET /a": { throttle } }));
  const of = (tenant: string, peer: string): RequestOptions => ({ headers: { "x-tenant": tenant }, peer });
  expect(await subject.statuses(3, "/a", of("a", "203.0.113.1:1"))).toEqual([200, 200, 429]);
  expect(await subject.statuses(3, "/a", of("a", "203.0.113.2:1"))).toEqual([200, 200, 429]);
  expect(await subject.statuses(1, "/a", of("a", "203.0.113.3:1"))).toEqual([429]);
  expect(await subject.statuses(1, "/a", of("b", "203.0.113.3:1"))).toEqual([200]);
});

describe("one bucket for all", () => {
  /** Two APIs of two stages with two routes each. */
  const everything = (level: string, throttle: object): Record<string, unknown> => {
    const entries: Record<string, unknown> = {};
    for (const api of ["one", "two"]) {
      entries[`apis/${api}`] = {};
      entries[`apis/${api}/stages/$default`] = {};
      entries[`apis/${api}/stages/prod`] = {};
      Object.assign(entries, routes({ "GET /a": {}, "GET /b": {} }, api));
    }
    for (const key of level === "account" ? ["account"] : [`apis/one${level}`]) {
      entries[key] = { ...(entries[key] ?? {}), throttle };
    }
    return entries;
  };
  const ROUTE = {
    integration: { type: "http_proxy", uri: "https://origin.test/" },
  };
  /** Host and path of each place that may share a bucket with `one`'s `GET /a`. */
  const PLACES = {
    "another route": ["one.test", "/b"],
    "another stage": ["one.test", "/prod/a"],
    "another API": ["two.test", "/a"],
  } as const;

  test.each<[string, string, readonly (keyof typeof PLACES)[], string]>([
    ["a stage's", "/stages/$default", ["another route"], "throttle.stage"],
    ["an API's", "", ["another route", "another stage"], "throttle.api"],
    ["the account's", "account", ["another route", "another stage", "another API"], "throttle.account"],
  ])("%s limit", async (_, level, shares, reason) => {
    const subject = await limited(everything(level, only(1)));
    expect((await subject.send("/a", { host: "one.test" })).status).toBe(200);
    const refused = await subject.send("/a", { host: "one.test" });
    expect([refused.status, reasonOf(refused)]).toEqual([429, reason]);
    for (const [place, [host, path]] of Object.entries(PLACES)) {
      const expected = shares.some((share) => share === place) ? 429 : 200;
      expect((await subject.send(path, { host })).status, place).toBe(expected);
    }
  });

  test("a route's own limit is of its stage alone", async () => {
    const entries = everything("", only(100));
    entries["apis/one/routes/GET /a"] = { ...ROUTE, throttle: only(1) };
    const subject = await limited(entries);
    expect(await subject.statuses(2, "/a", { host: "one.test" })).toEqual([200, 429]);
    for (const [place, [host, path]] of Object.entries(PLACES)) {
      expect((await subject.send(path, { host })).status, place).toBe(200);
    }
  });

  test.each(["route", "stage"])("a route's limit per %s is of its stage alone", async (per) => {
    const entries = everything("", only(100));
    entries["apis/one/routes/GET /a"] = { ...ROUTE, throttle: only(1, { per }) };
    const subject = await limited(entries);
    expect(await subject.statuses(2, "/a", { host: "one.test" })).toEqual([200, 429]);
    expect(await subject.statuses(2, "/prod/a", { host: "one.test" })).toEqual([200, 429]);
  });

  test.each(["api", "account"])("a route's limit per %s is of all stages", async (per) => {
    const entries = everything("", only(100));
    entries["apis/one/routes/GET /a"] = { ...ROUTE, throttle: only(1, { per }) };
    const subject = await limited(entries);
    expect(await subject.statuses(2, "/a", { host: "one.test" })).toEqual([200, 429]);
    expect(await subject.statuses(1, "/prod/a", { host: "one.test" })).toEqual([429]);
  });

  test("an API's limit per stage gives each stage its own", async () => {
    const subject = await limited(everything("", only(1, { per: "stage" })));
    expect(await subject.statuses(2, "/a", { host: "one.test" })).toEqual([200, 429]);
    expect(await subject.statuses(2, "/prod/a", { host: "one.test" })).toEqual([200, 429]);
  });

  test("the account's limit per API gives each API its own", async () => {
    const subject = await limited(everything("account", only(1, { per: "api" })));
    expect(await subject.statuses(2, "/a", { host: "one.test" })).toEqual([200, 429]);
    expect(await subject.statuses(1, "/prod/a", { host: "one.test" })).toEqual([429]);
    expect(await subject.statuses(2, "/a", { host: "two.test" })).toEqual([200, 429]);
  });

  test.each([
    ["a stage's", "/stages/$default"],
    ["an API's", ""],
    ["the account's", "account"],
  ])("%s limit per route gives each route its own", async (_, level) => {
    const subject = await limited(everything(level, only(1, { per: "route" })));
    expect(await subject.statuses(2, "/a", { host: "one.test" })).toEqual([200, 429]);
    expect(await subject.statuses(2, "/b", { host: "one.test" })).toEqual([200, 429]);
  });

  test("limits of two APIs per account do not disturb each other", async () => {
    const entries = everything("", {});
    for (const [api, burst] of [
      ["one", 1],
      ["two", 5],
    ] as const) {
      entries[`apis/${api}`] = { throttle: only(burst, { per: "account" }) };
    }
    const subject = await limited(entries);
    expect(await subject.statuses(2, "/a", { host: "one.test" })).toEqual([200, 429]);
    expect(await subject.statuses(6, "/a", { host: "two.test" })).toEqual([200, 200, 200, 200, 200, 429]);
  });
});

describe("a stage's settings for its routes", () => {
  test("each route has a bucket of its own by the default ones", async () => {
    const subject = await limited({
      ...routes({ "GET /a": {}, "GET /b": {} }),
      "apis/default/stages/$default": { defaultRouteSettings: onlySettings(2) },
    });
    for (const path of ["/a", "/b"]) expect(await subject.statuses(3, path)).toEqual([200, 200, 429]);
    const refused = await subject.send("/a");
    expect([reasonOf(refused), refused.headers.get("ratelimit-policy")]).toEqual([
      "throttle.route",
      '"route";q=2;w=200000',
    ]);
  });

  test("a route's own take the place of the default ones, up or down", async () => {
    const subject = await limited({
      ...routes({ "GET /a": {}, "GET /b": {}, "ANY /c/{proxy+}": {}, $default: {} }),
      "apis/default/stages/$default": {
        defaultRouteSettings: onlySettings(2),
        routeSettings: {
          "GET /a": onlySettings(1),
          "ANY /c/{proxy+}": onlySettings(3),
          $default: onlySettings(4),
        },
      },
    });
    expect(await subject.admitted(6, "/a")).toBe(1);
    expect(await subject.admitted(6, "/b")).toBe(2);
    expect(await subject.admitted(3, "/c/x")).toBe(3);
    expect(await subject.admitted(3, "/c/y", { method: "POST" })).toBe(0);
    expect(await subject.admitted(6, "/any/other")).toBe(4);
  });

  test.each([
    ["rate", { throttlingRateLimit: 0, throttlingBurstLimit: 5 }],
    ["burst", { throttlingRateLimit: 5, throttlingBurstLimit: 0 }],
    ["both", { throttlingRateLimit: 0, throttlingBurstLimit: 0 }],
  ])("with 0 for the %s nothing gets in", async (_, settings) => {
    const subject = await limited({
      ...routes({ "GET /a": {} }),
      "apis/default/stages/$default": { defaultRouteSettings: settings },
    });
    expect(await subject.statuses(8, "/a")).toEqual(Array.from({ length: 8 }, () => 429));
  });

  test("hold beside the route's own throttle", async () => {
    for (const [own, setting] of [
      [1, 3],
      [3, 1],
    ] as const) {
      const subject = await limited({
        ...routes({ "GET /a": { throttle: only(own) } }),
        "apis/default/stages/$default": { defaultRouteSettings: onlySettings(setting) },
      });
      expect(await subject.admitted(5, "/a")).toBe(1);
    }
  });
});

describe("who is named when several refuse", () => {
  const LEVELS: readonly (readonly [string, Record<string, unknown>])[] = [
    ["throttle.client", { "usage-plans/gold": { apiStages: COVERED, throttle: onlyPlan(1) } }],
    ["quota.exceeded", { "usage-plans/gold": { apiStages: COVERED, quota: { limit: 1, period: "DAY" } } }],
    ["throttle.route", routes({ "GET /a": { apiKeyRequired: true, throttle: only(1) } })],
    ["throttle.stage", { "apis/default/stages/$default": { throttle: only(1) } }],
    ["throttle.api", { "apis/default": { throttle: only(1) } }],
    ["throttle.account", { account: { throttle: only(1) } }],
  ];

  test.each(LEVELS.map(([reason], index) => [reason, index] as const))(
    "%s before those behind it",
    async (reason, index) => {
      const entries: Record<string, unknown> = {
        "usage-plans/gold": { apiStages: COVERED },
        ...routes({ "GET /a": { apiKeyRequired: true } }),
        ...(await keyEntry(KEYS[0], "k_one")),
      };
      for (const [, more] of LEVELS.slice(index)) {
        for (const [key, value] of Object.entries(more))
          entries[key] = { ...(value as object), ...(entries[key] as object | undefined) };
      }
      const subject = await limited(entries);
      const options = { headers: { "x-api-key": KEYS[0] } };
      expect((await subject.send("/a", options)).status).toBe(200);
      const refused = await subject.send("/a", options);
      expect([refused.status, reasonOf(refused)]).toEqual([429, reason]);
    },
  );
});
