import { afterEach, describe, expect, test, vi } from "vitest";
import { record } from "../../conformance/vectors.ts";
import { ALLOW, guarded, policy, type Setup } from "./support.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const SIMPLE = { enableSimpleResponses: true };
const TOKEN = { type: "token" };

async function answerTo(answer: (event: Record<string, unknown>) => unknown, setup: Setup) {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const subject = await guarded(answer, setup);
  const response = await subject.subject.fetch("/a", { headers: { authorization: "t" } });
  const reason = response.headers.get("x-portico-reason") ?? "";
  return {
    ...subject,
    response,
    body: await response.text(),
    reason: reason.split(":")[0],
    sentence: reason,
  };
}

const throws = (thrown: unknown) => () => {
  throw thrown;
};

type Row = readonly [
  name: string,
  answer: (event: Record<string, unknown>) => unknown,
  status: number,
  reason: string,
];

const broken: readonly Row[] = [
  ["nothing", () => undefined, 500, "auth.function.bad_response"],
  ["null", () => null, 500, "auth.function.bad_response"],
  ["a string", () => "yes", 500, "auth.function.bad_response"],
  ["a list", () => [ALLOW], 500, "auth.function.bad_response"],
  ["an empty object", () => ({}), 500, "auth.function.bad_response"],
  ["a number that JSON has not", () => ({ ...ALLOW, big: 1n }), 500, "auth.function.bad_response"],
  ["a policy that is text", () => ({ ...ALLOW, policyDocument: "*" }), 500, "auth.function.bad_response"],
  [
    "a misspelt Effect",
    () => ({ ...ALLOW, policyDocument: { Statement: [{ Effect: "allow", Action: "*", Resource: "*" }] } }),
    500,
    "auth.function.bad_response",
  ],
  ["a context that is text", () => ({ ...ALLOW, context: "a string" }), 500, "auth.function.bad_response"],
  ["a context that is a list", () => ({ ...ALLOW, context: ["a"] }), 500, "auth.function.bad_response"],
  ["a numeric principalId", () => ({ ...ALLOW, principalId: 7 }), 500, "auth.function.bad_response"],
  [
    "a numeric usageIdentifierKey",
    () => ({ ...ALLOW, usageIdentifierKey: 7 }),
    500,
    "auth.function.bad_response",
  ],
  ["a simple answer, unasked", () => ({ isAuthorized: true }), 500, "auth.function.bad_response"],
  ["an error", throws(new Error("Invalid token")), 500, "auth.function.failed"],
  ["an error that mentions it", throws(new Error("Unauthorized.")), 500, "auth.function.failed"],
  ["another case of it", throws(new Error("unauthorized")), 500, "auth.function.failed"],
  ["nothing at all, thrown", throws(undefined), 500, "auth.function.failed"],
  ["an error that is Unauthorized", throws(new Error("Unauthorized")), 401, "auth.function.unauthorized"],
  ["the text Unauthorized", throws("Unauthorized"), 401, "auth.function.unauthorized"],
  ["a Deny", () => policy("Deny", "*"), 403, "auth.function.denied"],
  [
    "a policy of another route",
    () => policy("Allow", "arn:aws:execute-api:*:*:*/*/GET/b"),
    403,
    "policy.silent",
  ],
  [
    "a policy without statements",
    () => ({ ...ALLOW, policyDocument: { Statement: [] } }),
    500,
    "auth.function.bad_response",
  ],
  ["an Allow", () => ALLOW, 200, ""],
  [
    "an Allow of the method ARN",
    (event) => policy("Allow", event["methodArn"] ?? event["routeArn"]),
    200,
    "",
  ],
];

