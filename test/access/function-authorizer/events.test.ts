import { describe, expect, test } from "vitest";
import { record } from "../../conformance/vectors.ts";
import type { RequestOptions } from "../../support/gateway.ts";
import { ALLOW, guarded, type Setup } from "./support.ts";

const TARGET = "/a/x%20y%2Fz?q=1&q=2&e=";
const REQUEST: RequestOptions = {
  method: "POST",
  headers: { authorization: "secret", cookie: "a=1; b=2", "x-id": "7", "content-type": "application/json" },
  body: '{"x":1}',
};

async function eventOf(setup: Setup, target = TARGET, request = REQUEST) {
  const { subject, asked, events } = await guarded(() => ALLOW, {
    routes: ["ANY /a/{id}"],
    settings: { allowEncodedSlashes: true },
    entries: { "apis/default/stages/$default": { variables: { kind: "test" } } },
    ...setup,
  });
  const response = await subject.fetch(target, request);
  expect(await response.text()).not.toBe("");
  expect(response.status).toBe(200);
  return { event: record(asked.at(-1)), integration: record(events.at(-1)) };
}

const TRACE = expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
const TIME = expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
const ARN = "arn:aws:execute-api:local:000000000000:default/$default/POST/a/x%20y%2Fz";
const NOBODY = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
  sourceIp: "203.0.113.7",
};
const CONTEXT_V1 = {
  accountId: "000000000000",
  apiId: "default",
  domainName: "api.test",
  domainPrefix: "api",
  extendedRequestId: expect.stringMatching(/^.{16}$/),
  httpMethod: "POST",
  protocol: "HTTP/1.1",
  requestId: expect.any(String),
  requestTime: TIME,
  requestTimeEpoch: expect.any(Number),
  resourcePath: "/a/{id}",
  stage: "$default",
};

describe("golden events", () => {
  test.each(["REST", "HTTP"] as const)("TOKEN (%s): three members", async (protocol) => {
    const { event } = await eventOf({ protocol, authorizer: { type: "token" } });
    expect(event).toEqual({ type: "TOKEN", authorizationToken: "secret", methodArn: ARN });
  });

  test("REQUEST of a REST API", async () => {
    const { event } = await eventOf({ protocol: "REST" });
    const headers = {
      Authorization: "secret",
      "Content-Type": "application/json",
      Cookie: "a=1; b=2",
      Host: "api.test",
      "X-Amzn-Trace-Id": TRACE,
      "X-Forwarded-For": "203.0.113.7",
      "X-Forwarded-Port": "443",
      "X-Forwarded-Proto": "https",
      "x-id": "7",
    };
    expect(event).toEqual({
      type: "REQUEST",
      methodArn: ARN,
      resource: "/a/{id}",
      path: "/a/x%20y%2Fz",
      httpMethod: "POST",
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      queryStringParameters: { q: "2", e: "" },
      multiValueQueryStringParameters: { q: ["1", "2"], e: [""] },
      pathParameters: { id: "x%20y%2Fz" },
      stageVariables: { kind: "test" },
      requestContext: {
        ...CONTEXT_V1,
        deploymentId: "auto",
        identity: { ...NOBODY, userAgent: null },
        path: "/a/x%20y%2Fz",
        resourceId: expect.stringMatching(/^[a-z0-9]{6}$/),
      },
    });
  });

  test("1.0 of an HTTP API", async () => {
    const { event } = await eventOf({
      authorizer: {
        authorizerPayloadFormatVersion: "1.0",
        identitySource: "$request.header.Authorization, $request.querystring.q",
      },
    });
    expect(event).toEqual({
      version: "1.0",
      type: "REQUEST",
      methodArn: ARN,
      identitySource: "secret,1,2",
      authorizationToken: "secret,1,2",
      resource: "/a/{id}",
      path: "/a/x%20y%2Fz",
      httpMethod: "POST",
      headers: {
        Authorization: "secret",
        "Content-Type": "application/json",
        Cookie: "a=1; b=2",
        Host: "api.test",
        "X-Amzn-Trace-Id": TRACE,
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "X-Id": "7",
      },
      queryStringParameters: { q: "2", e: "" },
      pathParameters: { id: "x y/z" },
      stageVariables: { kind: "test" },
      requestContext: {
        ...CONTEXT_V1,
        identity: { ...NOBODY, userAgent: "" },
        path: "/a/x y/z",
        resourceId: "ANY /a/{id}",
      },
    });
  });

  test("2.0 of an HTTP API", async () => {
    const { event } = await eventOf({
      authorizer: { identitySource: ["$request.header.x-id", "$context.routeKey", "$stageVariables.kind"] },
    });
    expect(event).toEqual({
      version: "2.0",
      type: "REQUEST",
      routeArn: ARN,
      identitySource: ["7", "ANY /a/{id}", "test"],
      routeKey: "ANY /a/{id}",
      rawPath: "/a/x y/z",
      rawQueryString: "q=1&q=2&e=",
      cookies: ["a=1", "b=2"],
      headers: {
        authorization: "secret",
        "content-type": "application/json",
        host: "api.test",
        "x-amzn-trace-id": TRACE,
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-id": "7",
      },
      queryStringParameters: { q: "1,2", e: "" },
      requestContext: {
        accountId: "000000000000",
        apiId: "default",
        domainName: "api.test",
        domainPrefix: "api",
        http: {
          method: "POST",
          path: "/a/x y/z",
          protocol: "HTTP/1.1",
          sourceIp: "203.0.113.7",
          userAgent: "",
        },
        requestId: expect.any(String),
        routeKey: "ANY /a/{id}",
        stage: "$default",
        time: TIME,
        timeEpoch: expect.any(Number),
      },
      pathParameters: { id: "x y/z" },
      stageVariables: { kind: "test" },
    });
  });
});

