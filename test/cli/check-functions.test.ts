import { expect, test } from "vitest";
import { checkRouteFunction } from "../../cli/check-functions.ts";
import { parseValue } from "../../src/config/parse.ts";
import { RouteEntry } from "../../src/config/schemas.ts";

function found(integration: object) {
  const entry = parseValue("r", { integration }, RouteEntry);
  if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
  return checkRouteFunction("r#integration.uri", "GET /a", entry.value, ["hello"]);
}

const ELSEWHERE = "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere";

test.each([
  { type: "aws_proxy", uri: "hello" },
  { type: "aws_proxy", uri: ELSEWHERE, invoke: "remote" },
  { type: "aws_proxy", uri: "${stageVariables.name}" },
  { type: "http_proxy", uri: "https://a.test/" },
])("a function that is there, in its account, or named by a variable is fine: %j", (integration) => {
  expect(found(integration)).toEqual([]);
});

test("a function that is no module is named", () => {
  expect(found({ type: "aws_proxy", uri: "helo" })).toEqual([
    {
      code: "function.unknown",
      path: "r#integration.uri",
      message: 'GET /a calls the function "helo", but there is no routes/helo.ts',
      hint: 'did you mean "hello"?',
    },
  ]);
  expect(found({ type: "aws_proxy", uri: ELSEWHERE })).toMatchObject([{ code: "function.unknown" }]);
});
