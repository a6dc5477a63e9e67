import type { ParameterRule, ParameterRules } from "./parameter-rule.ts";

/**
 * The services of AWS that an HTTP API can call without code between, and the parameters that
 * they take (aws-semantics 6.4; ranges from the services' API references).
 */

const REQUIRED: ParameterRule = { is: "text", required: true };
const TEXT: ParameterRule = { is: "text" };
const VALUE: ParameterRule = { is: "value" };

/** `eu-west-1`, `us-gov-east-1`. */
export const REGION_NAME = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/** Where a call goes no request can choose. */
const REGION: ParameterRules = {
  Region: {
    is: "fixed",
    variables: true,
    pattern: REGION_NAME,
    hint: "write it as eu-west-1 or $stageVariables.NAME, or leave it out for AWS_REGION",
  },
};
const seconds = (max: number): ParameterRule => ({ is: "integer", min: 0, max });

export const SUBTYPES = {
  "EventBridge-PutEvents": {
    Detail: REQUIRED,
    DetailType: REQUIRED,
    Source: REQUIRED,
    Time: TEXT,
    EventBusName: TEXT,
    Resources: VALUE,
    TraceHeader: TEXT,
    ...REGION,
  },
  "SQS-SendMessage": {
    QueueUrl: REQUIRED,
    MessageBody: REQUIRED,
    DelaySeconds: seconds(900),
    MessageAttributes: VALUE,
    MessageDeduplicationId: TEXT,
    MessageGroupId: TEXT,
    MessageSystemAttributes: VALUE,
    ...REGION,
  },
  "SQS-ReceiveMessage": {
    QueueUrl: REQUIRED,
    AttributeNames: VALUE,
    MaxNumberOfMessages: { is: "integer", min: 1, max: 10 },
    MessageAttributeNames: VALUE,
    ReceiveRequestAttemptId: TEXT,
    VisibilityTimeout: seconds(43_200),
    WaitTimeSeconds: seconds(20),
    ...REGION,
  },
  "SQS-DeleteMessage": { ReceiptHandle: REQUIRED, QueueUrl: REQUIRED, ...REGION },
  "SQS-PurgeQueue": { QueueUrl: REQUIRED, ...REGION },
  "AppConfig-GetConfiguration": {
    Application: REQUIRED,
    Environment: REQUIRED,
    Configuration: REQUIRED,
    ClientId: REQUIRED,
    ClientConfigurationVersion: TEXT,
    ...REGION,
  },
  "Kinesis-PutRecord": {
    StreamName: REQUIRED,
    Data: REQUIRED,
    PartitionKey: REQUIRED,
    SequenceNumberForOrdering: TEXT,
    ExplicitHashKey: TEXT,
    ...REGION,
  },
  "StepFunctions-StartExecution": { StateMachineArn: REQUIRED, Name: TEXT, Input: TEXT, ...REGION },
  "StepFunctions-StartSyncExecution": {
    StateMachineArn: REQUIRED,
    Name: TEXT,
    Input: TEXT,
    TraceHeader: TEXT,
    ...REGION,
  },
  "StepFunctions-StopExecution": { ExecutionArn: REQUIRED, Cause: TEXT, Error: TEXT, ...REGION },
} as const satisfies Readonly<Record<string, ParameterRules>>;

export type Subtype = keyof typeof SUBTYPES;

export function isSubtype(text: string): text is Subtype {
  return Object.hasOwn(SUBTYPES, text);
}
