import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { fromBase64 } from "../../../src/lib/base64.ts";
import { api, buildRequest, gateway } from "../../support/gateway.ts";
import frames from "./event-stream.json";
import { type Asked, type Asking, ask, lastSigned, REST } from "./gateway-support.ts";
import { expectRecorded } from "./recordings.ts";
import { ENVIRONMENT } from "./support.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:hello";
const URIS = [
  ARN,
  `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${ARN}/invocations`,
  `arn:aws:apigateway:eu-west-1:lambda:path//2015-03-31/functions/${ARN}/invocations`,
] as const;

const proxy = (more: object = {}) => ({ type: "aws_proxy", invoke: "remote", uri: ARN, ...more });
const custom = (more: object = {}) => ({
  type: "aws",
  invoke: "remote",
  uri: ARN,
  responses: { default: { statusCode: 200 } },
  ...more,
});

type Answer = () => Response | Promise<Response>;
const returns =
  (payload: unknown): Answer =>
  () =>
    new Response(JSON.stringify(payload));
const throws =
  (payload: object): Answer =>
  () =>
    Response.json(payload, { headers: { "x-amz-function-error": "Unhandled" } });
const refuses =
  (status: number, type: string): Answer =>
  () =>
    Response.json({ Message: "canary-aws" }, { status, headers: { "x-amzn-errortype": type } });
const breaksOff: Answer = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"statusCode":'));
        controller.error(new Error("reset"));
      },
    }),
  );
const ERROR = {
  errorMessage: "[NotFound] no such order",
  errorType: "Error",
  requestId: "r",
  stackTrace: ["canary-stack"],
  trace: ["canary-stack"],
};

const asking = (integration: object, answer: Answer, more: Asking = {}): Promise<Asked> =>
  ask("POST /orders/{id}", integration, "/orders/7?q=1", { gateway: { origin: answer }, ...more });

