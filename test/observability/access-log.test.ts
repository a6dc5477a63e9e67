import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AccessLog, type AccessLogEntry, logField } from "../../src/observability/access-log.ts";
import { answerWith, api, buildRequest, callFunction, gateway } from "../support/gateway.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const ENTRY: AccessLogEntry = {
  time: "2026-11-21T00:00:00.000Z",
  requestId: "id",
  api: "default",
  stage: "$default",
  method: "GET",
  path: "/a",
  route: "GET /a",
  status: 200,
  reason: undefined,
  detail: undefined,
  latency: 1,
  integrationLatency: undefined,
  integrationStatus: undefined,
  attempts: undefined,
  origin: undefined,
  sourceIp: "203.0.113.7",
  caller: undefined,
  apiKeyId: undefined,
  limiter: undefined,
  cache: undefined,
  userAgent: "",
};

function logged(): { readonly log: AccessLog; readonly batches: string[] } {
  const batches: string[] = [];
  return { log: new AccessLog((lines) => batches.push(lines)), batches };
}

describe("the access log", () => {
  test("prints 64 lines at once", () => {
    const { log, batches } = logged();
    const ctx = createExecutionContext();
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    for (let i = 0; i < 64 * 2 + 1; i++) log.write({ ...ENTRY, latency: i }, ctx, 10_000);
    expect(batches.map((batch) => batch.split("\n").length)).toEqual([64, 64]);
    log.flush();
    expect(batches.at(-1)?.split("\n")).toHaveLength(1);
    log.flush();
    expect(batches).toHaveLength(3);
  });

  test("prints what waits when nothing more comes, once for many lines", async () => {
    const { log, batches } = logged();
    const ctx = createExecutionContext();
    const waitUntil = vi.spyOn(ctx, "waitUntil");
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    for (let i = 0; i < 10; i++) log.write(ENTRY, ctx, 10_000);
    expect(waitUntil).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(499);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await waitOnExecutionContext(ctx);
    expect(batches.map((batch) => batch.split("\n").length)).toEqual([10]);
    log.write(ENTRY, ctx, 10_600);
    expect(waitUntil).toHaveBeenCalledTimes(2);
  });

  test("a flusher that was cut off is replaced", () => {
    const { log } = logged();
    const lost = createExecutionContext();
    const ctx = createExecutionContext();
    const waitUntil = vi.spyOn(ctx, "waitUntil");
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    log.write(ENTRY, lost, 10_000);
    log.write(ENTRY, ctx, 10_900);
    expect(waitUntil).not.toHaveBeenCalled();
    log.write(ENTRY, ctx, 11_001);
    expect(waitUntil).toHaveBeenCalledTimes(1);
  });

  test.each(["\n", "\r\n", "\u0000", "\u001b[31m", '"}\n{"status":200', "\u2028"])(
    "R-23 no value can forge a line: %j",
    (text) => {
      const { log, batches } = logged();
      log.write({ ...ENTRY, path: text, userAgent: text, detail: text }, createExecutionContext(), 0);
      log.flush();
      const [line] = batches;
      expect(line?.split("\n")).toHaveLength(1);
      expect(line).toMatch(/^[^\x00-\x1f]*$/);
      expect(JSON.parse(line ?? "")).toMatchObject({ path: text, userAgent: text, detail: text });
    },
  );

  test("R-23 a field has its length", () => {
    expect(logField("x".repeat(1024))).toHaveLength(1024);
    expect(logField("x".repeat(100_000))).toBe(`${"x".repeat(1024)}…`);
  });
});

describe("what a request's line says", () => {
  async function lines(requests: readonly [string, RequestInit?][], settings: Record<string, unknown> = {}) {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { log, batches } = logged();
    const handler = async () => {
      throw new Error("why");
    };
    const subject = await gateway(api({ "GET /a": answerWith("a"), "GET /t": callFunction("t") }, settings), {
      log,
      functions: { t: { handler } },
    });
    const ctx = createExecutionContext();
    for (const [target, init] of requests) await subject.serve(buildRequest(target, init), ctx);
    log.flush();
    return batches
      .flatMap((batch) => batch.split("\n"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test("for an answer", async () => {
    const [line] = await lines([["/a?secret=1", { headers: { "user-agent": "test/1" } }]]);
    expect(line).toMatchObject({
      api: "default",
      stage: "$default",
      method: "GET",
      path: "/a",
      route: "GET /a",
      status: 200,
      sourceIp: "203.0.113.7",
      userAgent: "test/1",
      requestId: expect.stringMatching(/=$/),
      latency: expect.any(Number),
    });
    expect(line).not.toHaveProperty("reason");
    // A query may carry what nobody should read.
    expect(JSON.stringify(line)).not.toContain("secret");
  });

  test("for refusals and failures, with the reason and the culprit", async () => {
    const found = await lines([["/none"], ["/t"], ["/a\\b"]]);
    expect(found).toMatchObject([
      { status: 404, reason: "route.none", detail: "no route matches GET /none" },
      { status: 500, reason: "function.threw", detail: "routes/t.ts threw Error: why", route: "GET /t" },
      { status: 400, reason: "request.path" },
    ]);
    expect(found[2]).not.toHaveProperty("api");
  });

  test("R-23 with long and hostile text cut and escaped", async () => {
    const userAgent = "u".repeat(5000);
    const [line] = await lines([[`/${"x".repeat(7000)}`, { headers: { "user-agent": userAgent } }]]);
    expect(String(line?.["path"])).toHaveLength(1025);
    expect(String(line?.["userAgent"])).toHaveLength(1025);
    expect(String(line?.["detail"])).toHaveLength(1025);
  });

  test("is not written where the API turns it off", async () => {
    expect(await lines([["/a"], ["/none"]], { accessLog: false })).toEqual([]);
  });
});
