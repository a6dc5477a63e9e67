import { describe, expect, test } from "vitest";
import { awsService } from "../../../src/integrations/aws/signed/aws-service.ts";
import { awsCall, lastSent } from "./support.ts";

const uriOf = (rest: string): string => `arn:aws:apigateway:eu-west-1:${rest}`;

describe("a service with a host of its own", () => {
  test.each([
    ["eu-west-1", "abc-ats.iotdata:path/topics/t", "abc-ats.iot.eu-west-1.amazonaws.com", "iotdata", ""],
    ["eu-west-1", "iotdata:path/topics/t", "data-ats.iot.eu-west-1.amazonaws.com", "iotdata", ""],
    [
      "eu-west-1",
      "bedrock-runtime:path/model/m/invoke",
      "bedrock-runtime.eu-west-1.amazonaws.com",
      "bedrock",
      "",
    ],
    [
      "eu-west-1",
      "cloudfront:path/2020-05-31/distribution",
      "cloudfront.amazonaws.com",
      "cloudfront",
      "us-east-1",
    ],
    ["eu-west-1", "route53:path/2013-04-01/hostedzone", "route53.amazonaws.com", "route53", "us-east-1"],
    ["eu-west-1", "iam:action/ListUsers", "iam.amazonaws.com", "iam", "us-east-1"],
    ["cn-north-1", "iam:action/ListUsers", "iam.cn-north-1.amazonaws.com.cn", "iam", "cn-north-1"],
    ["us-gov-east-1", "iam:action/ListUsers", "iam.us-gov.amazonaws.com", "iam", "us-gov-west-1"],
    ["eu-west-1", "sts:action/GetCallerIdentity", "sts.eu-west-1.amazonaws.com", "sts", ""],
    [
      "eu-west-1",
      "autoscaling:action/DescribeTags",
      "autoscaling.eu-west-1.amazonaws.com",
      "autoscaling",
      "",
    ],
  ])("in %s, %s is at %s", async (region, rest, host, signing, signingRegion) => {
    const service = awsService(`arn:aws:apigateway:${region}:${rest}`);
    if ("fault" in service) throw new Error(service.fault);
    const asked = awsCall();
    const request = { method: "POST", path: {}, query: "", headers: new Headers(), body: null };
    await service.call(asked.call, request);
    const sent = await lastSent(asked, signing, signingRegion === "" ? region : signingRegion);
    expect(sent.url.host).toBe(host);
  });
});

test.each([
  ["s3:action/ListBuckets", "write s3:path/BUCKET/{key}"],
  ["s3:action/GetObject&Bucket={bucket}&Key={key}", "write s3:path/BUCKET/{key}"],
  ["lambda:action/Invoke", "write lambda:path/PATH"],
  ["sqs:action/SendMessage&MessageBody={body}", "mapped to integration.request.querystring.NAME"],
])("%s can never work, and says what can", (rest, hint) => {
  expect(awsService(uriOf(rest))).toEqual({ fault: expect.stringContaining(hint) });
});

test.each([
  "https://example.com",
  "arn:aws:lambda:eu-west-1:123456789012:function:hello",
  "arn:aws:apigateway:eu-west-1:dynamodb",
  "arn:aws:apigateway:eu-west-1:dynamodb:action/",
  "arn:aws:apigateway:eu-west-1:dynamodb:action/{action}",
  "arn:aws:apigateway:{region}:dynamodb:action/GetItem",
  "arn:aws:apigateway:evil.example:dynamodb:action/GetItem",
  "arn:aws:apigateway:eu-west-1:{service}:path/a",
  "arn:aws:apigateway:eu-west-1:evil.example/x:path/a",
  "arn:aws:apigateway:eu-west-1:evil@x:path/a",
  "arn:aws:apigateway::s3:path/a",
])("R-16 %s names no service", (uri) => {
  expect(awsService(uri)).toHaveProperty("fault");
});
