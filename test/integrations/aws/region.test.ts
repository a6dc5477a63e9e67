import { describe, expect, test } from "vitest";
import { checkSubtype } from "../../../src/config/check-subtype.ts";
import { GatewayIntegration } from "../../../src/config/integration-schema.ts";
import { parseValue } from "../../../src/config/parse.ts";
import { subtypeIntegration } from "../../../src/integrations/aws/subtype/subtype.ts";
import { type Asked, awsCall, type CallOptions, ENVIRONMENT, lastSent } from "./support.ts";

async function ask(subtype: string, requestParameters: object, options: CallOptions = {}): Promise<Asked> {
  const written = { type: "aws_proxy", integrationSubtype: subtype, requestParameters };
  const parsed = parseValue("r", written, GatewayIntegration);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(checkSubtype("r", parsed.value)).toEqual([]);
  const asked = awsCall(options);
  await subtypeIntegration(parsed.value, asked.stage)(asked.call);
  return asked;
}

const QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs";
const MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:m";

describe("a Region of the stage's", () => {
  test.each([
    ["$stageVariables.r", "us-east-2"],
    ["${stageVariables.r}", "us-east-2"],
    ["us-${stageVariables.r}-2", "east"],
  ])("%s is taken", async (Region, r) => {
    const asked = await ask("SQS-PurgeQueue", { QueueUrl: QUEUE, Region }, { variables: { r } });
    const sent = await lastSent(asked, "sqs", "us-east-2");
    expect(sent.url.host).toBe("sqs.us-east-2.amazonaws.com");
  });

  test.each([
    ["evil.example/", "aws.region"],
    ["eu-west-1.evil.example", "aws.region"],
    ["eu-west-1\n", "aws.region"],
    ["", "service.configuration"],
    [undefined, "service.configuration"],
  ])("R-16 %j is none: 500", async (r, reason) => {
    const variables: Record<string, string> = r === undefined ? {} : { r };
    const asked = ask("SQS-PurgeQueue", { QueueUrl: QUEUE, Region: "$stageVariables.r" }, { variables });
    await expect(asked).rejects.toMatchObject({ type: "API_CONFIGURATION_ERROR", reason });
  });
});

describe("without a Region", () => {
  const execution = "arn:aws:states:eu-central-1:123456789012:execution:m:${request.path.name}";
  test.each<[string, object, string, string]>([
    ["SQS-PurgeQueue", { QueueUrl: QUEUE }, "sqs", "eu-central-1"],
    ["SQS-PurgeQueue", { QueueUrl: "$stageVariables.queue" }, "sqs", "eu-central-1"],
    [
      "SQS-PurgeQueue",
      { QueueUrl: "https://eu-central-1.queue.amazonaws.com/123456789012/jobs" },
      "sqs",
      "eu-central-1",
    ],
    ["SQS-PurgeQueue", { QueueUrl: "https://queue.amazonaws.com/123456789012/jobs" }, "sqs", "us-east-1"],
    ["SQS-PurgeQueue", { QueueUrl: QUEUE.replace("sqs.", "sqs-fips.") }, "sqs", "eu-central-1"],
    ["StepFunctions-StartExecution", { StateMachineArn: MACHINE }, "states", "eu-central-1"],
    ["StepFunctions-StartSyncExecution", { StateMachineArn: MACHINE }, "states", "eu-central-1"],
    ["StepFunctions-StopExecution", { ExecutionArn: execution }, "states", "eu-central-1"],
    ["SQS-PurgeQueue", { QueueUrl: "http://localhost:4566/000000000000/jobs" }, "sqs", "eu-west-1"],
    ["SQS-PurgeQueue", { QueueUrl: QUEUE, Region: "us-east-2" }, "sqs", "us-east-2"],
  ])("%s goes where %j is", async (subtype, parameters, service, region) => {
    const options = { parameters: { name: "n" }, variables: { queue: QUEUE } };
    const sent = await lastSent(await ask(subtype, parameters, options), service, region);
    expect(sent.url.host).toContain(`.${region}.amazonaws.com`);
  });

  test.each([
    "$request.querystring.q",
    "https://sqs.${request.querystring.r}.amazonaws.com/123456789012/jobs",
    "https://sqs.eu-central-1.amazonaws.com${request.querystring.p}",
    "${request.querystring.s}.eu-central-1.amazonaws.com/123456789012/jobs",
  ])("R-16 a request chooses none by %s", async (QueueUrl) => {
    const target = `/?q=${QUEUE}&r=eu-central-1&s=https://sqs&p=${encodeURIComponent("/123456789012/jobs")}`;
    const sent = await lastSent(await ask("SQS-PurgeQueue", { QueueUrl }, { target }), "sqs");
    expect(sent.url.host).toBe("sqs.eu-west-1.amazonaws.com");
  });

  test("a queue's own region is enough: there need be no AWS_REGION", async () => {
    const { AWS_REGION: _, ...environment } = ENVIRONMENT;
    await lastSent(await ask("SQS-PurgeQueue", { QueueUrl: QUEUE }, { environment }), "sqs", "eu-central-1");
    const put = { StreamName: "s", Data: "d", PartitionKey: "p" };
    await expect(ask("Kinesis-PutRecord", put, { environment })).rejects.toMatchObject({
      type: "API_CONFIGURATION_ERROR",
      reason: "aws.region",
    });
  });
});
