import type { Call } from "../call.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import type { Failure, Fwd } from "./protocol.ts";
import { cacheStatus } from "./reply.ts";

/** At which an integration counts as failing (RFC 5861 section 4), and what API Gateway says of it. */
const FAILING: ReadonlyMap<number, string> = new Map([
  [500, "Internal Server Error"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
]);

/** The integration did not answer: whoever asks gets the same. */
const OF_ALL: ReadonlySet<string> = new Set([
  "integration.unreachable",
  "integration.network",
  "integration.timeout",
  "integration.circuit_open",
]);
/** What a request may have brought about by itself. */
const OF_ONE: ReadonlySet<string> = new Set([
  "function.load_failed",
  "function.threw",
  "function.bad_response",
]);

export const isFailing = (status: number): boolean => FAILING.has(status);

/**
 * What those who wait may know of an error.
 *
 * @returns undefined where it is not the integration that failed
 */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  const { type, reason } = error;
  if (!OF_ALL.has(reason) && !OF_ONE.has(reason)) return undefined;
  return { type, reason, status: undefined, retryAfter: undefined, isDoubtful: OF_ONE.has(reason) };
}

/**
 * What those who wait may know of an answer: its status, and when to come again. All else may
 * have been made for the one who got it.
 */
export function failureOfAnswer({ status, headers }: Pick<Response, "status" | "headers">): Failure {
  const retryAfter = headers.get("retry-after") ?? "";
  return {
    type: "INTEGRATION_FAILURE",
    reason: "integration.network",
    status,
    retryAfter: /^\d{1,9}$/.test(retryAfter) ? retryAfter : undefined,
    // The others say that nobody gets an answer now.
    isDoubtful: status === 500,
  };
}

/** A response that broke off: the next one may be whole. */
export const CUT_OFF: Failure = {
  type: "INTEGRATION_FAILURE",
  reason: "integration.network",
  status: undefined,
  retryAfter: undefined,
  isDoubtful: true,
};

/** What a request gets that waited for one that failed. */
export function failed(failure: Failure, fwd: Fwd, call: Call, strict: boolean): GatewayError {
  const { type, reason, status, retryAfter } = failure;
  const answered = status === undefined ? "" : ` (status ${status})`;
  const detail = `${call.route.key} waited for the response to another request, which failed${answered}`;
  const message = FAILING.get(status ?? 0);
  const headers = {
    ...(strict ? {} : { "cache-status": cacheStatus({ fwd, collapsed: true }) }),
    ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  };
  return new GatewayError(type, reason, detail, {
    headers,
    ...(status === undefined ? {} : { status }),
    ...(message === undefined ? {} : { message }),
  });
}