describe("R-13 what an authorizer answers decides, and what is no answer denies", () => {
  const kinds: [string, Setup][] = [
    ["TOKEN", { protocol: "REST", authorizer: TOKEN }],
    ["REST", { protocol: "REST" }],
    ["1.0", { authorizer: { authorizerPayloadFormatVersion: "1.0" } }],
    ["2.0", {}],
  ];
  for (const [kind, setup] of kinds) {
    test.each(broken)(`${kind}: %s`, async (_, answer, status, reason) => {
      const result = await answerTo(answer, setup);
      expect([result.response.status, result.reason], result.sentence).toEqual([status, reason]);
      expect(result.events).toHaveLength(status === 200 ? 1 : 0);
    });
  }

  test.each<Row>([
    ["true", () => ({ isAuthorized: true }), 200, ""],
    ["false", () => ({ isAuthorized: false }), 403, "auth.function.denied"],
    ['"false"', () => ({ isAuthorized: "false" }), 500, "auth.function.bad_response"],
    ['"true"', () => ({ isAuthorized: "true" }), 500, "auth.function.bad_response"],
    ["1", () => ({ isAuthorized: 1 }), 500, "auth.function.bad_response"],
    ["missing", () => ({}), 500, "auth.function.bad_response"],
    [
      "true with a context that is none",
      () => ({ isAuthorized: true, context: 7 }),
      500,
      "auth.function.bad_response",
    ],
    ["a policy, where a simple answer is due", () => ALLOW, 500, "auth.function.bad_response"],
    ["thrown", throws(new Error("Unauthorized")), 401, "auth.function.unauthorized"],
  ])("simple: isAuthorized %s", async (_, answer, status, reason) => {
    const result = await answerTo(answer, { authorizer: SIMPLE });
    expect([result.response.status, result.reason], result.sentence).toEqual([status, reason]);
  });

  test("REST needs a principalId, HTTP does not", async () => {
    const { principalId, ...nameless } = ALLOW;
    expect((await answerTo(() => nameless, { protocol: "REST" })).response.status).toBe(500);
    expect((await answerTo(() => nameless, {})).response.status).toBe(200);
  });

  test.each([
    [["a"], 500],
    [{ a: 1 }, 500],
    [null, 500],
    ["text", 200],
    [7, 200],
    [false, 200],
  ])("REST: a context value %j gives %d", async (value, status) => {
    const result = await answerTo(() => ({ ...ALLOW, context: { value } }), { protocol: "REST" });
    expect(result.response.status).toBe(status);
  });
});

describe("bodies in the API kind's words", () => {
  test.each<[string, (event: Record<string, unknown>) => unknown, Setup["protocol"], number, string]>([
    ["401", throws("Unauthorized"), "REST", 401, '{"message":"Unauthorized"}'],
    ["401", throws("Unauthorized"), "HTTP", 401, '{"message":"Unauthorized"}'],
    [
      "Deny",
      () => policy("Deny", "*"),
      "REST",
      403,
      '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    ],
    [
      "silence",
      () => policy("Allow", "nothing"),
      "REST",
      403,
      '{"Message":"User is not authorized to access this resource"}',
    ],
    ["Deny", () => policy("Deny", "*"), "HTTP", 403, '{"message":"Forbidden"}'],
    ["silence", () => policy("Allow", "nothing"), "HTTP", 403, '{"message":"Forbidden"}'],
    ["failure", throws(new Error("boom")), "HTTP", 500, '{"message":"Internal Server Error"}'],
  ])("%s (%#)", async (_, answer, protocol = "HTTP", status, body) => {
    const result = await answerTo(answer, { protocol });
    expect([result.response.status, result.body]).toEqual([status, body]);
  });

  test("REST names the kind of failure", async () => {
    const { response } = await answerTo(throws(new Error("boom")), { protocol: "REST" });
    expect(response.headers.get("x-amzn-errortype")).toBe("AuthorizerConfigurationException");
  });

  test("R-12 what a function throws is in the log with its stack, and not in the answer", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { subject } = await guarded(throws(new Error("canary-7f3d")), { options: { showReasons: false } });
    const response = await subject.fetch("/a");
    const shown = `${await response.text()}${JSON.stringify([...response.headers])}`;
    expect(shown).not.toContain("canary-7f3d");
    const line: unknown = JSON.parse(String(log.mock.calls[0]?.[0]));
    expect(line).toMatchObject({
      reason: "auth.function.failed",
      function: "guard",
      error: "Error: canary-7f3d",
      stack: expect.stringContaining("canary-7f3d"),
    });
  });
});

