import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { Call } from "../src/call.ts";
import type { Caller } from "../src/caller.ts";
import { UsagePlanEntry } from "../src/config/api-key-schema.ts";
import { CONTEXT_NAMES } from "../src/config/context-names.ts";
import { contextValue } from "../src/context.ts";
import { contextTree } from "../src/context-tree.ts";
import type { ContextTree } from "../src/mapping/template/context.ts";
import { callWith } from "./gateway-responses/support.ts";

const REQUEST = {
  path: "/sqs",
  key: "POST /sqs",
  method: "POST",
  headers: { "user-agent": "python/requests/tests" },
};

function callBy(caller: Caller, protocol: "HTTP" | "REST" = "REST"): Call {
  return { ...callWith({}, { ...REQUEST, protocol }), fullPath: "/testing/sqs", caller };
}

const apiKey = {
  id: "k",
  value: "secret",
  plan: "p",
  usagePlan: v.parse(UsagePlanEntry, { apiStages: [] }),
};
const clientCert = {
  clientCertPem: "PEM",
  subjectDN: "CN=client",
  issuerDN: "CN=ca",
  serialNumber: "a1:b2",
  validity: { notBefore: "May 28 12:30:02 2019 GMT", notAfter: "Aug  5 09:36:04 2021 GMT" },
};
const lambda: Caller = {
  authorizer: {
    kind: "lambda",
    principalId: "user-1",
    latency: 3,
    context: JSON.parse(
      '{"role":"admin","list":[1,"b"],"nothing":null,"__proto__":"x","principalId":"root"}',
    ),
  },
};
const jwt: Caller = {
  authorizer: {
    kind: "jwt",
    principalId: "sub-1",
    scopes: null,
    claims: { sub: "sub-1", admin: true, groups: ["a", "b"], nothing: null },
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

/** As JSON, to be compared with: the records themselves have no prototype. */
const plain = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree));

const isTree = (value: ContextTree[string] | undefined): value is ContextTree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

describe("the whole $context", () => {
  test("of an anonymous call, in API Gateway's order", () => {
    const tree = contextTree(callBy({}));
    // Recorded: conformance/vtl.json, "iterate $context, identity, overrides, empty authorizer".
    expect(Object.keys(tree)).toEqual([
      "resourceId",
      "resourcePath",
      "httpMethod",
      "extendedRequestId",
      "requestTime",
      "path",
      "accountId",
      "protocol",
      "requestOverride",
      "stage",
      "domainPrefix",
      "requestTimeEpoch",
      "requestId",
      "identity",
      "domainName",
      "deploymentId",
      "responseOverride",
      "apiId",
    ]);
    expect(JSON.stringify(tree["identity"])).toBe(
      '{"cognitoIdentityPoolId":"","accountId":"","cognitoIdentityId":"","caller":"","sourceIp":"203.0.113.7","principalOrgId":"","accessKey":"","cognitoAuthenticationType":"","cognitoAuthenticationProvider":"","userArn":"","userAgent":"python/requests/tests","user":""}',
    );
    expect(plain(tree["requestOverride"])).toEqual({ path: {}, header: {}, querystring: {} });
    expect(plain(tree["responseOverride"])).toEqual({ header: {} });
    expect(tree["requestTimeEpoch"]).toBe(1_700_000_000_000);
    expect(tree["path"]).toBe("/testing/sqs");
  });

  test.each<[string, Caller, unknown]>([
    [
      "a function",
      lambda,
      {
        role: "admin",
        list: '[1,"b"]',
        ["__proto__"]: "x",
        principalId: "user-1",
        integrationLatency: "3",
      },
    ],
    ["a token", jwt, { principalId: "sub-1", claims: { sub: "sub-1", admin: "true", groups: "[a b]" } }],
    ["a signature", iam, undefined],
  ])("what an authorizer found: %s", (_, caller, authorizer) => {
    const found = contextTree(callBy(caller))["authorizer"];
    expect(found === undefined ? undefined : plain(found)).toEqual(authorizer);
  });

  test("a signer, a key and a certificate", () => {
    const identity = contextTree(callBy({ ...iam, apiKey, clientCert }))["identity"];
    expect(plain(identity)).toEqual({
      cognitoIdentityPoolId: "",
      accountId: "123456789012",
      cognitoIdentityId: "",
      caller: "AIDA",
      sourceIp: "203.0.113.7",
      principalOrgId: "",
      accessKey: "AKID",
      apiKey: "secret",
      apiKeyId: "k",
      cognitoAuthenticationType: "",
      cognitoAuthenticationProvider: "",
      userArn: "arn:aws:iam::123456789012:user/x",
      userAgent: "python/requests/tests",
      user: "AIDA",
      clientCert,
    });
  });

  test("a custom domain, and an HTTP API's route", () => {
    const tree = contextTree({ ...callBy({}, "HTTP"), basePath: "v1" });
    expect(plain(tree["customDomain"])).toEqual({ basePathMatched: "v1" });
    expect(tree["routeKey"]).toBe("POST /sqs");
  });

  test("R-22 no record has a prototype", () => {
    const records = (tree: ContextTree): ContextTree[] => [
      tree,
      ...Object.values(tree).flatMap((member) => (isTree(member) ? records(member) : [])),
    ];
    for (const caller of [{ ...lambda, clientCert }, jwt]) {
      const found = records(contextTree({ ...callBy(caller), basePath: "v1" }));
      expect(found.length).toBeGreaterThan(8);
      for (const one of found) expect(Object.getPrototypeOf(one)).toBe(null);
    }
  });

  test.each([lambda, jwt, { ...iam, apiKey, clientCert }])(
    "says what the single variables say (%#)",
    (caller) => {
      const call = { ...callBy(caller), basePath: "v1" };
      const tree = contextTree(call);
      for (const name of CONTEXT_NAMES) {
        const member = name
          .split(".")
          .reduce<ContextTree[string] | undefined>((at, part) => (isTree(at) ? at[part] : undefined), tree);
        if (member !== undefined)
          expect([name, String(member)]).toEqual([name, contextValue(call, name) ?? ""]);
      }
    },
  );
});
