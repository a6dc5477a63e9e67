import { describe, expect, test } from "vitest";
import { parseValue } from "../../src/config/parse.ts";
import { ApiEntry, RouteEntry } from "../../src/config/schemas.ts";
import { lintIntegration } from "../../src/openapi/lint-integrations.ts";

/** Codes and members of what is said of an integration. */
function said(integration: object, key = "POST /a/{id}", settings: unknown = {}): readonly string[] {
  const entry = parseValue("r", { integration }, RouteEntry);
  const api = parseValue("a", settings, ApiEntry);
  if (!entry.ok || !api.ok) throw new Error(JSON.stringify([entry, api]));
  return lintIntegration("r", key, entry.value, api.value).map(({ code, path }) => `${code} ${path}`);
}

const responses = { default: { statusCode: 200 } };
const requestTemplates = { "application/json": '{"statusCode": 200}' };
const S3 = "arn:aws:apigateway:eu-west-1:s3:path/bucket/key";

describe("an integration that cannot answer", () => {
  test.each([
    { type: "http", uri: "https://a.test/" },
    { type: "aws", uri: "hello" },
    { type: "aws", uri: S3 },
    { type: "mock", requestTemplates },
  ])("has no responses: %j", (integration) => {
    expect(said(integration)).toEqual(["integration.responses r#integration"]);
    expect(said({ ...integration, responses: {} })).toEqual([
      "integration.responses r#integration.responses",
    ]);
    expect(said({ ...integration, responses })).toEqual([]);
    expect(said({ ...integration, responses: { "[24]\\d{2}": { statusCode: 400 } } })).toEqual([]);
  });

  test.each<[string, object, boolean]>([
    ['{"statusCode": 200}', { "4\\d{2}": { statusCode: 400 } }, true],
    ["{ statusCode: 404 }", { 200: { statusCode: 200 }, "40": { statusCode: 400 } }, true],
    ['{"statusCode": 404}', { "4\\d{2}": { statusCode: 400 } }, false],
    ['{"statusCode": 200}', { "4\\d{2}": { statusCode: 400 }, default: { statusCode: 200 } }, false],
    ["{\"statusCode\": $input.params('s')}", { "4\\d{2}": { statusCode: 400 } }, false],
    ['#if(true){"statusCode": 200}#end', { "4\\d{2}": { statusCode: 400 } }, false],
  ])("is a mock whose template says %s with the responses %j: %s", (template, answers, warned) => {
    const mock = { type: "mock", responses: answers, requestTemplates: { "application/json": template } };
    expect(said(mock)).toEqual(
      warned ? ["mock.unanswered r#integration.requestTemplates.application/json"] : [],
    );
  });

  test.each(["http_proxy", "aws_proxy"])("%s hands on its backend's", (type) => {
    expect(said({ type, uri: type === "http_proxy" ? "https://a.test/" : "hello" })).toEqual([]);
  });

  test.each([
    ["GET /a", true],
    ["HEAD /a", true],
    ["OPTIONS /a", true],
    ["DELETE /a", true],
    ["POST /a", false],
    ["PUT /a", false],
    ["PATCH /a", false],
    ["ANY /a", false],
    ["$default", false],
  ])("is a mock without a status for %s: %s", (key, warned) => {
    const warning = warned ? ["mock.status r#integration"] : [];
    expect(said({ type: "mock", responses }, key)).toEqual(warning);
    expect(said({ type: "mock", responses, requestTemplates: { "application/json": "" } }, key)).toEqual(
      warning,
    );
    expect(said({ type: "mock", responses, requestTemplates }, key)).toEqual([]);
  });
});

