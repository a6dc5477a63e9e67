import { describe, expect, test } from "vitest";
import { GatewayError, type GatewayErrorOptions } from "../../src/gateway-responses/gateway-error.ts";
import { errorResponse } from "../../src/gateway-responses/respond.ts";
import { answer, callWith, UNAUTHORIZED } from "./support.ts";

const failure = (type: GatewayError["type"], options?: GatewayErrorOptions) =>
  new GatewayError(type, "route.none", "detail", options);

const template = (text: string) => ({ responseTemplates: { "application/json": text } });

describe("which customisation answers", () => {
  const wide4 = {
    statusCode: 418,
    ...template('"4XX"'),
    responseParameters: { "gatewayresponse.header.wide": "'4'" },
  };
  const wide5 = {
    statusCode: "599",
    ...template('"5XX"'),
    responseParameters: { "gatewayresponse.header.wide": "'5'" },
  };
  const all = {
    DEFAULT_4XX: wide4,
    DEFAULT_5XX: wide5,
    THROTTLED: { statusCode: 420 },
    QUOTA_EXCEEDED: { responseParameters: { "gatewayresponse.header.own": "'q'" } },
    INTEGRATION_TIMEOUT: template('"late"'),
  };

  test.each<[GatewayError, number, string, string | null]>([
    [failure("UNAUTHORIZED"), 418, '"4XX"', "4"],
    [failure("DEFAULT_4XX", { status: 414, message: "long" }), 418, '"4XX"', "4"],
    [failure("INTEGRATION_FAILURE"), 599, '"5XX"', "5"],
    [failure("DEFAULT_5XX", { status: 503 }), 599, '"5XX"', "5"],
    [failure("THROTTLED"), 420, '{"message":"Too Many Requests"}', null],
    [failure("QUOTA_EXCEEDED"), 429, '{"message":"Limit Exceeded"}', null],
    [failure("INTEGRATION_TIMEOUT"), 504, '"late"', null],
  ])("$type (%#)", async (error, status, body, wide) => {
    const response = answer(all, { error });
    expect([response.status, await response.text(), response.headers.get("wide")]).toEqual([
      status,
      body,
      wide,
    ]);
  });

  test("what it leaves out is as the error has it", async () => {
    const error = failure("DEFAULT_4XX", {
      status: 403,
      message: "Forbidden",
      headers: { "retry-after": "3" },
    });
    const responseParameters = { "gatewayresponse.header.x": "'1'" };
    const response = answer({ DEFAULT_4XX: { responseParameters } }, { error });
    expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}']);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "application/json",
      "retry-after": "3",
      x: "1",
      "x-amz-apigw-id": "ext",
      "x-amzn-errortype": "ForbiddenException",
      "x-amzn-requestid": "id",
    });
  });

  test("an HTTP API has the same, and its own ids", async () => {
    const response = answer({ UNAUTHORIZED: { statusCode: 499 } }, { protocol: "HTTP" });
    expect([response.status, await response.text()]).toEqual([499, '{"message":"Unauthorized"}']);
    expect(Object.fromEntries(response.headers)).toEqual({
      "apigw-requestid": "id",
      "content-type": "application/json",
    });
  });

  test.each<[boolean, "HTTP" | "REST", string]>([
    [false, "REST", '"big"'],
    [true, "REST", '{"message": "Request Too Long"}'],
    [true, "HTTP", '"big"'],
  ])("413 can be customised, but on a strict REST API (strict %s, %s)", async (strict, protocol, body) => {
    for (const type of ["REQUEST_TOO_LARGE", "DEFAULT_4XX"]) {
      const responses = { [type]: template('"big"') };
      const response = answer(responses, { strict, protocol, error: failure("REQUEST_TOO_LARGE") });
      expect([response.status, await response.text()]).toEqual([413, body]);
    }
  });

  test("a text of the error's own gives way to a template, and stays without one", async () => {
    const error = failure("REQUEST_TOO_LARGE", { message: "too long.", contentType: "text/plain" });
    const own = answer({ REQUEST_TOO_LARGE: template("[$context.error.messageString]") }, { error });
    expect([own.headers.get("content-type"), await own.text()]).toEqual([
      "application/json",
      '["too long."]',
    ]);
    const status = answer({ REQUEST_TOO_LARGE: { statusCode: 400 } }, { error });
    expect([status.status, status.headers.get("content-type"), await status.text()]).toEqual([
      400,
      "text/plain",
      "too long.",
    ]);
  });
});

