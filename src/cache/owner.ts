import type { Caller } from "../caller.ts";

/** Claims that are of one token, and say nothing of whom it was made out to. */
const OF_THE_TOKEN = new Set(["exp", "iat", "nbf", "jti", "auth_time", "at_hash", "event_id", "origin_jti"]);

/**
 * Whose responses a caller may get from a cache: a text that is the same for the same caller,
 * and for no other. All that an integration may see of the caller is in it, but for when and for
 * how long its token was made: a renewed one finds what the old one left.
 *
 * @returns empty where the route does not ask who calls
 */
export function ownerOf({ authorizer, apiKey, clientCert }: Caller): string {
  if (!authorizer && !apiKey && !clientCert) return "";
  return JSON.stringify([authorizer && factsOf(authorizer), apiKey?.id, clientCert?.clientCertPem]);
}

function factsOf(facts: NonNullable<Caller["authorizer"]>): unknown {
  switch (facts.kind) {
    case "jwt":
      return [
        facts.kind,
        Object.entries(facts.claims)
          .filter(([name]) => !OF_THE_TOKEN.has(name))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
        facts.scopes,
      ];
    case "lambda":
      return [facts.kind, facts.principalId, facts.context];
    case "iam":
      return [
        facts.kind,
        facts.accessKey,
        facts.accountId,
        facts.userId,
        facts.userArn,
        facts.principalOrgId,
      ];
  }
}
