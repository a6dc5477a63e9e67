import { describe, expect, test } from "vitest";
import { checkRoute } from "../../src/config/check-route.ts";
import { fillStageVariables, functionName } from "../../src/config/integration-uri.ts";
import { parseValue } from "../../src/config/parse.ts";
import { ApiEntry, RouteEntry } from "../../src/config/schemas.ts";

function codes(integration: unknown, settings: unknown = {}): readonly string[] {
  const entry = parseValue("r", { integration }, RouteEntry);
  const api = parseValue("a", settings, ApiEntry);
  if (!entry.ok || !api.ok) throw new Error(JSON.stringify([entry, api]));
  return checkRoute("r", entry.value, api.value).map(({ code }) => code);
}

const http = (uri: string, more: object = {}) => ({ type: "http_proxy", uri, ...more });
const mapped = (target: string, source = "'x'") =>
  http("https://a", { requestParameters: { [target]: source } });
const mock = (responses: object) => ({ type: "mock", responses });

describe("what a route's members have to do with each other", () => {
  test.each([
    [http("https://a.test/x/{id}?q={id}"), []],
    [http("https://${stageVariables.host}/x"), []],
    [http("https://o.example:${stageVariables.port}/x"), []],
    [http("https://o.example:80${stageVariables.a}${stageVariables.b}/${stageVariables.c}:x"), []],
    [http("https://o.example:port/x"), ["uri.malformed"]],
    [http("${stageVariables.url}/x"), []],
    [http("HTTPS://a.test"), []],
    [{ type: "aws_proxy", uri: "hello" }, []],
    [{ type: "aws_proxy", uri: "dir/hello" }, []],
    [{ type: "mock" }, []],
    [{ type: "http_proxy" }, ["uri.missing"]],
    [{ type: "aws_proxy" }, ["uri.missing"]],
    [http("ftp://a"), ["uri.scheme"]],
    [http("file:///etc/passwd"), ["uri.scheme"]],
    [http("//a/b"), ["uri.scheme"]],
    [http("a.test/x"), ["uri.scheme"]],
    [http("javascript:alert(1)"), ["uri.scheme"]],
    [http("https://{host}/x"), ["uri.host"]],
    [http("https://a.{tld}/x"), ["uri.host"]],
    [http("https://a:{port}/x"), ["uri.host"]],
    [http("https://a b/x"), ["uri.malformed"]],
    [{ type: "aws_proxy", uri: "../secret" }, ["uri.function"]],
    [{ type: "aws_proxy", uri: "/etc/passwd" }, ["uri.function"]],
    [{ type: "aws_proxy", uri: "a/../b" }, ["uri.function"]],
    [{ type: "aws_proxy", uri: "https://a" }, ["uri.function"]],
    [mapped("integration.request.header.X-A"), []],
    [mapped("integration.request.querystring.a b"), []],
    [mapped("integration.request.body.x"), ["mapping.target"]],
    [mapped("header.x"), ["mapping.target"]],
    [mapped("integration.request.header.bad name"), ["mapping.target"]],
    [mapped("integration.request.header.x\r\ny"), ["mapping.target"]],
    [mapped("integration.request.header.Content-Length"), ["mapping.header"]],
    [mapped("integration.request.header.x-amzn-trace-id"), ["mapping.header"]],
    [mapped("integration.request.header.Authorization"), []],
    [mock({ "2\\d{2}": { statusCode: 200 }, default: { statusCode: 500 } }), []],
    [mock({ "2(": { statusCode: 200 } }), ["responses.pattern"]],
    [mock({ "*": { statusCode: 200 } }), ["responses.pattern"]],
    [mock({ "200": { statusCode: 200, responseParameters: { "method.response.header.X": "'a'" } } }), []],
    [
      mock({ "200": { statusCode: 200, responseParameters: { "method.response.header.X": "'a\r\nB: c'" } } }),
      ["mapping.header"],
    ],
    [mock({ "200": { statusCode: 200, responseParameters: { "header.X": "'a'" } } }), ["mapping.target"]],
    [mock({ "200": { statusCode: 200, responseTemplates: { a: "#if(" } } }), ["template.malformed"]],
    [{ type: "mock", requestTemplates: { a: "#set($x = )" } }, ["template.malformed"]],
  ])("%j: %j", (integration, expected) => {
    expect(codes(integration)).toEqual(expected);
  });

  test("R-13 API Gateway's REST APIs call a function by POST only", () => {
    const integration = { type: "aws_proxy", uri: "hello", httpMethod: "GET" };
    expect(codes(integration, { protocol: "REST" })).toEqual(["function.method"]);
    expect(codes(integration)).toEqual([]);
  });

  test.each(["Authorization", "Connection", "Expect", "Proxy-Authenticate", "TE", "Content-Length"])(
    "a function's mapping cannot set %s",
    (name) => {
      const requestParameters = { [`integration.request.header.${name}`]: "'x'" };
      expect(codes({ type: "aws_proxy", uri: "hello", requestParameters })).toEqual(["mapping.header"]);
    },
  );
});

describe("a function's name", () => {
  const arn = "arn:aws:lambda:eu-west-1:123456789012:function:hello";
  test.each([
    ["hello", "hello"],
    ["dir/hello-2.v1", "dir/hello-2.v1"],
    [arn, "hello"],
    [`${arn}:prod`, "hello"],
    [`arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn}/invocations`, "hello"],
    [`arn:aws:apigateway:eu-west-1:lambda:path//2015-03-31/functions/${arn}/invocations`, "hello"],
    [`arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn}:1/invocations`, "hello"],
    [
      `arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/${arn}/response-streaming-invocations`,
      "hello",
    ],
    ["123456789012:function:hello", "hello"],
    ["123456789012:function:hello:live", "hello"],
    [
      "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/123456789012:function:hello:1/invocations",
      "hello",
    ],
    ["12345:function:hello", undefined],
    ["123456789012:function:hello:1:2", undefined],
    ["123456789012:function:../x", undefined],
    ["arn:aws:sqs:eu-west-1:1:queue", undefined],
    ["arn:aws:lambda:eu-west-1:1:function:../x", undefined],
    ["..", undefined],
    [".hidden", undefined],
    ["a//b", undefined],
    ["a/../b", undefined],
    ["a\\b", undefined],
    ["a b", undefined],
    ["", undefined],
  ])("in %s is %s", (uri, name) => {
    expect(functionName(uri)).toBe(name);
  });
});

test.each([
  ["https://${stageVariables.a}/x", { a: "h" }, "https://h/x"],
  ["${stageVariables.a}${stageVariables.b}", { a: "1" }, "1"],
  ["${stageVariables.constructor}${stageVariables.toString}", {}, ""],
  ["${other} {id}", {}, "${other} {id}"],
  ["${stageVariables.a}", { a: "${stageVariables.a}" }, "${stageVariables.a}"],
])("stage variables fill %s", (uri, variables, filled) => {
  expect(fillStageVariables(uri, variables)).toBe(filled);
});
