import { refuse } from "./refusal.ts";

/** When a token is valid, in seconds since the epoch. */
export interface Validity {
  readonly expires: number;
  readonly notBefore: number;
  readonly issuedAt: number;
}

/**
 * Reads `exp`, `nbf` and `iat`. A token without an end is none; nor is one whose times are no
 * numbers, since those compare as false with every moment (R-10, CVE-2026-44459).
 *
 * @throws GatewayError 401 `auth.jwt.claim`
 */
export function validityOf(claims: Readonly<Record<string, unknown>>): Validity {
  const { exp, nbf, iat } = claims;
  return {
    expires: seconds(exp),
    notBefore: nbf === undefined ? Number.NEGATIVE_INFINITY : seconds(nbf),
    issuedAt: iat === undefined ? Number.NEGATIVE_INFINITY : seconds(iat),
  };
}

function seconds(value: unknown): number {
  if (typeof value !== "number" || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw refuse("auth.jwt.claim");
  }
  return value;
}

/**
 * @param now in ms since the epoch
 * @param skew how far the issuer's clock may be off, in seconds
 * @param expiredMessage what the body of an expired token's answer says, where it is not `Unauthorized`
 * @throws GatewayError 401 when the moment is not one of the token's
 */
export function checkValidity(validity: Validity, now: number, skew: number, expiredMessage?: string): void {
  const moment = now / 1000;
  if (!(validity.expires > moment - skew)) throw refuse("auth.jwt.expired", expiredMessage);
  if (!(validity.notBefore <= moment + skew)) throw refuse("auth.jwt.not_before");
  if (!(validity.issuedAt <= moment + skew)) throw refuse("auth.jwt.issued_at");
}
