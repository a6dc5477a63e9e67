import type { Call } from "../../call.ts";
import type { IamAuthorizer } from "../../config/authorizer-schema.ts";
import type { CredentialEntry } from "../../config/credential-schema.ts";
import type { EntryLookup } from "../../config/entry-cache.ts";
import { accountId } from "../../functions/event-context.ts";
import { listedByConnection } from "../../incoming-headers.ts";
import { splitTarget } from "../../routing/path.ts";
import type { Authorized, Authorizer } from "../authorizer.ts";
import { CredentialLookup, unusable } from "./credential-lookup.ts";
import { checkPayloadHash, hashBody, UNSIGNED_PAYLOAD } from "./payload.ts";
import { evaluatePolicy } from "./permission.ts";
import { malformed, type Refusal, refused, wrongPayload, wrongScope, wrongSignature } from "./refusal.ts";
import { isSignatureValid } from "./signature.ts";
import { readSignedParts, type SignedParts, type SignedRequest } from "./signed-parts.ts";
import { type OpenSecret, SigningKeys } from "./signing-keys.ts";
import { checkTime } from "./time-window.ts";

export interface IamServices {
  readonly credentials: EntryLookup<CredentialEntry>;
  /** Throws while there is no valid key to open secrets with. */
  readonly openSecret: OpenSecret;
}

/**
 * `AWS_IAM`: callers sign their requests with AWS Signature Version 4, in a header or in the
 * query (aws-semantics 10), and an access key's own policy says what it may call. It throws
 * 403 for what is not signed as it has to be, 500 or 503 while nobody can tell.
 *
 * What is cheap is checked first; the body is read last. Nobody's body is read who has no known
 * access key; nor, where the request states its payload's hash, before the signature fits.
 * An unknown key is told from a wrong signature by its answer, as with AWS: access key ids
 * are no secrets.
 */
export function iamAuthorizer(entry: IamAuthorizer, services: IamServices): Authorizer {
  const credentials = new CredentialLookup(services.credentials);
  const keys = new SigningKeys(services.openSecret);

  async function decide(call: Call): Promise<Authorized | Refusal> {
    const request = signedRequest(call);
    const parts = readSignedParts(request);
    if (!parts.ok) return parts;
    const refusal = checkParts(call, parts, entry);
    if (refusal) return refusal;
    const found = await credentials.find(call, parts);
    if ("ok" in found) return found;
    const sealed = found.entry.secret;
    const key = await keys.get(parts, sealed).catch((cause: unknown) => {
      throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
    });
    const stated = parts.payloadHash;
    if (!(await isSignatureValid(request, parts, stated ?? (await hashBody(call)), key))) {
      return wrongSignature(`the signature is not that of this request by ${parts.accessKeyId}`);
    }
    keys.keep(parts, sealed, key);
    call.caller.authorizer = found.facts;
    const grant = evaluatePolicy(call, found);
    if (stated !== undefined && stated !== UNSIGNED_PAYLOAD && stated !== (await hashBody(call))) {
      return wrongPayload("x-amz-content-sha256 is not the SHA-256 of the payload");
    }
    return { grant, crossAccount: found.facts.accountId !== accountId(call) };
  }

  return {
    async authorize(call) {
      const decision = await decide(call);
      if ("grant" in decision) return decision;
      throw refused(decision, call.stage.settings.protocol);
    },
  };
}

/** The request as its signer knows it: path and query as they were sent, the client's own method. */
function signedRequest({ request }: Call): SignedRequest {
  const { path, query } = splitTarget(request.url);
  return { method: request.method, path, query, headers: request.headers };
}

/** All that can be said without knowing the caller. */
function checkParts(call: Call, parts: SignedParts, entry: IamAuthorizer): Refusal | undefined {
  const { scope, headers, payloadHash } = parts;
  if (scope.service !== entry.service) {
    return wrongScope(`Credential should be scoped to correct service: '${entry.service}'.`);
  }
  if (entry.region !== undefined && scope.region !== entry.region) {
    return wrongScope(`Credential should be scoped to a valid region, not '${scope.region}'.`);
  }
  // Stricter than AWS: whoever may add a header must not make a DELETE of a signed GET.
  if (call.method !== call.request.method && !headers.names.includes("x-http-method-override")) {
    return malformed("x-http-method-override is not among the SignedHeaders");
  }
  // Whoever may add a header must not take a signed one off (RFC 9110 section 7.6.1).
  const listed = listedByConnection(call.request.headers.get("connection"));
  if (listed && headers.names.some((name) => listed.has(name))) {
    return malformed("the Connection header lists a signed header");
  }
  return (
    checkTime(parts, call.startedAt, entry.clockSkewSeconds * 1000) ??
    checkPayloadHash(payloadHash, entry.unsignedPayload)
  );
}
