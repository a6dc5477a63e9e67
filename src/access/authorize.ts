import type { Call, Guard } from "../call.ts";
import { NONE } from "../config/check-access.ts";
import type { RouteEntry } from "../config/schemas.ts";
import { apiArn } from "../functions/event-context.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import { type CompiledPolicy, compilePolicy, type Effect } from "../policy/policy.ts";
import { decide } from "../policy/resource-decision.ts";
import type { Authorized } from "./authorizer.ts";
import { notAuthorized, policyRequest } from "./call-policy.ts";
import type { AuthorizerKind, StageAccess } from "./stage-access.ts";

const ANONYMOUS: Authorized = { grant: "None" };

interface Judged {
  readonly policy: CompiledPolicy;
  /** A route's own policy has to allow whatever the authorizer says; API Gateway knows none. */
  readonly alone: boolean;
}

/**
 * A route's authorizer and the resource policies of its API and of itself, which decide
 * together (aws-semantics 10). No guard at all for a route that has none of them.
 */
export function authorize(entry: RouteEntry, access: StageAccess): Guard | undefined {
  const { stage } = access;
  const scope = apiArn(stage).prefix;
  const { policy } = stage.settings;
  const policies: Judged[] = [
    ...(policy ? [{ policy: compilePolicy(policy, scope), alone: false }] : []),
    ...(entry.policy ? [{ policy: compilePolicy(entry.policy, scope), alone: true }] : []),
  ];
  const { authorizer: name = NONE } = entry;
  const named = name === NONE ? undefined : access.authorizer(name);
  const scopes = entry.authorizationScopes;
  if (!named) return policies.length === 0 ? undefined : guardByPolicies(policies);
  const { authorizer, kind } = named;
  if (policies.length > 0) {
    return guardByPolicies(policies, kind, (call) => authorizer.authorize(call, scopes));
  }
  return (next) => async (call) => {
    const answer = authorizer.authorize(call, scopes);
    const { grant } = answer instanceof Promise ? await answer : answer;
    if (grant === "None") throw denied(call, kind, "Implicit Deny");
    return next(call);
  };
}

/**
 * A resource policy's explicit Deny comes before the authorizer, so that no function is
 * called for a refused address; except for signed requests, whose signer the policy may name.
 */
function guardByPolicies(
  policies: readonly Judged[],
  kind: AuthorizerKind | "none" = "none",
  check: (call: Call) => Authorized | Promise<Authorized> = () => ANONYMOUS,
): Guard {
  return (next) => async (call) => {
    const early = kind === "iam" ? undefined : effects(policies, call);
    if (early?.includes("Deny")) throw denied(call, kind, "Explicit Deny");
    const { grant, crossAccount = false } = await check(call);
    for (const [index, effect] of (early ?? effects(policies, call)).entries()) {
      const judgedAs = policies[index]?.alone ? "none" : kind;
      const verdict = decide(judgedAs, grant === "Authenticated" ? "Allow" : grant, effect, crossAccount);
      if (verdict !== "Allow") throw denied(call, kind, verdict);
    }
    return next(call);
  };
}

function effects(policies: readonly Judged[], call: Call): readonly Effect[] {
  const request = policyRequest(call);
  return policies.map(({ policy }) => policy.evaluate(request));
}

function denied(
  call: Call,
  kind: AuthorizerKind | "none",
  verdict: "Implicit Deny" | "Explicit Deny",
): GatewayError {
  const explicit = verdict === "Explicit Deny";
  const how = explicit ? " with an explicit deny" : "";
  const detail = explicit
    ? "a policy denies this call"
    : "no policy of the API, the route or the caller allows this call";
  const message =
    kind === "lambda"
      ? `User is not authorized to access this resource${how}`
      : `${notAuthorized(call)}${how}`;
  return new GatewayError("ACCESS_DENIED", explicit ? "policy.denied" : "policy.silent", detail, {
    ...(call.stage.settings.protocol === "REST" ? { message } : {}),
  });
}
