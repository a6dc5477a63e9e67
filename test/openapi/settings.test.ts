import { describe, expect, test } from "vitest";
import { API_DEFAULTS, ApiEntry, RouteEntry } from "../../src/config/schemas.ts";
import { importOpenApi } from "../../src/openapi/import.ts";
import { lintMediaTypes } from "../../src/openapi/lint-settings.ts";
import { ROUTE_MEMBERS } from "../../src/openapi/route.ts";
import { SETTINGS } from "../../src/openapi/settings.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };
const imported = (root: object) =>
  importOpenApi({ openapi: "3.0.1", info: { title: "t" }, paths: { "/a": { get: MOCK } }, ...root });

test("an API's own words become members of its entry, as they were written", () => {
  const responses = { UNAUTHORIZED: { statusCode: "401", responseTemplates: { "text/plain": "no" } } };
  const validators = { all: { validateRequestBody: true, problemDetails: true } };
  const { entries, settings, problems } = imported({
    "x-amazon-apigateway-gateway-responses": responses,
    "x-amazon-apigateway-minimum-compression-size": 1024,
    "x-amazon-apigateway-request-validators": validators,
    "x-amazon-apigateway-request-validator": "all",
  });
  expect(problems).toEqual([]);
  expect(entries.get("apis/default")).toEqual({
    protocol: "REST",
    name: "t",
    gatewayResponses: responses,
    minimumCompressionSize: 1024,
    requestValidators: validators,
    requestValidator: "all",
  });
  expect(settings.gatewayResponses["UNAUTHORIZED"]?.statusCode).toBe(401);
});

test("null is none, where exports write it; a guard that is null is a mistake", () => {
  const { entries, problems } = imported({
    "x-amazon-apigateway-minimum-compression-size": null,
    "x-amazon-apigateway-binary-media-types": null,
  });
  expect([problems, entries.get("apis/default")]).toEqual([[], { protocol: "REST", name: "t" }]);
  expect(imported({ "x-amazon-apigateway-policy": null }).problems).toMatchObject([
    { path: "x-amazon-apigateway-policy" },
  ]);
});

test.each([
  [
    { "x-amazon-apigateway-gateway-responses": { UNAUTHORISED: {} } },
    "x-amazon-apigateway-gateway-responses.UNAUTHORISED",
  ],
  [
    {
      "x-amazon-apigateway-gateway-responses": {
        THROTTLED: { responseParameters: { "gatewayresponse.header.a": "b" } },
      },
    },
    "x-amazon-apigateway-gateway-responses.THROTTLED.responseParameters.gatewayresponse.header.a",
  ],
  [{ "x-amazon-apigateway-minimum-compression-size": -1 }, "x-amazon-apigateway-minimum-compression-size"],
  [
    { "x-amazon-apigateway-request-validators": { a: { validate: true } } },
    "x-amazon-apigateway-request-validators.a.validate",
  ],
])("what is wrong is said at its place: %j", (root, path) => {
  expect(imported(root).problems).toMatchObject([{ path }]);
});

describe("R-13", () => {
  test("a validator that nobody knows is named once, where it stands", () => {
    const validators = { all: { validateRequestBody: true } };
    const root = {
      "x-amazon-apigateway-request-validators": validators,
      "x-amazon-apigateway-request-validator": "al",
    };
    expect(imported(root).problems).toEqual([
      {
        code: "validator.unknown",
        path: "x-amazon-apigateway-request-validator",
        message: 'there is no request validator "al" under x-amazon-apigateway-request-validators',
        hint: 'did you mean "all"?',
      },
    ]);
    const get = { ...MOCK, "x-amazon-apigateway-request-validator": "al" };
    const paths = { "/a": { get } };
    expect(imported({ "x-amazon-apigateway-request-validators": validators, paths }).problems).toMatchObject([
      { code: "validator.unknown", path: "paths./a.get#requestValidator" },
    ]);
  });

  test("a validator that does not parse is not besides unknown to its routes", () => {
    const get = { ...MOCK, "x-amazon-apigateway-request-validator": "all" };
    const validators = { all: { validateRequestBodies: true } };
    const root = { "x-amazon-apigateway-request-validators": validators, paths: { "/a": { get } } };
    expect(imported(root).problems.map(({ code }) => code)).toEqual(["key.unknown"]);
  });

  test.each(["constructor", "__proto__"])(
    "a validator called %s, which no entry can have, is unknown",
    (name) => {
      const validators = JSON.parse(`{"${name}": {"validateRequestBody": true}}`);
      const root = {
        "x-amazon-apigateway-request-validators": validators,
        "x-amazon-apigateway-request-validator": name,
      };
      expect(imported(root).problems.map(({ code }) => code)).toContain("validator.unknown");
    },
  );

  test.each([{ vpcEndpointIds: ["vpce-1"] }, { types: ["PRIVATE"] }])(
    "a private API does not become a public one: %j",
    (endpoint) => {
      const configuration = { "x-amazon-apigateway-endpoint-configuration": endpoint };
      expect(imported({ servers: [{ url: "/", ...configuration }] }).problems).toMatchObject([
        { code: "endpoint.private", path: "servers.0.x-amazon-apigateway-endpoint-configuration" },
      ]);
      expect(importOpenApi({ swagger: "2.0", paths: {}, ...configuration }).problems).toMatchObject([
        { code: "endpoint.private", path: "x-amazon-apigateway-endpoint-configuration" },
      ]);
    },
  );
});

