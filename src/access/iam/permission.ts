import { asksAnew } from "../../cache/asks-anew.ts";
import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import type { Grant } from "../authorizer.ts";
import { notAuthorized, policyRequest } from "../call-policy.ts";
import type { Principal } from "./principal.ts";

/**
 * What the caller's own policy says of the call, which knows its caller by now.
 *
 * @throws GatewayError ACCESS_DENIED for an explicit Deny, which no other policy outweighs
 */
export function evaluatePolicy(call: Call, { facts, policy }: Principal): Grant {
  // API Gateway's second permission, which few requests ask for (aws-semantics 13).
  if (asksAnew(call)) {
    const effect = policy?.evaluate(policyRequest(call, "execute-api:InvalidateCache"));
    call.caller.mayInvalidate = effect === "Allow";
  }
  const effect = policy?.evaluate(policyRequest(call)) ?? "None";
  if (effect !== "Deny") return effect;
  throw new GatewayError(
    "ACCESS_DENIED",
    "auth.iam.denied",
    `the policy of ${facts.accessKey} denies this call`,
    call.stage.settings.protocol === "REST"
      ? { message: `${notAuthorized(call)} with an explicit deny` }
      : {},
  );
}
