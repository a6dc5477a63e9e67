import { createExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { record } from "../conformance/vectors.ts";
import { api, buildRequest, callFunction, gateway, type TestGateway } from "../support/gateway.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const OK = { statusCode: 200, body: "ok" };
type Callback = (error: unknown, result?: unknown) => void;
interface Context {
  readonly awsRequestId: string;
  readonly functionName: string;
  getRemainingTimeInMillis(): number;
  succeed(result: unknown): void;
  fail(error: unknown): void;
  done(error: unknown, result?: unknown): void;
}

async function withHandler(
  handler: unknown,
  settings: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Promise<TestGateway> {
  return gateway(api({ "ANY /a": callFunction("fn", more) }, settings), {
    functions: { fn: { handler } },
    showReasons: true,
  });
}

describe("a Lambda handler answers", () => {
  test.each<[string, unknown]>([
    ["with a promise", async () => OK],
    ["with a value", () => OK],
    // biome-ignore lint/suspicious/noThenProperty: what older promise libraries return
    ["with a thenable", () => ({ then: (resolve: (value: unknown) => void) => resolve(OK) })],
    ["by its callback", (_event: unknown, _context: unknown, callback: Callback) => callback(null, OK)],
    [
      "by its callback, later, whatever it returns",
      (_event: unknown, _context: unknown, callback: Callback) => setTimeout(() => callback(null, OK), 0),
    ],
    ["by context.succeed", (_event: unknown, context: Context) => context.succeed(OK)],
    ["by context.done", (_event: unknown, context: Context) => context.done(null, OK)],
    [
      "by context.done, later",
      (_event: unknown, context: Context) => {
        setTimeout(() => context.done(undefined, OK), 0);
      },
    ],
    ["twice, and the first counts", (_e: unknown, c: Context) => [c.succeed(OK), c.fail(new Error("late"))]],
  ])("%s", async (_, handler) => {
    const response = await (await withHandler(handler)).fetch("/a");
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
  });

  test.each([{ handler: async () => OK }, { default: { handler: async () => OK } }])(
    "from an ES module and from a CommonJS one: %j",
    async (module) => {
      const subject = await gateway(api({ "ANY /a": callFunction("fn") }), { functions: { fn: module } });
      expect((await subject.fetch("/a")).status).toBe(200);
    },
  );

  test("as a module of a folder, and by a Lambda ARN or an invocation URI", async () => {
    const arn = "arn:aws:lambda:eu-west-1:123456789012:function:fn";
    const invocation = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn}:live/invocations`;
    const subject = await gateway(
      {
        ...api({
          "GET /dir": callFunction("dir/fn"),
          "GET /arn": callFunction(arn),
          "GET /uri": callFunction(invocation),
          "GET /var": callFunction("${stageVariables.name}"),
        }),
        "apis/default/stages/$default": { variables: { name: "fn" } },
      },
      { functions: { fn: { handler: async () => "fn" }, "dir/fn": { handler: async () => "dir" } } },
    );
    const texts = await Promise.all(
      ["/dir", "/arn", "/uri", "/var"].map(async (path) => (await subject.fetch(path)).text()),
    );
    expect(texts).toEqual(["dir", "fn", "fn", "fn"]);
  });
});

const CANARY = "canary-9c1e at /home/secret/routes/fn.ts:3:7";

describe("R-12 a Lambda handler that fails says nothing to the client", () => {
  test.each<[string, unknown]>([
    ["throws", () => throwing(new Error(CANARY))],
    ["rejects", () => Promise.reject(new TypeError(CANARY))],
    ["rejects with text", () => Promise.reject(CANARY)],
    ["rejects with nothing", () => Promise.reject()],
    [
      "calls back with an error",
      (_e: unknown, _c: unknown, callback: Callback) => callback(new Error(CANARY)),
    ],
    ["calls back with text", (_e: unknown, _c: unknown, callback: Callback) => callback(CANARY)],
    ["uses context.fail", (_e: unknown, context: Context) => context.fail(CANARY)],
    ["uses context.fail with nothing", (_e: unknown, context: Context) => context.fail(undefined)],
    ["uses context.done with an error", (_e: unknown, context: Context) => context.done(new Error(CANARY))],
  ])("when it %s", async (_, handler) => {
    const errors = vi.spyOn(console, "error").mockImplementation(() => undefined);
    for (const [protocol, status, body] of [
      ["HTTP", 500, '{"message":"Internal Server Error"}'],
      ["REST", 502, '{"message": "Internal server error"}'],
    ] as const) {
      const subject = await gateway(api({ "ANY /a": callFunction("fn") }, { protocol }), {
        functions: { fn: { handler } },
      });
      const response = await subject.fetch("/a");
      expect([response.status, await response.text()]).toEqual([status, body]);
      expect(JSON.stringify([...response.headers])).not.toContain("canary");
    }
    const logged = JSON.parse(String(errors.mock.calls[0]?.[0])) as Record<string, unknown>;
    expect(logged).toMatchObject({ level: "error", reason: "function.threw", function: "fn" });
    expect(logged["requestId"]).toBeTypeOf("string");
  });

  test("its stack is in the log", async () => {
    const errors = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await (await withHandler(() => throwing(new Error("x")))).fetch("/a");
    expect(JSON.parse(String(errors.mock.calls[0]?.[0]))).toMatchObject({
      stack: expect.stringContaining("invoke.test.ts"),
    });
  });
});

function throwing(error: Error): never {
  throw error;
}

describe("a module that is none", () => {
  test.each<[string, () => Promise<unknown>, string]>([
    [
      "is not there",
      () => Promise.reject(new Error("Module not found in bundle: ../routes/fn.ts")),
      "not_found",
    ],
    ["throws when it is loaded", () => Promise.reject(new Error(CANARY)), "load_failed"],
    ["exports nothing", async () => ({}), "no_handler"],
    ["exports a handler that is none", async () => ({ handler: "x", default: null }), "no_handler"],
    ["exports a default without fetch", async () => ({ default: {} }), "no_handler"],
    ["is null", async () => null, "no_handler"],
  ])("%s", async (_, loadFunction, reason) => {
    const subject = await gateway(api({ "ANY /a": callFunction("fn") }), { loadFunction, showReasons: true });
    const response = await subject.fetch("/a");
    expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(response.headers.get("x-portico-reason")).toMatch(`function.${reason}: `);
  });

  test("is asked for again by the next request: a load that failed is not remembered", async () => {
    let loads = 0;
    const loadFunction = async () => {
      loads += 1;
      if (loads === 1) throw new Error("once");
      return { handler: async () => OK };
    };
    const subject = await gateway(api({ "ANY /a": callFunction("fn") }), { loadFunction });
    expect((await subject.fetch("/a")).status).toBe(500);
    expect((await subject.fetch("/a")).status).toBe(200);
    expect((await subject.fetch("/a")).status).toBe(200);
    expect(loads).toBe(2);
  });
});

test("the context names the call and counts its time down", async () => {
  let context: Context | undefined;
  let event: unknown;
  const subject = await withHandler(async (e: unknown, c: Context) => {
    event = e;
    context = c;
    return OK;
  });
  const response = await subject.fetch("/a");
  expect(context).toMatchObject({
    functionName: "fn",
    functionVersion: "$LATEST",
    callbackWaitsForEmptyEventLoop: true,
  });
  expect(context?.awsRequestId).toBe(response.headers.get("apigw-requestid"));
  expect(record(record(event)["requestContext"])["requestId"]).toBe(context?.awsRequestId);
  const left = context?.getRemainingTimeInMillis() ?? 0;
  expect(left).toBeGreaterThan(25_000);
  expect(left).toBeLessThanOrEqual(30_000);
});

test.each([
  ["REST", {}, 29_000, 504, '{"message": "Endpoint request timed out"}'],
  ["HTTP", {}, 30_000, 503, '{"message":"Service Unavailable"}'],
  ["HTTP", { timeoutInMillis: 100 }, 100, 503, '{"message":"Service Unavailable"}'],
])(
  "a handler that never answers (%s, %j) is given up after %i ms with %i",
  async (protocol, more, ms, status, body) => {
    let hang = false;
    const subject = await withHandler(() => (hang ? new Promise(() => undefined) : OK), { protocol }, more);
    await subject.fetch("/a");
    hang = true;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const pending = subject.serve(buildRequest("/a"), createExecutionContext());
    await vi.advanceTimersByTimeAsync(ms);
    const response = await pending;
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get("x-portico-reason")).toMatch(/^integration\.timeout: /);
  },
);
