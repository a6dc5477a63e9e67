import { canonicalPaths } from "./canonical-path.ts";
import { canonicalQuery, type QueryParameter } from "./canonical-query.ts";
import { canonicalHeaders } from "./signed-headers.ts";
import { type SignedParts, type SignedRequest, TOKEN_PARAMETER } from "./signed-parts.ts";

/**
 * The canonical requests that the signer of this request may have had, the likeliest first:
 * one, unless the request leaves doubt. What doubt there is:
 *
 * - slashes and dots of the path, see {@link canonicalPaths};
 * - a `, ` in a signed header: it was sent so, or it is where the engine joined two lines,
 *   which signers join by `,`. All headers one way, then all the other: two ways, not 2^n;
 * - a session token in the query: some signers add it after they signed.
 *
 * So there are four at most, and eight only for those who know the session token.
 */
export function* canonicalRequests(
  request: SignedRequest,
  parts: SignedParts,
  payloadHash: string,
): Generator<string> {
  const { text, names } = parts.headers;
  const queries = canonicalQueries(parts);
  const asSent = canonicalHeaders(names, request.headers, false);
  const compact = asSent.includes(", ") ? canonicalHeaders(names, request.headers, true) : asSent;
  for (const query of queries) {
    for (const headers of compact === asSent ? [asSent] : [asSent, compact]) {
      for (const path of canonicalPaths(request.path)) {
        yield `${request.method}\n${path}\n${query}\n${headers}\n${text}\n${payloadHash}`;
      }
    }
  }
}

function canonicalQueries({ form, parameters }: SignedParts): readonly string[] {
  const signed = canonicalQuery(parameters);
  const hasToken = form === "query" && parameters.some(isToken);
  return hasToken
    ? [signed, canonicalQuery(parameters.filter((parameter) => !isToken(parameter)))]
    : [signed];
}

function isToken({ name }: QueryParameter): boolean {
  return name === TOKEN_PARAMETER;
}
