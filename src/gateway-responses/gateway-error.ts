/**
 * The closed set of ways in which the gateway itself refuses or fails. The names are API
 * Gateway's gateway response types (developer guide, "gateway response types").
 */
export type GatewayResponseType =
  | "ACCESS_DENIED"
  | "API_CONFIGURATION_ERROR"
  | "AUTHORIZER_CONFIGURATION_ERROR"
  | "AUTHORIZER_FAILURE"
  | "BAD_REQUEST_BODY"
  | "BAD_REQUEST_PARAMETERS"
  | "DEFAULT_4XX"
  | "DEFAULT_5XX"
  | "EXPIRED_TOKEN"
  | "INTEGRATION_FAILURE"
  | "INTEGRATION_TIMEOUT"
  | "INVALID_API_KEY"
  | "INVALID_SIGNATURE"
  | "MISSING_AUTHENTICATION_TOKEN"
  | "QUOTA_EXCEEDED"
  | "REQUEST_TOO_LARGE"
  | "RESOURCE_NOT_FOUND"
  | "THROTTLED"
  | "UNAUTHORIZED"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "WAF_FILTERED";

/**
 * Why, more exactly than a type can say. Shown in the access log always and in the response
 * header `x-portico-reason` on a developer's machine; part of the public contract.
 */
export type Reason =
  | "api.none"
  | "stage.none"
  | "domain.none"
  | "endpoint.disabled"
  | "route.none"
  | "config.unavailable"
  | "config.invalid"
  | "request.host"
  | "request.path"
  | "request.method"
  | "request.header_value"
  | "request.headers_too_large"
  | "request.url_too_long"
  | "request.body_too_large"
  | "request.content_coding"
  | "request.aborted"
  | "cache.invalidation"
  | "auth.identity_source"
  | "auth.identity_validation"
  | "auth.jwt.malformed"
  | "auth.jwt.algorithm"
  | "auth.jwt.key"
  | "auth.jwt.signature"
  | "auth.jwt.expired"
  | "auth.jwt.not_before"
  | "auth.jwt.issued_at"
  | "auth.jwt.issuer"
  | "auth.jwt.audience"
  | "auth.jwt.token_use"
  | "auth.jwt.claim"
  | "auth.jwt.scope"
  | "auth.jwt.keys_unavailable"
  | "auth.function.unauthorized"
  | "auth.function.denied"
  | "auth.function.failed"
  | "auth.function.unavailable"
  | "auth.function.timeout"
  | "auth.function.bad_response"
  | "auth.iam.missing"
  | "auth.iam.malformed"
  | "auth.iam.credential"
  | "auth.iam.expired"
  | "auth.iam.signature"
  | "auth.iam.payload"
  | "auth.iam.denied"
  | "auth.iam.unavailable"
  | "api_key.missing"
  | "api_key.malformed"
  | "api_key.unknown"
  | "api_key.disabled"
  | "api_key.expired"
  | "api_key.plan"
  | "api_key.unavailable"
  | "throttle.client"
  | "throttle.route"
  | "throttle.stage"
  | "throttle.api"
  | "throttle.account"
  | "throttle.concurrency"
  | "throttle.unavailable"
  | "quota.exceeded"
  | "policy.denied"
  | "policy.silent"
  | "cors.refused"
  | "client_cert.missing"
  | "client_cert.invalid"
  | "integration.uri"
  | "integration.loop"
  | "integration.unreachable"
  | "integration.network"
  | "integration.timeout"
  | "integration.circuit_open"
  | "integration.fallback"
  | "integration.status_unmapped"
  | "integration.service_error"
  | "integration.too_large"
  | "function.not_found"
  | "function.load_failed"
  | "function.no_handler"
  | "function.threw"
  | "function.bad_response"
  | "function.bad_base64"
  | "function.remote"
  | "mapping.body"
  | "mapping.base64"
  | "mapping.binary"
  | "mapping.content_type"
  | "mapping.template"
  | "mapping.header_value"
  | "mapping.status"
  | "mock.no_status"
  | "service.binding"
  | "service.parameter"
  | "service.configuration"
  | "service.body"
  | "service.not_found"
  | "service.conflict"
  | "service.failed"
  | "aws.credentials"
  | "aws.endpoint"
  | "aws.region"
  | "validation.parameters"
  | "validation.body"
  | "validation.json"
  | "validation.content_type"
  | "gateway.bug";

/** What a problem document says besides its status and the message (RFC 9457, 3). */
export interface ProblemDetails {
  readonly errors: readonly unknown[];
}

export interface GatewayErrorOptions {
  /** Replaces the type's usual status. */
  readonly status?: number;
  /** Replaces the type's usual text for the client; it must name nothing internal. Null prints null. */
  readonly message?: string | null;
  /** Replaces the type's usual `x-amzn-ErrorType` on REST APIs; null leaves it out. */
  readonly errorType?: string | null;
  /** Answers `message` itself, under this content type, in place of JSON. */
  readonly contentType?: string;
  /** What is wrong, member by member: the answer is a problem document (RFC 9457) in place of the usual body. */
  readonly problem?: ProblemDetails;
  /** Headers of the answer besides the usual ones: `www-authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What of the request is not valid, for `$context.error.validationErrorString`. */
  readonly validationErrorString?: string;
  /** What was thrown underneath; logged, never shown. */
  readonly cause?: unknown;
}

/** Thrown by guards and integrations; `respond.ts` alone turns it into a response. */
export class GatewayError extends Error {
  readonly type: GatewayResponseType;
  readonly reason: Reason;
  readonly status: number | undefined;
  readonly clientMessage: string | null | undefined;
  readonly errorType: string | null | undefined;
  readonly contentType: string | undefined;
  readonly problem: ProblemDetails | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly validationErrorString: string | undefined;

  /** @param detail one sentence that names the culprit, for the log and for developers */
  constructor(type: GatewayResponseType, reason: Reason, detail: string, options: GatewayErrorOptions = {}) {
    // Refusals are answers, not bugs: nobody reads their stack, and taking it costs more than
    // matching a route.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail, { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = "GatewayError";
    this.type = type;
    this.reason = reason;
    this.status = options.status;
    this.clientMessage = options.message;
    this.errorType = options.errorType;
    this.contentType = options.contentType;
    this.problem = options.problem;
    this.headers = options.headers;
    this.validationErrorString = options.validationErrorString;
  }
}
