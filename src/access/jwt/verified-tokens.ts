import { BoundedMap } from "../../lib/bounded-map.ts";
import type { PublicKey } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";
import type { Validity } from "./validity.ts";

/** A token whose signature and claims have been checked. */
export interface VerifiedToken {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Of `scope` and `scp` together. */
  readonly scopes: readonly string[];
  readonly validity: Validity;
  /** Where its issuer's keys come from, and the one that signed it. */
  readonly source: KeySource;
  readonly key: PublicKey;
}

/** Tokens that one authorizer remembers; each costs a few kilobytes of memory. */
const CAPACITY = 1000;

const utf8 = new TextEncoder();

/** Verified tokens by the digest of their text, which itself is not kept. */
export class VerifiedTokens {
  readonly #tokens = new BoundedMap<string, VerifiedToken>(CAPACITY);

  get(digest: string): VerifiedToken | undefined {
    return this.#tokens.get(digest);
  }

  set(digest: string, token: VerifiedToken): void {
    this.#tokens.set(digest, token);
  }

  delete(digest: string): void {
    this.#tokens.delete(digest);
  }
}

/** SHA-256 of a token, as a string of 32 characters. */
export async function digestOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", utf8.encode(token));
  return String.fromCharCode(...new Uint8Array(digest));
}
