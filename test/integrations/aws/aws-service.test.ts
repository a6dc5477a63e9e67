import { describe, expect, test } from "vitest";
import {
  type AwsService,
  awsService,
  type PreparedRequest,
} from "../../../src/integrations/aws/signed/aws-service.ts";
import { expectRecorded } from "./recordings.ts";
import { type Asked, awsCall, type CallOptions, lastSent } from "./support.ts";

const uriOf = (rest: string): string => `arn:aws:apigateway:eu-west-1:${rest}`;

function serviceOf(rest: string): AwsService {
  const service = awsService(uriOf(rest));
  if ("fault" in service) throw new Error(service.fault);
  return service;
}

async function ask(
  rest: string,
  request: Partial<PreparedRequest> = {},
  options: CallOptions = {},
): Promise<Asked & { readonly response: Response }> {
  const asked = awsCall(options);
  const prepared = { method: "POST", path: {}, query: "", headers: new Headers(), body: null, ...request };
  return { ...asked, response: await serviceOf(rest).call(asked.call, prepared) };
}

const JSON_TYPE = new Headers({ "content-type": "application/json" });
const FORM = new Headers({ "content-type": "application/x-www-form-urlencoded" });
const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:hello";

describe("as AWS's own SDK sends it", () => {
  test.each<[string, string, string, Partial<PreparedRequest>]>([
    [
      "dynamodb:GetItem",
      "dynamodb:action/GetItem",
      "dynamodb",
      { headers: JSON_TYPE, body: '{"TableName":"t","Key":{"id":{"S":"1"}}}' },
    ],
    [
      "dynamodb:PutItem",
      "dynamodb:action/PutItem",
      "dynamodb",
      { body: '{"TableName":"t","Item":{"id":{"S":"1"},"n":{"N":"5"}}}' },
    ],
    [
      "dynamodb:DeleteItem",
      "dynamodb:action/DeleteItem",
      "dynamodb",
      { method: "DELETE", body: '{"TableName":"t","Key":{"id":{"S":"1"}}}' },
    ],
    [
      "dynamodb:Query",
      "dynamodb:action/Query",
      "dynamodb",
      {
        method: "GET",
        body: '{"TableName":"t","KeyConditionExpression":"id = :i","ExpressionAttributeValues":{":i":{"S":"1"}}}',
      },
    ],
    [
      "kinesis:PutRecord",
      "kinesis:action/PutRecord",
      "kinesis",
      {
        body: '{"Data":"eyLDvCI6MX0=","StreamName":"clicks","PartitionKey":"p","ExplicitHashKey":"12","SequenceNumberForOrdering":"34"}',
      },
    ],
    [
      "eventbridge:PutEvents minimal",
      "events:action/PutEvents",
      "events",
      { body: '{"Entries":[{"Source":"shop","DetailType":"order","Detail":"{\\"id\\":1}"}]}' },
    ],
    [
      "sfn:StartExecution",
      "states:action/StartExecution",
      "states",
      {
        body: '{"stateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:m","name":"n","input":"{\\"a\\":1}"}',
      },
    ],
    [
      "sfn:StartSyncExecution",
      "states:action/StartSyncExecution",
      "states",
      {
        body: '{"stateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:m","name":"n","input":"{\\"a\\":1}","traceHeader":"Root=1"}',
      },
    ],
    [
      "sns:Publish",
      "sns:action/Publish",
      "sns",
      {
        headers: JSON_TYPE,
        query: new URLSearchParams({
          TopicArn: "arn:aws:sns:eu-west-1:123456789012:topic",
          Message: "a b+c&d=ü'(*)!",
          Subject: "s",
        }),
        body: '{"a":"not for the service"}',
      },
    ],
    [
      "sns:Publish",
      "sns:action/Publish",
      "sns",
      {
        headers: FORM,
        addsParameters: true,
        query: "Subject=s",
        body: "Message=a+b%2Bc%26d%3D%C3%BC'(*)!&TopicArn=arn:aws:sns:eu-west-1:123456789012:topic&Subject=another&Action=DeleteTopic",
      },
    ],
    [
      "s3:GetObject",
      "s3:path/{bucket}/{key}",
      "s3",
      { method: "GET", path: { bucket: "bucket.name", key: "a%20b/c+d/%C3%BC'(*)!&=~.txt" } },
    ],
    [
      "s3:PutObject",
      "s3:path/{bucket}/{key+}",
      "s3",
      {
        method: "PUT",
        path: { bucket: "bucket.name", key: "a%20b" },
        headers: new Headers({ "content-type": "text/plain" }),
        body: "hello",
      },
    ],
    ["s3:DeleteObject", "s3:path/bucket.name/{key}", "s3", { method: "DELETE", path: { key: "a%252Fb" } }],
    [
      "lambda:Invoke",
      `lambda:path/2015-03-31/functions/${ARN}/invocations?Qualifier=live`,
      "lambda",
      { headers: new Headers({ "content-type": "application/octet-stream" }), body: '{"a":1}' },
    ],
    [
      "lambda:InvokeAsync",
      "lambda:path/2015-03-31/functions/{arn}/invocations",
      "lambda",
      {
        path: { arn: ARN },
        headers: new Headers({
          "content-type": "application/octet-stream",
          "X-Amz-Invocation-Type": "Event",
        }),
        body: '{"a":1}',
      },
    ],
  ])("%s by %s", async (recorded, rest, signing, request) => {
    const asked = await ask(rest, request);
    expectRecorded(await lastSent(asked, signing), recorded);
  });
});