describe("headers", () => {
  const headers = (parameters: Record<string, string>, options = {}) => {
    const responseParameters = Object.fromEntries(
      Object.entries(parameters).map(([name, source]) => [`gatewayresponse.header.${name}`, source]),
    );
    return answer({ UNAUTHORIZED: { responseParameters } }, options).headers;
  };

  test("from every source", () => {
    const found = headers(
      {
        a: "'it''s'",
        b: "context.error.responseType",
        c: "context.identity.sourceIp",
        d: "stageVariables.v",
        e: "method.request.header.Accept",
        f: "method.request.querystring.q",
        h: "context.error.messageString",
        none: "method.request.header.none",
        no: "context.identity.user",
      },
      { query: "q=1&q=2", headers: { accept: "text/x" }, variables: { v: "V" } },
    );
    const {
      "content-type": _,
      "x-amz-apigw-id": _1,
      "x-amzn-errortype": _2,
      "x-amzn-requestid": _3,
      ...own
    } = Object.fromEntries(found);
    expect(own).toEqual({
      a: "it''s",
      b: "UNAUTHORIZED",
      c: "203.0.113.7",
      d: "V",
      e: "text/x",
      f: "2",
      h: '"Unauthorized"',
    });
  });

  test.each([["a%0d%0aSet-Cookie:%20x=1"], ["a%0A"], ["%00"], ["%7f"], ["%C3%A9"], ["%E2%82%AC"]])(
    "R-05 a value that no header can have is dropped, not thrown (%s)",
    (q) => {
      const found = headers({ x: "method.request.querystring.q", y: "'1'" }, { query: `q=${q}` });
      expect([found.has("x"), found.has("set-cookie"), found.get("y")]).toEqual([false, false, "1"]);
    },
  );

  test("the content type and the error's name can be replaced, the ids cannot", () => {
    const found = headers({
      "Content-Type": "'text/plain'",
      "x-amzn-ErrorType": "'Mine'",
      "x-amzn-RequestId": "'forged'",
    });
    expect([found.get("content-type"), found.get("x-amzn-errortype"), found.get("x-amzn-requestid")]).toEqual(
      ["text/plain", "Mine", "id"],
    );
  });
});

describe("which template", () => {
  const json = { "application/json": "json" };
  const html = { "text/html; charset=utf-8": "html" };
  const xml = { "application/xml": "xml" };
  test.each<[Record<string, string>, string | null, string]>([
    [{ ...html, ...json }, null, "json"],
    [{ ...html, ...json }, "*/*", "json"],
    [{ ...html, ...json }, "text/html,application/json;q=0.9", "html"],
    [{ ...html, ...json }, " TEXT/HTML;q=0.1, application/json", "html"],
    [{ ...html, ...json }, "application/xml, text/html", "json"],
    [{ ...xml, ...html }, "image/png", "xml"],
    [html, "application/json", "html"],
  ])("%o for Accept: %s", async (responseTemplates, accept, body) => {
    const headers: HeadersInit = accept === null ? {} : { accept };
    const response = answer({ UNAUTHORIZED: { responseTemplates } }, { headers });
    expect(await response.text()).toBe(body);
    const several = Object.keys(responseTemplates).length > 1;
    expect(response.headers.get("vary")).toBe(several ? "Accept" : null);
    if (body === "html") expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  });
});

test.each([204, 205, 304])("%i has no body", async (statusCode) => {
  const response = answer({ UNAUTHORIZED: { statusCode, ...template('"x"') } });
  expect([response.status, response.body, response.headers.get("content-type")]).toEqual([
    statusCode,
    null,
    null,
  ]);
});

test("whatever fails in the API's own words, there is an answer, and the log says why", async () => {
  const ids = { protocol: "REST" as const, requestId: "id", extendedRequestId: "ext" };
  const call = callWith({ UNAUTHORIZED: { statusCode: 499, ...template("$context.routeKey") } });
  Object.defineProperty(call, "route", {
    get: () => {
      throw new Error("broken");
    },
  });
  const response = errorResponse(UNAUTHORIZED, ids, call);
  expect([response.status, await response.text()]).toEqual([401, '{"message":"Unauthorized"}']);
  expect(call.outcome.detail).toBe("no header; the API's own gateway response failed: Error: broken");
});
