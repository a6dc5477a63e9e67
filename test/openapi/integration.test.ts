import { describe, expect, test } from "vitest";
import { parseValue } from "../../src/config/parse.ts";
import { RouteEntry } from "../../src/config/schemas.ts";
import { importOpenApi } from "../../src/openapi/import.ts";

const AT = "paths./a.get.x-amazon-apigateway-integration";

function imported(integration: object, operation: object = {}) {
  return importOpenApi({
    openapi: "3.0.1",
    paths: { "/a": { get: { ...operation, "x-amazon-apigateway-integration": integration } } },
  });
}

/** The integration as its entry has it. */
function entry(integration: object): unknown {
  const { entries, problems } = imported(integration);
  expect(problems).toEqual([]);
  return Object(entries.get("apis/default/routes/GET /a")).integration;
}

test("an integration goes into its entry whole", () => {
  const whole = {
    type: "HTTP",
    uri: "https://a.test/{id}",
    httpMethod: "ANY",
    timeoutInMillis: 5000,
    requestParameters: { "integration.request.path.id": "method.request.querystring.id" },
    requestTemplates: { "application/json": "$input.json('$')", $default: "{}" },
    passthroughBehavior: "WHEN_NO_TEMPLATES",
    contentHandling: "CONVERT_TO_TEXT",
    responses: {
      default: { statusCode: "200", responseParameters: { "method.response.header.a": "'b'" } },
      "4\\d{2}": {
        statusCode: 400,
        contentHandling: "CONVERT_TO_BINARY",
        responseTemplates: { "text/plain": "no" },
      },
    },
    responseTransferMode: "BUFFERED",
    connectionType: "INTERNET",
  };
  expect(entry(whole)).toEqual(whole);
  expect(imported(whole).routes.get("GET /a")?.integration).toMatchObject({
    type: "http",
    passthroughBehavior: "when_no_templates",
    responses: { default: { statusCode: 200 }, "4\\d{2}": { statusCode: 400 } },
  });
});

describe("what documents write in several ways", () => {
  test.each<[object, object]>([
    [{ requestTemplates: null, contentHandling: null, responses: null }, {}],
    [
      { requestTemplates: { "application/json": null, "text/plain": "x" } },
      { requestTemplates: { "text/plain": "x" } },
    ],
    [{ timeoutInMillis: "29000" }, { timeoutInMillis: 29000 }],
    [{ payloadFormatVersion: 1 }, { payloadFormatVersion: "1.0" }],
    [{ payloadFormatVersion: 2 }, { payloadFormatVersion: "2.0" }],
    [
      { requestParameters: { "append:header.a": 1, "append:header.b": true, "append:header.c": null } },
      { requestParameters: { "append:header.a": "1", "append:header.b": "true" } },
    ],
    [
      { responseParameters: { "200": { "overwrite:statuscode": 201 } } },
      { responseParameters: { "200": { "overwrite:statuscode": "201" } } },
    ],
    [
      {
        responses: {
          default: {
            statusCode: 200,
            contentHandling: null,
            responseParameters: { "method.response.header.a": null },
          },
        },
      },
      { responses: { default: { statusCode: 200, responseParameters: {} } } },
    ],
    // An empty template stands for the body as it came; without it another type's would.
    [
      {
        responses: {
          default: { statusCode: 200, responseTemplates: { "application/json": null, "text/xml": "<a/>" } },
        },
      },
      {
        responses: {
          default: { statusCode: 200, responseTemplates: { "application/json": "", "text/xml": "<a/>" } },
        },
      },
    ],
  ])("%j", (said, kept) => {
    const proxy = { type: "http_proxy", uri: "https://a.test/" };
    expect(entry({ ...proxy, ...said })).toEqual({ ...proxy, ...kept });
  });

  test.each([
    { payloadFormatVersion: 1.04 },
    { timeoutInMillis: "1s" },
    { requestTemplates: "{}" },
    { responses: { default: 1 } },
  ])("and what is none of them is refused: %j", (said) => {
    expect(imported({ type: "http_proxy", uri: "https://a.test/", ...said }).problems).toHaveLength(1);
  });
});