describe("an action", () => {
  test("is in the query of a GET request to a service of the Query protocol", async () => {
    const query = "TopicArn=arn:t&Message=a%20b&Action=DeleteTopic";
    const sent = await lastSent(await ask("sns:action/Publish", { method: "GET", query, body: "x" }), "sns");
    expect(sent.method).toBe("GET");
    expect(sent.url.search).toBe("?TopicArn=arn%3At&Message=a%20b&Action=Publish&Version=2010-03-31");
    expect(sent.body).toBe("");
  });

  test("of SQS speaks JSON where the integration says so itself", async () => {
    const headers = new Headers({ "x-amz-target": "AmazonSQS.SendMessage" });
    const sent = await lastSent(await ask("sqs:action/SendMessage", { headers, body: "{}" }), "sqs");
    expect(sent.headers.get("content-type")).toBe("application/x-amz-json-1.0");
    expect(sent.headers.get("x-amz-target")).toBe("AmazonSQS.SendMessage");
    expect([sent.url.search, sent.body]).toEqual(["", "{}"]);
  });

  test("of an unknown service is a query's, whose version is mapped", async () => {
    const query = "Version=2012-06-01&PageSize=1";
    const sent = await lastSent(
      await ask("elasticloadbalancing:action/DescribeLoadBalancers", { query }),
      "elasticloadbalancing",
    );
    expect(sent.url.href).toBe("https://elasticloadbalancing.eu-west-1.amazonaws.com/");
    expect(sent.body).toBe("Version=2012-06-01&PageSize=1&Action=DescribeLoadBalancers");
  });

  test("or JSON's, whose target is mapped", async () => {
    const headers = new Headers({
      "x-amz-target": "Logs_X.Do",
      "content-type": "application/x-amz-json-1.1",
    });
    const sent = await lastSent(await ask("somelogs:action/Do", { headers, body: "{}" }), "somelogs");
    expect([sent.headers.get("content-type"), sent.body]).toEqual(["application/x-amz-json-1.1", "{}"]);
  });

  test("and is refused with neither, since no service takes it", async () => {
    const { call, sent } = awsCall();
    const request = { method: "POST", path: {}, query: "", headers: new Headers(), body: "{}" };
    const error = await serviceOf("somelogs:action/Do")
      .call(call, request)
      .catch((thrown: unknown) => thrown);
    expect(sent).toEqual([]);
    expect(error).toMatchObject({ type: "API_CONFIGURATION_ERROR", reason: "integration.uri" });
    expect(String(error)).toContain("integration.request.header.X-Amz-Target");
  });

  test.each([
    ["rekognition:action/DetectLabels", "rekognition", "RekognitionService.DetectLabels"],
    ["textract:action/AnalyzeDocument", "textract", "Textract.AnalyzeDocument"],
  ])("%s is JSON", async (rest, service, target) => {
    const sent = await lastSent(await ask(rest, { body: "{}" }), service);
    expect(sent.headers.get("x-amz-target")).toBe(target);
    expect(sent.headers.get("content-type")).toBe("application/x-amz-json-1.1");
  });
});