describe("a base path is left out, and named", () => {
  const said = (root: object) =>
    importOpenApi({ paths: { "/a": { get: MOCK } }, ...root }).warnings.map(({ path, message }) => [
      path,
      message,
    ]);

  test.each<[object, string, string]>([
    [{ swagger: "2.0", basePath: "/v1" }, "basePath", "/v1"],
    [{ swagger: "2.0", basePath: "v1/" }, "basePath", "/v1"],
    [
      { openapi: "3.0.1", servers: [{ url: "https://a.test/base-url/part/" }] },
      "servers.0",
      "/base-url/part",
    ],
    [{ openapi: "3.0.1", servers: [{ url: "/v1" }, { url: "/v2" }] }, "servers.0", "/v1"],
    [
      {
        openapi: "3.0.1",
        servers: [{ url: "https://a.test/{basePath}/", variables: { basePath: { default: "/prod" } } }],
      },
      "servers.0",
      "/prod",
    ],
    [
      { openapi: "3.0.1", servers: [{ url: "https://a.test/{v}", variables: { v: { default: "v3" } } }] },
      "servers.0",
      "/v3",
    ],
  ])("%j", (root, path, base) => {
    expect(said(root)).toEqual([[path, `paths are served as they stand, without ${base} before them`]]);
    expect([...importOpenApi({ paths: { "/a": { get: MOCK } }, ...root }).routes.keys()]).toEqual(["GET /a"]);
  });

  test.each([
    { swagger: "2.0", basePath: "/" },
    { swagger: "2.0" },
    { openapi: "3.0.1", servers: [{ url: "https://a.test" }] },
    {
      openapi: "3.0.1",
      servers: [{ url: "https://a.test/{basePath}", variables: { basePath: { default: "" } } }],
    },
    { openapi: "3.0.1", servers: [] },
  ])("and none is nothing: %j", (root) => {
    expect(said(root)).toEqual([]);
  });
});

describe("binary media types", () => {
  const NAME = "x-amazon-apigateway-binary-media-types";

  test("as CloudFormation writes them are what they mean", () => {
    const { settings, entries, problems } = imported({ [NAME]: ["*~1*", "image~1png", "image/*"] });
    expect([problems, settings.binaryMediaTypes]).toEqual([[], ["*/*", "image/png", "image/*"]]);
    expect(entries.get("apis/default")).toMatchObject({ binaryMediaTypes: ["*/*", "image/png", "image/*"] });
    expect(imported({ [NAME]: "*~1*" }).problems).toMatchObject([{ path: NAME }]);
  });

  test.each([
    ["*/*", false],
    ["image/*", false],
    ["Image/PNG", false],
    ["application/vnd.api+json;version=1", false],
    ["*", true],
    ["png", true],
    ["*/png", true],
    ["image*", true],
    ["image/p*", true],
    ["image/png, image/gif", true],
    ["*~1*", true],
  ])("%s is none that a body can have: %s", (type, warned) => {
    const found = lintMediaTypes({ ...API_DEFAULTS, binaryMediaTypes: ["text/plain", type] }, NAME);
    expect(found.map(({ code, path }) => [code, path])).toEqual(
      warned ? [["media_type.unmatched", `${NAME}.1`]] : [],
    );
  });
});

describe("AWS's variables", () => {
  const uri = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:hello";
  const document = (root: object) => ({
    openapi: "3.0.1",
    paths: { "/a": { get: { "x-amazon-apigateway-integration": { type: "aws_proxy", uri } } } },
    ...root,
  });

  test("stand for the API's own", () => {
    const { routes, warnings } = importOpenApi(
      document({ "x-portico-arn": "arn:aws-cn:execute-api:cn-north-1:123456789012:shop" }),
    );
    expect(routes.get("GET /a")?.integration).toMatchObject({
      uri: "arn:aws-cn:lambda:cn-north-1:123456789012:function:hello",
    });
    expect(warnings).toEqual([]);
  });

  test("and without one for what it is then, which is said", () => {
    const { routes, warnings } = importOpenApi(document({}));
    expect(routes.get("GET /a")?.integration).toMatchObject({
      uri: "arn:aws:lambda:local:000000000000:function:hello",
    });
    expect(warnings).toMatchObject([
      { code: "aws.variable", path: "paths./a.get.x-amazon-apigateway-integration.uri" },
    ]);
  });

  test("other variables stay what they are", () => {
    const text = "${AWS::StackName} ${stageVariables.x} ${x}";
    const { entries } = imported({ info: { title: text }, "x-portico-strict": false });
    expect(entries.get("apis/default")).toMatchObject({ name: text });
  });
});

test("a document that is nested too deep is refused, and not followed", () => {
  const circular: Record<string, unknown> = { openapi: "3.0.1", paths: {} };
  circular["x-mine"] = circular;
  const { problems, entries } = importOpenApi(circular);
  expect(problems.map(({ code }) => code)).toContain("document.depth");
  expect(entries.size).toBe(0);
});

test("whatever entries can say, documents can say", () => {
  const settings = new Set<string>([...Object.values(SETTINGS), "name", "description"]);
  expect(Object.keys(ApiEntry.entries).filter((name) => !settings.has(name))).toEqual([]);
  const read = ["integration", "authorizer", "authorizationScopes", "apiKeyRequired", "operationName"];
  const validation = ["requestValidator", "requestParameters", "requestModels"];
  const members = new Set<string>([...Object.values(ROUTE_MEMBERS), ...read, ...validation]);
  expect(Object.keys(RouteEntry.entries).filter((name) => !members.has(name))).toEqual([]);
});
