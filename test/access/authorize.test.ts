import { describe, expect, test } from "vitest";
import { answerWith, api, type GatewayOptions, gateway } from "../support/gateway.ts";
import { Clock, Issuer, signer } from "./jwt/issuer.ts";

const allow = (more: object = {}) => ({
  Effect: "Allow",
  Principal: "*",
  Action: "execute-api:Invoke",
  Resource: "execute-api:/*",
  ...more,
});
const deny = (more: object = {}) => ({ ...allow(more), Effect: "Deny" });
const policy = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const from = (cidr: string | readonly string[]) => ({ Condition: { IpAddress: { "aws:SourceIp": cidr } } });

async function subject(
  settings: Readonly<Record<string, unknown>>,
  route: Readonly<Record<string, unknown>> = {},
  options: GatewayOptions = {},
) {
  const entries = {
    ...api({}, settings),
    "apis/default/routes/GET /a": { integration: answerWith("a"), ...route },
  };
  return gateway(entries, { showReasons: true, ...options });
}

describe("a resource policy on an API or a route without an authorizer", () => {
  test.each([
    ["allows its addresses", policy(allow(from("203.0.113.0/24"))), 200],
    ["allows nobody else", policy(allow(from("198.51.100.0/24"))), 403],
    ["that is silent refuses", policy(allow({ Resource: "execute-api:/*/POST/*" })), 403],
    ["allows the route by its own words", policy(allow({ Resource: "execute-api:/$default/GET/a" })), 200],
    ["that denies outweighs one that allows", policy(allow(), deny(from("203.0.113.7"))), 403],
    ["that denies others lets this one in", policy(allow(), deny(from("203.0.113.8"))), 200],
  ])("%s", async (_, document, status) => {
    for (const protocol of ["HTTP", "REST"]) {
      const onApi = await subject({ protocol, policy: document });
      expect((await onApi.fetch("/a")).status, `${protocol} API`).toBe(status);
      const onRoute = await subject({ protocol }, { policy: document });
      expect((await onRoute.fetch("/a")).status, `${protocol} route`).toBe(status);
    }
  });

  test("both have to allow when there are two", async () => {
    const open = policy(allow());
    const closed = policy(allow(from("198.51.100.1")));
    expect((await (await subject({ policy: open }, { policy: open })).fetch("/a")).status).toBe(200);
    expect((await (await subject({ policy: open }, { policy: closed })).fetch("/a")).status).toBe(403);
    expect((await (await subject({ policy: closed }, { policy: open })).fetch("/a")).status).toBe(403);
  });

  test("answers in API Gateway's words, and says why where that is shown", async () => {
    const silent = await subject({ protocol: "REST", policy: policy(allow(from("198.51.100.1"))) });
    const response = await silent.fetch("/a");
    expect(response.status).toBe(403);
    expect(response.headers.get("x-amzn-ErrorType")).toBe("AccessDeniedException");
    expect(await response.text()).toBe(
      '{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:local:********0000:default/$default/GET/a"}',
    );
    expect(response.headers.get("x-portico-reason")).toContain("policy.silent");
    const denied = await (await subject({ protocol: "REST", policy: policy(allow(), deny()) })).fetch("/a");
    expect(await denied.text()).toContain('GET/a with an explicit deny"}');
    const http = await (await subject({ policy: policy(deny()) })).fetch("/a");
    expect([http.status, await http.text()]).toEqual([403, '{"message":"Forbidden"}']);
  });

  test("names the API by its own ARN", async () => {
    const arn = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234";
    const exported = policy(allow({ Resource: `${arn}/*/GET/a` }));
    expect((await (await subject({ arn, policy: exported })).fetch("/a")).status).toBe(200);
    expect((await (await subject({ policy: exported })).fetch("/a")).status).toBe(403);
  });

  test("R-08 knows an address in each of its spellings", async () => {
    const document = policy(allow(from(["203.0.113.7", "2001:db8::/32"])));
    const guarded = await subject({ policy: document });
    for (const [peer, status] of [
      ["[::ffff:203.0.113.7]:1", 200],
      ["[::ffff:cb00:7107]:1", 200],
      ["[2001:DB8:0::1]:1", 200],
      ["[2001:db9::1]:1", 403],
      ["203.0.113.70:1", 403],
    ] as const) {
      expect((await guarded.fetch("/a", { peer })).status, peer).toBe(status);
    }
  });

  test("R-07 takes no address from a header", async () => {
    const guarded = await subject({ policy: policy(allow(from("10.0.0.1"))) });
    const headers = {
      "x-forwarded-for": "10.0.0.1",
      "x-real-ip": "10.0.0.1",
      "cf-connecting-ip": "10.0.0.1",
    };
    expect((await guarded.fetch("/a", { headers })).status).toBe(403);
    const trusting = await subject({ policy: policy(allow(from("10.0.0.1"))) }, {}, { trustedHops: 1 });
    expect((await trusting.fetch("/a", { headers: { "x-forwarded-for": "10.0.0.1" } })).status).toBe(200);
    const forged = { "x-forwarded-for": "10.0.0.1, 203.0.113.9" };
    expect((await trusting.fetch("/a", { headers: forged })).status).toBe(403);
  });
});

