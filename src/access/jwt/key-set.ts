import { base64url, type CryptoKey, importJWK } from "jose";
import * as v from "valibot";

/** One public key of an issuer. The same object stands for it as long as its issuer publishes it unchanged. */
export interface PublicKey {
  readonly jwk: PublicJwk;
  /** By algorithm; null where the key is none after all. */
  readonly imported: Map<string, CryptoKey | null>;
}

/** What an issuer publishes, as far as it is of use for checking signatures. */
export interface KeySet {
  readonly keys: ReadonlySet<PublicKey>;
  readonly byKid: ReadonlyMap<string, readonly PublicKey[]>;
}

/** Below this an RSA signature is no proof (RFC 7518 section 3.3), in bits. */
const MIN_RSA_BITS = 2048;

/** Keys of one kid that are tried in turn; more would make forged tokens expensive. */
const MAX_TWINS = 3;

const text = v.pipe(v.string(), v.nonEmpty());

const members = {
  kid: v.optional(v.string()),
  alg: v.optional(v.string()),
  use: v.optional(v.literal("sig")),
  key_ops: v.optional(v.pipe(v.array(v.string()), v.includes("verify"))),
};

/** What is kept of a key: no symmetric key is one, and no private member passes. */
const PublicJwk = v.variant("kty", [
  v.object({ ...members, kty: v.literal("RSA"), n: text, e: text }),
  v.object({
    ...members,
    kty: v.literal("EC"),
    crv: v.picklist(["P-256", "P-384", "P-521"]),
    x: text,
    y: text,
  }),
  v.object({ ...members, kty: v.literal("OKP"), crv: v.literal("Ed25519"), x: text }),
]);

type PublicJwk = v.InferOutput<typeof PublicJwk>;

/** Members of private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2, 6.4). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

const Jwks = v.object({ keys: v.array(v.unknown()) });

/**
 * Reads a JWK set (RFC 7517 section 5). What is no public signature key is passed over; keys
 * that were there before stay the objects they were, so that what was verified with them
 * stays so.
 *
 * @returns none when the document is no key set
 */
export function parseKeySet(document: unknown, previous: KeySet | undefined): KeySet | undefined {
  const parsed = v.safeParse(Jwks, document);
  if (!parsed.success) return undefined;
  const known = new Map<string, PublicKey>();
  for (const key of previous?.keys ?? []) known.set(identity(key.jwk), key);
  const found = new Map<string, PublicKey>();
  for (const member of parsed.output.keys) {
    const jwk = publicJwk(member);
    if (!jwk) continue;
    const id = identity(jwk);
    if (!found.has(id)) found.set(id, known.get(id) ?? { jwk, imported: new Map() });
  }
  const keys = new Set(found.values());
  const byKid = new Map<string, PublicKey[]>();
  for (const key of keys) {
    const { kid } = key.jwk;
    if (kid === undefined) continue;
    const twins = byKid.get(kid);
    if (twins) twins.push(key);
    else byKid.set(kid, [key]);
  }
  return { keys, byKid };
}

function publicJwk(member: unknown): PublicJwk | undefined {
  // A key whose private half is published is nobody's.
  if (typeof member === "object" && member !== null && PRIVATE_MEMBERS.some((name) => name in member)) {
    return undefined;
  }
  const parsed = v.safeParse(PublicJwk, member);
  if (!parsed.success) return undefined;
  const jwk = parsed.output;
  return jwk.kty === "RSA" && bits(jwk.n) < MIN_RSA_BITS ? undefined : jwk;
}

function bits(n: string): number {
  try {
    const bytes = base64url.decode(n);
    const start = bytes.findIndex((byte) => byte !== 0);
    return start < 0 ? 0 : (bytes.length - start) * 8 - Math.clz32(bytes[start] ?? 0) + 24;
  } catch {
    return 0;
  }
}

/** Everything that decides what a key is good for; the schema gives its members in one order. */
const identity = (jwk: PublicJwk): string => JSON.stringify(jwk);

/**
 * The keys that may have made a signature of this algorithm. Without a `kid`, which API
 * Gateway demands, only where there is no choice.
 */
export function candidates(set: KeySet, alg: string, kid: string | undefined): readonly PublicKey[] {
  if (kid !== undefined) {
    const twins = set.byKid.get(kid) ?? [];
    return twins.filter((key) => fits(key.jwk, alg)).slice(0, MAX_TWINS);
  }
  const fitting = [...set.keys].filter((key) => fits(key.jwk, alg));
  return fitting.length === 1 ? fitting : [];
}

/** Which keys an algorithm takes (RFC 7518 section 3.1, RFC 8037 section 3.1). */
const ALGORITHM_KEYS: ReadonlyMap<string, string> = new Map([
  ["RS256", "RSA"],
  ["RS384", "RSA"],
  ["RS512", "RSA"],
  ["PS256", "RSA"],
  ["PS384", "RSA"],
  ["PS512", "RSA"],
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
  ["EdDSA", "Ed25519"],
]);

function fits(jwk: PublicJwk, alg: string): boolean {
  if (jwk.alg !== undefined && jwk.alg !== alg) return false;
  return ALGORITHM_KEYS.get(alg) === (jwk.kty === "RSA" ? "RSA" : jwk.crv);
}

/** @returns none when the engine takes the key for none: a point off its curve, an exponent of 1 */
export async function importKey(key: PublicKey, alg: string): Promise<CryptoKey | undefined> {
  const known = key.imported.get(alg);
  if (known !== undefined) return known ?? undefined;
  let imported: CryptoKey | null = null;
  try {
    const { kid: _kid, alg: _alg, use: _use, key_ops: _ops, ...material } = key.jwk;
    const found = await importJWK(material, alg);
    if (!(found instanceof Uint8Array)) imported = found;
  } catch {
    // Remembered as no key.
  }
  key.imported.set(alg, imported);
  return imported ?? undefined;
}
