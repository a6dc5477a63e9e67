import { describe, expect, test } from "vitest";
import { HTTP, REST } from "../../src/gateway-responses/catalogue.ts";
import { GatewayError, type GatewayResponseType } from "../../src/gateway-responses/gateway-error.ts";
import { errorResponse, normalise } from "../../src/gateway-responses/respond.ts";

const ids = (protocol: "HTTP" | "REST") => ({ protocol, requestId: "id", extendedRequestId: "ext" });

/** aws-semantics 15, word for word: type, REST's status, body and error type, HTTP's status and body. */
const CATALOGUE: readonly (readonly [GatewayResponseType, number, string, string, number, string])[] = [
  [
    "ACCESS_DENIED",
    403,
    '{"Message":"User is not authorized to access this resource"}',
    "AccessDeniedException",
    403,
    "Forbidden",
  ],
  [
    "API_CONFIGURATION_ERROR",
    500,
    '{"message": "Internal server error"}',
    "InternalServerErrorException",
    500,
    "Internal Server Error",
  ],
  [
    "AUTHORIZER_CONFIGURATION_ERROR",
    500,
    '{"message":null}',
    "AuthorizerConfigurationException",
    500,
    "Internal Server Error",
  ],
  [
    "AUTHORIZER_FAILURE",
    500,
    '{"message":"Internal server error"}',
    "AuthorizerFailureException",
    500,
    "Internal Server Error",
  ],
  [
    "BAD_REQUEST_BODY",
    400,
    '{"message":"Invalid request body"}',
    "BadRequestException",
    400,
    "Invalid request body",
  ],
  ["BAD_REQUEST_PARAMETERS", 400, '{"message":"Bad Request"}', "BadRequestException", 400, "Bad Request"],
  ["DEFAULT_4XX", 400, '{"message":"Bad Request"}', "BadRequestException", 400, "Bad Request"],
  [
    "DEFAULT_5XX",
    500,
    '{"message": "Internal server error"}',
    "InternalServerErrorException",
    500,
    "Internal Server Error",
  ],
  [
    "EXPIRED_TOKEN",
    403,
    '{"message":"The security token included in the request is expired"}',
    "ExpiredTokenException",
    401,
    "Unauthorized",
  ],
  [
    "INTEGRATION_FAILURE",
    504,
    '{"message": "Network error communicating with endpoint"}',
    "InternalServerErrorException",
    503,
    "Service Unavailable",
  ],
  [
    "INTEGRATION_TIMEOUT",
    504,
    '{"message": "Endpoint request timed out"}',
    "InternalServerErrorException",
    503,
    "Service Unavailable",
  ],
  ["INVALID_API_KEY", 403, '{"message":"Forbidden"}', "ForbiddenException", 403, "Forbidden"],
  [
    "INVALID_SIGNATURE",
    403,
    '{"message":"The request signature we calculated does not match the signature you provided."}',
    "InvalidSignatureException",
    403,
    "Forbidden",
  ],
  [
    "MISSING_AUTHENTICATION_TOKEN",
    403,
    '{"message":"Missing Authentication Token"}',
    "MissingAuthenticationTokenException",
    403,
    "Forbidden",
  ],
  ["QUOTA_EXCEEDED", 429, '{"message":"Limit Exceeded"}', "LimitExceededException", 429, "Limit Exceeded"],
  [
    "REQUEST_TOO_LARGE",
    413,
    '{"message": "Request Too Long"}',
    "BadRequestException",
    413,
    "Request Entity Too Large",
  ],
  ["RESOURCE_NOT_FOUND", 404, '{"message":"Not Found"}', "NotFoundException", 404, "Not Found"],
  ["THROTTLED", 429, '{"message":"Too Many Requests"}', "TooManyRequestsException", 429, "Too Many Requests"],
  ["UNAUTHORIZED", 401, '{"message":"Unauthorized"}', "UnauthorizedException", 401, "Unauthorized"],
  [
    "UNSUPPORTED_MEDIA_TYPE",
    415,
    '{"message":"Unsupported Media Type"}',
    "BadRequestException",
    415,
    "Unsupported Media Type",
  ],
  ["WAF_FILTERED", 403, '{"message":"Forbidden"}', "ForbiddenException", 403, "Forbidden"],
];

test("the catalogue has every type", () => {
  expect(CATALOGUE.map(([type]) => type)).toEqual(Object.keys(REST).sort());
  expect(Object.keys(HTTP).sort()).toEqual(Object.keys(REST).sort());
});

describe.each(CATALOGUE)("%s", (type, restStatus, restBody, errorType, httpStatus, httpMessage) => {
  const error = new GatewayError(type, "route.none", "canary", { cause: new Error("canary") });

  test("in the words of a REST API", async () => {
    const response = errorResponse(error, ids("REST"));
    expect([response.status, await response.text()]).toEqual([restStatus, restBody]);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "application/json",
      "x-amz-apigw-id": "ext",
      "x-amzn-errortype": errorType,
      "x-amzn-requestid": "id",
    });
  });

  test("in the words of an HTTP API", async () => {
    const response = errorResponse(error, ids("HTTP"));
    expect([response.status, await response.text()]).toEqual([
      httpStatus,
      JSON.stringify({ message: httpMessage }),
    ]);
    expect(Object.fromEntries(response.headers)).toEqual({
      "apigw-requestid": "id",
      "content-type": "application/json",
    });
  });
});

test("a status, a message and a content type of its own", async () => {
  const options = { status: 418, message: 'say "hi"\n', contentType: "text/x" };
  const response = errorResponse(new GatewayError("DEFAULT_4XX", "request.path", "d", options), ids("HTTP"));
  expect([response.status, await response.text()]).toEqual([418, 'say "hi"\n']);
  const { contentType: _, ...json } = options;
  const second = errorResponse(new GatewayError("DEFAULT_4XX", "request.path", "d", json), ids("REST"));
  expect(await second.json()).toEqual({ message: 'say "hi"\n' });
});

test.each([
  [new Error("canary")],
  ["canary"],
  [null],
  [undefined],
  [{ message: "canary" }],
  [Symbol("canary")],
])("R-12 whatever else is thrown (%o) is a bug of the gateway's and shows nothing", async (thrown) => {
  const error = normalise(thrown);
  expect(error.reason).toBe("gateway.bug");
  const response = errorResponse(error, ids("HTTP"));
  expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
});

test("an error that is the gateway's own stays itself", () => {
  const error = new GatewayError("THROTTLED", "route.none", "x");
  expect(normalise(error)).toBe(error);
});
