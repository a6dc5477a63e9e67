import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import { EventStreamDecoder } from "../../../src/integrations/aws/signed/lambda/event-stream.ts";
import { functionArn } from "../../../src/integrations/aws/signed/lambda/function-arn.ts";
import {
  type RemoteFunction,
  remoteFunction,
} from "../../../src/integrations/aws/signed/lambda/remote-function.ts";
import { fromBase64 } from "../../../src/lib/base64.ts";
import frames from "./event-stream.json";
import { expectRecorded } from "./recordings.ts";
import { awsCall, type CallOptions, lastSent } from "./support.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:hello";

function remote(uri = ARN): RemoteFunction {
  const found = remoteFunction(uri);
  if ("fault" in found) throw new Error(found.fault);
  return found;
}

type Frame = Exclude<keyof typeof frames, "$comment">;

function bytesOf(names: readonly Frame[]): Uint8Array {
  const parts = names.map((name) => fromBase64(frames[name]) ?? new Uint8Array());
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

const rejection = async (work: Promise<unknown>): Promise<GatewayError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GatewayError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
};

describe("a function of an account", () => {
  test("is invoked as AWS's own SDK does it", async () => {
    const asked = awsCall({ answer: () => new Response('{"statusCode":200}') });
    const result = await remote().invoke(asked.call, { a: 1 });
    expect(result).toEqual({ failed: false, payload: { statusCode: 200 } });
    const sent = await lastSent(asked, "lambda");
    expect([sent.url.search, sent.body]).toEqual(["", '{"a":1}']);
  });

  test("is told of an event as AWS's own SDK does it", async () => {
    const asked = awsCall({ answer: () => new Response("", { status: 202 }) });
    const result = await remote().invoke(asked.call, { a: 1 }, "Event");
    expect(result).toEqual({ failed: false, payload: undefined });
    expectRecorded(await lastSent(asked, "lambda"), "lambda:InvokeAsync");
  });

  test("is asked for a stream as AWS's own SDK does it", async () => {
    const asked = awsCall({ answer: () => new Response(bytesOf(["metadataAndBody", "complete"])) });
    await (await remote().stream(asked.call, { a: 1 })).text();
    expectRecorded(await lastSent(asked, "lambda"), "lambda:InvokeWithResponseStream");
  });

  test("that throws has failed, and says with what", async () => {
    const payload = { errorMessage: "no", errorType: "Error" };
    const answer = () => Response.json(payload, { headers: { "x-amz-function-error": "Unhandled" } });
    expect(await remote().invoke(awsCall({ answer }).call, {})).toEqual({ failed: true, payload });
  });

  test.each([
    [404, "ResourceNotFoundException:http://internal.amazon.com/", undefined],
    [403, "AccessDeniedException", undefined],
    [429, "TooManyRequestsException", 502],
    [500, "ServiceException", 502],
  ])("that Lambda does not call (%i %s) is a failure of the integration", async (status, type, rest) => {
    const answer = () =>
      Response.json({ Message: "canary" }, { status, headers: { "x-amzn-errortype": type } });
    for (const [protocol, expected] of [
      ["REST", rest],
      ["HTTP", undefined],
    ] as const) {
      const { call } = awsCall({ answer, protocol });
      const error = await rejection(remote().invoke(call, {}));
      expect(error).toMatchObject({ type: "DEFAULT_5XX", reason: "function.remote", status: expected });
      expect(error.message).toContain(type.split(":")[0]);
      expect(error.message).not.toContain("canary");
    }
  });

  test("that answers no JSON is a bad one", async () => {
    const { call } = awsCall({ answer: () => new Response("<html>") });
    expect(await rejection(remote().invoke(call, {}))).toMatchObject({ reason: "function.bad_response" });
  });
});

test.each([
  [ARN, { arn: ARN, name: "hello", region: "eu-west-1" }],
  [`${ARN}:live`, { arn: `${ARN}:live`, name: "hello", region: "eu-west-1" }],
  [
    `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${ARN}:live/invocations`,
    { arn: `${ARN}:live`, name: "hello", region: "eu-west-1" },
  ],
  [
    `arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/${ARN}/response-streaming-invocations`,
    { arn: ARN, name: "hello", region: "eu-west-1" },
  ],
  ["hello", undefined],
  ["arn:aws:lambda:eu-west-1::function:hello", undefined],
  ["arn:aws:lambda:evil.example:123456789012:function:hello", undefined],
  ["arn:aws:lambda:eu-west-1:123456789012:function:a/../b", undefined],
  ["arn:aws:lambda:eu-west-1:123456789012:function:{name}", undefined],
])("%s names %j", (uri, expected) => {
  expect(functionArn(uri)).toEqual(expected);
});

