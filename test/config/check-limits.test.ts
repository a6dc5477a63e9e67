import { describe, expect, test } from "vitest";
import { parseAuthorizer } from "../../src/config/check-authorizer.ts";
import { checkRoute } from "../../src/config/check-route.ts";
import { parseValue } from "../../src/config/parse.ts";
import { API_DEFAULTS, ApiEntry, RouteEntry } from "../../src/config/schemas.ts";

const settings = { ok: true, value: API_DEFAULTS } as const;
const AUTHORIZERS = new Map(
  Object.entries({
    issuer: { type: "jwt", jwtConfiguration: { issuer: "https://i.test", audience: ["a"] } },
    pool: {
      type: "cognito_user_pools",
      providerARNs: ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"],
    },
    guard: { type: "token", authorizerUri: "guard" },
    broken: { type: "jwt" },
  }).map(([name, value]) => [name, parseAuthorizer(name, { ok: true, value }, settings)]),
);

/** `code path: message` of each problem. */
function problems(route: object): readonly string[] {
  const parsed = parseValue("r", { integration: { type: "mock" }, ...route }, RouteEntry);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return checkRoute("r", parsed.value, API_DEFAULTS, AUTHORIZERS).map(
    ({ code, path, message }) => `${code} ${path}: ${message}`,
  );
}

const per = (whose: string) => ({ rate: 1, per: whose });

describe("a route's limit knows its callers", () => {
  test.each([
    [{ throttle: per("jwt.sub"), authorizer: "issuer" }],
    [{ throttle: per("jwt.sub"), authorizer: "pool" }],
    [{ throttle: per("authorizer.tenant"), authorizer: "guard" }],
    [{ throttle: per("authorizer.sub"), authorizer: "issuer" }],
    [{ throttle: per("authorizer.principalId"), authorizer: "AWS_IAM" }],
    [{ throttle: per("apiKey"), apiKeyRequired: true }],
    [{ throttle: ["ip", "route", "stage", "api", "account", "header.a", "querystring.a"].map(per) }],
    [{ concurrency: { limit: 5, per: "ip" }, throttle: per("ip") }],
  ])("%j", (route) => {
    expect(problems(route)).toEqual([]);
  });

  test.each([
    [
      { throttle: per("jwt.sub") },
      "throttle.per r#throttle.per: jwt.sub is a token's claim, and the route has no authorizer",
    ],
    [
      { throttle: per("jwt.sub"), authorizer: "NONE" },
      "throttle.per r#throttle.per: jwt.sub is a token's claim, and the route has no authorizer",
    ],
    [
      { throttle: [per("ip"), per("jwt.sub")], authorizer: "guard" },
      "throttle.per r#throttle.1.per: jwt.sub is a token's claim, and the route has an authorizer of type token",
    ],
    [
      { throttle: per("jwt.sub"), authorizer: "AWS_IAM" },
      "throttle.per r#throttle.per: jwt.sub is a token's claim, and the route has an authorizer of type AWS_IAM",
    ],
    [
      { concurrency: { limit: 1, per: "jwt.sub" } },
      "concurrency.per r#concurrency.per: jwt.sub is a token's claim, and the route has no authorizer",
    ],
    [
      { throttle: per("authorizer.tenant") },
      "throttle.per r#throttle.per: authorizer.tenant is what an authorizer says, and the route has none",
    ],
    [
      { throttle: per("authorizer.tenant"), authorizer: "NONE" },
      "throttle.per r#throttle.per: authorizer.tenant is what an authorizer says, and the route has none",
    ],
    [
      { throttle: per("apiKey"), authorizer: "guard" },
      "throttle.per r#throttle.per: the route asks for no API key, so all its callers would share one bucket",
    ],
  ])("%j: %s", (route, expected) => {
    expect(problems(route)).toEqual([expected]);
  });

  test("an authorizer that is not there, or bad, is one problem and not two", () => {
    for (const authorizer of ["nobody", "broken"]) {
      const found = problems({ throttle: [per("jwt.sub"), per("authorizer.a")], authorizer });
      expect(found.map((problem) => problem.split(" ")[0])).toEqual([
        authorizer === "broken" ? "authorizer.bad" : "authorizer.unknown",
      ]);
    }
  });
});

describe("a limit that stands twice", () => {
  test.each([
    [[{ rate: 1 }, { rate: 1 }]],
    [[{ rate: 1 }, { burst: 1, rate: 1, per: "route", interval: "second", cost: 1 }]],
    [
      [
        { rate: 1, per: "header.X-A" },
        { per: "header.x-a", rate: 1 },
      ],
    ],
    [
      [
        { rate: 3, cost: { header: "X-Cost" } },
        { cost: { default: 1, header: "x-cost" }, rate: 3 },
      ],
    ],
  ])("%j is named", (throttle) => {
    expect(problems({ throttle })).toEqual([
      "throttle.duplicate r#throttle.1: this limit is the same as throttle.0",
    ]);
  });

  test("is not the one with another bucket, rate or way to fail", () => {
    const throttle = [
      ...[{ rate: 1 }, { rate: 2 }, { rate: 1, burst: 2 }, { rate: 1, interval: "minute" }],
      ...[per("ip"), per("stage"), per("querystring.A"), per("querystring.a"), { rate: 1, fail: "closed" }],
    ];
    expect(problems({ throttle })).toEqual([]);
  });

  test("is each further one, and one of requests at a time", () => {
    expect(problems({ throttle: [per("ip"), { rate: 2 }, per("ip"), per("ip")] })).toEqual([
      "throttle.duplicate r#throttle.2: this limit is the same as throttle.0",
      "throttle.duplicate r#throttle.3: this limit is the same as throttle.0",
    ]);
    expect(problems({ concurrency: [{ limit: 2 }, { limit: 2, per: "route" }] })).toEqual([
      "concurrency.duplicate r#concurrency.1: this limit is the same as concurrency.0",
    ]);
  });
});

test("what an API may say is not what its callers are known by: some of its routes may know them", () => {
  const throttle = ["jwt.sub", "authorizer.a", "apiKey", "header.a"].map(per);
  expect(parseValue("apis/a", { throttle }, ApiEntry)).toMatchObject({ ok: true });
});