describe("a resource policy beside an authorizer that says yes", () => {
  const closed = policy(allow(from("198.51.100.1")));
  const denying = policy(allow(), deny(from("203.0.113.7")));

  /** Statuses of a call with the policy on its API, and with the policy on its route. */
  async function statuses(kind: "function" | "JWT", document: object): Promise<readonly number[]> {
    const clock = new Clock();
    clock.ms = Date.now();
    const issuer = new Issuer(clock);
    const key = await signer("RS256");
    issuer.publish(key, "k1");
    const authorizer =
      kind === "function"
        ? { type: "request", authorizerUri: "guard", enableSimpleResponses: true }
        : {
            type: "jwt",
            jwtConfiguration: { issuer: issuer.url, audience: ["orders-api"] },
            jwks: { keys: issuer.keys },
          };
    const headers = { authorization: await issuer.sign(key, "k1") };
    const found: number[] = [];
    for (const [onApi, onRoute] of [
      [{ policy: document }, {}],
      [{}, { policy: document }],
    ]) {
      const entries = {
        ...api({}, onApi ?? {}),
        "apis/default/authorizers/guard": authorizer,
        "apis/default/routes/GET /a": { integration: answerWith("a"), authorizer: "guard", ...onRoute },
      };
      const functions = { guard: { handler: async () => ({ isAuthorized: true }) } };
      found.push((await (await gateway(entries, { functions })).fetch("/a", { headers })).status);
    }
    return found;
  }

  test.each([
    ["function", "allows", policy(allow()), [200, 200]],
    ["JWT", "allows", policy(allow()), [200, 200]],
    // API Gateway's table: an API's silent policy leaves the word to a function, not to a JWT.
    ["function", "is silent", closed, [200, 403]],
    ["JWT", "is silent", closed, [403, 403]],
    ["function", "denies", denying, [403, 403]],
    ["JWT", "denies", denying, [403, 403]],
  ] as const)("R-13 %s: one that %s, of the API and of the route", async (kind, _, document, expected) => {
    expect(await statuses(kind, document)).toEqual(expected);
  });
});