test.each(["credentials", "connectionId", "integrationTarget", "tlsConfig", "cacheNamespace"])(
  "%s is left out, and named at its place",
  (name) => {
    const { entries, warnings, problems } = imported({ type: "mock", [name]: "x" });
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ code: "integration.member", path: `${AT}.${name}` }]);
    expect(entries.get("apis/default/routes/GET /a")).toEqual({ integration: { type: "mock" } });
  },
);

describe("R-13 credentials of the caller", () => {
  const lambda = "arn:aws:lambda:eu-west-1:123456789012:function:hello";
  const invocation = (arn: string): string =>
    `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn}/invocations`;
  const s3 = "arn:aws:apigateway:eu-west-1:s3:path/bucket/key";
  const responses = { default: { statusCode: 200 } };
  const caller = "arn:aws:iam::*:user/*";

  test.each([
    { type: "aws", uri: s3, httpMethod: "GET", responses },
    { type: "AWS", uri: s3, httpMethod: "GET", responses },
    { type: "aws", uri: "arn:aws:apigateway:eu-west-1:${stageVariables.service}:path/x", responses },
    { type: "aws", uri: "${stageVariables.uri}", responses },
    { type: "aws", invoke: "remote", uri: lambda, responses },
    { type: "aws_proxy", invoke: "remote", uri: lambda },
    {
      type: "aws_proxy",
      integrationSubtype: "SQS-PurgeQueue",
      payloadFormatVersion: "1.0",
      requestParameters: { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs" },
    },
  ])("guard what the gateway would do with its own keys: %j", (integration) => {
    expect(imported(integration).problems).toEqual([]);
    for (const credentials of [caller, "arn:aws-cn:iam::*:user/*"]) {
      const { problems, warnings } = imported({ ...integration, credentials });
      expect(problems).toEqual([
        {
          code: "integration.credentials",
          path: `${AT}.credentials`,
          message: `"${credentials}" has the service called as the caller, but the gateway calls it with its own keys`,
          hint: "take it out where whoever reaches the route may do what the gateway's keys may",
        },
      ]);
      expect(warnings).toEqual([]);
    }
    expect(imported({ ...integration, credentials: "arn:aws:iam::123456789012:role/r" })).toMatchObject({
      problems: [],
      warnings: [
        {
          code: "integration.member",
          message: '"credentials" is left out: calls are signed with the Worker\'s AWS_ACCESS_KEY_ID',
        },
      ],
    });
  });

  test.each([
    { type: "aws_proxy", uri: "hello" },
    { type: "aws_proxy", uri: invocation(lambda) },
    { type: "aws", uri: "hello", responses },
    { type: "aws", uri: invocation("123456789012:function:hello:live"), responses },
    { type: "aws", uri: invocation("${stageVariables.name}"), responses },
    { type: "http", uri: "https://a.test/", responses },
    { type: "mock" },
  ])("mean nothing where no key is used: %j", (integration) => {
    const { problems, warnings } = imported({ ...integration, credentials: caller });
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ code: "integration.member", path: `${AT}.credentials` }]);
  });
});

describe("cacheKeyParameters", () => {
  const http = {
    type: "http_proxy",
    uri: "https://a.test/{id}",
    requestParameters: {
      "integration.request.path.id": "method.request.multivaluequerystring.id",
      "integration.request.header.static": "'a'",
    },
  };
  const keyed = (cacheKeyParameters: readonly unknown[], cache?: unknown) =>
    imported({ ...http, cacheKeyParameters }, cache === undefined ? {} : { "x-portico-cache": cache });

  test("tell apart what the route's cache keeps", () => {
    const { routes, problems, warnings } = keyed(
      ["method.request.header.Accept-Language", "integration.request.path.id", "method.request.path.a.b"],
      { mode: "ttl", ttl: 60, key: ["querystring.page"] },
    );
    expect([problems, warnings]).toEqual([[], []]);
    expect(routes.get("GET /a")?.cache).toMatchObject({
      ttl: 60,
      key: ["querystring.page", "header.Accept-Language", "querystring.id", "path.a.b"],
    });
  });

  test.each([undefined, false, { mode: "http" }])(
    "without a ttl cache (%j) they are left out, which is said",
    (cache) => {
      const { problems, warnings, entries } = keyed(["method.request.querystring.a"], cache);
      expect(problems).toEqual([]);
      expect(warnings).toMatchObject([{ code: "cache.key", path: `${AT}.cacheKeyParameters` }]);
      expect(Object(entries.get("apis/default/routes/GET /a")).cache).toEqual(cache);
    },
  );

  test.each(["integration.request.header.static", "method.request.body.id", "type", 1])(
    "one that a cache cannot use would give callers each other's responses: %s",
    (parameter) => {
      expect(keyed([parameter], { mode: "ttl" }).problems).toMatchObject([
        { code: "cache.key", path: `${AT}.cacheKeyParameters.0` },
      ]);
      expect(keyed([parameter]).problems).toEqual([]);
    },
  );
});

