import { describe, expect, test } from "vitest";
import { type Asking, ask, lastSigned, REST } from "./gateway-support.ts";
import { expectRecorded } from "./recordings.ts";
import { ENVIRONMENT } from "./support.ts";

const subtype = (integrationSubtype: string, requestParameters: object, more: object = {}) => ({
  type: "aws_proxy",
  integrationSubtype,
  payloadFormatVersion: "1.0",
  requestParameters,
  ...more,
});

const QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";
const MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:m";
const STAGE = { "apis/default/stages/$default": { autoDeploy: true, variables: { bus: "bus" } } };

type Case = readonly [key: string, integration: object, target: string, Asking, service: string, sdk: string];

describe("a request to a route with an integrationSubtype is sent as AWS's own SDK sends it", () => {
  test.each<Case>([
    [
      "POST /events/{type}",
      subtype("EventBridge-PutEvents", {
        Source: "shop",
        DetailType: "$request.path.type",
        Detail: "$request.body",
        Time: "$request.header.x-time",
        EventBusName: "${stageVariables.bus}",
        Resources: '["arn:a","$request.querystring.resource"]',
        TraceHeader: "Root=1-2-3",
      }),
      "/events/order?resource=arn:b",
      { body: '{"id":1}', headers: { "x-time": "2026-01-02T03:04:05Z" }, entries: STAGE },
      "events",
      "eventbridge:PutEvents",
    ],
    [
      "POST /jobs",
      subtype("SQS-SendMessage", {
        QueueUrl: QUEUE,
        MessageBody: "$request.body.text",
        DelaySeconds: "$request.body.delay",
        MessageAttributes: '{"k":{"DataType":"String","StringValue":"${request.header.x-value}"}}',
        MessageSystemAttributes: "$request.body.system",
        MessageDeduplicationId: "d",
        MessageGroupId: "g",
      }),
      "/jobs",
      {
        headers: { "x-value": 'v"1', "content-type": "application/json" },
        body: JSON.stringify({
          text: 'a "b" ü',
          delay: 5,
          system: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1" } },
        }),
      },
      "sqs",
      "sqs:SendMessage",
    ],
    [
      "GET /jobs",
      subtype("SQS-ReceiveMessage", {
        QueueUrl: QUEUE,
        AttributeNames: "All",
        MessageAttributeNames: "$request.querystring.names",
        MaxNumberOfMessages: "10",
        VisibilityTimeout: "$request.querystring.timeout",
        WaitTimeSeconds: "20",
        ReceiveRequestAttemptId: "r",
      }),
      "/jobs?names=a,b&timeout=30",
      {},
      "sqs",
      "sqs:ReceiveMessage",
    ],
    [
      "DELETE /jobs/{handle}",
      subtype("SQS-DeleteMessage", { QueueUrl: QUEUE, ReceiptHandle: "$request.path.handle" }),
      "/jobs/handle%3D%3D",
      {},
      "sqs",
      "sqs:DeleteMessage",
    ],
    ["DELETE /jobs", subtype("SQS-PurgeQueue", { QueueUrl: QUEUE }), "/jobs", {}, "sqs", "sqs:PurgeQueue"],
    [
      "GET /settings",
      subtype("AppConfig-GetConfiguration", {
        Application: "$request.querystring.app",
        Environment: "prod",
        Configuration: "a+b",
        ClientId: "c d&e",
        ClientConfigurationVersion: "7",
      }),
      "/settings?app=my%20app/1",
      {},
      "appconfig",
      "appconfig:GetConfiguration",
    ],
    [
      "POST /clicks",
      subtype("Kinesis-PutRecord", {
        StreamName: "clicks",
        Data: "$request.body",
        PartitionKey: "p",
        ExplicitHashKey: "12",
        SequenceNumberForOrdering: "34",
      }),
      "/clicks",
      { body: '{"ü":1}' },
      "kinesis",
      "kinesis:PutRecord",
    ],
    [
      "POST /runs",
      subtype("StepFunctions-StartExecution", {
        StateMachineArn: MACHINE,
        Name: "n",
        Input: "$request.body",
      }),
      "/runs",
      { body: '{"a":1}' },
      "states",
      "sfn:StartExecution",
    ],
    [
      "POST /runs/now",
      subtype("StepFunctions-StartSyncExecution", {
        StateMachineArn: MACHINE,
        Name: "n",
        Input: "$request.body.input",
        TraceHeader: "Root=1",
      }),
      "/runs/now",
      { body: '{"input":{"a":1}}' },
      "states",
      "sfn:StartSyncExecution",
    ],
    [
      "DELETE /runs/{name}",
      subtype("StepFunctions-StopExecution", {
        ExecutionArn: "arn:aws:states:eu-west-1:123456789012:execution:m:${request.path.name}",
        Cause: "because",
        Error: "E",
      }),
      "/runs/n",
      {},
      "states",
      "sfn:StopExecution",
    ],
  ])("%s (%j)", async (key, integration, target, asking, service, sdk) => {
    const asked = await ask(key, integration, target, asking);
    expect([asked.response.headers.get("x-portico-reason"), asked.response.status]).toEqual([null, 200]);
    const sent = await lastSigned(asked, service);
    expectRecorded(sent, sdk);
    expect(sent.redirect).toBe("manual");
  });
});

