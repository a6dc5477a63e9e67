import { describe, expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };

const SCHEMES = {
  pool: {
    type: "apiKey",
    in: "header",
    name: "X-Token",
    "x-amazon-apigateway-authtype": "cognito_user_pools",
    "x-amazon-apigateway-authorizer": {
      type: "cognito_user_pools",
      providerARNs: ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"],
    },
  },
  oidc: {
    type: "openIdConnect",
    openIdConnectUrl: "https://issuer.test/.well-known/openid-configuration",
    "x-amazon-apigateway-authorizer": {
      type: "jwt",
      identitySource: "$request.header.Authorization",
      jwtConfiguration: { audience: ["app"] },
    },
  },
  guard: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {
      type: "TOKEN",
      authorizerUri:
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:guard/invocations",
      authorizerCredentials: "arn:aws:iam::123456789012:role/x",
      authorizerResultTtlInSeconds: 60,
      identityValidationExpression: "^x-[a-z]+",
    },
  },
  signed: { type: "apiKey", in: "header", name: "Authorization", "x-amazon-apigateway-authtype": "awsSigv4" },
  key: { type: "apiKey", in: "header", name: "x-api-key" },
  own: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    "x-portico-authorizer": { type: "iam", region: "eu-west-1" },
  },
  bare: { type: "oauth2", flows: {} },
};

function imported(operation: object, root: object = {}) {
  return importOpenApi({
    openapi: "3.0.1",
    info: { title: "t", version: "1" },
    components: { securitySchemes: SCHEMES },
    paths: { "/a": { get: { ...MOCK, ...operation } } },
    ...root,
  });
}

const route = (operation: object, root?: object): unknown => {
  const { entries, problems } = imported(operation, root);
  expect(problems).toEqual([]);
  return entries.get("apis/default/routes/GET /a");
};

const codes = (operation: object, root?: object): readonly string[] =>
  imported(operation, root).problems.map(({ code }) => code);

describe("what a document says of security becomes entries", () => {
  test("authorizers by the name of their scheme", () => {
    const { entries, authorizers, warnings } = imported({});
    expect(entries.get("apis/default/authorizers/pool")).toEqual({
      type: "cognito_user_pools",
      providerARNs: ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"],
      identitySource: "method.request.header.X-Token",
    });
    expect(entries.get("apis/default/authorizers/oidc")).toMatchObject({
      type: "jwt",
      jwtConfiguration: { issuer: "https://issuer.test", audience: ["app"] },
    });
    expect(authorizers.get("guard")).toMatchObject({ type: "token", authorizerResultTtlInSeconds: 60 });
    expect(entries.get("apis/default/authorizers/guard")).not.toHaveProperty("authorizerCredentials");
    expect(warnings.map(({ code }) => code)).toEqual(["authorizer.member"]);
    expect([...authorizers.keys()].sort()).toEqual(["guard", "oidc", "own", "pool"]);
  });

  test.each([
    [
      "a scheme with scopes",
      [{ oidc: ["read", "write"] }],
      { authorizer: "oidc", authorizationScopes: ["read", "write"] },
    ],
    ["a function", [{ guard: [] }], { authorizer: "guard" }],
    ["signatures", [{ signed: [] }], { authorizer: "AWS_IAM" }],
    ["an API key", [{ key: [] }], { apiKeyRequired: true }],
    ["both in one requirement", [{ key: [], pool: [] }], { authorizer: "pool", apiKeyRequired: true }],
    [
      "both in two, which API Gateway takes for both",
      [{ key: [] }, { pool: [] }],
      { authorizer: "pool", apiKeyRequired: true },
    ],
    ["nothing", [], { authorizer: "NONE" }],
    ["an empty requirement alone", [{}], { authorizer: "NONE" }],
  ])("%s", (_, security, expected) => {
    expect(route({ security })).toEqual({ integration: { type: "mock" }, ...expected });
  });

  test("the document's own holds where an operation has none", () => {
    const root = { security: [{ guard: [] }] };
    expect(route({}, root)).toMatchObject({ authorizer: "guard" });
    expect(route({ security: [{ oidc: ["read"] }] }, root)).toMatchObject({ authorizer: "oidc" });
    expect(route({ security: [] }, root)).toEqual({ integration: { type: "mock" }, authorizer: "NONE" });
  });

  test("x-amazon-apigateway-auth", () => {
    expect(route({ "x-amazon-apigateway-auth": { type: "aws_iam" } })).toMatchObject({
      authorizer: "AWS_IAM",
    });
    expect(route({ "x-amazon-apigateway-auth": { type: "NONE" } })).toMatchObject({ authorizer: "NONE" });
  });

  test("policy, CORS, the source of keys and a closed endpoint, of the API and of a route", () => {
    const policy = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
      ],
    };
    const cors = { allowOrigins: ["https://app.test"] };
    const { entries, problems } = imported(
      { "x-portico-policy": policy, "x-portico-cors": false },
      {
        "x-amazon-apigateway-policy": policy,
        "x-amazon-apigateway-cors": cors,
        "x-amazon-apigateway-api-key-source": "AUTHORIZER",
        servers: [
          { url: "/", "x-amazon-apigateway-endpoint-configuration": { disableExecuteApiEndpoint: true } },
        ],
      },
    );
    expect(problems).toEqual([]);
    expect(entries.get("apis/default")).toMatchObject({
      policy,
      cors,
      apiKeySource: "AUTHORIZER",
      disableExecuteApiEndpoint: true,
    });
    expect(entries.get("apis/default/routes/GET /a")).toMatchObject({ policy, cors: false });
  });
});

describe("R-13 what cannot be enforced is a problem, never an open door", () => {
  test.each([
    ["an unknown scheme", { security: [{ pol: [] }] }, "security.unknown"],
    ["a scheme that guards nothing", { security: [{ bare: [] }] }, "security.unsupported"],
    ["two authorizers", { security: [{ pool: [] }, { guard: [] }] }, "security.several"],
    [
      "two of them in two ways",
      { security: [{ pool: [] }], "x-amazon-apigateway-auth": { type: "AWS_IAM" } },
      "security.several",
    ],
    ["an authorizer or nothing", { security: [{ pool: [] }, {}] }, "security.optional"],
    ["something that is no list", { security: { pool: [] } }, "security.malformed"],
    ["scopes that nobody checks", { security: [{ guard: ["read"] }] }, "scopes.authorizer"],
    ["an unknown kind of auth", { "x-amazon-apigateway-auth": { type: "AWS_IAN" } }, "value.unknown"],
    ["an unknown extension of ours", { "x-portico-polici": {} }, "key.unknown"],
    ["a bad policy", { "x-portico-policy": { Statement: [], Version: "x" } }, "value.unknown"],
  ])("%s", (_, operation, code) => {
    expect(codes(operation)).toContain(code);
  });

  test.each(["NONE", "AWS_IAM"])("a scheme that is called %s, which means something else", (name) => {
    const root = { components: { securitySchemes: { [name]: SCHEMES.guard } } };
    expect(codes({ security: [{ [name]: [] }] }, root)).toContain("authorizer.name");
  });

  test("a bad authorizer and every operation that names it", () => {
    const bad = {
      type: "apiKey",
      name: "x",
      in: "header",
      "x-amazon-apigateway-authorizer": { type: "token" },
    };
    const root = { components: { securitySchemes: { bad } } };
    expect(codes({ security: [{ bad: [] }] }, root)).toEqual(["key.missing", "authorizer.bad"]);
  });
});
