import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import {
  type AwsService,
  awsService,
  type PreparedRequest,
} from "../../../src/integrations/aws/signed/aws-service.ts";
import { type Asked, awsCall, type CallOptions, ENVIRONMENT, lastSent, SECRET } from "./support.ts";

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

describe("the Worker's settings", () => {
  const settings = (more: object) => ({ environment: { ...ENVIRONMENT, ...more } });
  const hostFor = async (more: object, rest = "dynamodb:action/GetItem", signing = "dynamodb") =>
    (await lastSent(await ask(rest, {}, settings(more)), signing)).url.href;

  test("say where a service is, by the names of AWS's SDKs", async () => {
    const all = { AWS_ENDPOINT_URL: "http://localhost:4566/base/" };
    expect(await hostFor(all)).toBe("http://localhost:4566/base/");
    expect(await hostFor({ ...all, AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:8000" })).toBe(
      "http://127.0.0.1:8000/",
    );
    expect(await hostFor({ AWS_ENDPOINT_URL_S3: "http://127.0.0.1:8000" })).toBe(
      "https://dynamodb.eu-west-1.amazonaws.com/",
    );
    const sfn = { AWS_ENDPOINT_URL_SFN: "http://127.0.0.1:8083" };
    expect(await hostFor(sfn, "states:action/StartSyncExecution", "states")).toBe("http://127.0.0.1:8083/");
  });

  test("may have a session token", async () => {
    const asked = await ask("dynamodb:action/GetItem", {}, settings({ AWS_SESSION_TOKEN: "token/+=" }));
    expect((await lastSent(asked, "dynamodb")).headers.get("x-amz-security-token")).toBe("token/+=");
  });

  test("of a Chinese region mean its own domain", async () => {
    const service = awsService("arn:aws-cn:apigateway:cn-north-1:dynamodb:action/GetItem");
    if ("fault" in service) throw new Error(service.fault);
    const asked = awsCall();
    await service.call(asked.call, {
      method: "POST",
      path: {},
      query: "",
      headers: new Headers(),
      body: null,
    });
    const sent = await lastSent(asked, "dynamodb", "cn-north-1");
    expect(sent.url.href).toBe("https://dynamodb.cn-north-1.amazonaws.com.cn/");
  });

  test.each([
    [{ AWS_ACCESS_KEY_ID: undefined }, "aws.credentials"],
    [{ AWS_SECRET_ACCESS_KEY: "" }, "aws.credentials"],
    [{ AWS_ENDPOINT_URL: "localhost:4566" }, "aws.endpoint"],
    [{ AWS_ENDPOINT_URL: "ftp://localhost" }, "aws.endpoint"],
    [{ AWS_ENDPOINT_URL: "http://user:canary@localhost" }, "aws.endpoint"],
  ])("that are incomplete are a problem of the configuration: %j", async (more, reason) => {
    const error = await ask("dynamodb:action/GetItem", {}, settings(more)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: "API_CONFIGURATION_ERROR", reason });
    expect(String(error)).not.toContain("canary");
  });

  test("R-12 show no secret", async () => {
    const { call } = awsCall(settings({ AWS_SESSION_TOKEN: "canary-token" }));
    const { aws } = call.runtime;
    const shown = [
      JSON.stringify(call.runtime),
      String(aws),
      JSON.stringify(Object.entries(aws ?? {})),
      JSON.stringify(structuredClone({ ...aws })),
    ];
    for (const text of shown) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain("canary-token");
    }
  });
});

describe("a service that", () => {
  const caught = async (answer: CallOptions["answer"], protocol: "REST" | "HTTP" = "REST") => {
    const error = await ask(
      "s3:path/b/{key}",
      { method: "GET", path: { key: "k" } },
      { ...(answer && { answer }), protocol },
    )
      .then(() => undefined)
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof GatewayError)) throw new Error(`no refusal: ${String(error)}`);
    return error;
  };

  test("cannot be reached is an integration failure", async () => {
    const error = await caught(() => Promise.reject(new Error("Network connection lost.")));
    expect(error).toMatchObject({ type: "INTEGRATION_FAILURE", reason: "integration.network" });
  });

  test.each([
    [
      "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId></Error>",
      403,
      {},
    ],
    ["<Error><Code>InvalidAccessKeyId</Code></Error>", 403, {}],
    ['{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"AKIDEXAMPLE"}', 400, {}],
    ['{"__type":"InvalidSignatureException"}', 400, {}],
    ['{"message":"AKIDEXAMPLE"}', 403, { "x-amzn-errortype": "ExpiredTokenException:http://x" }],
  ])("R-12 refuses the gateway's credentials does not tell the client: %s", async (body, status, headers) => {
    const error = await caught(() => new Response(body, { status, headers }));
    expect(error).toMatchObject({ type: "API_CONFIGURATION_ERROR", reason: "aws.credentials" });
    expect(error.message).not.toContain("AKIDEXAMPLE");
  });

  test.each([
    ["<Error><Code>AccessDenied</Code></Error>", 403],
    ['{"__type":"ValidationException","message":"InvalidSignatureException"}', 400],
  ])("refuses the request is the client's to read: %s", async (body, status) => {
    const answer = () => new Response(body, { status });
    const { response } = await ask("s3:path/b/{key}", { method: "GET", path: { key: "k" } }, { answer });
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test("sends an object has it streamed, its headers as they are", async () => {
    const headers = { "content-range": "bytes 0-1/5", etag: '"e"', "x-amz-meta-a": "b" };
    const answer = () => new Response("he", { status: 206, headers });
    const { response, call } = await ask(
      "s3:path/b/{key}",
      { method: "GET", path: { key: "k" } },
      { answer },
    );
    expect([response.status, await response.text(), call.outcome.integrationStatus]).toEqual([
      206,
      "he",
      206,
    ]);
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
  });
});