test("services of the platform are taken as they are, with null for a value", () => {
  const kv = {
    type: "kv",
    binding: "PROFILES",
    operation: "put",
    parameters: { key: "a", value: { b: null } },
  };
  expect(entry(kv)).toEqual(kv);
});

test("a service that is called without code between has no uri", () => {
  const sqs = {
    type: "aws_proxy",
    integrationSubtype: "SQS-SendMessage",
    payloadFormatVersion: "1.0",
    requestParameters: {
      QueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
      MessageBody: "$request.body",
    },
  };
  expect(entry(sqs)).toEqual(sqs);
});

test("a private integration does not become a public one", () => {
  const { problems } = imported({
    type: "http_proxy",
    uri: "http://internal.test/",
    connectionType: "VPC_LINK",
    connectionId: "v",
  });
  expect(problems).toEqual([
    {
      code: "value.invalid",
      path: "paths./a.get#integration.connectionType",
      message:
        '"VPC_LINK" is none of INTERNET: an origin that the gateway can reach is called without a link, so leave connectionType out and write its URL',
    },
  ]);
});

test("operations whose entries do not parse are counted, and are no routes", () => {
  const mock = { "x-amazon-apigateway-integration": { type: "mock" } };
  const bad = { "x-amazon-apigateway-integration": { type: "mokc" } };
  const nowhere = { "x-amazon-apigateway-integration": { $ref: "#/components/none" } };
  const paths = { "/a": { get: mock, post: bad, put: {} }, "/b": { get: nowhere } };
  const { routes, operations } = importOpenApi({ openapi: "3.0.1", paths });
  expect([[...routes.keys()], operations]).toEqual([["GET /a"], 3]);
});

test("credentials of a stored route are refused with the reason", () => {
  const integration = {
    type: "aws",
    uri: "arn:aws:apigateway:eu-west-1:s3:path/b/k",
    credentials: "arn:aws:iam::1:role/x",
  };
  expect(parseValue("r", { integration }, RouteEntry)).toEqual({
    ok: false,
    problems: [
      {
        code: "value.invalid",
        path: "r#integration.credentials",
        message:
          "leave it out: calls to AWS are signed with the Worker's AWS_ACCESS_KEY_ID, others with nothing",
      },
    ],
  });
});

test("the default route is where it says that it is", () => {
  const any = (path: string) =>
    importOpenApi({
      openapi: "3.0.1",
      paths: {
        [path]: {
          "x-amazon-apigateway-any-method": {
            isDefaultRoute: true,
            "x-amazon-apigateway-integration": { type: "mock" },
          },
        },
      },
    });
  expect([any("/$default").problems, [...any("/$default").routes.keys()]]).toEqual([[], ["$default"]]);
  expect(any("/a").problems).toMatchObject([
    { code: "route.default", path: "paths./a.x-amazon-apigateway-any-method.isDefaultRoute" },
  ]);
});

test("references that lead in a circle name no integration", () => {
  const components = { a: { $ref: "#/components/b" }, b: { $ref: "#/components/a" } };
  const get = { "x-amazon-apigateway-integration": { $ref: "#/components/a" } };
  expect(importOpenApi({ openapi: "3.0.1", components, paths: { "/a": { get } } }).problems).toMatchObject([
    { code: "integration.reference" },
  ]);
});