describe("what there is not", () => {
  const plain: Setup = { routes: ["GET /a"], entries: {} };

  test.each([
    ["REST", "REST", {}],
    ["1.0", "HTTP", { authorizerPayloadFormatVersion: "1.0" }],
  ] as const)("is null in %s", async (_, protocol, authorizer) => {
    const { event } = await eventOf({ ...plain, protocol, authorizer }, "/a", {});
    expect(event).toMatchObject({ queryStringParameters: null, pathParameters: null, stageVariables: null });
    if (protocol === "HTTP") expect(event).toMatchObject({ identitySource: null, authorizationToken: null });
  });

  test("is left out in 2.0", async () => {
    const { event } = await eventOf(plain, "/a", {});
    expect(JSON.stringify(event)).not.toContain("null");
    for (const name of ["identitySource", "cookies", "queryStringParameters", "pathParameters"]) {
      expect(event).not.toHaveProperty(name);
    }
  });
});

describe("R-04 R-06 what the guard sees", () => {
  const formats: [string, Setup][] = [
    ["TOKEN", { protocol: "REST", authorizer: { type: "token" } }],
    ["REST", { protocol: "REST" }],
    ["1.0", { authorizer: { authorizerPayloadFormatVersion: "1.0" } }],
    ["2.0", {}],
  ];

  test.each(formats)("%s: never the body, which reaches the integration whole", async (_, setup) => {
    const { event, integration } = await eventOf(setup);
    expect(event).not.toHaveProperty("body");
    expect(JSON.stringify(event)).not.toContain('\\"x\\"');
    expect(integration["body"]).toBe('{"x":1}');
  });

  test.each(formats)("%s: nothing of what a client says about itself", async (_, setup) => {
    const { event } = await eventOf(setup, TARGET, {
      ...REQUEST,
      headers: {
        authorization: "secret",
        "x-forwarded-for": "198.51.100.66",
        "x-amzn-oidc-identity": "root",
        cf_connecting_ip: "198.51.100.66",
        connection: "x-hop",
        "x-hop": "listed",
      },
    });
    expect(JSON.stringify(event)).not.toMatch(/198\.51\.100\.66|root|listed/);
  });

  test("an authorizer's own event says nothing of an authorizer", async () => {
    for (const [, setup] of formats) {
      const { event } = await eventOf(setup);
      expect(record(event["requestContext"])).not.toHaveProperty("authorizer");
    }
  });
});