describe("aws_proxy with invoke: remote", () => {
  test.each(URIS)("hands the function of %s the event of an HTTP API", async (uri) => {
    const asked = await asking(
      proxy({ uri }),
      returns({ statusCode: 201, cookies: ["a=1", "b=2"], headers: { "X-Own": "1" }, body: "made" }),
      { body: '{"n":1}', headers: { "content-type": "application/json", cookie: "c=3" } },
    );
    const { url, headers, body } = await lastSigned(asked, "lambda");
    expect(url.href).toBe(
      `https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`,
    );
    expect(headers.has("x-amz-invocation-type")).toBe(false);
    expect(JSON.parse(body)).toMatchObject({
      version: "2.0",
      routeKey: "POST /orders/{id}",
      pathParameters: { id: "7" },
      queryStringParameters: { q: "1" },
      cookies: ["c=3"],
      body: '{"n":1}',
      isBase64Encoded: false,
    });
    const { response } = asked;
    expect([response.status, await response.text(), response.headers.get("x-own")]).toEqual([
      201,
      "made",
      "1",
    ]);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  test("or of a REST API, and its answer has the trace id of its event", async () => {
    const asked = await asking(proxy(), returns({ statusCode: 200, body: "ok" }), { settings: REST });
    const { body } = await lastSigned(asked, "lambda");
    const event = JSON.parse(body);
    expect([event.version, event.resource, event.httpMethod]).toEqual([undefined, "/orders/{id}", "POST"]);
    const trace = asked.response.headers.get("x-amzn-trace-id");
    expect(trace).toMatch(/^Root=1-/);
    expect(event.headers["X-Amzn-Trace-Id"]).toBe(trace);
  });

  test.each<[string, Answer, number, number, RegExp]>([
    ["throws", throws(ERROR), 502, 500, /^function\.threw/],
    ["returns no response", returns({ statusCode: "no" }), 502, 500, /^function\.bad_response/],
    ["answers no JSON", () => new Response("<html>"), 502, 500, /^function\.bad_response/],
    ["is throttled", refuses(429, "TooManyRequestsException"), 502, 500, /^function\.remote/],
    ["is not there", refuses(404, "ResourceNotFoundException"), 500, 500, /^function\.remote/],
    ["may not be called", refuses(403, "AccessDeniedException"), 500, 500, /^function\.remote/],
    ["does not take the signature", refuses(403, "InvalidSignatureException"), 500, 500, /^aws\.credentials/],
    [
      "is down",
      () => Promise.reject(new Error("Network connection lost.")),
      504,
      503,
      /^integration\.network/,
    ],
    ["breaks off", breaksOff, 504, 503, /^integration\.network/],
    ["is late", () => new Promise<Response>(() => undefined), 504, 503, /^integration\.timeout/],
  ])("that %s: %#", async (_, answer, rest, http, reason) => {
    for (const [protocol, status] of [
      ["REST", rest],
      ["HTTP", http],
    ] as const) {
      const integration = proxy({ timeoutInMillis: 50 });
      const { response } = await asking(integration, answer, { settings: { protocol } });
      const text = await response.text();
      expect([response.status, Object.keys(JSON.parse(text))]).toEqual([status, ["message"]]);
      expect(response.headers.get("x-portico-reason")).toMatch(reason);
      expect(text + JSON.stringify([...response.headers])).not.toContain("canary");
    }
  });

  test("is 500 where the stage's variable names no function of an account", async () => {
    const { response, subject } = await asking(proxy({ uri: "${stageVariables.none}" }), returns({}));
    expect([response.status, subject.sent]).toEqual([500, []]);
    expect(response.headers.get("x-portico-reason")).toMatch(/^integration\.uri/);
  });

  test("takes the stage's alias", async () => {
    const asked = await asking(
      proxy({ uri: `${ARN}:\${stageVariables.alias}` }),
      returns({ statusCode: 200 }),
      {
        entries: { "apis/default/stages/$default": { autoDeploy: true, variables: { alias: "live" } } },
      },
    );
    expect((await lastSigned(asked, "lambda")).url.pathname).toContain(encodeURIComponent(`${ARN}:live`));
  });
});

describe("a function that streams", () => {
  const bytes = (...names: readonly Exclude<keyof typeof frames, "$comment">[]): Uint8Array =>
    new Uint8Array(names.flatMap((name) => [...(fromBase64(frames[name]) ?? [])]));
  const STREAM = proxy({ responseTransferMode: "STREAM" });

  test("answers with what it writes, as it writes it", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const subject = await gateway(api({ "POST /a": STREAM }, REST), {
      aws: ENVIRONMENT,
      origin: () => new Response(readable),
    });
    const writer = writable.getWriter();
    const asked = subject.serve(buildRequest("/a", { method: "POST", body: "x" }), createExecutionContext());
    await writer.write(bytes("metadata", "delimiter", "hello"));
    const response = await asked;
    expect([response.status, response.headers.getSetCookie()]).toEqual([201, ["a=1", "b=2"]]);
    expect(response.headers.get("x-amzn-trace-id")).toMatch(/^Root=1-/);
    const reader = response.body?.getReader();
    const text = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await text()).toBe("hello ");
    const written = writer.write(bytes("world"));
    expect(await text()).toBe("wörld");
    await written;
    const closed = writer.write(bytes("complete")).then(() => writer.close());
    expect((await reader?.read())?.done).toBe(true);
    await closed;
    const { url, method } = await lastSigned({ subject, response }, "lambda");
    expect([method, url.pathname]).toEqual([
      "POST",
      `/2021-11-15/functions/${encodeURIComponent(ARN)}/response-streaming-invocations`,
    ]);
  });

  test.each<[string, Answer, number, RegExp]>([
    ["fails before its headers", () => new Response(bytes("failed")), 502, /^function\.threw/],
    ["writes no metadata", () => new Response(bytes("hello", "complete")), 502, /^function\.bad_response/],
    ["is not there", refuses(404, "ResourceNotFoundException"), 500, /^function\.remote/],
    ["breaks off", () => new Response(bytes("metadata").slice(0, 40)), 504, /^integration\.network/],
    ["is late", () => new Promise<Response>(() => undefined), 504, /^integration\.timeout/],
  ])("and %s: %#", async (_, answer, status, reason) => {
    const { response } = await asking({ ...STREAM, timeoutInMillis: 50 }, answer, { settings: REST });
    expect(response.status).toBe(status);
    expect(response.headers.get("x-portico-reason")).toMatch(reason);
    expect(await response.text()).not.toContain("canary");
  });

  test("and fails in the middle has its response break off", async () => {
    const { response } = await asking(
      STREAM,
      () => new Response(bytes("metadataAndBody", "hello", "failed")),
    );
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toMatchObject({ reason: "function.threw" });
  });
});