describe("failures and onError", () => {
  test.each([
    ["unknown function", { authorizerUri: "nobody" }, "auth.function.unavailable"],
    ["no name after filling in", { authorizerUri: "${stageVariables.none}" }, "auth.function.failed"],
  ])("%s", async (_, authorizer, reason) => {
    const denied = await answerTo(() => ALLOW, { authorizer });
    expect([denied.response.status, denied.reason]).toEqual([500, reason]);
  });

  test("a function that takes too long", async () => {
    const result = await answerTo(() => new Promise(() => undefined), {
      authorizer: { timeoutInMillis: 50 },
    });
    expect([result.response.status, result.reason]).toEqual([500, "auth.function.timeout"]);
  });

  test.each<[string, Setup["authorizer"]]>([
    ["that is not there", { authorizerUri: "nobody" }],
    ["that takes too long", { timeoutInMillis: 50 }],
  ])("R-13 onError allow lets calls through for a function %s", async (_, authorizer) => {
    const never = () => new Promise(() => undefined);
    const result = await answerTo(never, { authorizer: { ...authorizer, onError: "allow" } });
    expect(result.response.status).toBe(200);
    expect(record(result.events.at(-1)?.["requestContext"])).not.toHaveProperty("authorizer");
  });

  // What a function makes of a request is in the hands of who sends it.
  test.each<[string, number, (event: Record<string, unknown>) => unknown]>([
    ["an error", 500, throws(new Error("boom"))],
    [
      "an error about the token",
      500,
      (event) => JSON.parse(String(record(event["headers"])["authorization"])),
    ],
    ["a bad answer", 500, () => ({ isAuthorized: "false" })],
    ["a Deny with a bad context", 500, () => policy("Deny", "*", { context: { sub: { not: "text" } } })],
    ["Unauthorized", 401, throws("Unauthorized")],
    ["a Deny", 403, () => policy("Deny", "*")],
    ["silence", 403, () => policy("Allow", "nothing")],
  ])("R-13 onError allow lets %s end with %d", async (_, status, answer) => {
    const authorizer = { onError: "allow", identitySource: "method.request.header.authorization" };
    const result = await answerTo(answer, { protocol: "REST", authorizer });
    expect(result.response.status).toBe(status);
    expect(result.events).toEqual([]);
  });

  test("onError allow does not let a missing identity source through", async () => {
    const { subject } = await guarded(() => ALLOW, {
      authorizer: { onError: "allow", identitySource: "$request.header.x-token" },
    });
    expect((await subject.fetch("/a")).status).toBe(401);
  });
});

describe("identity sources", () => {
  const rest = (ttl: number) => ({
    protocol: "REST" as const,
    authorizer: { identitySource: "method.request.header.x-a", authorizerResultTtlInSeconds: ttl },
  });
  const http = { authorizer: { identitySource: "$request.header.x-a,$request.querystring.Q" } };

  test.each<[string, Setup, string, HeadersInit, number, number]>([
    ["TOKEN, absent", { protocol: "REST", authorizer: TOKEN }, "/a", {}, 401, 0],
    ["TOKEN, empty", { protocol: "REST", authorizer: TOKEN }, "/a", { authorization: "" }, 401, 0],
    [
      "TOKEN without caching, absent",
      { protocol: "REST", authorizer: { ...TOKEN, authorizerResultTtlInSeconds: 0 } },
      "/a",
      {},
      401,
      0,
    ],
    ["REST with caching, absent", rest(300), "/a", {}, 401, 0],
    ["REST with caching, empty", rest(300), "/a", { "x-a": "" }, 401, 0],
    ["REST without caching, absent", rest(0), "/a", {}, 200, 1],
    [
      "REST by default, absent",
      { protocol: "REST", authorizer: { identitySource: "context.nothing" } },
      "/a",
      {},
      401,
      0,
    ],
    ["HTTP, one of two absent", http, "/a", { "x-a": "1" }, 401, 0],
    ["HTTP, one of two empty", http, "/a?Q=", { "x-a": "1" }, 401, 0],
    ["HTTP, in another case", http, "/a?q=1", { "x-a": "1" }, 401, 0],
    ["HTTP, both there", http, "/a?Q=1", { "X-A": "1" }, 200, 1],
    ["none configured", {}, "/a", {}, 200, 1],
  ])("%s", async (_, setup, target, headers, status, calls) => {
    const { subject, asked } = await guarded(() => ALLOW, setup);
    expect((await subject.fetch(target, { headers })).status).toBe(status);
    expect(asked).toHaveLength(calls);
  });

  test.each([
    ["^x-[a-z]+", "x-abc", 200],
    ["x-[a-z]+", "x-abc", 200],
    ["^x-[a-z]+", "x-abc1", 401],
    ["x-[a-z]+", "yx-abc", 401],
    ["a|b", "ab", 401],
    ["^Bearer [-0-9a-zA-Z\\._]*$", "Bearer ey.J_", 200],
    ["^Bearer [-0-9a-zA-Z\\._]*$", "Basic ey.J_", 401],
    [".*", "x".repeat(9_000), 200],
  ])("TOKEN: %s on %s gives %d, and 401 calls nobody", async (expression, token, status) => {
    const { subject, asked } = await guarded(() => ALLOW, {
      protocol: "REST",
      authorizer: { ...TOKEN, identityValidationExpression: expression },
    });
    const response = await subject.fetch("/a", { headers: { authorization: token } });
    expect(response.status).toBe(status);
    expect(asked).toHaveLength(status === 200 ? 1 : 0);
  });

  test("R-21 a pattern that could take for ever is a mistake of the configuration", async () => {
    const { subject } = await guarded(() => ALLOW, {
      protocol: "REST",
      authorizer: { ...TOKEN, identityValidationExpression: "(a+)+" },
    });
    expect((await subject.fetch("/a", { headers: { authorization: "a" } })).status).toBe(500);
    expect(subject.problems.map(({ code }) => code)).toContain("pattern.unsafe");
  });
});

