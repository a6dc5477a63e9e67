import type { Subtype } from "../../../config/subtype-operations.ts";
import { toBase64 } from "../../../lib/base64.ts";
import type { Arguments } from "../../service/parameters.ts";
import { encodeQuery, encodeStrictly } from "../signed/encode.ts";

/** A subtype's request as the service's SDK sends it. */
export interface Wire {
  readonly service: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query: string;
  /** With `action`: a JSON body and its `X-Amz-Target`. */
  readonly json?: { readonly target: string; readonly version: "1.0" | "1.1"; readonly body: unknown };
}

/** What a subtype's parameters become. */
export async function wireOf(subtype: Subtype, args: Arguments): Promise<Wire> {
  switch (subtype) {
    case "EventBridge-PutEvents":
      return action("events", "1.1", "AWSEvents.PutEvents", { Entries: [await eventEntry(args)] });
    case "SQS-SendMessage":
      return action("sqs", "1.0", "AmazonSQS.SendMessage", {
        QueueUrl: args.required("QueueUrl"),
        MessageBody: args.required("MessageBody"),
        DelaySeconds: integer(args, "DelaySeconds"),
        MessageAttributes: await map(args, "MessageAttributes"),
        MessageDeduplicationId: text(args, "MessageDeduplicationId"),
        MessageGroupId: text(args, "MessageGroupId"),
        MessageSystemAttributes: await map(args, "MessageSystemAttributes"),
      });
    case "SQS-ReceiveMessage":
      return action("sqs", "1.0", "AmazonSQS.ReceiveMessage", {
        QueueUrl: args.required("QueueUrl"),
        AttributeNames: await list(args, "AttributeNames"),
        MaxNumberOfMessages: integer(args, "MaxNumberOfMessages"),
        MessageAttributeNames: await list(args, "MessageAttributeNames"),
        ReceiveRequestAttemptId: text(args, "ReceiveRequestAttemptId"),
        VisibilityTimeout: integer(args, "VisibilityTimeout"),
        WaitTimeSeconds: integer(args, "WaitTimeSeconds"),
      });
    case "SQS-DeleteMessage":
      return action("sqs", "1.0", "AmazonSQS.DeleteMessage", {
        QueueUrl: args.required("QueueUrl"),
        ReceiptHandle: args.required("ReceiptHandle"),
      });
    case "SQS-PurgeQueue":
      return action("sqs", "1.0", "AmazonSQS.PurgeQueue", { QueueUrl: args.required("QueueUrl") });
    case "AppConfig-GetConfiguration":
      return configuration(args);
    case "Kinesis-PutRecord":
      return action("kinesis", "1.1", "Kinesis_20131202.PutRecord", {
        StreamName: args.required("StreamName"),
        Data: toBase64(await bytes(args, "Data")),
        PartitionKey: args.required("PartitionKey"),
        SequenceNumberForOrdering: text(args, "SequenceNumberForOrdering"),
        ExplicitHashKey: text(args, "ExplicitHashKey"),
      });
    case "StepFunctions-StartExecution":
      return action("states", "1.0", "AWSStepFunctions.StartExecution", execution(args));
    case "StepFunctions-StartSyncExecution":
      return action("sync-states", "1.0", "AWSStepFunctions.StartSyncExecution", {
        ...execution(args),
        traceHeader: text(args, "TraceHeader"),
      });
    case "StepFunctions-StopExecution":
      return action("states", "1.0", "AWSStepFunctions.StopExecution", {
        executionArn: args.required("ExecutionArn"),
        error: text(args, "Error"),
        cause: text(args, "Cause"),
      });
  }
}

/** @param body its members that are undefined are left out */
function action(service: string, version: "1.0" | "1.1", target: string, body: unknown): Wire {
  return { service, method: "POST", path: "/", query: "", json: { target, version, body } };
}

async function eventEntry(args: Arguments): Promise<unknown> {
  return {
    Time: time(args, "Time"),
    Source: args.required("Source"),
    Resources: await list(args, "Resources"),
    DetailType: args.required("DetailType"),
    Detail: args.required("Detail"),
    EventBusName: text(args, "EventBusName"),
    TraceHeader: text(args, "TraceHeader"),
  };
}

function execution(args: Arguments): Readonly<Record<string, string | undefined>> {
  return {
    stateMachineArn: args.required("StateMachineArn"),
    name: text(args, "Name"),
    input: text(args, "Input"),
  };
}

function configuration(args: Arguments): Wire {
  const [application, environment, name] = ["Application", "Environment", "Configuration"].map((parameter) =>
    segment(args, parameter),
  );
  const version = text(args, "ClientConfigurationVersion");
  return {
    service: "appconfig",
    method: "GET",
    path: `/applications/${application}/environments/${environment}/configurations/${name}`,
    query: encodeQuery([
      ["client_id", args.required("ClientId")],
      ...(version === undefined ? [] : ([["client_configuration_version", version]] as const)),
    ]),
  };
}

function segment(args: Arguments, name: string): string {
  const value = args.required(name);
  if (/[\0-\x1f\x7f]/.test(value) || /^\.\.?$/.test(value) || !value.isWellFormed()) {
    throw args.invalid(name, "it has characters that a path segment cannot have");
  }
  return encodeStrictly(value);
}

/** What is any bytes: the whole body as it came. */
async function bytes(args: Arguments, name: string): Promise<Uint8Array> {
  const text = args.required(name);
  return args.isBody(name) ? args.body.bytes() : new TextEncoder().encode(text);
}

/** A text that an entry may leave out; if not, it has to be found. */
function text(args: Arguments, name: string): string | undefined {
  args.allFound(name);
  const value = args.text(name);
  return value === "" ? undefined : value;
}

function integer(args: Arguments, name: string): number | undefined {
  args.allFound(name);
  return args.integer(name);
}

/** A timestamp as the JSON protocols have it, in seconds since the epoch: such a number, or ISO 8601. */
function time(args: Arguments, name: string): number | undefined {
  const value = text(args, name);
  if (value === undefined) return undefined;
  const seconds = /^\d{1,12}(?:\.\d{1,9})?$/.test(value) ? Number(value) : Date.parse(value) / 1000;
  if (Number.isFinite(seconds)) return seconds;
  throw args.invalid(name, "it is no time: write ISO 8601 or seconds since the epoch");
}

/** A list of texts: JSON, or one text with commas between. */
async function list(args: Arguments, name: string): Promise<readonly string[] | undefined> {
  const value = await given(args, name);
  if (value === undefined || value === "") return undefined;
  const items: unknown = typeof value === "string" ? value.split(",").map((item) => item.trim()) : value;
  if (Array.isArray(items) && items.every((item) => typeof item === "string")) return items;
  throw args.invalid(name, "it is no list of texts");
}

/** A map of attributes: JSON, as the service's own API has it. */
async function map(args: Arguments, name: string): Promise<unknown> {
  const value = await given(args, name);
  if (value === undefined || value === "") return undefined;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw args.invalid(name, "it is no JSON object");
}

/** What a list's or a map's parameter says; text that is JSON counts as that. */
async function given(args: Arguments, name: string): Promise<unknown> {
  if (!args.has(name)) return undefined;
  if (!args.isBody(name)) args.allFound(name);
  else if ((await args.body.bytes()).byteLength === 0) throw args.missing(name);
  const value = args.isBody(name) ? await args.body.json() : args.value(name);
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch {
    throw args.invalid(name, "it is no JSON");
  }
}
