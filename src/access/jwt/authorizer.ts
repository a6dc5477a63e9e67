import type { Call } from "../../call.ts";
import type { JwtFacts } from "../../caller.ts";
import type { JwtAuthorizer } from "../../config/authorizer-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import type { Authorized, Authorizer } from "../authorizer.ts";
import { tokenFinder } from "./identity-source.ts";
import type { KeySets } from "./key-sets.ts";
import { fixedKeys } from "./key-source.ts";
import { refuse, refuseScope } from "./refusal.ts";
import { hasOneOf } from "./scopes.ts";
import type { VerifiedToken } from "./verified-tokens.ts";
import { tokenVerifier, type Verifier } from "./verifier.ts";

/** What token authorizers need of the isolate that they run in. */
export interface JwtServices {
  readonly keySets: KeySets;
}

const AUTHENTICATED: Authorized = { grant: "Authenticated" };

/** API Gateway's JWT authorizer, for tokens of any OpenID Connect issuer (aws-semantics 9.1). */
export function jwtAuthorizer(entry: JwtAuthorizer, { keySets }: JwtServices): Authorizer {
  const { issuer, audience } = entry.jwtConfiguration;
  const keys = entry.jwks ? fixedKeys(entry.jwks) : keySets.of(issuer, entry.jwksUri);
  const verify = tokenVerifier(
    {
      algorithms: new Set(entry.algorithms),
      issuers: new Map([[issuer, keys]]),
      clockSkew: entry.clockSkewSeconds,
      checkClaims: audienceCheck(audience),
    },
    keySets.now,
  );
  return tokenAuthorizer(entry, verify, ({ scopes }, wanted) => {
    if (wanted.length > 0 && !hasOneOf(scopes, wanted)) throw refuseScope(wanted);
  });
}

/**
 * What both kinds of token authorizers do with a call.
 *
 * @param checkRoute throws `GatewayError` for a token that is good but not for this route's scopes
 */
export function tokenAuthorizer(
  { identitySource, onError }: Pick<JwtAuthorizer, "identitySource" | "onError">,
  verify: Verifier,
  checkRoute: (token: VerifiedToken, scopes: readonly string[]) => void,
): Authorizer {
  const findToken = tokenFinder(identitySource);
  return {
    async authorize(call, scopes) {
      const token = findToken(call);
      let verified: VerifiedToken;
      try {
        verified = await verify(token, call.ctx);
      } catch (error) {
        return withoutKeys(call, error, onError);
      }
      checkRoute(verified, scopes);
      identify(call, verified, scopes);
      return AUTHENTICATED;
    },
  };
}

/**
 * Where no key could be had, the entry's `onError` decides; a call that it lets through has
 * no identity. A token that is bad is bad either way.
 */
function withoutKeys(call: Call, error: unknown, onError: "deny" | "allow"): Authorized {
  if (onError === "allow" && error instanceof GatewayError && error.reason === "auth.jwt.keys_unavailable") {
    call.outcome.reason = error.reason;
    call.outcome.detail = `let through by onError: ${error.message}`;
    return AUTHENTICATED;
  }
  throw error;
}

/** Tells the call who is calling. The claims are frozen: other requests see the same ones. */
function identify(call: Call, { claims, scopes }: VerifiedToken, routeScopes: readonly string[]): void {
  const { sub } = claims;
  const facts: JwtFacts = {
    kind: "jwt",
    claims,
    scopes: routeScopes.length > 0 ? scopes : null,
    principalId: typeof sub === "string" ? sub : undefined,
  };
  call.caller.authorizer = facts;
}

/** `aud` has to be one of the audience; `client_id` counts only where there is no `aud`, as on API Gateway. */
function audienceCheck(audience: readonly string[]): (claims: Readonly<Record<string, unknown>>) => void {
  const accepted: ReadonlySet<unknown> = new Set(audience);
  const waived = audience.length === 1 && audience[0] === "*";
  return ({ aud, client_id }) => {
    if (waived) return;
    const named = aud === undefined ? client_id : aud;
    const found = Array.isArray(named) ? named.some((one) => accepted.has(one)) : accepted.has(named);
    if (!found) throw refuse("auth.jwt.audience");
  };
}