describe("what the integration learns", () => {
  const context = { text: "t", number: 1.5, flag: false, list: [1, { a: null }], map: { deep: true } };

  test("2.0: the context as it is", async () => {
    const { events } = await answerTo(() => ({ ...ALLOW, context }), {});
    expect(record(events.at(-1)?.["requestContext"])["authorizer"]).toEqual({ lambda: context });
  });

  test("1.0 and REST: the context beside the principal; on REST as text", async () => {
    const { list, map, ...flat } = context;
    const rest = await answerTo(() => ({ ...ALLOW, context: flat }), { protocol: "REST" });
    expect(record(rest.events.at(-1)?.["requestContext"])["authorizer"]).toEqual({
      principalId: "user-1",
      integrationLatency: expect.any(Number),
      text: "t",
      number: "1.5",
      flag: "false",
    });
    const http = await answerTo(() => ({ ...ALLOW, context }), { payloadFormatVersion: "1.0" });
    expect(record(http.events.at(-1)?.["requestContext"])["authorizer"]).toMatchObject({
      principalId: "user-1",
      list: [1, { a: null }],
    });
  });

  test("R-06 a context says nothing else than the function's answer, whatever the client sends", async () => {
    const { subject, events } = await guarded(() => ALLOW, { protocol: "REST" });
    await subject.fetch("/a?role=admin", {
      headers: { role: "admin", principalId: "root", "x-amzn-authorizer-role": "admin", authorizer: "{}" },
    });
    expect(record(events.at(-1)?.["requestContext"])["authorizer"]).toEqual({
      principalId: "user-1",
      integrationLatency: expect.any(Number),
    });
  });

  test("a context cannot claim another principal or latency", async () => {
    const { events } = await answerTo(
      () => ({ ...ALLOW, context: { principalId: "root", integrationLatency: "x" } }),
      { protocol: "REST" },
    );
    expect(record(events.at(-1)?.["requestContext"])["authorizer"]).toEqual({
      principalId: "user-1",
      integrationLatency: expect.any(Number),
    });
  });

  test.each(["REST", "HTTP"] as const)("a member __proto__ is dropped (%s)", async (protocol) => {
    const answer = JSON.parse(
      '{"context":{"__proto__":"x","a":"b"},"principalId":"p","policyDocument":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}',
    );
    const { events } = await answerTo(() => answer, { protocol });
    expect(JSON.stringify(events.at(-1))).toContain('"a":"b"');
    expect(JSON.stringify(events.at(-1))).not.toContain("__proto__");
  });

  test("a stage variable names the function", async () => {
    const { subject, asked } = await guarded(() => ALLOW, {
      authorizer: { authorizerUri: "arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.fn}" },
      entries: { "apis/default/stages/$default": { variables: { fn: "guard" } } },
    });
    expect((await subject.fetch("/a")).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  test("a REST API's method ARN may have 1,600 bytes", async () => {
    const { subject } = await guarded(() => ALLOW, { protocol: "REST" });
    expect((await subject.fetch(`/${"a".repeat(1_500)}`)).status).toBe(200);
    const long = await subject.fetch(`/${"a".repeat(1_600)}`);
    expect([long.status, await long.text()]).toEqual([414, '{"message":"Request URI too long"}']);
  });
});
