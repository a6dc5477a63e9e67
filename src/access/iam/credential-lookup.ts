import type { Call } from "../../call.ts";
import type { CredentialEntry } from "../../config/credential-schema.ts";
import type { EntryLookup } from "../../config/entry-cache.ts";
import type { Parsed } from "../../config/problem.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { type Principal, principal } from "./principal.ts";
import { expiredCredential, type Refusal, unknownCredential } from "./refusal.ts";
import type { SignedParts } from "./signed-parts.ts";

const encoder = new TextEncoder();

/** The credentials that requests are signed with, made ready once for as long as an entry stays as it is. */
export class CredentialLookup {
  readonly #credentials: EntryLookup<CredentialEntry>;
  readonly #principals = new WeakMap<CredentialEntry, Principal>();

  constructor(credentials: EntryLookup<CredentialEntry>) {
    this.#credentials = credentials;
  }

  /**
   * Whose signature it claims to be, if that credential may be used at all.
   *
   * @throws GatewayError 503 when the store fails, 500 for an entry that does not parse
   */
  async find(call: Call, { accessKeyId, token }: SignedParts): Promise<Principal | Refusal> {
    const parsed = await this.#read(call, accessKeyId);
    if (parsed === null) return unknownCredential(`there is no credential ${accessKeyId}`);
    if (!parsed.ok) {
      const [problem] = parsed.problems;
      throw unusable(`the credential is bad: ${problem?.path ?? ""}: ${problem?.message ?? ""}`);
    }
    const { value: entry } = parsed;
    if (!entry.enabled) return unknownCredential(`the credential ${accessKeyId} is disabled`);
    let found = this.#principals.get(entry);
    if (!found) {
      found = principal(accessKeyId, entry);
      this.#principals.set(entry, found);
    }
    if (!(await isTokenRight(token, found.tokenHash))) {
      return unknownCredential(`the session token is not that of ${accessKeyId}`);
    }
    if (call.startedAt < found.expiresAt) return found;
    return expiredCredential(`the credential ${accessKeyId} has expired`);
  }

  async #read(call: Call, accessKeyId: string): Promise<Parsed<CredentialEntry> | null> {
    const known = this.#credentials.known(accessKeyId, call.ctx);
    if (known !== undefined) return known;
    try {
      return await this.#credentials.read(accessKeyId);
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new GatewayError(
        "DEFAULT_5XX",
        "auth.iam.unavailable",
        `the credential ${accessKeyId} could not be read: ${text}`,
        { status: 503, message: "Service Unavailable", cause },
      );
    }
  }
}

/** A credential has a session token or has none; both ways it has to be as stored. */
async function isTokenRight(token: string | undefined, hash: Uint8Array | undefined): Promise<boolean> {
  if (token === undefined || hash === undefined) return token === undefined && hash === undefined;
  return crypto.subtle.timingSafeEqual(await crypto.subtle.digest("SHA-256", encoder.encode(token)), hash);
}

/** The configuration is at fault, not the caller; nobody gets through. */
export function unusable(detail: string, cause?: unknown): GatewayError {
  return new GatewayError("AUTHORIZER_CONFIGURATION_ERROR", "auth.iam.unavailable", detail, { cause });
}
