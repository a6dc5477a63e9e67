import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { Caller } from "../src/caller.ts";
import type { StageConfig } from "../src/config/api-config.ts";
import { UsagePlanEntry } from "../src/config/api-key-schema.ts";
import { API_DEFAULTS } from "../src/config/schemas.ts";
import { contextValue, NO_ROUTE } from "../src/context.ts";
import { callOf } from "./access/function-authorizer/support.ts";

const stage: StageConfig = {
  api: "shop",
  stage: "prod",
  settings: { ...API_DEFAULTS, arn: "arn:aws:execute-api:eu-west-1:123456789012:abc123" },
  variables: {},
  routes: [],
  authorizers: new Map(),
  models: new Map(),
  limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
  deployment: "auto",
  broken: false,
  problems: [],
};

const apiKey = {
  id: "k",
  value: "secret",
  plan: "p",
  usagePlan: v.parse(UsagePlanEntry, { apiStages: [] }),
};

const runtime = {
  fetchOrigin: () => Promise.reject(new Error("none")),
  loadFunction: () => Promise.reject(new Error("none")),
  functionEnv: {},
  showReasons: false,
};

function contextOf(name: string, caller: Caller = {}, headers: HeadersInit = {}): string | undefined {
  const call = callOf(stage, runtime, { path: "/a/1", key: "GET /a/{id}", headers });
  return contextValue({ ...call, caller }, name);
}

const clientCert = {
  clientCertPem: "PEM",
  subjectDN: "CN=client",
  issuerDN: "CN=ca",
  serialNumber: "a1:b2",
  validity: { notBefore: "May 28 12:30:02 2019 GMT", notAfter: "Aug  5 09:36:04 2021 GMT" },
};
const jwt: Caller = {
  authorizer: {
    kind: "jwt",
    principalId: "sub-1",
    scopes: null,
    claims: { sub: "sub-1", admin: true, groups: ["a", "b"], nothing: null },
  },
};
const lambda: Caller = {
  authorizer: {
    kind: "lambda",
    principalId: "user-1",
    latency: 3,
    context: { role: "admin", count: 7, list: [1, "b"], principalId: "root", nothing: null },
  },
};
const iam: Caller = {
  authorizer: {
    kind: "iam",
    accessKey: "AKID",
    accountId: "123456789012",
    userId: "AIDA",
    userArn: "arn:aws:iam::123456789012:user/x",
    principalOrgId: null,
  },
};

describe("$context", () => {
  test.each([
    ["requestId", "id"],
    ["extendedRequestId", "id"],
    ["httpMethod", "GET"],
    ["path", "/a/1"],
    ["protocol", "HTTP/1.1"],
    ["stage", "prod"],
    ["accountId", "123456789012"],
    ["domainName", "api.test"],
    ["domainPrefix", "api"],
    ["resourcePath", "/a/{id}"],
    ["resourceId", "GET /a/{id}"],
    ["deploymentId", "auto"],
    ["customDomain.basePathMatched", undefined],
    ["isCanaryRequest", undefined],
    ["identity.cognitoIdentityId", undefined],
    ["routeKey", "GET /a/{id}"],
    ["requestTime", "14/Nov/2023:22:13:20 +0000"],
    ["requestTimeEpoch", "1700000000000"],
    ["identity.sourceIp", "203.0.113.7"],
    ["identity.userAgent", undefined],
    ["identity.apiKey", undefined],
    ["identity.clientCert.subjectDN", undefined],
    ["authorizer.principalId", undefined],
    ["authorizer.claims.sub", undefined],
    ["nothing", undefined],
    ["identity.constructor", undefined],
    ["", undefined],
  ])("%s of an anonymous call is %s", (name, value) => {
    expect(contextOf(name)).toBe(value);
  });

  test.each<[string, Caller, string | undefined]>([
    ["identity.apiKey", { apiKey }, "secret"],
    ["identity.apiKeyId", { apiKey }, "k"],
    ["identity.clientCert.subjectDN", { clientCert }, "CN=client"],
    ["identity.clientCert.serialNumber", { clientCert }, "a1:b2"],
    ["identity.clientCert.validity.notAfter", { clientCert }, "Aug  5 09:36:04 2021 GMT"],
    ["identity.clientCert.validity", { clientCert }, undefined],
    ["identity.userArn", iam, "arn:aws:iam::123456789012:user/x"],
    ["identity.caller", iam, "AIDA"],
    ["identity.principalOrgId", iam, undefined],
    ["authorizer.principalId", iam, undefined],
    ["authorizer.principalId", jwt, "sub-1"],
    ["authorizer.claims.admin", jwt, "true"],
    ["authorizer.claims.groups", jwt, "[a b]"],
    ["authorizer.claims.nothing", jwt, undefined],
    ["authorizer.claims.toString", jwt, undefined],
    ["authorizer.sub", jwt, undefined],
    ["authorizer.principalId", lambda, "user-1"],
    ["authorizer.role", lambda, "admin"],
    ["authorizer.count", lambda, "7"],
    ["authorizer.list", lambda, '[1,"b"]'],
    ["authorizer.nothing", lambda, undefined],
    ["authorizer.integrationLatency", lambda, "3"],
    ["authorizer.integrationLatency", jwt, undefined],
    ["authorizer.__proto__", lambda, undefined],
    ["authorizer.claims.sub", lambda, undefined],
  ])("%s (%#)", (name, caller, value) => {
    expect(contextOf(name, caller)).toBe(value);
  });

  test("of a custom domain, and of a REST API", () => {
    const rest: StageConfig = { ...stage, settings: { ...stage.settings, protocol: "REST" } };
    const call = callOf(rest, runtime, { path: "/a/1", key: "GET /a/{id}" });
    expect(contextValue({ ...call, basePath: "v1/a" }, "customDomain.basePathMatched")).toBe("v1/a");
    expect(contextValue(call, "resourceId")).toMatch(/^[a-z0-9]{6}$/);
  });

  test("the trace that backends are told", () => {
    const headers = { "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8" };
    expect(contextOf("xrayTraceId", {}, headers)).toBe("1-5759e988-bd862e3fe1be46a994272793");
    expect(contextOf("xrayTraceId")).toMatch(/^1-6553f100-[0-9a-f]{24}$/);
  });

  test.each(["resourceId", "resourcePath", "routeKey"])("%s of a call without a route is none", (name) => {
    const call = callOf(stage, runtime, { path: "/a/1" });
    expect(contextValue({ ...call, route: NO_ROUTE }, name)).toBeUndefined();
  });

  test("R-06 a client's header is no context", () => {
    const headers = { "x-forwarded-for": "198.51.100.66", role: "admin", "user-agent": "test/1" };
    expect(contextOf("identity.sourceIp", {}, headers)).toBe("203.0.113.7");
    expect(contextOf("authorizer.role", {}, headers)).toBeUndefined();
    expect(contextOf("identity.userAgent", {}, headers)).toBe("test/1");
  });
});
