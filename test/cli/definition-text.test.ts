import { describe, expect, test } from "vitest";
import { importText } from "../../cli/definition-text.ts";

const OPTIONS = { functions: ["hello", "guard"] };

/** Places of problems and warnings in a text, by their codes. */
function places(text: string): string[] {
  const { problems, warnings } = importText(text, "api.yaml", OPTIONS);
  return [...problems, ...warnings].map(({ code, path }) => `${code} ${path}`);
}

/** The lines that problems and warnings are at. */
const lines = (text: string): readonly string[] =>
  places(text).map((place) => /api\.yaml\S*/.exec(place)?.[0] ?? "");

const ROUTE = `openapi: 3.0.1
paths:
  /a:
    get:
      x-amazon-apigateway-integration:
`;

describe("a problem has the line that it is about", () => {
  test("in an integration", () => {
    expect(places(`${ROUTE}        type: mock\n        timeout: 1\n`)).toEqual([
      "key.unknown api.yaml:7 paths./a.get#integration.timeout",
    ]);
  });

  test("in a template, with the template's own line and column", () => {
    const text = `${ROUTE}        type: mock
        requestTemplates:
          application/json: |
            {
              #if($input.path('$.a')
            }
`;
    const { problems } = importText(text, "api.yaml", OPTIONS);
    expect(problems).toMatchObject([
      {
        code: "template.malformed",
        path: "api.yaml:8 paths./a.get#integration.requestTemplates.application/json",
        message: expect.stringMatching(/^the template does not parse, line \d+, column \d+: /),
      },
    ]);
  });

  test("in an integration that components hold, under a number for a name", () => {
    const text = `openapi: 3.0.1
paths: { /a: { get: { x-amazon-apigateway-integration: { $ref: "#/components/i/200" } } } }
components:
  i:
    200:
      type: http
      uri: https://a.test/
      responses:
        "(": { statusCode: 200 }
`;
    expect(lines(text)).toEqual(["api.yaml:9"]);
  });

  test("behind an alias", () => {
    const text = `x-shared: &shared
  type: http
  uri: https://a.test/
  responses:
    "(": { statusCode: 200 }
openapi: 3.0.1
paths: { /a: { get: { x-amazon-apigateway-integration: *shared } } }
`;
    expect(lines(text)).toEqual(["api.yaml:5"]);
  });

  test("in models, parameters, gateway responses and security schemes of a Swagger document", () => {
    const text = `swagger: "2.0"
x-amazon-apigateway-request-validators: { all: { validateRequestBody: true, validateRequestParameters: true } }
x-amazon-apigateway-request-validator: all
x-amazon-apigateway-gateway-responses:
  THROTTLED:
    statusCode: 429
    responseTemplates:
      application/json: "$context.nothing"
paths:
  /a:
    parameters:
      - { name: a, in: query, type: string }
      - $ref: "#/parameters/none"
    post:
      parameters:
        - { name: body, in: body, schema: { $ref: "#/definitions/Pet.v1" } }
      x-amazon-apigateway-integration: { type: http_proxy, uri: "https://a.test/" }
definitions:
  Pet.v1:
    properties:
      a.b:
        type: strin
      toy: { $ref: "#/definitions/Toy" }
securityDefinitions:
  guard:
    type: apiKey
    in: header
    name: Authorization
    x-amazon-apigateway-authorizer:
      type: token
      authorizerUri: gard
`;
    expect(places(text).sort()).toEqual([
      "authorizer.unused api.yaml:25 securityDefinitions.guard",
      "function.unknown api.yaml:25 securityDefinitions.guard",
      "model.renamed api.yaml:19 definitions.Pet.v1",
      "model.schema api.yaml:22 definitions.Pet.v1#schema.properties.a.b.type",
      "parameter.malformed api.yaml:13 paths./a.parameters.1",
      "schema.reference api.yaml:23 definitions.Pet.v1.properties.toy.$ref",
      "template.variable api.yaml:8 x-amazon-apigateway-gateway-responses.THROTTLED.responseTemplates.application/json",
    ]);
  });

  test("of what is not there, the line of what it is not in", () => {
    expect(lines("info: {}\npaths: {}\n")).toEqual(["api.yaml:1"]);
    expect(lines(`${ROUTE}        type: http_proxy\n`)).toEqual(["api.yaml:5"]);
  });

  test("in JSON as in YAML", () => {
    const text = JSON.stringify({ openapi: "3.0.1", paths: {}, "x-portico-nothing": 1 }, undefined, 2);
    expect(places(text)).toEqual(["key.unknown api.yaml:4 x-portico-nothing"]);
  });
});

