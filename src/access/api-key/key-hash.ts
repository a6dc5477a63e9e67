import { BoundedMap } from "../../lib/bounded-map.ts";
import { toHex } from "../../lib/hex.ts";

const encoder = new TextEncoder();

/**
 * Names of keys that were shown lately. A digest costs 20 to 30 µs beside a proxied request,
 * more than all else that a key does. It keeps those keys' texts in memory, where a request
 * that shows one has it anyway; nothing of it is written anywhere. A look-up by the whole text
 * finds that text or nothing: it is a hash table's, and tells no prefix of a key (R-28).
 */
const recent = new BoundedMap<string, string>(1000);

/**
 * The name under which a key's entry is kept: the SHA-256 of its text, in lower-case
 * hexadecimal.
 */
export async function keyHash(text: string): Promise<string> {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  const hash = toHex(new Uint8Array(digest));
  recent.set(text, hash);
  return hash;
}