describe("aws with invoke: remote", () => {
  test("hands the function what the template makes, and its result is the body", async () => {
    const asked = await asking(
      custom({ requestTemplates: { "application/json": '{"a": $input.params("q")}' } }),
      returns({ ok: [1, "two"] }),
      { settings: REST },
    );
    const { body } = await lastSigned(asked, "lambda");
    expect(body).toBe('{"a":1}');
    const { response } = asked;
    expect([response.status, await response.text()]).toEqual([200, '{"ok":[1,"two"]}']);
    expect(response.headers.get("x-amzn-trace-id")).toMatch(/^Root=1-/);
  });

  test.each<[string, Answer, number, string]>([
    ["a thrown error's message", throws(ERROR), 404, '{"why":"[NotFound] no such order"}'],
    ["a returned one", returns({ errorMessage: "[NotFound] x" }), 404, '{"why":"[NotFound] x"}'],
    ["no message", returns({ id: "NotFound" }), 200, '{"id":"NotFound"}'],
    ["nothing", () => new Response(""), 200, "null"],
  ])("has its response selected by %s", async (_, answer, status, text) => {
    const { response } = await asking(
      custom({
        responses: {
          "\\[NotFound\\].*": {
            statusCode: 404,
            responseTemplates: { "application/json": '{"why":$input.json("$.errorMessage")}' },
          },
          default: { statusCode: 200 },
        },
      }),
      answer,
      { settings: REST },
    );
    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  test("an error that no pattern takes is its body, without its stack", async () => {
    const { response } = await asking(custom(), throws(ERROR));
    const { errorMessage, errorType, requestId } = ERROR;
    expect([response.status, await response.json()]).toEqual([200, { errorMessage, errorType, requestId }]);
  });

  test.each<[string, Answer, number, RegExp]>([
    ["may not be called", refuses(403, "AccessDeniedException"), 500, /^function\.remote/],
    ["is down", () => Promise.reject(new Error("Network connection lost.")), 504, /^integration\.network/],
    ["is late", () => new Promise<Response>(() => undefined), 504, /^integration\.timeout/],
  ])("that %s: %#", async (_, answer, status, reason) => {
    const { response } = await asking(custom({ timeoutInMillis: 50 }), answer, { settings: REST });
    expect(response.status).toBe(status);
    expect(response.headers.get("x-portico-reason")).toMatch(reason);
    expect(await response.text()).not.toContain("canary");
  });

  test("R-20 a payload that no function could read is refused here", async () => {
    const { response, subject } = await asking(custom(), returns(1), { body: "{no", settings: REST });
    expect([response.status, subject.sent]).toEqual([400, []]);
    expect(await response.text()).toMatch(/^\{"message":\s?"Could not parse request body into json: /);
  });

  test("R-19 nor one of a hundred thousand levels; one of a hundred reaches the function", async () => {
    const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    const refused = await asking(custom(), returns(1), { body: deep(100_000), settings: REST });
    expect([refused.response.status, refused.subject.sent]).toEqual([400, []]);
    const { response, subject } = await asking(custom(), returns(1), { body: deep(100), settings: REST });
    expect([response.status, subject.lastSent.body?.byteLength]).toEqual([200, 200]);
  });
});

describe("a function that is only told of an event", () => {
  const EVENT = { "integration.request.header.X-Amz-Invocation-Type": "'Event'" };
  const told = custom({ requestParameters: EVENT, responses: { default: { statusCode: 202 } } });

  test("is told as AWS's own SDK does it, and the client is answered", async () => {
    const asked = await asking(told, () => new Response(null, { status: 202 }), {
      body: '{"a":1}',
      settings: REST,
    });
    expectRecorded(await lastSigned(asked, "lambda"), "lambda:InvokeAsync");
    expect([asked.response.status, await asked.response.text()]).toEqual([202, ""]);
  });

  test("and is not there: the client is told", async () => {
    const { response } = await asking(told, refuses(404, "ResourceNotFoundException"), { settings: REST });
    expect(response.status).toBe(500);
  });

  test("by the client's own header, where a mapping says so", async () => {
    const integration = custom({
      requestParameters: {
        "integration.request.header.X-Amz-Invocation-Type": "method.request.header.InvocationType",
      },
    });
    const kinds: (string | null)[] = [];
    for (const kind of ["Event", "RequestResponse"]) {
      const asked = await asking(integration, returns({ ok: 1 }), { headers: { InvocationType: kind } });
      kinds.push((await lastSigned(asked, "lambda")).headers.get("x-amz-invocation-type"));
    }
    expect(kinds).toEqual(["Event", null]);
  });
});

test("what a bundled function throws behind an answered request stays in the log", async () => {
  const integration = {
    type: "aws",
    uri: "f",
    requestParameters: { "integration.request.header.X-Amz-Invocation-Type": "'Event'" },
    responses: { default: { statusCode: 202 } },
  };
  const handler = async () => Promise.reject(new Error("canary"));
  const subject = await gateway(api({ "POST /a": integration }), { functions: { f: { handler } } });
  const ctx = createExecutionContext();
  const response = await subject.serve(buildRequest("/a", { method: "POST", body: "{}" }), ctx);
  expect([response.status, await response.text()]).toEqual([202, ""]);
  await waitOnExecutionContext(ctx);
});
