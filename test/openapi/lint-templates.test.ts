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
  ["$contxt.stage", "$contxt", 'did you mean "$context"?'],
  ["$!{stageVariable.host}", "$stageVariable", 'did you mean "$stageVariables"?'],
  ["$inputs.body", "$inputs", 'did you mean "$input"?'],
  ["$Util.urlEncode('a')", "$Util", 'did you mean "$util"?'],
  ["$context.requestID", "$context.requestID", 'did you mean "$context.requestId"?'],
])("%s is named", (template, reference, hint) => {
  expect(found(`{"a": "${template}", "b": "${template}"}`)).toEqual([
    ["requestTemplates.application/json", `"${reference}" is nothing and prints nothing`, hint],
  ]);
});

test.each([
  "$util.escapeJavaScript($input.json('$.a')) $input.params().header.get('X') $input.path('$').b.c",
  "$context.identity.sourceIp ${context.authorizer.claims.sub} $context.requestOverride.header.a $context.error.message",
  "#set($inputs = $input.path('$'))$inputs.a #foreach( $utils in $inputs.b )$utils.c $foreach.index#end",
  "#macro(show $contexts $b)$contexts.a#end #define( $utility )x#end $root.a $item.b $elem.c",
  "#set($context.mine = 1)$context.mine $mine.utility $stageVariables.anything",
])("%s is fine", (template) => {
  expect(found(template)).toEqual([]);
});

const typed = (type: string) =>
  lintTemplates({ type: "mock", requestTemplates: { [type]: "{}" } }, (member) => member).map(
    ({ path, hint }) => [path, hint],
  );

test.each([
  ["aplication/json", 'did you mean "application/json"?'],
  ["application/jsn", 'did you mean "application/json"?'],
  ["application/josn; charset=utf-8", 'did you mean "application/json"?'],
  ["appliction/jsn", 'did you mean "application/json"?'],
  ["txt/plain", 'did you mean "text/plain"?'],
  ["application/x-www-form-urlencode", 'did you mean "application/x-www-form-urlencoded"?'],
  ["json", 'did you mean "application/json"?'],
  ["form", "a media type has a slash: application/json"],
])("no content type is %s", (type, hint) => {
  expect(typed(type)).toEqual([[`requestTemplates.${type}`, hint]]);
});

test.each([
  ...["application/json", "Application/JSON;charset=utf-8", "text/html", "text/csv", "text/xsl", "image/png"],
  ...["application/json5", "application/hal+json", "application/gzip", "application/yaml", "x-shop/order"],
  ...["$default", "application/vnd.shop.order.v1+json", "acme/order"],
])("%s may be one", (type) => {
  expect(typed(type)).toEqual([]);
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
