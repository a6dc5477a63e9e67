import type { Call } from "../../call.ts";
import { logThrown } from "../../functions/invoke.ts";
import { GatewayError, type Reason } from "../../gateway-responses/gateway-error.ts";

type FailureReason = Extract<
  Reason,
  `auth.function.${"failed" | "unavailable" | "timeout" | "bad_response"}`
>;

/**
 * An authorizer that could not decide: 500, whatever was wrong with it (aws-semantics 9.2,
 * 9.3). The client learns nothing of the cause.
 */
export function failure(reason: FailureReason, detail: string, cause?: unknown): GatewayError {
  const type = reason === "auth.function.timeout" ? "AUTHORIZER_FAILURE" : "AUTHORIZER_CONFIGURATION_ERROR";
  return new GatewayError(type, reason, detail, { cause });
}

/**
 * Whether an authorizer could not be asked at all, which is what `onError` is about. One that
 * throws or answers nonsense was asked: a caller may have brought that about with what it sent.
 */
export function isUnavailable(error: unknown): error is GatewayError {
  return (
    error instanceof GatewayError &&
    (error.reason === "auth.function.unavailable" || error.reason === "auth.function.timeout")
  );
}

/** 401, before or after the function was called. */
export function unauthorized(
  reason: Extract<Reason, `auth.identity_${string}` | "auth.function.unauthorized">,
  detail: string,
): GatewayError {
  return new GatewayError("UNAUTHORIZED", reason, detail);
}

/** What a function throws: exactly "Unauthorized" is a refusal, anything else a failure. */
export function thrown(call: Call, name: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : error;
  if (message === "Unauthorized") {
    return unauthorized("auth.function.unauthorized", `routes/${name}.ts threw "Unauthorized"`);
  }
  const text = logThrown(call, name, "auth.function.failed", error);
  return failure("auth.function.failed", `routes/${name}.ts threw ${text}`, error);
}