const SEND = subtype("SQS-SendMessage", { QueueUrl: QUEUE, MessageBody: "$request.body" });

describe("the client of such a route", () => {
  const sending = (answer: () => Response | Promise<Response>, more: object = {}, settings?: object) =>
    ask("POST /jobs", { ...SEND, ...more }, "/jobs", {
      body: "hello",
      ...(settings && { settings: { ...settings } }),
      gateway: { origin: answer },
    });

  test("has the service's status and body, as JSON, and none of its headers", async () => {
    const { response } = await sending(() =>
      Response.json(
        { MessageId: "m-1" },
        { headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "aws-1" } },
      ),
    );
    expect([response.status, await response.json()]).toEqual([200, { MessageId: "m-1" }]);
    expect([...response.headers.keys()].sort()).toEqual(["apigw-requestid", "content-type"]);
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  test.each([
    ["HTTP", "Internal Server Error"],
    ["REST", "Internal server error"],
  ])("R-12 has none of its refusals: 500 of a %s API", async (protocol, message) => {
    const message400 = "Queue nope of account 123456789012 not found.";
    const refusal = { __type: "com.amazonaws.sqs#QueueDoesNotExist", message: message400 };
    const { response } = await sending(() => Response.json(refusal, { status: 400 }), {}, { protocol });
    expect([response.status, await response.json()]).toEqual([500, { message }]);
    expect(response.headers.get("x-portico-reason")).toBe(
      `integration.service_error: sqs answered POST /jobs with 400 QueueDoesNotExist: ${message400}`,
    );
  });

  test.each([
    ["HTTP", "down", 503, "Service Unavailable", /^integration\.network/],
    ["REST", "down", 504, "Network error communicating with endpoint", /^integration\.network/],
    ["HTTP", "late", 503, "Service Unavailable", /^integration\.timeout/],
    ["REST", "late", 504, "Endpoint request timed out", /^integration\.timeout/],
    ["HTTP", "closed", 500, "Internal Server Error", /^aws\.credentials/],
    ["REST", "closed", 500, "Internal server error", /^aws\.credentials/],
  ])("of a %s API, the service being %s, gets %i", async (protocol, how, status, message, reason) => {
    const answers: Record<string, () => Response | Promise<Response>> = {
      down: () => Promise.reject(new Error("Network connection lost.")),
      late: () => new Promise<Response>(() => undefined),
      closed: () => Response.json({ __type: "x#InvalidSignatureException" }, { status: 400 }),
    };
    const { response } = await sending(answers[how] ?? Response.error, { timeoutInMillis: 50 }, { protocol });
    expect([response.status, await response.json()]).toEqual([status, { message }]);
    expect(response.headers.get("x-portico-reason")).toMatch(reason);
  });

  test.each([
    ["credentials", { AWS_REGION: "eu-west-1" }, /^aws\.credentials/],
    ["a region", { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" }, /^aws\.region/],
    ["a right endpoint", { ...ENVIRONMENT, AWS_ENDPOINT_URL_SQS: "sqs.local" }, /^aws\.endpoint/],
  ])("gets 500 where the Worker has no %s, and nothing is sent", async (_, aws, reason) => {
    const parameters = { QueueUrl: "$request.header.x-queue", MessageBody: "$request.body" };
    const { response, subject } = await ask("POST /jobs", subtype("SQS-SendMessage", parameters), "/jobs", {
      body: "x",
      headers: { "x-queue": QUEUE },
      gateway: { aws },
    });
    expect([response.status, await response.json()]).toEqual([500, { message: "Internal Server Error" }]);
    expect(response.headers.get("x-portico-reason")).toMatch(reason);
    expect(subject.sent).toEqual([]);
  });

  test.each<[string, object, string, Asking, string]>([
    ["no body", {}, "/jobs", {}, "Missing required request parameters: [body]"],
    [
      "a member that is not there",
      { MessageBody: "$request.body.text" },
      "/jobs",
      { body: "{}" },
      "Missing required request parameters: [body.text]",
    ],
    [
      "a delay that is none",
      { DelaySeconds: "$request.querystring.delay" },
      "/jobs?delay=soon",
      { body: "x" },
      "Invalid request parameters: [delay]",
    ],
    [
      "a delay that is too long",
      { DelaySeconds: "$request.querystring.delay" },
      "/jobs?delay=901",
      { body: "x" },
      "Invalid request parameters: [delay]",
    ],
    [
      "attributes that are no JSON",
      { MessageAttributes: "$request.header.x-attributes" },
      "/jobs",
      { body: "x", headers: { "x-attributes": "{no" } },
      "Invalid request parameters: [x-attributes]",
    ],
  ])("with %s gets 400 in its own words, and nothing is sent", async (_, more, target, asking, message) => {
    const integration = subtype("SQS-SendMessage", {
      QueueUrl: QUEUE,
      MessageBody: "$request.body",
      ...more,
    });
    const { response, subject } = await ask("POST /jobs", integration, target, asking);
    expect([response.status, await response.json()]).toEqual([400, { message }]);
    expect(subject.sent).toEqual([]);
  });

  test("with a body over the API's limit gets 413, and nothing is sent", async () => {
    const { response, subject } = await ask("POST /jobs", SEND, "/jobs", {
      body: "x".repeat(2_000),
      settings: { limits: { bodyBytes: 1_000 } },
    });
    expect([response.status, subject.sent]).toEqual([413, []]);
  });
});

test("an entry's Region counts before the Worker's, and one service's endpoint before AWS's", async () => {
  const integration = subtype("Kinesis-PutRecord", {
    StreamName: "s",
    Data: "d",
    PartitionKey: "$context.identity.sourceIp",
    Region: "us-east-1",
  });
  const endpoint = { AWS_ENDPOINT_URL_KINESIS: "https://kinesis.test:8443/base/" };
  const asked = await ask("POST /k", integration, "/k", {
    gateway: { aws: { ...ENVIRONMENT, ...endpoint } },
  });
  const { url, body } = await lastSigned(asked, "kinesis", "us-east-1");
  expect(url.href).toBe("https://kinesis.test:8443/base/");
  expect(JSON.parse(body)).toEqual({ StreamName: "s", Data: "ZA==", PartitionKey: "203.0.113.7" });
});

test("a route that does not fit its subtype answers 500 and is reported, the others go on", async () => {
  const integration = subtype("SQS-SendMessage", { QueueUrl: QUEUE });
  const { response, subject } = await ask("POST /jobs", integration, "/jobs", { settings: REST, body: "x" });
  expect([response.status, await response.json()]).toEqual([500, { message: "Internal server error" }]);
  expect(subject.problems.map(({ path }) => path)).toEqual([
    "apis/default/routes/POST /jobs#integration.requestParameters.MessageBody",
  ]);
});
