import { expect, test } from "vitest";
import { lintTemplates } from "../../src/openapi/lint-templates.ts";

const found = (template: string) =>
  lintTemplates({ type: "mock", requestTemplates: { "application/json": template } }, (member) => member).map(
    ({ path, message, hint }) => [path, message, hint],
  );

test.each([
  ["$util.escapeJavascript($x)", "$util.escapeJavascript", 'did you mean "$util.escapeJavaScript"?'],
  ["$!{util.urlencode('a')}", "$util.urlencode", 'did you mean "$util.urlEncode"?'],
  ["$input.param('id')", "$input.param", 'did you mean "$input.params"?'],
  ["$input.query", "$input.query", "there is body, json, path, params"],
  ["$context.requestID", "$context.requestID", 'did you mean "$context.requestId"?'],
])("%s is named", (template, reference, hint) => {
  expect(found(`{"a": "${template}", "b": "${template}"}`)).toEqual([
    ["requestTemplates.application/json", `"${reference}" is nothing and prints nothing`, hint],
  ]);
});

test.each([
  "$util.escapeJavaScript($input.json('$.a')) $input.params().header.get('X') $input.path('$').b.c",
  "$context.identity.sourceIp ${context.authorizer.claims.sub} $context.requestOverride.header.a $context.error.message",
  "#set($context.mine = 1)$context.mine $mine.utility $stageVariables.anything",
])("%s is fine", (template) => {
  expect(found(template)).toEqual([]);
});

test("responses have templates too", () => {
  const responses = {
    "4\\d{2}": { statusCode: 400, responseTemplates: { "text/plain": "$input.jason('$')" } },
  };
  const [problem] = lintTemplates({ type: "mock", responses }, (member) => member);
  expect(problem).toMatchObject({
    path: "responses.4\\d{2}.responseTemplates.text/plain",
    hint: 'did you mean "$input.json"?',
  });
});
