import { expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };

function problems(root: object, operation: object = {}): readonly string[] {
  const imported = importOpenApi({
    openapi: "3.0.1",
    info: { title: "t", version: "1" },
    components: {
      securitySchemes: {
        issuer: {
          type: "openIdConnect",
          openIdConnectUrl: "https://i.test/.well-known/openid-configuration",
          "x-amazon-apigateway-authorizer": { type: "jwt", jwtConfiguration: { audience: ["a"] } },
        },
        key: { type: "apiKey", in: "query", name: "x-api-key" },
      },
    },
    paths: { "/a": { get: { ...MOCK, ...operation } } },
    ...root,
  });
  return imported.problems.map(({ code, hint }) => `${code}${hint === undefined ? "" : ` ${hint}`}`);
}

test.each([
  [{ "x-amazon-apigateway-polcy": {} }, {}, 'key.unknown did you mean "x-amazon-apigateway-policy"?'],
  [
    { "x-amazon-apigateway-api-key-sorce": "HEADER" },
    {},
    'key.unknown did you mean "x-amazon-apigateway-api-key-source"?',
  ],
  [{ securty: [{ issuer: [] }] }, {}, 'key.unknown did you mean "security"?'],
  [
    {},
    { "x-amazon-apigateway-atuh": { type: "AWS_IAM" } },
    'key.unknown did you mean "x-amazon-apigateway-auth"?',
  ],
  [{}, { securty: [] }, 'key.unknown did you mean "security"?'],
  [{}, { "X-Portico-Policy": {} }, 'key.unknown did you mean "x-portico-policy"?'],
  [{}, { security: [{ issuer: "read" }] }, "security.scopes write issuer: [], or issuer: [orders/read]"],
  [{}, { security: [{ issuer: [1] }] }, "security.scopes write issuer: [], or issuer: [orders/read]"],
  [{}, { security: [{ key: [] }] }, "security.unsupported"],
])("R-13 %j with %j opens no door", (root, operation, expected) => {
  expect(problems(root, operation)).toContain(expected);
});

test("other tools' extensions and all of OpenAPI's members are none of our business", () => {
  const root = { "x-internal": 1, tags: [], externalDocs: {}, servers: [], security: [] };
  const operation = {
    ...{ "x-codegen": 1, tags: [], summary: "s", description: "d", operationId: "o", parameters: [] },
    ...{ requestBody: {}, responses: {}, callbacks: {}, deprecated: true, servers: [] },
  };
  expect(problems(root, operation)).toEqual([]);
});

test("what API Gateway knows and has no effect here is named", () => {
  const { problems: found, warnings } = importOpenApi({
    openapi: "3.0.1",
    paths: {},
    "x-amazon-apigateway-documentation": {},
    "x-amazon-apigateway-importexport-version": "1.0",
  });
  expect([found, warnings.map(({ path }) => path)]).toEqual([[], ["x-amazon-apigateway-documentation"]]);
});

test.each([
  [{ openapi: "3.0.1", securityDefinitions: {} }, "securityDefinitions"],
  [{ swagger: "2.0", components: {} }, "components"],
  [{ swagger: "2.0", paths: { "/a": { get: { ...MOCK, requestBody: {} } } } }, "paths./a.get.requestBody"],
  [{ openapi: "3.1.0", paths: { "/a": { get: { ...MOCK, consumes: [] } } } }, "paths./a.get.consumes"],
])("R-13 the other version's words are read by nobody: %j", (document, path) => {
  expect(importOpenApi(document).problems).toMatchObject([{ code: "key.unknown", path }]);
});

test("validators belong in the document, and the refusal says so", () => {
  const validators = { "x-amazon-apigateway-request-validators": {} };
  expect(problems({}, validators)).toEqual(["key.unknown it belongs in the document"]);
});