describe("a streamed response", () => {
  const stream = (names: readonly Frame[], options: CallOptions = {}) =>
    remote().stream(awsCall({ ...options, answer: () => new Response(bytesOf(names)) }).call, {});

  test("has its status, headers and cookies from what stands before its body", async () => {
    const response = await stream(["metadata", "delimiter", "hello", "empty", "world", "complete"]);
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(response.headers.get("x-own")).toBe("1");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("hello wörld");
  });

  test("may begin where its metadata end, and may have NUL bytes in it", async () => {
    const response = await stream(["metadataAndBody", "nuls", "hello", "complete"]);
    expect([response.status, await response.text()]).toEqual([200, `first ${"\0".repeat(9)}hello `]);
  });

  test("comes as the function writes it", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const { call } = awsCall({ answer: () => new Response(readable) });
    const asked = remote().stream(call, {});
    await writer.write(bytesOf(["metadataAndBody"]));
    const reader = (await asked).body?.getReader();
    const text = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await text()).toBe("first ");
    const written = writer.write(bytesOf(["hello"]));
    expect(await text()).toBe("hello ");
    await written;
    const closed = writer.write(bytesOf(["complete"])).then(() => writer.close());
    expect((await reader?.read())?.done).toBe(true);
    await closed;
  });

  test.each<[string, readonly Frame[], string]>([
    ["fails before its metadata", ["failed"], "function.threw"],
    ["fails within its metadata", ["metadata", "failed"], "function.threw"],
    ["has an exception", ["exception"], "function.threw"],
    ["has nothing", ["complete"], "function.bad_response"],
    ["has no delimiter", ["metadata", "hello", "complete"], "function.bad_response"],
    ["has no metadata", ["hello", "delimiter", "complete"], "function.bad_response"],
  ])("that %s is an error of the function's", async (_, names, reason) => {
    const error = await rejection(stream(names, { protocol: "REST" }));
    expect(error).toMatchObject({ type: "DEFAULT_5XX", reason, status: 502 });
    expect(error.message).not.toContain("canary");
  });

  test("that breaks off or is damaged before its body is a failure of the network", async () => {
    const bytes = bytesOf(["metadata", "delimiter"]);
    const damaged = bytes.slice();
    damaged[150] = (damaged[150] ?? 0) ^ 1;
    for (const body of [bytes.slice(0, -1), damaged]) {
      const { call } = awsCall({ answer: () => new Response(body) });
      expect(await rejection(remote().stream(call, {}))).toMatchObject({ reason: "integration.network" });
    }
  });

  test.each<[string, readonly Frame[]]>([
    ["fails", ["metadataAndBody", "hello", "failed"]],
    ["has an exception", ["metadataAndBody", "hello", "exception"]],
  ])("that %s within its body does not end well", async (_, names) => {
    const response = await stream(names);
    await expect(response.text()).rejects.toMatchObject({ reason: "function.threw" });
  });
});

describe("an event stream", () => {
  test("means the same in whatever pieces it comes", () => {
    const names: readonly Frame[] = ["metadata", "delimiter", "empty", "everyHeader", "hello", "complete"];
    const bytes = bytesOf(names);
    const whole = new EventStreamDecoder().push(bytes);
    expect(whole).toHaveLength(names.length);
    expect(whole[3]?.headers.get(":event-type")).toBe("PayloadChunk");
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const decoder = new EventStreamDecoder();
        const messages = at
          .slice(1)
          .flatMap((end, index) => decoder.push(bytes.subarray(at[index] ?? 0, end)));
        decoder.end();
        expect(messages).toEqual(whole);
      }),
    );
  });

  test("with any bit turned is refused, or not taken for whole", () => {
    const bytes = bytesOf(["hello"]);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length * 8 - 1 }), (bit) => {
        const damaged = bytes.slice();
        const index = Math.floor(bit / 8);
        damaged[index] = (damaged[index] ?? 0) ^ (1 << (bit % 8));
        const decoder = new EventStreamDecoder();
        expect(() => {
          decoder.push(damaged);
          decoder.end();
        }).toThrow();
      }),
    );
  });

  test("of any bytes ends in a message or an error, never in anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(new EventStreamDecoder().push(bytes)).toEqual([]);
        } catch (error) {
          expect(error).toHaveProperty("message");
          expect(error instanceof RangeError).toBe(false);
        }
      }),
    );
  });
});
