const ACCOUNT = "123456789012";
const QUEUE = `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/jobs`;
const ARN = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:hello`;
const uriOf = (rest: string): string => `arn:aws:apigateway:eu-west-1:${rest}`;
const service = (httpMethod: string, rest: string, more: object = {}) => ({
  type: "aws",
  httpMethod,
  uri: uriOf(rest),
  responses: { default: { statusCode: 200 }, "4\\d{2}": { statusCode: 400 }, "206": { statusCode: 206 } },
  ...more,
});
const subtype = (integrationSubtype: string, requestParameters: object, more: object = {}) => ({
  type: "aws_proxy",
  integrationSubtype,
  requestParameters,
  ...more,
});
const remote = (more: object = {}) => ({ type: "aws_proxy", invoke: "remote", uri: ARN, ...more });
const object = (httpMethod: string) =>
  service(httpMethod, "s3:path/bucket/{key}", {
    requestParameters: {
      "integration.request.path.key": "method.request.path.key",
      "integration.request.header.Range": "method.request.header.Range",
    },
  });

/** A few routes of each kind that ends in AWS, and functions that show what they are given. */
export const ROUTES = {
  "POST /jobs": subtype("SQS-SendMessage", { QueueUrl: QUEUE, MessageBody: "$request.body" }),
  "GET /settings": subtype("AppConfig-GetConfiguration", {
    Application: "shop",
    Environment: "prod",
    Configuration: "settings",
    ClientId: "$context.identity.sourceIp",
  }),
  "POST /clicks": subtype("Kinesis-PutRecord", { StreamName: "s", Data: "$request.body", PartitionKey: "p" }),
  "POST /late": subtype("SQS-PurgeQueue", { QueueUrl: QUEUE }, { timeoutInMillis: 200 }),
  "GET /items/{id}": service("POST", "dynamodb:action/GetItem", {
    requestTemplates: {
      "application/json":
        '{"TableName":"t","Key":{"id":{"S":"$util.escapeJavaScript($util.urlDecode($input.params(\'id\')))"}}}',
    },
  }),
  "POST /notices": service("POST", "sns:action/Publish", {
    requestParameters: {
      "integration.request.querystring.TopicArn": `'arn:aws:sns:eu-west-1:${ACCOUNT}:topic'`,
      "integration.request.querystring.Message": "method.request.body",
    },
  }),
  "ANY /files/{key+}": object("ANY"),
  "POST /orders/{id}": remote(),
  "POST /told": {
    ...remote({ type: "aws", responses: { default: { statusCode: 202 } } }),
    requestParameters: { "integration.request.header.X-Amz-Invocation-Type": "'Event'" },
  },
  "GET /stream": remote({ responseTransferMode: "STREAM" }),
  "GET /env": { type: "aws_proxy", uri: "env" },
  "POST /event": { type: "aws_proxy", uri: "event" },
  "POST /mapped": {
    type: "aws",
    uri: "mapped",
    requestTemplates: { $default: '{"context":"$context","stage":"$stageVariables"}' },
    responses: { default: { statusCode: 200 } },
  },
};

export const FUNCTIONS = {
  "env.ts":
    "export default { fetch: (request, env, ctx) => Response.json({ env, keys: Object.keys(env), props: ctx.props, process: typeof process }) };",
  "event.ts":
    "export const handler = async (event, context) => ({ statusCode: 200, body: JSON.stringify({ event, context }) });",
  "mapped.ts": "export const handler = async (event, context) => ({ event, context });",
};
