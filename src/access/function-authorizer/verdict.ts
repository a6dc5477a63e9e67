import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import type { Effect } from "../../policy/policy.ts";
import type { Authorized } from "../authorizer.ts";
import { policyRequest } from "../call-policy.ts";
import type { AuthorizerResult } from "./result.ts";

export const ALLOW: Authorized = { grant: "Allow" };
const NONE: Authorized = { grant: "None" };

/** What an answer says of a call: a policy is evaluated anew for each. */
export function evaluate(call: Call, { verdict }: AuthorizerResult): Effect {
  if (typeof verdict === "boolean") return verdict ? "Allow" : "Deny";
  return verdict.evaluate(policyRequest(call));
}

/**
 * Fills in the caller that an answer describes.
 *
 * @param latency what the function took, in ms; 0 when it was not asked
 * @throws GatewayError 403 when the answer denies
 */
export function settle(call: Call, result: AuthorizerResult, effect: Effect, latency: number): Authorized {
  if (effect === "Deny") throw denied(call);
  const { principalId, context, usageIdentifierKey } = result;
  call.caller.authorizer = { kind: "lambda", principalId, context, latency };
  if (usageIdentifierKey !== undefined) call.caller.usageIdentifierKey = usageIdentifierKey;
  return effect === "Allow" ? ALLOW : NONE;
}

function denied(call: Call): GatewayError {
  return new GatewayError(
    "ACCESS_DENIED",
    "auth.function.denied",
    "the authorizer denies this call",
    call.stage.settings.protocol === "REST"
      ? { message: "User is not authorized to access this resource with an explicit deny" }
      : {},
  );
}
