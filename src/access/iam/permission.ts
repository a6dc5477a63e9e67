import type { Call } from "../../call.ts";
import { methodArn } from "../../functions/event-context.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { requestConditions } from "../../policy/conditions.ts";
import type { Grant } from "../authorizer.ts";
import type { Principal } from "./principal.ts";

const INVOKE = "execute-api:Invoke";

/**
 * What the caller's own policy says of the call.
 *
 * @throws GatewayError ACCESS_DENIED for an explicit Deny, which no other policy outweighs
 */
export function evaluatePolicy(call: Call, { facts, policy }: Principal): Grant {
  if (!policy) return "None";
  const resource = methodArn(call);
  const who = {
    arn: facts.userArn,
    accountId: facts.accountId,
    userId: facts.userId,
    orgId: facts.principalOrgId,
  };
  const conditions = requestConditions({
    address: call.clientAddress,
    headers: call.request.headers,
    now: call.startedAt,
    scheme: call.scheme,
    principal: who,
  });
  const effect = policy.evaluate({ action: INVOKE, resource, principal: who, conditions });
  if (effect !== "Deny") return effect;
  const message =
    `User: ${facts.userArn} is not authorized to perform: ${INVOKE} ` +
    `on resource: ${masked(resource)} with an explicit deny`;
  throw new GatewayError(
    "ACCESS_DENIED",
    "auth.iam.denied",
    `the policy of ${facts.accessKey} denies this call`,
    call.stage.settings.protocol === "REST" ? { message } : {},
  );
}

/** API Gateway shows the last four digits of its account only. */
function masked(arn: string): string {
  return arn.replace(/:\d{8}(?=\d{4}:)/, ":********");
}
