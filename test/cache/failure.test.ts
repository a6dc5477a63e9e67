import { describe, expect, test } from "vitest";
import { failureOf, failureOfAnswer } from "../../src/cache/failure.ts";
import { GatewayError } from "../../src/gateway-responses/gateway-error.ts";
import { type CachedGateway, cached } from "./support.ts";

/** What those who wait may know of a failure, and an object that ends between two calls. */

describe("an error is for all who wait", () => {
  test.each([
    ["INTEGRATION_FAILURE", "integration.network", false],
    ["API_CONFIGURATION_ERROR", "integration.unreachable", false],
    ["INTEGRATION_TIMEOUT", "integration.timeout", false],
    ["DEFAULT_5XX", "function.threw", true],
  ] as const)("%s %s, and may be due to the request: %s", (type, reason, isDoubtful) => {
    const error = new GatewayError(type, reason, "of https://internal.test", { cause: new Error("secret") });
    expect(failureOf(error)).toEqual({ type, reason, status: undefined, retryAfter: undefined, isDoubtful });
  });

  test.each([
    new GatewayError("BAD_REQUEST_PARAMETERS", "request.path", ""),
    new GatewayError("REQUEST_TOO_LARGE", "request.body_too_large", ""),
    new GatewayError("API_CONFIGURATION_ERROR", "integration.uri", ""),
    new Error("a bug"),
    "text",
  ])("unless it is not the integration's: %s", (error) => {
    expect(failureOf(error)).toBe(undefined);
  });
});

test.each([
  ["5", "5"],
  ["0", "0"],
  ["Sat, 01 Nov 2025 12:00:00 GMT", undefined],
  ["-1", undefined],
  ["9999999999", undefined],
])("Retry-After: %s of an answer is handed on as %s", (value, expected) => {
  const answer = new Response("private", { status: 503, headers: { "retry-after": value, "x-own": "1" } });
  expect(failureOfAnswer(answer)).toEqual({
    type: "INTEGRATION_FAILURE",
    reason: "integration.network",
    status: 503,
    retryAfter: expected,
    isDoubtful: false,
  });
});

describe("an object that ends after it gave what is stale", () => {
  /** The duty's answers are lost. */
  async function endingShard(headers: HeadersInit, answer: (request: Request) => Response) {
    const filled = await cached({ mode: "http" }, () => new Response("stale", { headers }));
    await filled.get("/a");
    const ended = () => Promise.reject(new Error("the object was reset"));
    const lost = { keep: ended, rest: ended, update: ended, stale: ended, fail: ended, pass: ended };
    const other: CachedGateway = await filled.beside({
      origin: answer,
      around: (shard) => ({
        ...shard,
        lookup: async (ask) => {
          const found = await shard.lookup(ask);
          return found.kind === "fill"
            ? { ...found, fill: { ...lost, [Symbol.dispose]: () => found.fill[Symbol.dispose]() } }
            : found;
        },
      }),
    });
    return other;
  }

  test("and is validated: it is fetched again", async () => {
    const subject = await endingShard({ etag: '"e"', "cache-control": "max-age=0" }, (request) =>
      request.headers.has("if-none-match")
        ? new Response(null, { status: 304, headers: { etag: '"e"' } })
        : new Response("fetched"),
    );
    expect(await subject.get("/a")).toEqual(["fetched", "portico; fwd=bypass; detail=unavailable"]);
    expect(subject.fetches).toBe(2);
  });

  test("and might be served where the origin fails: its failure is the answer", async () => {
    const subject = await endingShard(
      { "cache-control": "max-age=0, stale-if-error=60" },
      () => new Response("failed", { status: 502 }),
    );
    const response = await subject.send("/a");
    expect([response.status, await response.text()]).toEqual([502, "failed"]);
  });
});
