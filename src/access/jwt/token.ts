import { base64url } from "jose";
import { refuse } from "./refusal.ts";

/** A token taken apart; nothing in it is verified. */
export interface ParsedToken {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Longer than any header that API Gateway lets through, in characters. */
const MAX_TOKEN = 16_384;

/** Base64url without padding whose unused last bits are zero: each token has one spelling. */
const PART = "(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9_-][AQgw])?";
const TOKEN = new RegExp(`^(?=[^.])(${PART})\\.(?=[^.])(${PART})\\.(?=.)${PART}$`);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Takes a compact JWS apart (RFC 7515 section 7.1). `jku`, `jwk`, `x5u` and `x5c` are not
 * looked at: keys come from the issuer, not from tokens.
 *
 * @throws GatewayError 401 `auth.jwt.malformed`
 */
export function parseToken(token: string): ParsedToken {
  if (token.length > MAX_TOKEN) throw refuse("auth.jwt.malformed");
  const [, headerPart, payloadPart] = TOKEN.exec(token) ?? [];
  const header = parseObject(headerPart);
  const claims = parseObject(payloadPart);
  if (!header || !claims) throw refuse("auth.jwt.malformed");
  const { alg, kid, crit, b64 } = header;
  // No extension is understood here, so a critical one cannot be (RFC 7515 section 4.1.11);
  // `b64` would change what the signature covers (RFC 7797).
  if (crit !== undefined || (b64 !== undefined && b64 !== true)) throw refuse("auth.jwt.malformed");
  if (kid !== undefined && typeof kid !== "string") throw refuse("auth.jwt.malformed");
  if (typeof alg !== "string") throw refuse("auth.jwt.algorithm");
  return { alg, kid, claims };
}

/** A part as a JSON object whose members have different names; parsers differ about which of two counts. */
function parseObject(part: string | undefined): Record<string, unknown> | undefined {
  if (part === undefined) return undefined;
  try {
    const text = utf8.decode(base64url.decode(part));
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    return Object.keys(value).length === countMembers(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How many members an object is written with, in text that is JSON. */
function countMembers(text: string): number {
  let depth = 0;
  let members = 0;
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:]/g)) {
    if (mark === "{" || mark === "[") depth++;
    else if (mark === "}" || mark === "]") depth--;
    else if (mark === ":" && depth === 1) members++;
  }
  return members;
}

/** Verified claims are remembered and handed to many requests, none of which may change them. */
export function freezeClaims(claims: Readonly<Record<string, unknown>>): void {
  const open: object[] = [claims];
  for (const value of open) {
    Object.freeze(value);
    for (const member of Object.values(value)) {
      if (typeof member === "object" && member !== null) open.push(member);
    }
  }
}
