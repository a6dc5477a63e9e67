import type { GatewayResponseType } from "./gateway-error.ts";

/** What the client gets for a gateway response type (aws-semantics 15). */
export interface GatewayResponse {
  readonly status: number;
  /** The text of `message`; null is printed as such. */
  readonly message: string | null;
}

interface RestResponse extends GatewayResponse {
  /** The value of `x-amzn-ErrorType`. */
  readonly errorType: string;
}

const INTERNAL = "InternalServerErrorException";

/** REST APIs: the documented defaults of every type. */
export const REST: Readonly<Record<GatewayResponseType, RestResponse>> = {
  ACCESS_DENIED: {
    status: 403,
    message: "User is not authorized to access this resource",
    errorType: "AccessDeniedException",
  },
  API_CONFIGURATION_ERROR: { status: 500, message: "Internal server error", errorType: INTERNAL },
  AUTHORIZER_CONFIGURATION_ERROR: {
    status: 500,
    // Recorded (aws-semantics 15).
    message: null,
    errorType: "AuthorizerConfigurationException",
  },
  AUTHORIZER_FAILURE: {
    status: 500,
    message: "Internal server error",
    errorType: "AuthorizerFailureException",
  },
  BAD_REQUEST_BODY: { status: 400, message: "Invalid request body", errorType: "BadRequestException" },
  BAD_REQUEST_PARAMETERS: { status: 400, message: "Bad Request", errorType: "BadRequestException" },
  DEFAULT_4XX: { status: 400, message: "Bad Request", errorType: "BadRequestException" },
  DEFAULT_5XX: { status: 500, message: "Internal server error", errorType: INTERNAL },
  EXPIRED_TOKEN: {
    status: 403,
    message: "The security token included in the request is expired",
    errorType: "ExpiredTokenException",
  },
  INTEGRATION_FAILURE: {
    status: 504,
    message: "Network error communicating with endpoint",
    errorType: INTERNAL,
  },
  INTEGRATION_TIMEOUT: { status: 504, message: "Endpoint request timed out", errorType: INTERNAL },
  INVALID_API_KEY: { status: 403, message: "Forbidden", errorType: "ForbiddenException" },
  INVALID_SIGNATURE: {
    status: 403,
    message: "The request signature we calculated does not match the signature you provided.",
    errorType: "InvalidSignatureException",
  },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    message: "Missing Authentication Token",
    errorType: "MissingAuthenticationTokenException",
  },
  QUOTA_EXCEEDED: { status: 429, message: "Limit Exceeded", errorType: "LimitExceededException" },
  REQUEST_TOO_LARGE: { status: 413, message: "Request Too Long", errorType: "BadRequestException" },
  RESOURCE_NOT_FOUND: { status: 404, message: "Not Found", errorType: "NotFoundException" },
  THROTTLED: { status: 429, message: "Too Many Requests", errorType: "TooManyRequestsException" },
  UNAUTHORIZED: { status: 401, message: "Unauthorized", errorType: "UnauthorizedException" },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: "Unsupported Media Type",
    errorType: "BadRequestException",
  },
  WAF_FILTERED: { status: 403, message: "Forbidden", errorType: "ForbiddenException" },
};

/**
 * Types after which API Gateway prints `{"message": "..."}` with a blank: those that its
 * front end writes itself, not a gateway response's template (recorded lengths: 36 and 31).
 */
export const REST_WITH_BLANK: ReadonlySet<GatewayResponseType> = new Set([
  "API_CONFIGURATION_ERROR",
  "DEFAULT_5XX",
  "INTEGRATION_FAILURE",
  "INTEGRATION_TIMEOUT",
  "REQUEST_TOO_LARGE",
]);

const http = (status: number, message: string): GatewayResponse => ({ status, message });
const NOT_FOUND = http(404, "Not Found");
const FORBIDDEN = http(403, "Forbidden");
const UNAVAILABLE = http(503, "Service Unavailable");
const SERVER_ERROR = http(500, "Internal Server Error");

/** HTTP APIs: fewer answers, other words, and no 502 or 504 at all. */
export const HTTP: Readonly<Record<GatewayResponseType, GatewayResponse>> = {
  ACCESS_DENIED: FORBIDDEN,
  API_CONFIGURATION_ERROR: SERVER_ERROR,
  AUTHORIZER_CONFIGURATION_ERROR: SERVER_ERROR,
  AUTHORIZER_FAILURE: SERVER_ERROR,
  BAD_REQUEST_BODY: http(400, "Invalid request body"),
  BAD_REQUEST_PARAMETERS: http(400, "Bad Request"),
  DEFAULT_4XX: http(400, "Bad Request"),
  DEFAULT_5XX: SERVER_ERROR,
  EXPIRED_TOKEN: http(401, "Unauthorized"),
  INTEGRATION_FAILURE: UNAVAILABLE,
  INTEGRATION_TIMEOUT: UNAVAILABLE,
  INVALID_API_KEY: FORBIDDEN,
  INVALID_SIGNATURE: FORBIDDEN,
  MISSING_AUTHENTICATION_TOKEN: FORBIDDEN,
  QUOTA_EXCEEDED: http(429, "Limit Exceeded"),
  REQUEST_TOO_LARGE: http(413, "Request Entity Too Large"),
  RESOURCE_NOT_FOUND: NOT_FOUND,
  THROTTLED: http(429, "Too Many Requests"),
  UNAUTHORIZED: http(401, "Unauthorized"),
  UNSUPPORTED_MEDIA_TYPE: http(415, "Unsupported Media Type"),
  WAF_FILTERED: FORBIDDEN,
};
