import { describe, expect, test } from "vitest";
import { AccessLog } from "../../../src/observability/access-log.ts";
import { type Asking, ask, lastSigned, REST, uriOf } from "./gateway-support.ts";
import { expectRecorded } from "./recordings.ts";

const service = (rest: string, more: object = {}) => ({
  type: "aws",
  httpMethod: "POST",
  uri: uriOf(rest),
  responses: { default: { statusCode: 200 } },
  ...more,
});

const json = (template: string) => ({ requestTemplates: { "application/json": template } });
const JSON_TYPE = { "content-type": "application/json" };

type Case = readonly [sdk: string, key: string, integration: object, target: string, asking: Asking];

describe("a request to a route with an action is sent as AWS's own SDK sends it", () => {
  test.each<Case>([
    [
      "dynamodb:GetItem",
      "GET /items/{id}",
      service(
        "dynamodb:action/GetItem",
        json('{"TableName":"t","Key":{"id":{"S":"$util.escapeJavaScript($input.params(\'id\'))"}}}'),
      ),
      "/items/1",
      {},
    ],
    [
      "dynamodb:PutItem",
      "PUT /items/{id}",
      service(
        "dynamodb:action/PutItem",
        json(
          '{"TableName":"$stageVariables.table","Item":{"id":{"S":"$input.params("id")"},"n":{"N":"$input.path("$.n")"}}}',
        ),
      ),
      "/items/1",
      {
        body: '{"n":5}',
        headers: JSON_TYPE,
        entries: { "apis/default/stages/$default": { autoDeploy: true, variables: { table: "t" } } },
      },
    ],
    [
      "dynamodb:Query",
      "GET /items",
      service(
        "dynamodb:action/Query",
        json(
          '{"TableName":"t","KeyConditionExpression":"id = :i","ExpressionAttributeValues":{":i":{"S":"$input.params(\'of\')"}}}',
        ),
      ),
      "/items?of=1",
      {},
    ],
    [
      "dynamodb:DeleteItem",
      "DELETE /items/{id}",
      service(
        "dynamodb:action/DeleteItem",
        json('{"TableName":"t","Key":{"id":{"S":"$input.params(\'id\')"}}}'),
      ),
      "/items/1",
      {},
    ],
    [
      "sns:Publish",
      "POST /notices",
      service("sns:action/Publish", {
        requestParameters: {
          "integration.request.querystring.TopicArn": "'arn:aws:sns:eu-west-1:123456789012:topic'",
          "integration.request.querystring.Message": "method.request.body",
          "integration.request.querystring.Subject": "method.request.querystring.s",
        },
      }),
      "/notices?s=s",
      { body: "a b+c&d=ü'(*)!" },
    ],
    [
      "sns:Publish",
      "POST /notices",
      service("sns:action/Publish", {
        requestParameters: {
          "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
        },
        ...json(
          "Action=Publish&TopicArn=$util.urlEncode('arn:aws:sns:eu-west-1:123456789012:topic')&Message=$util.urlEncode($input.path('$.text'))&Subject=s",
        ),
      }),
      "/notices",
      { body: JSON.stringify({ text: "a b+c&d=ü'(*)!" }), headers: JSON_TYPE },
    ],
    [
      "sfn:StartExecution",
      "POST /runs",
      service(
        "states:action/StartExecution",
        json(
          '{"stateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:m","name":"n","input":"$util.escapeJavaScript($input.json(\'$\'))"}',
        ),
      ),
      "/runs",
      { body: '{"a":1}', headers: JSON_TYPE },
    ],
  ])("%s: %s %j", async (sdk, key, integration, target, asking) => {
    for (const settings of [{}, REST]) {
      const asked = await ask(key, integration, target, { settings, ...asking });
      expect([asked.response.headers.get("x-portico-reason"), asked.response.status]).toEqual([null, 200]);
      const signing = sdk.split(":")[0] ?? "";
      expectRecorded(await lastSigned(asked, signing === "sfn" ? "states" : signing), sdk);
    }
  });

  test("and to SQS as a form, with what API Gateway's users write in it", async () => {
    const integration = service("sqs:path/123456789012/jobs", {
      requestParameters: { "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'" },
      ...json("Action=SendMessage&MessageBody=$util.urlEncode($input.body)"),
    });
    const asked = await ask("POST /jobs", integration, "/jobs", { body: '{"a":"b c"}', headers: JSON_TYPE });
    const { url, headers, body } = await lastSigned(asked, "sqs");
    expect(url.href).toBe("https://sqs.eu-west-1.amazonaws.com/123456789012/jobs");
    expect(headers.get("content-type")).toBe("application/x-www-form-urlencoded");
    expect(body).toBe("Action=SendMessage&MessageBody=%7B%22a%22%3A%22b+c%22%7D");
  });

  test.each([
    ["application/x-www-form-urlencoded", "sns:action/Publish", {}],
    ["application/x-www-form-urlencoded,x", "sns:action/Publish", {}],
    ["application/x-www-form-urlencoded, application/json", "sns:action/Publish", {}],
    ["application/x-www-form-urlencoded+json", "sns:action/Publish", {}],
    ["application/x-www-form-urlencoded", "${stageVariables.t}", { t: "sns:action/Publish" }],
  ])(
    "R-05 R-06 a client's own form (%s to %s) adds no parameters to the mapped ones",
    async (type, uri, variables) => {
      const integration = service(uri, {
        requestParameters: {
          "integration.request.querystring.TopicArn": "'arn:aws:sns:eu-west-1:123456789012:topic'",
          "integration.request.querystring.Message": "method.request.body",
        },
      });
      const form = "Action=DeleteTopic&PhoneNumber=%2B15550100&Version=1";
      const headers = { "content-type": type };
      const asked = await ask("POST /notices", integration, "/notices", {
        body: form,
        headers,
        entries: { "apis/default/stages/$default": { autoDeploy: true, variables } },
      });
      const { body } = await lastSigned(asked, "sns");
      expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
        Action: "Publish",
        Message: form,
        TopicArn: "arn:aws:sns:eu-west-1:123456789012:topic",
        Version: "2010-03-31",
      });
    },
  );

  test("and a synchronous workflow at its own endpoint", async () => {
    const asked = await ask("POST /runs", service("states:action/StartSyncExecution"), "/runs", {
      body: "{}",
      headers: JSON_TYPE,
    });
    const { url, headers } = await lastSigned(asked, "states");
    expect([url.host, headers.get("x-amz-target")]).toEqual([
      "sync-states.eu-west-1.amazonaws.com",
      "AWSStepFunctions.StartSyncExecution",
    ]);
  });
});

