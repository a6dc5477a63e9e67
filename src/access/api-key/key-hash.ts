const encoder = new TextEncoder();

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * The name under which a key's entry is kept: the SHA-256 of its text, in lower-case
 * hexadecimal.
 *
 * It is computed at every request, in about 4 µs of the 45 that a token and a key may take
 * together (DESIGN 7). Remembering it by the key's text would save them, but have the texts of
 * thousands of keys lie in memory, and be compared by a look-up whose time depends on them. A
 * look-up by digest gives nothing away: whoever sends a key cannot choose how its digest
 * begins.
 */
export async function keyHash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  let hex = "";
  for (const byte of digest) hex += HEX[byte] ?? "";
  return hex;
}