describe("a query of a path", () => {
  const list = "s3:path/b?list-type=2&prefix={p}&{n}=1";

  test("has its places filled, and none adds a parameter", async () => {
    const path = { p: "a%26delimiter%3Dx/%C3%BC+%20", n: "fetch-owner" };
    const sent = await lastSent(await ask(list, { method: "GET", path, query: "max-keys=1" }), "s3");
    expect(sent.url.search).toBe(
      "?list-type=2&prefix=a%26delimiter%3Dx%2F%C3%BC%2B%20&fetch-owner=1&max-keys=1",
    );
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ n: "x" }, "Missing required request parameters: [p]"],
    [{ n: "x", p: "" }, "Missing required request parameters: [p]"],
    [{ n: "x", p: "a%0Ab" }, "Invalid request parameters: [p]"],
  ])("with %j is refused", async (path, message) => {
    const { call, sent } = awsCall();
    const request = { method: "GET", path, query: "", headers: new Headers(), body: null };
    await expect(serviceOf(list).call(call, request)).rejects.toMatchObject({
      type: "BAD_REQUEST_PARAMETERS",
      clientMessage: message,
    });
    expect(sent).toEqual([]);
  });
});

describe("a path", () => {
  test("of a queue takes a form", async () => {
    const body = "Action=SendMessage&MessageBody=a%20b";
    const sent = await lastSent(await ask("sqs:path/123456789012/jobs", { headers: FORM, body }), "sqs");
    expect([sent.url.pathname, sent.body]).toEqual(["/123456789012/jobs", body]);
    expect(sent.headers.get("content-type")).toBe("application/x-www-form-urlencoded");
  });

  test("may be the root, and have a subdomain", async () => {
    const sent = await lastSent(await ask("data-ats.iot:path//", { method: "GET" }), "iot");
    expect(sent.url.href).toBe("https://data-ats.iot.eu-west-1.amazonaws.com/");
  });

  test("keeps what a header says, but for what the signature says", async () => {
    const headers = new Headers({
      range: "bytes=0-1",
      "x-amz-meta-a": " two  spaces ",
      "x-amz-date": "20000101T000000Z",
      "x-amz-security-token": "mine",
      authorization: "mine",
      host: "evil.example",
      "accept-encoding": "br",
    });
    const request = { method: "GET", path: { key: "k" }, headers };
    const sent = await lastSent(await ask("s3:path/b/{key}", request), "s3");
    expect(sent.headers.get("range")).toBe("bytes=0-1");
    expect(sent.headers.get("x-amz-meta-a")).toBe("two  spaces");
    expect(sent.headers.get("x-amz-security-token")).toBeNull();
    for (const name of ["host", "accept-encoding"]) expect(sent.headers.has(name)).toBe(false);
  });

  test.each([
    ["a%2F..%2Fother/secret", "request.path"],
    ["..", "request.path"],
    ["%2e%2e/other", "request.path"],
    ["a/./b", "request.path"],
    ["", "service.parameter"],
    ["a%0D%0Ab", "service.parameter"],
    ["a%00b", "service.parameter"],
  ])("R-05 R-16 of the bucket stays in it: the key %j is refused", async (key, reason) => {
    const { call, sent } = awsCall();
    const request = { method: "GET", path: { key }, query: "", headers: new Headers(), body: null };
    const error = await serviceOf("s3:path/bucket/{key}")
      .call(call, request)
      .catch((thrown: unknown) => thrown);
    expect(sent).toEqual([]);
    expect(error).toMatchObject({ type: "BAD_REQUEST_PARAMETERS", reason });
  });

  test("of another service keeps an encoded slash in its segment", async () => {
    const sent = await lastSent(
      await ask("lambda:path/functions/{name}", { path: { name: "a%2Fb" } }),
      "lambda",
    );
    expect(sent.url.pathname).toBe("/functions/a%2Fb");
  });
});

describe("a body", () => {
  test("goes to S3 as it comes, unsigned, where its length is declared", async () => {
    const options = { method: "PUT", target: "/k", body: "streamed", headers: { "content-length": "8" } };
    const asked = awsCall(options);
    const { body } = asked.call.request;
    const request = { method: "PUT", path: { key: "k" }, query: "", headers: new Headers(), body };
    await serviceOf("s3:path/b/{key}").call(asked.call, request);
    const sent = await lastSent(asked, "s3");
    expect(sent.headers.get("x-amz-content-sha256")).toBe("UNSIGNED-PAYLOAD");
    expect(sent.body).toBe("streamed");
  });

  test("is read and signed for all others, up to the payload limit", async () => {
    const asked = awsCall({ body: "streamed" });
    const { body } = asked.call.request;
    const request = { method: "POST", path: {}, query: "", headers: new Headers(), body };
    await serviceOf("lambda:path/x").call(asked.call, request);
    expect((await lastSent(asked, "lambda")).body).toBe("streamed");
    const large = awsCall({ body: new Uint8Array(10_485_761) });
    const sent = serviceOf("lambda:path/x").call(large.call, { ...request, body: large.call.request.body });
    await expect(sent).rejects.toMatchObject({ type: "REQUEST_TOO_LARGE" });
  });
});
