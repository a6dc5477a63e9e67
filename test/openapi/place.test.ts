import { expect, test } from "vitest";
import { placeKeys } from "../../src/openapi/place.ts";

const DOCUMENT = {
  info: { title: "t" },
  paths: {
    "/a": { get: { "x-portico-cache": { mode: "ttl" } } },
    "/a.b": {
      parameters: [{ name: "q" }],
      post: {
        security: [{ guard: [] }],
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-integration": {
          uri: "u",
          requestTemplates: { "application/json": "x", "application/json.v2": "y" },
          responses: { "4\\d{2}": { responseParameters: { "method.response.header.a": "b" } } },
        },
      },
      put: {
        "x-amazon-apigateway-integration": { $ref: "#/components/x-amazon-apigateway-integrations/held" },
      },
    },
  },
  components: {
    "x-amazon-apigateway-integrations": { held: { uri: "u" } },
    schemas: { "a.b": { properties: { c: { type: "x" } } }, a: { b: {} } },
    securitySchemes: {
      guard: { "x-amazon-apigateway-authorizer": { identitySource: "i" } },
      own: { "x-portico-authorizer": { region: "r" } },
    },
    circle: { $ref: "#/components/circle" },
  },
};

const INTEGRATION = "x-amazon-apigateway-integration";

test.each<[string, readonly string[]]>([
  ["info.title", ["info", "title"]],
  ["info.version", ["info"]],
  ["", []],
  ["nowhere.at.all", []],
  ["paths./a.b.post", ["paths", "/a.b", "post"]],
  ["paths./a.b.parameters.0", ["paths", "/a.b", "parameters", "0"]],
  ["paths./a.b.parameters.7", ["paths", "/a.b", "parameters"]],
  ["paths./a.b.post#integration.uri", ["paths", "/a.b", "post", INTEGRATION, "uri"]],
  [
    "paths./a.b.post#integration.requestTemplates.application/json.v2",
    ["paths", "/a.b", "post", INTEGRATION, "requestTemplates", "application/json.v2"],
  ],
  [
    "paths./a.b.post#integration.responses.4\\d{2}.responseParameters.method.response.header.a",
    [
      "paths",
      "/a.b",
      "post",
      INTEGRATION,
      "responses",
      "4\\d{2}",
      "responseParameters",
      "method.response.header.a",
    ],
  ],
  ["paths./a.b.post#requestValidator", ["paths", "/a.b", "post", "x-amazon-apigateway-request-validator"]],
  ["paths./a.b.post#authorizer", ["paths", "/a.b", "post", "security"]],
  ["paths./a.b.post#throttle.0", ["paths", "/a.b", "post"]],
  ["paths./a.get#cache.mode", ["paths", "/a", "get", "x-portico-cache", "mode"]],
  ["paths./a.b.put#integration.uri", ["components", "x-amazon-apigateway-integrations", "held", "uri"]],
  [
    "components.schemas.a.b#schema.properties.c.type",
    ["components", "schemas", "a.b", "properties", "c", "type"],
  ],
  ["components.schemas.a.b", ["components", "schemas", "a.b"]],
  [
    "components.securitySchemes.guard#identitySource",
    ["components", "securitySchemes", "guard", "x-amazon-apigateway-authorizer", "identitySource"],
  ],
  [
    "components.securitySchemes.own#region",
    ["components", "securitySchemes", "own", "x-portico-authorizer", "region"],
  ],
  ["components.circle.a", ["components", "circle"]],
])("%s", (place, keys) => {
  expect(placeKeys(DOCUMENT, place)).toEqual(keys);
});
