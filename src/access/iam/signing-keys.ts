import { BoundedMap } from "../../lib/bounded-map.ts";
import { deriveSigningKey } from "./signature.ts";
import type { SignedParts } from "./signed-parts.ts";

/** Opens a credential's sealed secret. */
export type OpenSecret = (accessKeyId: string, sealed: string) => Promise<string>;

/** A caller has one key a day for each region and service that it signs for. */
const CAPACITY = 1_000;

/**
 * The keys that signatures are checked with, kept once a signature has proved to be theirs:
 * who does not know the secret cannot fill this memory with regions of his own. A sealed
 * secret that changes has keys of its own, so rotation counts at once.
 */
export class SigningKeys {
  readonly #openSecret: OpenSecret;
  readonly #known = new BoundedMap<string, CryptoKey>(CAPACITY);

  constructor(openSecret: OpenSecret) {
    this.#openSecret = openSecret;
  }

  /** @throws what opening the secret threw */
  async get(parts: SignedParts, sealed: string): Promise<CryptoKey> {
    const known = this.#known.get(keyName(parts, sealed));
    return known ?? deriveSigningKey(await this.#openSecret(parts.accessKeyId, sealed), parts.scope);
  }

  keep(parts: SignedParts, sealed: string, key: CryptoKey): void {
    const name = keyName(parts, sealed);
    if (this.#known.get(name) !== key) this.#known.set(name, key);
  }
}

function keyName({ accessKeyId, scope }: SignedParts, sealed: string): string {
  return `${accessKeyId}/${scope.text}/${sealed}`;
}
