import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { checkResilience } from "../../src/config/check-resilience.ts";
import { GatewayIntegration } from "../../src/config/integration-schema.ts";

const KEY = "apis/default/routes/GET /a";
const parse = (members: object) => v.parse(GatewayIntegration, { type: "http_proxy", ...members });
const problemsOf = (members: object, isCached = false) =>
  checkResilience(KEY, parse(members), isCached).map(({ code, path }) => [
    code,
    path.replace(`${KEY}#integration.`, ""),
  ]);

const A = "https://a.test/";

describe("the defaults", () => {
  test("of each member, when it says nothing", () => {
    expect(
      parse({ uri: A, retry: {}, circuit: {}, fallback: { statusCode: 200 }, origins: [{ uri: A }] }),
    ).toEqual({
      type: "http_proxy",
      uri: A,
      origins: [{ uri: A, weight: 1 }],
      retry: {
        attempts: 3,
        statuses: [502, 503, 504],
        backoffInMillis: 25,
        methods: ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"],
        idempotencyKey: false,
        budgetPercent: 20,
      },
      circuit: {
        failures: 5,
        failurePercent: 50,
        minimumRequests: 20,
        windowInMillis: 10_000,
        openInMillis: 10_000,
        probes: 1,
        statuses: [502, 503, 504],
      },
      fallback: { statusCode: 200, statuses: [502, 503, 504] },
    });
  });

  test("are no problem", () => {
    expect(problemsOf({ uri: A, retry: {}, circuit: {}, fallback: { statusCode: 200 } })).toEqual([]);
    expect(problemsOf({ origins: [{ uri: A }, { uri: "http://b.test:8080/x?y=1", weight: 0 }] })).toEqual([]);
    expect(problemsOf({ uri: A, timeoutInMillis: 500, retry: { perTryTimeoutInMillis: 500 } })).toEqual([]);
    expect(
      problemsOf({ uri: A, fallback: { uri: "https://${stageVariables.spare}/x", timeoutInMillis: 100 } }),
    ).toEqual([]);
  });
});

describe("a member out of its bounds does not parse", () => {
  test.each([
    { retry: { attempts: 1 } },
    { retry: { attempts: 11 } },
    { retry: { statuses: [] } },
    { retry: { statuses: [200] } },
    { retry: { methods: ["G T"] } },
    { retry: { budgetPercent: 0 } },
    { retry: { perTryTimeoutInMillis: 49 } },
    { retry: { attemps: 2 } },
    { circuit: { failures: 0 } },
    { circuit: { failurePercent: 101 } },
    { circuit: { openInMillis: 0 } },
    { circuit: { probes: 0 } },
    { fallback: { statusCode: 199 } },
    { fallback: { statusCode: 600 } },
    { origins: [] },
    { origins: Array(21).fill({ uri: A }) },
    { origins: [{ uri: A, weight: -1 }] },
    { origins: [{ weight: 1 }] },
    { responseTransferMode: "CHUNKED" },
  ])("%j", (members) => {
    expect(v.safeParse(GatewayIntegration, { type: "http_proxy", ...members }).success).toBe(false);
  });
});

describe("what does not fit together", () => {
  test.each<[string, object, string, string]>([
    ["a uri beside origins", { uri: A, origins: [{ uri: A }] }, "origins.uri", "uri"],
    ["no origin with a weight", { origins: [{ uri: A, weight: 0 }] }, "origins.weight", "origins"],
    [
      "R-16 an origin that is no URL",
      { origins: [{ uri: A }, { uri: "ftp://a.test" }] },
      "uri.scheme",
      "origins.1.uri",
    ],
    [
      "R-16 an origin whose host the caller chooses",
      { origins: [{ uri: "https://{host}/" }] },
      "uri.host",
      "origins.0.uri",
    ],
    [
      "R-16 a fallback whose host the caller chooses",
      { uri: A, fallback: { uri: "https://{h}.test/" } },
      "uri.host",
      "fallback.uri",
    ],
    [
      "an attempt longer than all of them",
      { uri: A, timeoutInMillis: 500, retry: { perTryTimeoutInMillis: 501 } },
      "retry.timeout",
      "retry.perTryTimeoutInMillis",
    ],
    [
      "a fallback that is both",
      { uri: A, fallback: { uri: A, statusCode: 200 } },
      "fallback.kind",
      "fallback",
    ],
    ["a fallback that is neither", { uri: A, fallback: {} }, "fallback.kind", "fallback"],
    [
      "a fallback origin with a body",
      { uri: A, fallback: { uri: A, body: "x" } },
      "fallback.kind",
      "fallback",
    ],
    [
      "an answer with a timeout",
      { uri: A, fallback: { statusCode: 200, timeoutInMillis: 100 } },
      "fallback.kind",
      "fallback",
    ],
    [
      "a body that no response can have",
      { uri: A, fallback: { statusCode: 204, body: "x" } },
      "fallback.body",
      "fallback.body",
    ],
    [
      "R-04 a header of the connection",
      { uri: A, fallback: { statusCode: 200, headers: { "Transfer-Encoding": "chunked" } } },
      "fallback.header",
      "fallback.headers.Transfer-Encoding",
    ],
    [
      "R-05 a header with a line break",
      { uri: A, fallback: { statusCode: 200, headers: { "x-a": "1\r\nx-b: 2" } } },
      "fallback.header",
      "fallback.headers.x-a",
    ],
    [
      "R-05 a header's name that is none",
      { uri: A, fallback: { statusCode: 200, headers: { "x a": "1" } } },
      "fallback.header",
      "fallback.headers.x a",
    ],
    [
      "STREAM where the whole response is mapped",
      { type: "http", uri: A, responseTransferMode: "STREAM" },
      "stream.type",
      "responseTransferMode",
    ],
    ["retries of a function", { type: "aws_proxy", uri: "hello", retry: {} }, "retry.type", "retry"],
    ["a circuit of a mock", { type: "mock", circuit: {} }, "circuit.type", "circuit"],
  ])("%s", (_, members, code, path) => {
    expect(problemsOf(members)).toEqual([[code, path]]);
  });

  test("STREAM on a route that remembers responses", () => {
    const streamed = { uri: A, responseTransferMode: "STREAM" };
    expect(problemsOf(streamed)).toEqual([]);
    expect(problemsOf(streamed, true)).toEqual([["stream.cache", "responseTransferMode"]]);
    expect(problemsOf({ uri: A, responseTransferMode: "BUFFERED" }, true)).toEqual([]);
  });
});
