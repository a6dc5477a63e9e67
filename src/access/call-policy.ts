import type { Call } from "../call.ts";
import { methodArn } from "../functions/event-context.ts";
import { requestConditions } from "../policy/conditions.ts";
import type { PolicyRequest } from "../policy/policy.ts";
import type { Action } from "../policy/vocabulary.ts";

/** What a call to a route is, in policies. */
const INVOKE = "execute-api:Invoke";

/**
 * A call as every policy sees it: an authorizer's, a signer's, an API's, a route's. Nothing is
 * read of it that a policy's conditions do not ask for.
 */
export function policyRequest(call: Call, action: Action = INVOKE): PolicyRequest {
  const { authorizer } = call.caller;
  const principal =
    authorizer?.kind === "iam"
      ? {
          arn: authorizer.userArn,
          accountId: authorizer.accountId,
          userId: authorizer.userId,
          orgId: authorizer.principalOrgId,
        }
      : undefined;
  const conditions = requestConditions({
    address: call.clientAddress,
    headers: call.request.headers,
    now: call.startedAt,
    scheme: call.scheme,
    principal,
  });
  return { action, resource: methodArn(call), principal, conditions };
}

/** API Gateway's sentence for the one that calls, with the account masked as it does. */
export function notAuthorized(call: Call): string {
  const { authorizer } = call.caller;
  const user = authorizer?.kind === "iam" ? authorizer.userArn : "anonymous";
  const resource = methodArn(call).replace(/:\d{8}(?=\d{4}:)/, ":********");
  return `User: ${user} is not authorized to perform: ${INVOKE} on resource: ${resource}`;
}
