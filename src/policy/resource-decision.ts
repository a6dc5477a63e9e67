import type { Effect } from "./policy.ts";

/** How a route knows its callers; `identity` is JWT and Cognito, whose callers have no policies. */
export type AuthorizerKind = "none" | "lambda" | "iam" | "identity";

export type Decision = "Allow" | "Implicit Deny" | "Explicit Deny";

/**
 * Decides about a call to an API or route that HAS a resource policy (aws-semantics 10,
 * "Resource policy evaluation"); where there is none, a route without an authorizer is open
 * and this is not asked.
 *
 * - No authorizer: the resource policy has to allow.
 * - Lambda, IAM: either policy may allow (Table A); across accounts both have to (Table B).
 * - JWT, Cognito: CONFLICT within the guide. Its text lets the resource policy allow by
 *   itself, its table takes an authenticated caller and a silent policy for allowed. The text
 *   is followed, which is the safer of the two.
 *
 * @param grant what the authorizer's or the credential's own policy says
 * @param resource what the resource policy says
 * @param crossAccount whether the caller's account is not the API's
 */
export function decide(
  kind: AuthorizerKind,
  grant: Effect,
  resource: Effect,
  crossAccount: boolean,
): Decision {
  if (grant === "Deny" || resource === "Deny") return "Explicit Deny";
  const byGrant = grant === "Allow";
  const byResource = resource === "Allow";
  const ownPolicy = kind === "lambda" || kind === "iam";
  const allowed = !ownPolicy ? byResource : crossAccount ? byGrant && byResource : byGrant || byResource;
  return allowed ? "Allow" : "Implicit Deny";
}
