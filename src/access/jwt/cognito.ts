import { type CognitoAuthorizer, userPool } from "../../config/authorizer-schema.ts";
import { wholePattern } from "../../lib/safe-pattern.ts";
import type { Authorizer } from "../authorizer.ts";
import { type JwtServices, tokenAuthorizer } from "./authorizer.ts";
import type { KeySource } from "./key-source.ts";
import { refuse } from "./refusal.ts";
import { hasOneOf } from "./scopes.ts";
import { tokenVerifier } from "./verifier.ts";

type Claims = Readonly<Record<string, unknown>>;

/** User pools sign with this alone. */
const ALGORITHMS: ReadonlySet<string> = new Set(["RS256"]);

/**
 * API Gateway's user pool authorizer (aws-semantics 9.4): ID tokens on routes without scopes,
 * access tokens on routes with scopes.
 */
export function cognitoAuthorizer(entry: CognitoAuthorizer, { keySets }: JwtServices): Authorizer {
  const pattern = entry.identityValidationExpression;
  const issuers = new Map<string, KeySource>();
  for (const arn of entry.providerARNs) {
    const pool = userPool(arn);
    if (!pool) continue;
    const issuer = `${entry.endpoint?.replace(/\/+$/, "") ?? defaultEndpoint(pool.region)}/${pool.id}`;
    issuers.set(issuer, keySets.of(issuer, `${issuer}/.well-known/jwks.json`));
  }
  const verify = tokenVerifier(
    {
      algorithms: ALGORITHMS,
      issuers,
      clockSkew: entry.clockSkewSeconds,
      expiredMessage: "The incoming token has expired",
      checkClaims: clientCheck(entry.audience, pattern === undefined ? undefined : wholePattern(pattern)),
    },
    keySets.now,
  );
  return tokenAuthorizer(entry, verify, ({ claims, scopes }, wanted) => {
    const scoped = wanted.length > 0;
    if (claims["token_use"] !== (scoped ? "access" : "id")) throw refuse("auth.jwt.token_use");
    // 401 here, where an HTTP API's JWT authorizer answers 403.
    if (scoped && !hasOneOf(scopes, wanted)) throw refuse("auth.jwt.scope");
  });
}

/** China's regions have a domain of their own. */
function defaultEndpoint(region: string): string {
  return `https://cognito-idp.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

/** Which app clients' tokens pass: `aud` of ID tokens, `client_id` of access tokens, which have no `aud`. */
function clientCheck(
  audience: readonly string[] | undefined,
  expression: RegExp | undefined,
): (claims: Claims) => void {
  const accepted: ReadonlySet<unknown> | undefined = audience && new Set(audience);
  return ({ aud, client_id, token_use }) => {
    if (expression && !(typeof aud === "string" && expression.test(aud))) throw refuse("auth.jwt.audience");
    const client = token_use === "access" ? client_id : aud;
    if (accepted && !accepted.has(client)) throw refuse("auth.jwt.audience");
  };
}
