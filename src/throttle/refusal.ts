import { GatewayError } from "../gateway-responses/gateway-error.ts";
import type { Rule } from "./rule.ts";

/** A limit says no (aws-semantics 11); the caller is told when to come back. */
export function refusal(
  rule: Rule,
  retryAfterMs: number,
  headers: Readonly<Record<string, string>>,
): GatewayError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const type = rule.quota ? "QUOTA_EXCEEDED" : "THROTTLED";
  return new GatewayError(
    type,
    rule.reason,
    `${rule.whose} allows no more (${rule.policy}); worth trying again in ${seconds} s`,
    { headers },
  );
}

/** A limit with `"fail": "closed"` cannot be asked. */
export function unavailable(): GatewayError {
  return new GatewayError("DEFAULT_5XX", "throttle.unavailable", "the counter of a limit does not answer", {
    status: 503,
    message: "Service Unavailable",
  });
}
