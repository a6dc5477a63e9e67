import { describe, expect, test } from "vitest";
import { checkSubtype } from "../../../src/config/check-subtype.ts";
import { GatewayIntegration } from "../../../src/config/integration-schema.ts";
import { parseValue } from "../../../src/config/parse.ts";
import { subtypeIntegration } from "../../../src/integrations/aws/subtype/subtype.ts";
import { expectRecorded } from "./recordings.ts";
import { type Asked, awsCall, type CallOptions, lastSent } from "./support.ts";

function integrationOf(subtype: string, requestParameters: object, more: object = {}): GatewayIntegration {
  const written = { type: "aws_proxy", integrationSubtype: subtype, requestParameters, ...more };
  const parsed = parseValue("r", written, GatewayIntegration);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

async function ask(
  subtype: string,
  parameters: object,
  options: CallOptions = {},
): Promise<Asked & { readonly response: Response }> {
  const asked = awsCall(options);
  const integration = integrationOf(subtype, parameters);
  expect(checkSubtype("r", integration)).toEqual([]);
  return { ...asked, response: await subtypeIntegration(integration, asked.stage)(asked.call) };
}

const QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";
const MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:m";

describe("as AWS's own SDK sends it", () => {
  test.each<[string, string, string, object, CallOptions]>([
    [
      "EventBridge-PutEvents",
      "events",
      "eventbridge:PutEvents",
      {
        Source: "shop",
        DetailType: "$request.querystring.type",
        Detail: "$request.body",
        Time: "$request.header.x-time",
        EventBusName: "${stageVariables.bus}",
        Resources: '["arn:a","$request.querystring.resource"]',
        TraceHeader: "Root=1-2-3",
      },
      {
        target: "/?type=order&resource=arn:b",
        body: '{"id":1}',
        headers: { "x-time": "2026-01-02T03:04:05Z" },
        variables: { bus: "bus" },
      },
    ],
    [
      "EventBridge-PutEvents",
      "events",
      "eventbridge:PutEvents minimal",
      {
        Source: "shop",
        DetailType: "order",
        Detail: "$request.body.detail",
      },
      { body: '{"detail":{"id":1}}' },
    ],
    [
      "SQS-SendMessage",
      "sqs",
      "sqs:SendMessage",
      {
        QueueUrl: QUEUE,
        MessageBody: "$request.body.text",
        DelaySeconds: "$request.body.delay",
        MessageAttributes: '{"k":{"DataType":"String","StringValue":"${request.body.value}"}}',
        MessageSystemAttributes: "$request.body.system",
        MessageDeduplicationId: "d",
        MessageGroupId: "g",
      },
      {
        body: JSON.stringify({
          text: 'a "b" ü',
          delay: 5,
          value: 'v"1',
          system: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1" } },
        }),
      },
    ],
    [
      "SQS-ReceiveMessage",
      "sqs",
      "sqs:ReceiveMessage",
      {
        QueueUrl: QUEUE,
        AttributeNames: "All",
        MessageAttributeNames: "$request.querystring.names",
        MaxNumberOfMessages: "10",
        VisibilityTimeout: "$request.querystring.timeout",
        WaitTimeSeconds: "20",
        ReceiveRequestAttemptId: "r",
      },
      { target: "/?names=a,b&timeout=30" },
    ],
    [
      "SQS-DeleteMessage",
      "sqs",
      "sqs:DeleteMessage",
      { QueueUrl: QUEUE, ReceiptHandle: "$request.path.handle" },
      { parameters: { handle: "handle%3D%3D" } },
    ],
    ["SQS-PurgeQueue", "sqs", "sqs:PurgeQueue", { QueueUrl: QUEUE }, {}],
    [
      "AppConfig-GetConfiguration",
      "appconfig",
      "appconfig:GetConfiguration",
      {
        Application: "$request.querystring.app",
        Environment: "prod",
        Configuration: "a+b",
        ClientId: "c d&e",
        ClientConfigurationVersion: "7",
      },
      { target: "/?app=my%20app/1", method: "GET" },
    ],
    [
      "Kinesis-PutRecord",
      "kinesis",
      "kinesis:PutRecord",
      {
        StreamName: "clicks",
        Data: "$request.body",
        PartitionKey: "p",
        ExplicitHashKey: "12",
        SequenceNumberForOrdering: "34",
      },
      { body: '{"ü":1}' },
    ],
    [
      "StepFunctions-StartExecution",
      "states",
      "sfn:StartExecution",
      { StateMachineArn: MACHINE, Name: "n", Input: "$request.body" },
      { body: '{"a":1}' },
    ],
    [
      "StepFunctions-StartSyncExecution",
      "states",
      "sfn:StartSyncExecution",
      { StateMachineArn: MACHINE, Name: "n", Input: "$request.body.input", TraceHeader: "Root=1" },
      { body: '{"input":{"a":1}}' },
    ],
    [
      "StepFunctions-StopExecution",
      "states",
      "sfn:StopExecution",
      { ExecutionArn: "arn:aws:states:eu-west-1:123456789012:execution:m:n", Cause: "because", Error: "E" },
      {},
    ],
  ])("%s (%s)", async (subtype, service, recorded, parameters, options) => {
    const asked = await ask(subtype, parameters, options);
    expect(asked.response.status).toBe(200);
    const sent = await lastSent(asked, service);
    expectRecorded(sent, recorded);
    expect(sent.redirect).toBe("manual");
  });
});

test("a Region of the entry's stands before the Worker's", async () => {
  const asked = await ask("SQS-PurgeQueue", { QueueUrl: QUEUE, Region: "us-east-2" });
  const sent = await lastSent(asked, "sqs", "us-east-2");
  expect(sent.url.host).toBe("sqs.us-east-2.amazonaws.com");
});

test("R-16 a queue's address chooses no host: it is a parameter only", async () => {
  const parameters = { QueueUrl: "$request.querystring.queue", MessageBody: "x" };
  const asked = await ask("SQS-SendMessage", parameters, { target: "/?queue=http://169.254.169.254/latest" });
  const sent = await lastSent(asked, "sqs");
  expect(sent.url.href).toBe("https://sqs.eu-west-1.amazonaws.com/");
  expect(JSON.parse(sent.body).QueueUrl).toBe("http://169.254.169.254/latest");
});

test("a record's data are the body's own bytes", async () => {
  const body = new Uint8Array([0xff, 0xfe, 0x41]);
  const asked = await ask(
    "Kinesis-PutRecord",
    { StreamName: "s", Data: "$request.body", PartitionKey: "p" },
    { body },
  );
  const sent = await lastSent(asked, "kinesis");
  expect(JSON.parse(sent.body)).toEqual({ StreamName: "s", Data: "//5B", PartitionKey: "p" });
});

test("a request's value ends no text of a map", async () => {
  const MessageAttributes = '{"k":{"DataType":"String","StringValue":"${request.header.x}"}}';
  const asked = await ask(
    "SQS-SendMessage",
    { QueueUrl: QUEUE, MessageBody: "x", MessageAttributes },
    { headers: { x: '"},"admin":{"DataType":"String","StringValue":"yes' } },
  );
  const body = JSON.parse((await lastSent(asked, "sqs")).body);
  expect(Object.keys(body.MessageAttributes)).toEqual(["k"]);
});

describe("the answer", () => {
  test("has the service's status and body", async () => {
    const [status, body] = [200, '{"MessageId":"1"}'];
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": "theirs",
      "set-cookie": "a=b",
    };
    const answer = () => new Response(body, { status, headers });
    const { response } = await ask("SQS-PurgeQueue", { QueueUrl: QUEUE }, { answer });
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect([...response.headers]).toEqual([["content-type", "application/json"]]);
  });

  test.each([
    [
      400,
      '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no queue of 123456789012"}',
      "sqs answered POST / with 400 QueueDoesNotExist: no queue of 123456789012",
    ],
    [503, '{"__type":"ServiceUnavailable"}', "sqs answered POST / with 503 ServiceUnavailable"],
    [500, "<html>", "sqs answered POST / with 500"],
    [
      400,
      JSON.stringify({ __type: "x#E", Message: "m".repeat(3_000) }),
      `sqs answered POST / with 400 E: ${"m".repeat(297)}`,
    ],
    [302, "", "sqs answered POST / with 302"],
  ])("of a refusal (%i) is for the log alone", async (status, body, detail) => {
    const answer = () => new Response(body, { status });
    const { call, stage } = awsCall({ answer });
    const integration = integrationOf("SQS-PurgeQueue", { QueueUrl: QUEUE });
    await expect(subtypeIntegration(integration, stage)(call)).rejects.toMatchObject({
      type: "DEFAULT_5XX",
      reason: "integration.service_error",
      message: detail,
      clientMessage: undefined,
    });
    expect(call.outcome.integrationStatus).toBe(status);
  });

  test("keeps the type and the version of a configuration", async () => {
    const headers = { "content-type": "application/x-yaml", "configuration-version": "8" };
    const { response } = await ask(
      "AppConfig-GetConfiguration",
      { Application: "a", Environment: "b", Configuration: "c", ClientId: "d" },
      { answer: () => new Response("a: 1", { headers }) },
    );
    expect(await response.text()).toBe("a: 1");
    expect(Object.fromEntries(response.headers)).toEqual(headers);
  });

  test("is late after the route's timeout", async () => {
    const { call, stage } = awsCall({ answer: () => new Promise<Response>(() => undefined) });
    const integration = integrationOf("SQS-PurgeQueue", { QueueUrl: QUEUE }, { timeoutInMillis: 50 });
    await expect(subtypeIntegration(integration, stage)(call)).rejects.toMatchObject({
      type: "INTEGRATION_TIMEOUT",
      reason: "integration.timeout",
    });
  });
});