describe("members that nothing reads", () => {
  test.each(["http_proxy", "aws_proxy"])("contentHandling of %s", (type) => {
    const uri = type === "http_proxy" ? "https://a.test/" : "hello";
    expect(said({ type, uri, contentHandling: "CONVERT_TO_TEXT" })).toEqual([
      "integration.unread r#integration.contentHandling",
    ]);
  });

  test("contentHandling of others is read", () => {
    for (const integration of [
      { type: "http", uri: "https://a.test/" },
      { type: "aws", uri: "hello" },
      { type: "mock", requestTemplates },
    ]) {
      expect(said({ ...integration, responses, contentHandling: "CONVERT_TO_TEXT" })).toEqual([]);
    }
  });

  const sqs = {
    type: "aws_proxy",
    integrationSubtype: "SQS-PurgeQueue",
    requestParameters: { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs" },
  };

  test.each([
    { uri: "hello" },
    { httpMethod: "POST" },
    { requestTemplates },
    { passthroughBehavior: "never" },
    { contentHandling: "CONVERT_TO_TEXT" },
    { responses },
    { invoke: "remote" },
    { responseTransferMode: "STREAM" },
  ])("%j beside an integrationSubtype", (member) => {
    expect(said({ ...sqs, ...member })).toEqual([
      `integration.unread r#integration.${Object.keys(member).join()}`,
    ]);
  });

  test("what an export has beside an integrationSubtype is fine", () => {
    const more = {
      ...{ payloadFormatVersion: "1.0", timeoutInMillis: 1000, connectionType: "INTERNET" },
      responseTransferMode: "BUFFERED",
      responseParameters: { "200": { "overwrite:statuscode": "202" } },
    };
    expect(said({ ...sqs, ...more })).toEqual([]);
  });

  test.each([
    [{ type: "aws_proxy", uri: "hello" }, "HTTP", false],
    [{ type: "aws_proxy", uri: "hello" }, "REST", true],
    [{ type: "http_proxy", uri: "https://a.test/" }, "HTTP", true],
    [{ type: "aws", uri: "hello", responses }, "HTTP", true],
    [{ type: "mock", requestTemplates, responses }, "HTTP", true],
  ])("payload format 2.0 of %j in a %s API: %s", (integration, protocol, warned) => {
    const format = { ...integration, payloadFormatVersion: "2.0" };
    expect(said(format, "POST /a", { protocol })).toEqual(
      warned ? ["integration.unread r#integration.payloadFormatVersion"] : [],
    );
    expect(said({ ...integration, payloadFormatVersion: "1.0" }, "POST /a", { protocol })).toEqual([]);
  });
});

describe("places of an origin's URI that nothing fills", () => {
  const uri = "https://a.test/{id}/{other}?q={proxy+}";

  test.each<[object, string, readonly string[]]>([
    [{ uri: "https://a.test/{id}" }, "POST /a/{id}", []],
    [{ uri: "https://a.test/{proxy}" }, "POST /a/{proxy+}", []],
    [{ uri: "https://a.test/{proxy+}" }, "POST /a/{proxy+}", []],
    [{ uri: "https://${stageVariables.host}/x/${stageVariables.y}" }, "POST /a", []],
    [{ uri: "https://a.test/x#{id}" }, "POST /a", []],
    [{ uri: "https://a.test/{id}" }, "POST /a", ["uri"]],
    [{ uri: "https://a.test/{id}" }, "$default", ["uri"]],
    [{ uri }, "POST /a/{id}", ["uri", "uri"]],
    [{ uri, requestParameters: { "integration.request.path.other": "'x'" } }, "POST /{id}/{proxy+}", []],
    [{ uri, requestParameters: { "overwrite:path": "/x" } }, "POST /a", []],
    [
      { origins: [{ uri: "https://a.test/{id}" }, { uri: "https://b.test/{ident}" }] },
      "POST /{id}",
      ["origins.1.uri"],
    ],
  ])("%j of %s: %j", (members, key, expected) => {
    const warnings = expected.map((member) => `uri.place r#integration.${member}`);
    expect(said({ type: "http_proxy", ...members }, key)).toEqual(warnings);
    expect(said({ type: "http", responses, ...members }, key)).toEqual(warnings);
  });

  test("a template may fill any of them", () => {
    const override = { $default: "#set($context.requestOverride.path.other = 'x')" };
    expect(said({ type: "http", uri, responses, requestTemplates: override })).toEqual([]);
  });

  test("API Gateway's way exactly fills them from mappings only", () => {
    const integration = { type: "http_proxy", uri: "https://a.test/{id}" };
    const mapped = { "integration.request.path.id": "method.request.path.id" };
    expect(said(integration, "GET /{id}", { protocol: "REST" })).toEqual([]);
    expect(said(integration, "GET /{id}", { protocol: "HTTP", strict: true })).toEqual([]);
    const strict = { protocol: "REST", strict: true };
    expect(said(integration, "GET /{id}", strict)).toEqual(["uri.place r#integration.uri"]);
    expect(said({ ...integration, requestParameters: mapped }, "GET /{id}", strict)).toEqual([]);
  });

  test("the hint names what is near", () => {
    const entry = parseValue(
      "r",
      { integration: { type: "http_proxy", uri: "https://a.test/{ids}" } },
      RouteEntry,
    );
    const api = parseValue("a", {}, ApiEntry);
    if (!entry.ok || !api.ok) throw new Error("they parse");
    const hints = (key: string) => lintIntegration("r", key, entry.value, api.value).map(({ hint }) => hint);
    expect(hints("GET /{id}")).toEqual(["did you mean {id}?"]);
    expect(hints("GET /a")).toEqual(["map it: integration.request.path.ids"]);
  });
});

test("services of the platform have none of these members", () => {
  const kv = { type: "kv", binding: "PROFILES", operation: "get", parameters: { key: "{id}" } };
  expect(said(kv, "GET /a")).toEqual([]);
});