describe("what a service is told", () => {
  test("of the client is what is mapped, in what a header or a template overrides", async () => {
    const integration = service("dynamodb:action/GetItem", {
      requestParameters: { "integration.request.header.X-Trace": "method.request.header.x-trace" },
      ...json('#set($context.requestOverride.header.x-own = "1"){"n":$input.json("$.n")}'),
    });
    const asked = await ask("POST /a", integration, "/a?q=1", {
      body: '{"n":1}',
      headers: {
        ...JSON_TYPE,
        authorization: "canary",
        cookie: "canary",
        "x-trace": "t",
        "x-amz-acl": "canary",
      },
      settings: REST,
    });
    const { headers, body, url } = await lastSigned(asked, "dynamodb");
    expect([headers.get("x-own"), headers.get("x-trace"), body, url.search]).toEqual([
      "1",
      "t",
      '{"n":1}',
      "",
    ]);
    expect(JSON.stringify([...headers])).not.toContain("canary");
    expect(headers.get("user-agent")).toBe("AmazonAPIGateway_default");
    expect(headers.has("x-amzn-apigateway-api-id")).toBe(false);
  });

  test("R-16 no template and no mapping sends the request elsewhere, nor signs it for others", async () => {
    const integration = service("dynamodb:action/GetItem", {
      requestParameters: { "integration.request.header.Host": "method.request.header.x-host" },
      ...json('#set($context.requestOverride.header.authorization = "mine"){}'),
    });
    const asked = await ask("POST /a", integration, "/a", { headers: { "x-host": "evil.test" } });
    const { url, headers } = await lastSigned(asked, "dynamodb");
    expect(url.host).toBe("dynamodb.eu-west-1.amazonaws.com");
    expect([headers.get("host"), headers.get("authorization")?.startsWith("AWS4-HMAC-SHA256 ")]).toEqual([
      null,
      true,
    ]);
  });

  test.each([
    ["application/json", 200],
    ["text/csv", 415],
  ])("of a body of type %s: %i", async (type, status) => {
    const integration = service("dynamodb:action/GetItem", { passthroughBehavior: "never", ...json("{}") });
    const { response, subject } = await ask("POST /a", integration, "/a", {
      body: "{}",
      headers: { "content-type": type },
      settings: REST,
    });
    expect([response.status, subject.sent.length]).toEqual([status, status === 200 ? 1 : 0]);
  });
});

