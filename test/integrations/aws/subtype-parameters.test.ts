import { describe, expect, test } from "vitest";
import { checkSubtype } from "../../../src/config/check-subtype.ts";
import { GatewayIntegration } from "../../../src/config/integration-schema.ts";
import { parseValue } from "../../../src/config/parse.ts";
import { SUBTYPES } from "../../../src/config/subtype-operations.ts";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import { subtypeIntegration } from "../../../src/integrations/aws/subtype/subtype.ts";
import { awsCall, type CallOptions } from "./support.ts";

function integrationOf(subtype: string, requestParameters: object, more: object = {}): GatewayIntegration {
  const written = { type: "aws_proxy", integrationSubtype: subtype, requestParameters, ...more };
  const parsed = parseValue("r", written, GatewayIntegration);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const REGION_HINT = "write it as eu-west-1 or $stageVariables.NAME, or leave it out for AWS_REGION";
const QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";

describe("a value that will not do is 400", () => {
  const refusal = async (subtype: string, parameters: object, options: CallOptions) => {
    const { call, stage, sent } = awsCall(options);
    const error = await subtypeIntegration(
      integrationOf(subtype, parameters),
      stage,
    )(call).catch((thrown) => thrown);
    expect(sent).toEqual([]);
    if (!(error instanceof GatewayError)) throw new Error(String(error));
    return [error.type, error.clientMessage];
  };

  test.each<[string, string, object, CallOptions, string | undefined]>([
    [
      "a body without the member",
      "SQS-SendMessage",
      { QueueUrl: QUEUE, MessageBody: "$request.body.a" },
      { body: "{}" },
      "Missing required request parameters: [body.a]",
    ],
    [
      "no body",
      "SQS-SendMessage",
      { QueueUrl: QUEUE, MessageBody: "$request.body" },
      {},
      "Missing required request parameters: [body]",
    ],
    [
      "a delay too long",
      "SQS-SendMessage",
      { QueueUrl: QUEUE, MessageBody: "a", DelaySeconds: "$request.header.d" },
      { headers: { d: "901" } },
      "Invalid request parameters: [d]",
    ],
    [
      "too many messages",
      "SQS-ReceiveMessage",
      { QueueUrl: QUEUE, MaxNumberOfMessages: "$request.header.n" },
      { headers: { n: "11" } },
      "Invalid request parameters: [n]",
    ],
    [
      "attributes that are no map",
      "SQS-SendMessage",
      { QueueUrl: QUEUE, MessageBody: "a", MessageAttributes: "$request.header.a" },
      { headers: { a: "[1]" } },
      "Invalid request parameters: [a]",
    ],
    [
      "attributes that are no JSON",
      "SQS-SendMessage",
      { QueueUrl: QUEUE, MessageBody: "a", MessageAttributes: "$request.header.a" },
      { headers: { a: "{" } },
      "Invalid request parameters: [a]",
    ],
    [
      "a time that is none",
      "EventBridge-PutEvents",
      { Detail: "{}", DetailType: "a", Source: "b", Time: "$request.header.t" },
      { headers: { t: "soon" } },
      "Invalid request parameters: [t]",
    ],
    [
      "a segment that climbs",
      "AppConfig-GetConfiguration",
      { Application: "$request.header.a", Environment: "b", Configuration: "c", ClientId: "d" },
      { headers: { a: ".." } },
      "Invalid request parameters: [a]",
    ],
    [
      "R-05 a segment with a line end",
      "AppConfig-GetConfiguration",
      { Application: "$request.querystring.a", Environment: "b", Configuration: "c", ClientId: "d" },
      { target: "/?a=x%0D%0Ay" },
      "Invalid request parameters: [a]",
    ],
  ])("%s", async (_, subtype, parameters, options, message) => {
    expect(await refusal(subtype, parameters, options)).toEqual(["BAD_REQUEST_PARAMETERS", message]);
  });
});

describe("what an entry names must be found, also where the entry could leave it out", () => {
  const send = { QueueUrl: QUEUE, MessageBody: "m" };
  const attribute = (text: string) => JSON.stringify({ k: { DataType: "String", StringValue: text } });

  test.each<[string, object, string]>([
    ["SQS-SendMessage", { ...send, MessageGroupId: "$request.querystring.q" }, "q"],
    ["SQS-SendMessage", { ...send, MessageGroupId: "${request.querystring.q}" }, "q"],
    ["SQS-SendMessage", { ...send, DelaySeconds: "$request.querystring.q" }, "q"],
    ["SQS-SendMessage", { ...send, MessageAttributes: "$request.querystring.q" }, "q"],
    ["SQS-SendMessage", { ...send, MessageAttributes: attribute("${request.querystring.q}") }, "q"],
    ["SQS-ReceiveMessage", { QueueUrl: QUEUE, AttributeNames: "$request.querystring.q" }, "q"],
    ["SQS-ReceiveMessage", { QueueUrl: QUEUE, AttributeNames: '["All","$request.querystring.q"]' }, "q"],
    ["SQS-SendMessage", { ...send, MessageAttributes: "$request.body" }, "body"],
    [
      "EventBridge-PutEvents",
      { Detail: "{}", DetailType: "a", Source: "b", Time: "$request.querystring.q" },
      "q",
    ],
  ])("%s %j", async (subtype, parameters, name) => {
    for (const target of ["/", "/?q="]) {
      const { call, stage, sent } = awsCall({ target });
      const asked = subtypeIntegration(integrationOf(subtype, parameters), stage)(call);
      await expect(asked).rejects.toMatchObject({
        type: "BAD_REQUEST_PARAMETERS",
        reason: "service.parameter",
        clientMessage: `Missing required request parameters: [${name}]`,
      });
      expect(sent).toEqual([]);
    }
  });

  test.each(["not json", "", "{"])("a body that is no JSON has no members: %j", async (body) => {
    const { call, stage, sent } = awsCall({ body });
    const integration = integrationOf("SQS-SendMessage", { ...send, MessageGroupId: "$request.body.group" });
    await expect(subtypeIntegration(integration, stage)(call)).rejects.toMatchObject({
      type: "BAD_REQUEST_BODY",
      reason: "service.body",
    });
    expect(sent).toEqual([]);
  });

  test.each<[string, object, Readonly<Record<string, string>>]>([
    ["QueueUrl", { QueueUrl: "$stageVariables.q", MessageBody: "m" }, {}],
    ["QueueUrl", { QueueUrl: "$stageVariables.q", MessageBody: "m" }, { q: "" }],
    ["QueueUrl", { QueueUrl: "https://sqs.example/1/${stageVariables.q}", MessageBody: "m" }, {}],
    ["MessageAttributes", { ...send, MessageAttributes: attribute("${stageVariables.q}") }, {}],
    ["DelaySeconds", { ...send, DelaySeconds: "$stageVariables.q" }, { q: "soon" }],
    ["MessageBody", { QueueUrl: QUEUE, MessageBody: "" }, {}],
  ])("%s of the operator's own is the operator's to mend: %j", async (name, parameters, variables) => {
    const { call, stage, sent } = awsCall({ variables });
    const asked = subtypeIntegration(integrationOf("SQS-SendMessage", parameters), stage)(call);
    await expect(asked).rejects.toMatchObject({
      type: "API_CONFIGURATION_ERROR",
      reason: "service.configuration",
      message: expect.stringMatching(`the parameter ${name} of POST / `),
      clientMessage: undefined,
    });
    expect(sent).toEqual([]);
  });
});

describe("at load", () => {
  const good = { QueueUrl: QUEUE, MessageBody: "$request.body" };
  const at = (place: string) => `r#integration.${place}`;

  test.each<[string, GatewayIntegration, string, string, string | undefined]>([
    [
      "an unknown subtype",
      integrationOf("SQS-SendMessages", good),
      "value.unknown",
      at("integrationSubtype"),
      'did you mean "SQS-SendMessage"?',
    ],
    [
      "a name of every object",
      integrationOf("toString", {}),
      "value.unknown",
      at("integrationSubtype"),
      undefined,
    ],
    [
      "a parameter left out",
      integrationOf("SQS-SendMessage", { QueueUrl: QUEUE }),
      "key.missing",
      at("requestParameters.MessageBody"),
      undefined,
    ],
    [
      "a misspelt parameter",
      integrationOf("SQS-SendMessage", { ...good, DelaySecond: "1" }),
      "key.unknown",
      at("requestParameters.DelaySecond"),
      'did you mean "DelaySeconds"?',
    ],
    [
      "a number out of range",
      integrationOf("SQS-SendMessage", { ...good, DelaySeconds: "901" }),
      "value.invalid",
      at("requestParameters.DelaySeconds"),
      undefined,
    ],
    [
      "a reference to nothing",
      integrationOf("SQS-SendMessage", { ...good, MessageGroupId: "$request.group" }),
      "mapping.source",
      at("requestParameters.MessageGroupId"),
      undefined,
    ],
    [
      "one inside a map",
      integrationOf("SQS-SendMessage", {
        ...good,
        MessageAttributes: '{"a":{"StringValue":"$request.group"}}',
      }),
      "mapping.source",
      at("requestParameters.MessageAttributes.a.StringValue"),
      undefined,
    ],
    [
      "R-16 a region that a request chooses",
      integrationOf("SQS-SendMessage", { ...good, Region: "$request.header.region" }),
      "value.invalid",
      at("requestParameters.Region"),
      REGION_HINT,
    ],
    [
      "R-16 a region that is a host",
      integrationOf("SQS-SendMessage", { ...good, Region: "x@evil.example/" }),
      "value.invalid",
      at("requestParameters.Region"),
      REGION_HINT,
    ],
    [
      "R-16 a region that a request chooses in part",
      integrationOf("SQS-SendMessage", { ...good, Region: "${stageVariables.r}-${request.path.n}" }),
      "value.invalid",
      at("requestParameters.Region"),
      REGION_HINT,
    ],
    [
      "another type",
      integrationOf("SQS-SendMessage", good, { type: "aws" }),
      "subtype.type",
      at("integrationSubtype"),
      undefined,
    ],
    [
      "payload format 2.0",
      integrationOf("SQS-SendMessage", good, { payloadFormatVersion: "2.0" }),
      "subtype.payload",
      at("payloadFormatVersion"),
      undefined,
    ],
  ])("%s is a problem", (_, integration, code, path, hint) => {
    const [problem, ...more] = checkSubtype("r", integration);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ code, path });
    expect(problem?.hint).toBe(hint);
  });

  test("there are the ten that API Gateway has", () => {
    expect(Object.keys(SUBTYPES)).toHaveLength(10);
    expect(
      checkSubtype("r", integrationOf("SQS-SendMessage", good, { payloadFormatVersion: "1.0" })),
    ).toEqual([]);
  });
});
