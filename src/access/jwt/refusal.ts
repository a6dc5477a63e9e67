import { GatewayError } from "../../gateway-responses/gateway-error.ts";

interface Wording {
  /** For the log and for developers. */
  readonly detail: string;
  /** `error_description`, in API Gateway's manner; none where the challenge names no error. */
  readonly description?: string;
}

/**
 * Why a token is refused. The sentences are fixed: nothing of a token but the names of its
 * claims gets into answers or logs.
 */
const WORDINGS = {
  "auth.identity_source": { detail: "the request has no bearer token where the authorizer looks for it" },
  "auth.jwt.malformed": {
    detail: "the token is no signed JWT in compact form (RFC 7515, RFC 7519)",
    description: "the token is malformed",
  },
  "auth.jwt.algorithm": {
    detail: "the token's alg is none of the authorizer's algorithms",
    description: "the token has an invalid signing algorithm",
  },
  "auth.jwt.key": {
    detail: "no key of the issuer fits the token's kid and alg",
    description: "the token was signed with an unknown key",
  },
  "auth.jwt.signature": {
    detail: "the token's signature is not that of the issuer's key",
    description: "the token has an invalid signature",
  },
  "auth.jwt.expired": {
    detail: "the time in the token's exp has passed",
    description: "the token has expired",
  },
  "auth.jwt.not_before": {
    detail: "the time in the token's nbf has not come",
    description: "the token is not valid yet",
  },
  "auth.jwt.issued_at": {
    detail: "the time in the token's iat has not come",
    description: "the token was issued in the future",
  },
  "auth.jwt.issuer": {
    detail: "the token's iss is not the authorizer's issuer, to the character",
    description: "the token does not have a valid issuer",
  },
  "auth.jwt.audience": {
    detail: "neither the token's aud nor, without one, its client_id is in the authorizer's audience",
    description: "the token does not have a valid audience",
  },
  "auth.jwt.token_use": {
    detail: "the token's token_use is not what the route takes: id without scopes, access with scopes",
    description: "the token does not have a valid token_use",
  },
  "auth.jwt.claim": {
    detail: "the token's exp is missing, or its exp, nbf or iat is no number of seconds",
    description: "the token has an invalid claim",
  },
  "auth.jwt.scope": {
    detail: "the token has none of the route's scopes",
    description: "the token does not have a valid scope",
  },
} as const satisfies Readonly<Record<string, Wording>>;

type Refusal = keyof typeof WORDINGS;

/** `Bearer` alone asks for a token; with an error it says what is wrong with this one (RFC 6750 section 3). */
const CHALLENGES = Object.fromEntries(
  Object.entries(WORDINGS).map(([reason, wording]) => [
    reason,
    {
      "www-authenticate":
        "description" in wording
          ? `Bearer scope="" error="invalid_token" error_description="${wording.description}"`
          : "Bearer",
    },
  ]),
);

/**
 * 401 UNAUTHORIZED with a challenge.
 *
 * @param message replaces `Unauthorized` in the body
 */
export function refuse(reason: Refusal, message?: string): GatewayError {
  return new GatewayError("UNAUTHORIZED", reason, WORDINGS[reason].detail, {
    headers: CHALLENGES[reason] ?? {},
    ...(message === undefined ? {} : { message }),
  });
}

/** 403 ACCESS_DENIED: the token is sound, but does not reach this far (aws-semantics 9.1). */
export function refuseScope(scopes: readonly string[]): GatewayError {
  const listed = scopes.map(scopeText).join(" ");
  return new GatewayError("ACCESS_DENIED", "auth.jwt.scope", WORDINGS["auth.jwt.scope"].detail, {
    headers: { "www-authenticate": `Bearer scope="${listed}" error="insufficient_scope"` },
  });
}

/** A scope's characters; RFC 6749 section 3.3 knows no others, quotes least of all. */
const scopeText = (scope: string): string => scope.replace(/[^\x21\x23-\x5b\x5d-\x7e]/g, "");

/** 503: without its issuer's keys nothing can be said of a token. */
export function keysUnavailable(): GatewayError {
  return new GatewayError(
    "AUTHORIZER_FAILURE",
    "auth.jwt.keys_unavailable",
    "the issuer's keys could not be fetched yet",
    { status: 503, message: "Service Unavailable" },
  );
}
