import { expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

function protocol(integration: object, root: object = {}, operation: object = {}): string {
  return importOpenApi({
    openapi: "3.0.1",
    info: { title: "t", version: "1" },
    paths: { "/a": { get: { ...operation, "x-amazon-apigateway-integration": integration } } },
    ...root,
  }).settings.protocol;
}

const MOCK = { type: "mock" };

test.each<[string, object, object]>([
  ["request validators", MOCK, { "x-amazon-apigateway-request-validators": {} }],
  ["gateway responses", MOCK, { "x-amazon-apigateway-gateway-responses": {} }],
  ["binary media types", MOCK, { "x-amazon-apigateway-binary-media-types": [] }],
  ["a compression size, even none", MOCK, { "x-amazon-apigateway-minimum-compression-size": null }],
  ["a source of API keys", MOCK, { "x-amazon-apigateway-api-key-source": "HEADER" }],
  ["a resource policy", MOCK, { "x-amazon-apigateway-policy": {} }],
  ["a Lambda custom integration", { type: "AWS", uri: "hello" }, {}],
  ["a request template", { type: "mock", requestTemplates: { "application/json": "{}" } }, {}],
  ["a response template", { type: "MOCK", responses: { default: { responseTemplates: {} } } }, {}],
  ["a passthrough behaviour", { type: "http", passthroughBehavior: "never" }, {}],
  ["content handling", { type: "http", contentHandling: "CONVERT_TO_TEXT" }, {}],
  ["a mapped parameter", { type: "http", requestParameters: { "integration.request.path.a": "'b'" } }, {}],
  [
    "a proxy's passthrough behaviour",
    { type: "aws_proxy", uri: "hello", passthroughBehavior: "when_no_match" },
    {},
  ],
])("%s is what REST APIs have", (_, integration, root) => {
  expect(protocol(integration, root)).toBe("REST");
});

test("an operation's request validator, too", () => {
  expect(protocol(MOCK, {}, { "x-amazon-apigateway-request-validator": "all" })).toBe("REST");
});

test("an integration that components hold counts where it is used", () => {
  const components = { held: { type: "aws", uri: "hello" } };
  expect(protocol({ $ref: "#/components/held" }, { components })).toBe("REST");
  expect(protocol(MOCK, { components })).toBe("HTTP");
});

test.each<[string, object, object]>([
  ["a bare mock", MOCK, {}],
  ["a mock that names a status", { type: "mock", responses: { default: { statusCode: 200 } } }, {}],
  ["a function", { type: "aws_proxy", uri: "hello" }, {}],
  [
    "a function with a payload format",
    { type: "aws_proxy", uri: "hello", payloadFormatVersion: "2.0", contentHandling: "CONVERT_TO_TEXT" },
    {},
  ],
  [
    "an HTTP API's mapping",
    { type: "http_proxy", uri: "https://a.test/", requestParameters: { "append:header.x": "y" } },
    {},
  ],
  [
    "a proxy with REST's mapping",
    {
      type: "http_proxy",
      uri: "https://a.test/",
      requestParameters: { "integration.request.header.x": "'y'" },
    },
    {},
  ],
  [
    "an export of an HTTP API",
    { type: "mock", requestTemplates: {} },
    { "x-amazon-apigateway-importexport-version": "1.0" },
  ],
])("%s makes no REST API", (_, integration, root) => {
  expect(protocol(integration, root)).toBe("HTTP");
});

test("the document's own word comes first", () => {
  const root = { "x-portico-protocol": "HTTP", "x-amazon-apigateway-policy": {} };
  expect(protocol({ type: "aws", uri: "hello" }, root)).toBe("HTTP");
  expect(importOpenApi({ swagger: "2.0", paths: {}, "x-portico-protocol": "HTTP" }).settings.protocol).toBe(
    "HTTP",
  );
});

test("a Swagger document is a REST API, and its entry says so", () => {
  const { entries, problems } = importOpenApi({
    swagger: "2.0",
    info: { title: "t", description: "d" },
    paths: {},
  });
  expect(problems).toEqual([]);
  expect(entries.get("apis/default")).toEqual({ protocol: "REST", name: "t", description: "d" });
});
