import { describe, expect, test } from "vitest";
import { checkApi } from "../../src/config/check-api.ts";
import { parseValue } from "../../src/config/parse.ts";
import type { Problem } from "../../src/config/problem.ts";
import { ApiEntry } from "../../src/config/schemas.ts";
import { REST } from "../../src/gateway-responses/catalogue.ts";

const KEY = "apis/shop";

function problemsOf(gatewayResponses: unknown): readonly Problem[] {
  const entry = parseValue(KEY, { gatewayResponses }, ApiEntry);
  return entry.ok ? checkApi(KEY, entry.value) : entry.problems;
}

const header = (target: string, source: string) => ({
  UNAUTHORIZED: { responseParameters: { [target]: source } },
});
const template = (text: string, type = "application/json") => ({
  UNAUTHORIZED: { responseTemplates: { [type]: text } },
});

describe("good ones", () => {
  test.each<[unknown]>([
    [{}],
    [{ DEFAULT_4XX: {}, DEFAULT_5XX: { statusCode: 599 }, WAF_FILTERED: { statusCode: "200" } }],
    [header("gatewayresponse.header.Access-Control-Allow-Origin", "'*'")],
    [header("gatewayresponse.header.x", "''")],
    [header("gatewayresponse.header.x", "context.error.validationErrorString")],
    [header("gatewayresponse.header.x", "context.authorizer.claims.cognito:groups")],
    [header("gatewayresponse.header.x", "method.request.header.Accept")],
    [header("gatewayresponse.header.x", "method.request.path.a.b")],
    [header("gatewayresponse.header.x", "stageVariables.a_1")],
    [template('{"message":$context.error.messageString, "waf": "$context.wafResponseCode"}')],
    [template("<script>var $input = $('#x'); `${a}`</script>", "text/html; charset=utf-8")],
    [template("x".repeat(300_000))],
  ])("%o", (responses) => {
    expect(problemsOf(responses)).toEqual([]);
  });
});

describe("bad ones", () => {
  test.each<[unknown, string, string, string | undefined]>([
    [{ DEFAULT_4xx: {} }, "gateway_response.type", "DEFAULT_4xx", 'did you mean "DEFAULT_4XX"?'],
    [{ CORS: {} }, "gateway_response.type", "CORS", `the types are ${Object.keys(REST).join(", ")}`],
    [{ UNAUTHORIZED: { statusCode: 199 } }, "value.invalid", "UNAUTHORIZED.statusCode", undefined],
    [{ UNAUTHORIZED: { statusCode: "600" } }, "value.invalid", "UNAUTHORIZED.statusCode", undefined],
    [{ UNAUTHORIZED: { statusCode: "4xx" } }, "value.invalid", "UNAUTHORIZED.statusCode", undefined],
    [{ UNAUTHORIZED: { statusCode: 400.5 } }, "value.invalid", "UNAUTHORIZED.statusCode", undefined],
    [
      { UNAUTHORIZED: { statuscode: 400 } },
      "key.unknown",
      "UNAUTHORIZED.statuscode",
      'did you mean "statusCode"?',
    ],
    [
      header("x", "'1'"),
      "mapping.target",
      "UNAUTHORIZED.responseParameters.x",
      "write gatewayresponse.header.NAME",
    ],
    [
      header("gatewayresponse.header.a b", "'1'"),
      "mapping.target",
      "UNAUTHORIZED.responseParameters.gatewayresponse.header.a b",
      "write gatewayresponse.header.NAME",
    ],
    [
      header("gatewayresponse.header.Content-Length", "'1'"),
      "mapping.header",
      "UNAUTHORIZED.responseParameters.gatewayresponse.header.Content-Length",
      undefined,
    ],
    [
      header("gatewayresponse.header.x", "'a\r\nb: c'"),
      "mapping.header",
      "UNAUTHORIZED.responseParameters.gatewayresponse.header.x",
      undefined,
    ],
    [
      header("gatewayresponse.header.x", "context.identity.sourceip"),
      "mapping.source",
      "UNAUTHORIZED.responseParameters.gatewayresponse.header.x",
      'did you mean "context.identity.sourceIp"?',
    ],
    [
      template("$context.error.mesage"),
      "template.variable",
      "UNAUTHORIZED.responseTemplates.application/json",
      'did you mean "$context.error.message"?',
    ],
    [
      template("x".repeat(300_001)),
      "template.too_long",
      "UNAUTHORIZED.responseTemplates.application/json",
      undefined,
    ],
    [template("", "json"), "template.type", "UNAUTHORIZED.responseTemplates.json", "write application/json"],
  ])("%o", (responses, code, place, hint) => {
    const [problem, ...more] = problemsOf(responses);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ code, path: `${KEY}#gatewayResponses.${place}` });
    if (hint !== undefined) expect(problem?.hint).toBe(hint);
  });

  test.each([
    "*",
    "method.request.body",
    "method.request.header.a b",
    "stageVariables.a-b",
    "context.",
    "integration.response.header.x",
  ])("the source %s", (source) => {
    const [problem] = problemsOf(header("gatewayresponse.header.x", source));
    expect(problem).toMatchObject({
      code: "mapping.source",
      message: `"${source}" is no source of a gateway response`,
    });
  });

  test.each([
    "$input.params('x')",
    "$!input.json('$')",
    "${context.stage}",
    "$!context.stage",
    "$util.urlEncode($x)",
    "#set($a = 1)",
    "#if ($a)",
  ])("a template in VTL: %s", (text) => {
    expect(problemsOf(template(text)).map(({ code }) => code)).toEqual(["template.vtl"]);
  });
});
