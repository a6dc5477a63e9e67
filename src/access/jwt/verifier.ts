import { compactVerify } from "jose";
import { candidates, importKey, type KeySet, type PublicKey } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";
import { keysUnavailable, refuse } from "./refusal.ts";
import { scopesOf } from "./scopes.ts";
import { freezeClaims, type ParsedToken, parseToken } from "./token.ts";
import { checkValidity, validityOf } from "./validity.ts";
import { digestOf, type VerifiedToken, VerifiedTokens } from "./verified-tokens.ts";

/** What an authorizer demands of a token, whatever the route. */
interface TokenRules {
  /** Signature algorithms; from the configuration, never from the token. */
  readonly algorithms: ReadonlySet<string>;
  /** The issuers, each with its own keys; `iss` has to equal one to the character. */
  readonly issuers: ReadonlyMap<string, KeySource>;
  /** In seconds. */
  readonly clockSkew: number;
  /** What the body of an expired token's answer says, where it is not `Unauthorized`. */
  readonly expiredMessage?: string;
  /** Checks the claims that are the kind's own; throws `GatewayError`. */
  readonly checkClaims: (claims: Readonly<Record<string, unknown>>) => void;
}

export type Verifier = (token: string, ctx: ExecutionContext) => Promise<VerifiedToken>;

/**
 * Verifies tokens, each of them once: then it is remembered until it expires, as long as its
 * issuer publishes its key.
 *
 * @param now ms since the epoch
 * @returns a function that throws GatewayError: 401 for what is wrong with a token, 503 without any keys
 */
export function tokenVerifier(rules: TokenRules, now: () => number): Verifier {
  const verified = new VerifiedTokens();
  return async (token, ctx) => {
    const digest = await digestOf(token);
    const known = verified.get(digest);
    if (known) {
      const set = known.source.known(ctx) ?? (await known.source.load(ctx));
      // After a rotation its key is gone, or its kid stands for another.
      if (set?.keys.has(known.key)) {
        checkValidity(known.validity, now(), rules.clockSkew, rules.expiredMessage);
        return known;
      }
      verified.delete(digest);
    }
    const checked = await verify(token, rules, now, ctx);
    verified.set(digest, checked);
    return checked;
  };
}

async function verify(
  token: string,
  rules: TokenRules,
  now: () => number,
  ctx: ExecutionContext,
): Promise<VerifiedToken> {
  const parsed = parseToken(token);
  const { claims } = parsed;
  if (!rules.algorithms.has(parsed.alg)) throw refuse("auth.jwt.algorithm");
  const issuer = claims["iss"];
  // Before any key is asked for: other issuers' tokens must not make us fetch.
  const source = typeof issuer === "string" ? rules.issuers.get(issuer) : undefined;
  if (!source) throw refuse("auth.jwt.issuer");
  const key = await signingKey(token, parsed, source, ctx);
  const validity = validityOf(claims);
  checkValidity(validity, now(), rules.clockSkew, rules.expiredMessage);
  rules.checkClaims(claims);
  freezeClaims(claims);
  return { claims, scopes: scopesOf(claims), validity, source, key };
}

/** The issuer's key that made the token's signature. */
async function signingKey(
  token: string,
  parsed: ParsedToken,
  source: KeySource,
  ctx: ExecutionContext,
): Promise<PublicKey> {
  const set = source.known(ctx) ?? (await source.load(ctx));
  if (!set) throw keysUnavailable();
  let keys = candidates(set, parsed.alg, parsed.kid);
  if (keys.length === 0 && isUnknown(set, parsed.kid)) {
    const newer = await source.newer(ctx);
    if (newer) keys = candidates(newer, parsed.alg, parsed.kid);
  }
  let usable = false;
  for (const key of keys) {
    const imported = await importKey(key, parsed.alg);
    if (!imported) continue;
    usable = true;
    try {
      await compactVerify(token, imported, { algorithms: [parsed.alg] });
      return key;
    } catch {
      // Whatever the library or the engine finds wrong, the token does not pass.
    }
  }
  throw refuse(usable ? "auth.jwt.signature" : "auth.jwt.key");
}

/** A key of this name may have been published since; a known one that does not fit has not changed. */
const isUnknown = (set: KeySet, kid: string | undefined): boolean => kid === undefined || !set.byKid.has(kid);