describe("R-13 bad configuration opens nothing", () => {
  test("an authorizer that nobody knows is a mistake, with the nearest name", async () => {
    const guarded = await subject({}, { authorizer: "AWS_IAN" });
    const response = await guarded.fetch("/a");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toMatch(/there is no authorizer "AWS_IAN".*AWS_IAM/);
  });

  test.each([
    ["of an unknown type", { type: "jwtt" }],
    ["that is broken JSON", "{"],
    ["that is a list", []],
    [
      "with an unknown key",
      { type: "jwt", jwtConfiguration: { issuer: "https://i.test", audience: ["a"] }, audiense: 1 },
    ],
    ["with no audience", { type: "jwt", jwtConfiguration: { issuer: "https://i.test", audience: [] } }],
    [
      "with a symmetric algorithm",
      { type: "jwt", jwtConfiguration: { issuer: "https://i.test", audience: ["a"] }, algorithms: ["HS256"] },
    ],
    [
      "with a source that is none",
      { type: "request", authorizerUri: "f", identitySource: "$request.body.x" },
    ],
    [
      "with an endless expression",
      { type: "token", authorizerUri: "f", identityValidationExpression: "(a+)+$" },
    ],
    [
      "that keeps results for nobody",
      { type: "request", authorizerUri: "f", authorizerResultTtlInSeconds: 60 },
    ],
    [
      "that would let one pool's tokens in unverified beside another's",
      {
        type: "cognito_user_pools",
        onError: "allow",
        providerARNs: ["live", "gone"].map(
          (id) => `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_${id}`,
        ),
      },
    ],
  ])("an authorizer %s closes its routes only", async (_, entry) => {
    const entries = {
      "apis/default/authorizers/bad": entry,
      "apis/default/routes/GET /a": { integration: answerWith("a"), authorizer: "bad" },
      "apis/default/routes/GET /b": { integration: answerWith("b") },
    };
    const guarded = await gateway(entries, { showReasons: true });
    const response = await guarded.fetch("/a");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toContain('the authorizer "bad" is bad');
    expect((await guarded.fetch("/b")).status).toBe(200);
    expect(guarded.problems.map(({ path }) => path).join()).toContain("apis/default/authorizers/bad");
  });

  test.each([
    ["an unknown operator", { Condition: { IpAdress: { "aws:SourceIp": "10.0.0.0/8" } } }],
    ["a condition on what nobody knows", { Condition: { StringEquals: { "aws:SourceIpp": "1" } } }],
    ["a range that is none", { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/33" } } }],
    ["a misspelt member", { Conditions: {} }],
  ])("a policy with %s closes what it is on", async (_, more) => {
    const onApi = await subject({ policy: policy(allow(more)) });
    expect((await onApi.fetch("/a")).status).toBe(500);
    const onRoute = await subject({}, { policy: policy(allow(more)) });
    expect((await onRoute.fetch("/a")).status).toBe(500);
  });

  test.each([
    { type: "request", authorizerUri: "https://svc:canary-7f3d@guard.example/" },
    { type: "request", authorizerUri: "https://canary-7f3d@guard.example/" },
    {
      type: "jwt",
      jwtConfiguration: { issuer: "https://i.test", audience: ["a"] },
      jwksUri: "https://svc:canary-7f3d@i.test/jwks",
    },
    { type: "jwt", jwtConfiguration: { issuer: "https://svc:canary-7f3d@i.test", audience: ["a"] } },
  ])("R-12 a URL with a password is a mistake, and in no report (%#)", async (entry) => {
    const guarded = await gateway(
      {
        "apis/default/authorizers/bad": entry,
        "apis/default/routes/GET /a": { integration: answerWith("a"), authorizer: "bad" },
      },
      { showReasons: true },
    );
    const response = await guarded.fetch("/a");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toContain('the authorizer "bad" is bad');
    expect(JSON.stringify([...response.headers, guarded.problems])).not.toContain("canary-7f3d");
  });

  test("onError allow goes with one pool of Cognito's", async () => {
    const pool = (id: string) => `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_${id}`;
    const problems = async (...ids: string[]) => {
      const entry = { type: "cognito_user_pools", onError: "allow", providerARNs: ids.map(pool) };
      const loaded = await gateway({ "apis/default/authorizers/pools": entry });
      await loaded.fetch("/");
      return loaded.problems.map(({ code, path }) => `${code} ${path}`);
    };
    expect(await problems("live")).toEqual([]);
    expect(await problems("live", "gone")).toEqual([
      "authorizer.on_error apis/default/authorizers/pools#onError",
    ]);
  });

  test("AWS_IAM means signatures, whatever an entry of that name says", async () => {
    const open = { handler: async () => ({ isAuthorized: true }) };
    const entries = {
      "apis/default/authorizers/AWS_IAM": {
        type: "request",
        authorizerUri: "open",
        enableSimpleResponses: true,
      },
      "apis/default/routes/GET /a": { integration: answerWith("a"), authorizer: "AWS_IAM" },
    };
    const guarded = await gateway(entries, { functions: { open } });
    expect((await guarded.fetch("/a")).status).toBe(403);
  });

  test("scopes without an authorizer are a mistake", async () => {
    expect((await (await subject({}, { authorizationScopes: ["read"] })).fetch("/a")).status).toBe(500);
  });
});