describe("what a service answers", () => {
  const answered = (integration: object, answer: () => Response, asking: Asking = {}) =>
    ask("GET /items/{id}", integration, "/items/7", {
      settings: REST,
      gateway: { origin: answer },
      ...asking,
    });
  const item = () => Response.json({ Item: { id: { S: "7" }, n: { N: "5" } } });

  test("is shaped by a template and has the trace id of a REST API's", async () => {
    const { response } = await answered(
      service("dynamodb:action/GetItem", {
        ...json("{}"),
        responses: {
          default: {
            statusCode: 200,
            responseTemplates: {
              "application/json":
                '#set($i = $input.path("$.Item"))#if($i == "")#set($context.responseOverride.status = 404){"message":"none"}#else{"id":"$i.id.S","n":$i.n.N}#end',
            },
          },
        },
      }),
      item,
    );
    expect([response.status, await response.text()]).toEqual([200, '{"id":"7","n":5}']);
    expect(response.headers.get("x-amzn-trace-id")).toMatch(/^Root=1-/);
  });

  test("is selected by its status; its own words pass where nothing says otherwise", async () => {
    const responses = {
      default: { statusCode: 200 },
      "4\\d{2}": {
        statusCode: 400,
        responseTemplates: { "application/json": '{"why":"$input.path("$.__type")"}' },
      },
      "5\\d{2}": { statusCode: 502 },
    };
    const integration = service("dynamodb:action/GetItem", { ...json("{}"), responses });
    const refused = await answered(integration, () => Response.json({ __type: "x#E" }, { status: 400 }));
    expect([refused.response.status, await refused.response.text()]).toEqual([400, '{"why":"x#E"}']);
    const failed = await answered(integration, () => new Response("{}", { status: 503 }));
    expect([failed.response.status, await failed.response.text()]).toEqual([502, "{}"]);
    const only = await answered(service("dynamodb:action/GetItem"), () => new Response("e", { status: 500 }));
    expect([only.response.status, await only.response.text()]).toEqual([200, "e"]);
  });

  test("and no response takes is 500", async () => {
    const integration = service("dynamodb:action/GetItem", { responses: { "200": { statusCode: 200 } } });
    const { response } = await answered(integration, () => new Response("canary", { status: 400 }));
    expect([response.status, await response.json()]).toEqual([500, { message: "Internal server error" }]);
    expect(response.headers.get("x-portico-reason")).toMatch(/^integration\.status_unmapped/);
  });

  test.each([
    ["down", 504, "Network error communicating with endpoint", /^integration\.network/],
    ["late", 504, "Endpoint request timed out", /^integration\.timeout/],
    ["closed", 500, "Internal server error", /^aws\.credentials/],
  ])("nothing, being %s, is %i", async (how, status, message, reason) => {
    const answers: Record<string, () => Response | Promise<Response>> = {
      down: () => Promise.reject(new Error("Network connection lost.")),
      late: () => new Promise<Response>(() => undefined),
      closed: () =>
        new Response('{"__type":"x#UnrecognizedClientException","message":"AKIDEXAMPLE"}', { status: 400 }),
    };
    const integration = service("dynamodb:action/GetItem", { timeoutInMillis: 50, ...json("{}") });
    const { response } = await ask("GET /a", integration, "/a", {
      settings: REST,
      gateway: { origin: answers[how] ?? Response.error },
    });
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toEqual([status, { message }]);
    expect(response.headers.get("x-portico-reason")).toMatch(reason);
    expect(text + JSON.stringify([...response.headers])).not.toContain("AKIDEXAMPLE");
  });

  test.each([
    "${stageVariables.none}",
    "arn:aws:apigateway:eu-west-1:${stageVariables.none}:action/GetItem",
    // Its bucket would be "x".
    "arn:aws:apigateway:eu-west-1:s3:path/${stageVariables.none}/x",
    "arn:aws:apigateway:eu-west-1:s3:path/${stageVariables.empty}/x",
  ])("a stage's variable that is empty leaves no service in %s: 500", async (uri) => {
    const { response, subject } = await ask("GET /a", { ...service(""), uri }, "/a", {
      settings: REST,
      entries: { "apis/default/stages/$default": { autoDeploy: true, variables: { empty: "" } } },
    });
    expect([response.status, await response.json(), subject.sent]).toEqual([
      500,
      { message: "Internal server error" },
      [],
    ]);
    expect(response.headers.get("x-portico-reason")).toMatch(
      /^integration\.uri: .* has no variable "(?:none|empty)"$/,
    );
  });
});

test("the log says of a service that fails how long it took", async () => {
  const lines: string[] = [];
  const log = new AccessLog((text) => lines.push(...text.split("\n")));
  const late = { timeoutInMillis: 50, ...json("{}") };
  for (const integration of [
    service("dynamodb:action/GetItem", late),
    { ...service("", late), invoke: "remote", uri: "arn:aws:lambda:eu-west-1:123456789012:function:f" },
  ]) {
    const origin = () => new Promise<Response>(() => undefined);
    await ask("GET /a", integration, "/a", { gateway: { origin, log } });
  }
  log.flush();
  const entries = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  expect(entries.map(({ status, reason }) => [status, reason])).toEqual([
    [503, "integration.timeout"],
    [503, "integration.timeout"],
  ]);
  for (const { integrationLatency } of entries) expect(integrationLatency).toBeGreaterThanOrEqual(49);
});
