import { HTTP, REST, REST_WITH_BLANK } from "./catalogue.ts";
import { GatewayError } from "./gateway-error.ts";

/** What a response is told about the request that it answers. */
export interface ResponseIds {
  readonly protocol: "HTTP" | "REST";
  readonly requestId: string;
  readonly extendedRequestId: string;
}

/** The one place where something thrown becomes a `GatewayError`; what is unknown is the gateway's bug. */
export function normalise(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new GatewayError("DEFAULT_5XX", "gateway.bug", detail, { cause: thrown });
}

/** The one place where a `GatewayError` becomes a response (aws-semantics 15). */
export function errorResponse(error: GatewayError, ids: ResponseIds): Response {
  const headers = new Headers();
  const usual = ids.protocol === "REST" ? REST[error.type] : HTTP[error.type];
  const status = error.status ?? usual.status;
  const message = error.clientMessage === undefined ? usual.message : error.clientMessage;
  headers.set("content-type", error.contentType ?? "application/json");
  if (error.headers) for (const [name, value] of Object.entries(error.headers)) headers.set(name, value);
  addIds(headers, ids);
  if (ids.protocol === "REST") headers.set("x-amzn-ErrorType", restErrorType(error, status));
  return new Response(error.contentType === undefined ? body(error, ids, message) : message, {
    status,
    headers,
  });
}

function body(error: GatewayError, ids: ResponseIds, message: string | null): string {
  const text = JSON.stringify(message);
  if (ids.protocol === "REST") {
    if (error.type === "ACCESS_DENIED") return `{"Message":${text}}`;
    if (REST_WITH_BLANK.has(error.type)) return `{"message": ${text}}`;
  }
  return `{"message":${text}}`;
}

function restErrorType(error: GatewayError, status: number): string {
  if (error.errorType !== undefined) return error.errorType;
  if (error.type === "DEFAULT_4XX" && status === 403) return "ForbiddenException";
  return REST[error.type].errorType;
}

/** The ids by which a response and its log line find each other. */
export function addIds(headers: Headers, ids: ResponseIds): void {
  if (ids.protocol === "REST") {
    headers.set("x-amzn-RequestId", ids.requestId);
    headers.set("x-amz-apigw-id", ids.extendedRequestId);
  } else headers.set("apigw-requestid", ids.requestId);
}
