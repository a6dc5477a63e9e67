import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";

/**
 * What the engine says of a host that does not exist. Of a refused connection it says the same
 * as of a broken one ("Network connection lost."), so that counts as a failure of the network.
 */
const UNREACHABLE = /^internal error|dns|resolve|refused/i;

/**
 * An origin that cannot be reached, or breaks off before its headers. REST APIs tell the two
 * apart (500 and 504), HTTP APIs do not (503); aws-semantics 6.1 and 15. The client learns
 * nothing of the origin's address.
 */
export function originFailure(error: unknown, call: Call, authority: string): GatewayError {
  const cause = error instanceof Error ? error.message : String(error);
  // The engine's word for a name that no server knows has nothing in it but its own number.
  const why = cause.startsWith("internal error") ? "its name does not resolve, or no way leads there" : cause;
  const detail = `the origin ${authority} of ${call.route.key} failed: ${why}`;
  const rest = call.stage.settings.protocol === "REST";
  if (UNREACHABLE.test(cause)) {
    const type = rest ? "API_CONFIGURATION_ERROR" : "INTEGRATION_FAILURE";
    return new GatewayError(type, "integration.unreachable", detail, { cause: error });
  }
  return new GatewayError("INTEGRATION_FAILURE", "integration.network", detail, { cause: error });
}
