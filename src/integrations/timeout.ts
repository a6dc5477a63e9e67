import type { Call } from "../call.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";

/** API Gateway's own limits, in ms; a route's `timeoutInMillis` replaces them. */
export function defaultTimeout(protocol: "HTTP" | "REST"): number {
  return protocol === "REST" ? 29_000 : 30_000;
}

export function timedOut(call: Call, ms: number): GatewayError {
  return new GatewayError(
    "INTEGRATION_TIMEOUT",
    "integration.timeout",
    `the integration of ${call.route.key} did not answer within ${ms} ms`,
  );
}
