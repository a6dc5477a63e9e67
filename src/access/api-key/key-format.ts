/**
 * What an API key looks like: `portico_`, 32 random characters, and 6 characters that check
 * them, all of them base62. Whoever finds one in a repository or a log knows it for a key
 * secret scanners take this regular expression and confirm a find, without asking
 * anybody, by its checksum: the CRC-32 (as in zlib) of the 32 characters, in base62 with the
 * digits `0-9A-Za-z`, padded with `0` to 6 characters.
 *
 *     \bportico_[0-9A-Za-z]{38}\b
 */
export const KEY_PREFIX = "portico_";

/** 62^32 is more than 2^190. */
const RANDOM_CHARACTERS = 32;
/** 62^6 is more than 2^32. */
const CHECKSUM_CHARACTERS = 6;

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const OWN = /^portico_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

/**
 * Keys from elsewhere: API Gateway takes 20 to 128 characters (aws-semantics 11), of which the
 * visible ones of ASCII are let through here. A blank is none of them, so that two headers,
 * which arrive as one joined by a comma and a blank, never are a key.
 */
const FOREIGN = /^[\x21-\x7e]{20,128}$/;

/** Gives so many random bytes, as `crypto.getRandomValues` makes them. */
export type RandomBytes = (count: number) => Uint8Array;

/** A new key. */
export function generateKey(random: RandomBytes): string {
  const body = randomText(RANDOM_CHARACTERS, random);
  return KEY_PREFIX + body + checksum(body);
}

/** A new key's id, which may be shown: `k_` and 10 characters. */
export function generateKeyId(random: RandomBytes): string {
  return `k_${randomText(10, random)}`;
}

/**
 * Whether a text can be a key at all, before anything is looked up:
 *
 * - `valid`: one of ours, its checksum right;
 * - `foreign`: may be one that was made elsewhere and imported;
 * - `broken`: ours with a typing error, or nothing that a key can be.
 */
export function recognise(text: string): "valid" | "broken" | "foreign" {
  if (!text.startsWith(KEY_PREFIX)) return FOREIGN.test(text) ? "foreign" : "broken";
  const [, body, check] = OWN.exec(text) ?? [];
  return body !== undefined && checksum(body) === check ? "valid" : "broken";
}

/** Every character as likely as any other: bytes beyond the last multiple of 62 are thrown away. */
function randomText(length: number, random: RandomBytes): string {
  const fair = 256 - (256 % BASE62.length);
  let text = "";
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < fair) text += BASE62.charAt(byte % BASE62.length);
    }
  }
  return text;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let i = 0; i < CHECKSUM_CHARACTERS; i++) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Of ASCII text. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
