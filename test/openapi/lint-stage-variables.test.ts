import { expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";
import { lintStageVariables } from "../../src/openapi/lint-stage-variables.ts";
import { stageVariablesRead } from "../../src/openapi/stage-variables.ts";

const found = (document: object) =>
  lintStageVariables(importOpenApi({ openapi: "3.0.1", paths: {}, ...document }));

const get = (integration: object) => ({ get: { "x-amazon-apigateway-integration": integration } });

test.each<[unknown, readonly string[]]>([
  ["https://${stageVariables.host}/${stageVariables.version}", ["host", "version"]],
  ["$stageVariables.a ${stageVariables.b} $!{stageVariables.c} stageVariables.d", ["a", "b", "c", "d"]],
  [`$stageVariables.get('a') $stageVariables["b"]`, ["a", "b"]],
  [{ "integration.request.header.a": ["stageVariables.a"] }, ["a"]],
  ["$stageVariables ${mystageVariables.a} $context.stage", []],
  [null, []],
])("what %j reads", (value, names) => {
  expect([...stageVariablesRead(value)]).toEqual(names);
});

test("a document that reads stage variables is told that it carries none", () => {
  const uri = "https://a.test/${stageVariables.version}";
  expect(
    found({
      "x-portico-api": "shop",
      paths: { "/a": get({ type: "http_proxy", uri }), "/b": get({ type: "http_proxy", uri }) },
      "x-amazon-apigateway-gateway-responses": {
        THROTTLED: { responseParameters: { "gatewayresponse.header.a": "stageVariables.where" } },
      },
    }),
  ).toEqual([
    {
      code: "stage.variables",
      path: "paths./a.get",
      message:
        "stageVariables.version, stageVariables.where are read, and no document carries stage variables: the stage's entry does",
      hint: 'put {"variables":{"version":"...","where":"..."}} under the key apis/shop/stages/$default',
    },
  ]);
});

test("one in an authorizer has its place", () => {
  const guard = {
    ...{ type: "apiKey", name: "Authorization", in: "header" },
    "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: "${stageVariables.guard}" },
  };
  expect(found({ components: { securitySchemes: { guard } } })).toMatchObject([
    {
      path: "components.securitySchemes.guard",
      message: expect.stringContaining("stageVariables.guard is read"),
    },
  ]);
});

test("a document without them has nothing to say", () => {
  expect(found({ paths: { "/a": get({ type: "http_proxy", uri: "https://a.test/" }) } })).toEqual([]);
});
