import type { Call } from "../call.ts";
import { HTTP, REST, REST_WITH_BLANK } from "./catalogue.ts";
import { GatewayError } from "./gateway-error.ts";
import { type OwnResponse, ownResponse } from "./own-response.ts";

/** What a response is told about the request that it answers. */
export interface ResponseIds {
  readonly protocol: "HTTP" | "REST";
  readonly requestId: string;
  readonly extendedRequestId: string;
}

/** The one place where something thrown becomes a `GatewayError`; what is unknown is the gateway's bug. */
export function normalise(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError("DEFAULT_5XX", "gateway.bug", detailOf(thrown), { cause: thrown });
}

function detailOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

/**
 * The one place where a `GatewayError` becomes a response (aws-semantics 15): in the API's own
 * words, where it has any, else the usual ones. Never throws: what is wrong with the API's own
 * words is added to the log's detail.
 *
 * @param call none while the API is not known
 */
export function errorResponse(error: GatewayError, ids: ResponseIds, call?: Call): Response {
  const message = messageOf(error, ids);
  if (call) {
    try {
      return build(error, ids, message, ownResponse({ error, message, call }));
    } catch (thrown) {
      const { outcome } = call;
      outcome.detail = `${outcome.detail ?? error.message}; the API's own gateway response failed: ${detailOf(thrown)}`;
    }
  }
  return build(error, ids, message, undefined);
}

function messageOf({ type, clientMessage }: GatewayError, { protocol }: ResponseIds): string | null {
  if (clientMessage !== undefined) return clientMessage;
  return protocol === "REST" ? REST[type].message : HTTP[type].message;
}

/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

function build(
  error: GatewayError,
  ids: ResponseIds,
  message: string | null,
  own: OwnResponse | undefined,
): Response {
  const rest = ids.protocol === "REST";
  const usualStatus = error.status ?? (rest ? REST : HTTP)[error.type].status;
  const status = own?.status ?? usualStatus;
  const bodiless = WITHOUT_BODY.has(status);
  const headers = new Headers();
  if (!bodiless) headers.set("content-type", own?.body?.contentType ?? contentTypeOf(error));
  if (error.headers) for (const [name, value] of Object.entries(error.headers)) headers.set(name, value);
  if (own) for (const [name, value] of own.headers) headers.set(name, value);
  if (own?.variesByAccept) headers.append("vary", "Accept");
  addIds(headers, ids);
  if (rest && error.errorType !== null && !headers.has("x-amzn-errortype")) {
    headers.set("x-amzn-ErrorType", error.errorType ?? restErrorType(error, usualStatus));
  }
  const body = bodiless ? null : (own?.body?.text ?? usualBody(error, ids, message, status));
  return new Response(body, { status, headers });
}

function contentTypeOf({ contentType, problem }: GatewayError): string {
  return contentType ?? (problem ? "application/problem+json" : "application/json");
}

/** RFC 9110 section 15: the titles of problems that have no type of their own (RFC 9457, 4.2.1). */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
};

function usualBody(
  error: GatewayError,
  ids: ResponseIds,
  message: string | null,
  status: number,
): string | null {
  if (error.contentType !== undefined) return message;
  if (error.problem) {
    const { errors } = error.problem;
    return JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail: message, errors });
  }
  const text = JSON.stringify(message);
  if (ids.protocol === "REST") {
    if (error.type === "ACCESS_DENIED") return `{"Message":${text}}`;
    if (REST_WITH_BLANK.has(error.type)) return `{"message": ${text}}`;
  }
  return `{"message":${text}}`;
}

function restErrorType(error: GatewayError, status: number): string {
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