describe("functions", () => {
  const ANSWER = "responses: { default: { statusCode: 200 } }";
  const calls = (integration: string): readonly string[] => places(`${ROUTE}        ${integration}\n`);
  const arn = (name: string): string =>
    `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:${name}/invocations`;

  test.each([
    `{ type: aws_proxy, uri: helo }`,
    `{ type: aws, uri: helo, ${ANSWER} }`,
    `{ type: aws, uri: "${arn("helo")}", ${ANSWER} }`,
    `{ type: aws_proxy, uri: "${arn("helo:live")}" }`,
    `{ type: aws_proxy, uri: "123456789012:function:helo" }`,
  ])("that are no module are named: %s", (integration) => {
    expect(calls(integration)).toEqual(["function.unknown api.yaml:4 paths./a.get"]);
  });

  test.each([
    `{ type: aws_proxy, uri: hello }`,
    `{ type: aws, uri: "${arn("hello")}", ${ANSWER} }`,
    `{ type: aws_proxy, uri: "123456789012:function:hello:live" }`,
    `{ type: aws_proxy, uri: "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere", invoke: remote }`,
    `{ type: kv, binding: PROFILES, operation: get, parameters: { key: helo } }`,
    `{ type: aws_proxy, integrationSubtype: SQS-SendMessage, payloadFormatVersion: "1.0", requestParameters: { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", MessageBody: $request.body } }`,
  ])("that are there, or are none, are not: %s", (integration) => {
    expect(calls(integration)).toEqual([]);
  });

  test("of the default route are named where it stands", () => {
    const text = `openapi: 3.0.1
paths:
  /$default:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration: { type: aws_proxy, uri: helo }
`;
    expect(places(text)).toEqual([
      "function.unknown api.yaml:4 paths./$default.x-amazon-apigateway-any-method",
    ]);
  });
});

describe("a warning has the line that it is about", () => {
  test("in integrations, models and media types, whatever stands before the paths", () => {
    const text = `swagger: "2.0"
basePath: /v1
x-amazon-apigateway-binary-media-types: [image/png, "*"]
x-amazon-apigateway-request-validator: all
x-amazon-apigateway-request-validators: { all: { validateRequestBody: true } }
paths:
  /a/{id}:
    post:
      parameters:
        - { name: body, in: body, schema: { $ref: "#/definitions/Pet" } }
      x-amazon-apigateway-integration:
        type: http_proxy
        uri: https://a.test/{ident}
        contentHandling: CONVERT_TO_TEXT
    get:
      security: []
      x-amazon-apigateway-integration: { type: aws_proxy, uri: helo }
definitions:
  Pet:
    properties:
      tag: { $ref: "#/definitions/Tag" }
  Tag:
    requried: [name]
`;
    const { problems, warnings, routes } = importText(text, "api.yaml", { ...OPTIONS, basepath: "prepend" });
    expect([...routes.keys()]).toEqual(["GET /v1/a/{id}", "POST /v1/a/{id}"]);
    expect(problems.map(({ path }) => path)).toEqual(["api.yaml:15 paths./a/{id}.get"]);
    expect(warnings.map(({ code, path }) => `${code} ${path}`).sort()).toEqual([
      "integration.unread api.yaml:14 paths./a/{id}.post#integration.contentHandling",
      "media_type.unmatched api.yaml:3 x-amazon-apigateway-binary-media-types.1",
      "model.keyword api.yaml:23 definitions.Tag#schema.requried",
      "uri.place api.yaml:13 paths./a/{id}.post#integration.uri",
    ]);
  });

  test("of a binding that wrangler.toml does not have, as far as that is known", () => {
    const text = `${ROUTE}        { type: kv, binding: PROFILE, operation: get, parameters: { key: a } }\n`;
    const none = {
      queue: [],
      r2: [],
      d1: [],
      workflow: [],
      service: [],
      durable_object: [],
      analytics_engine: [],
    };
    const found = (kv: readonly string[]) =>
      importText(text, "api.yaml", { ...OPTIONS, bindings: { ...none, kv } }).warnings;
    expect(found(["PROFILES"])).toMatchObject([
      {
        code: "binding.unknown",
        path: "api.yaml:6 paths./a.get#integration.binding",
        hint: 'did you mean "PROFILES"?',
      },
    ]);
    expect(found(["PROFILE"])).toEqual([]);
    expect(places(text)).toEqual([]);
  });
});

test("stage variables of a document have the line of the first that reads one", () => {
  expect(places(`${ROUTE}        { type: aws_proxy, uri: "\${stageVariables.name}" }\n`)).toEqual([
    "stage.variables api.yaml:4 paths./a.get",
  ]);
});

test("a text that is no YAML says where", () => {
  expect(() => importText("paths: [", "api.yaml", OPTIONS)).toThrow(/^api\.yaml:1:9: /);
});
