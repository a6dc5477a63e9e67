import { toHex } from "../../lib/hex.ts";
import { canonicalRequests } from "./canonical-request.ts";
import { ALGORITHM, type Scope, type SignedParts, type SignedRequest } from "./signed-parts.ts";

const encoder = new TextEncoder();
const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** Lower-case hex of a SHA-256. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** @param date as signatures write it: `20150830T123600Z` */
export async function stringToSign(date: string, scope: string, canonicalRequest: string): Promise<string> {
  return `${ALGORITHM}\n${date}\n${scope}\n${await sha256Hex(encoder.encode(canonicalRequest))}`;
}

/**
 * The key of one day, region and service. It can be neither read nor exported, and the
 * secret does not follow from it.
 */
export async function deriveSigningKey(secret: string, { day, region, service }: Scope): Promise<CryptoKey> {
  let key = encoder.encode(`AWS4${secret}`);
  for (const part of [day, region, service, "aws4_request"]) {
    const hmac = await crypto.subtle.importKey("raw", key, HMAC, false, ["sign"]);
    key = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, encoder.encode(part)));
  }
  return crypto.subtle.importKey("raw", key, HMAC, false, ["sign", "verify"]);
}

/**
 * Whether the signature is that of the request under this key. The engine compares in
 * constant time.
 */
export async function isSignatureValid(
  request: SignedRequest,
  parts: SignedParts,
  payloadHash: string,
  key: CryptoKey,
): Promise<boolean> {
  for (const candidate of canonicalRequests(request, parts, payloadHash)) {
    const text = await stringToSign(parts.date.text, parts.scope.text, candidate);
    if (await crypto.subtle.verify("HMAC", key, parts.signature, encoder.encode(text))) return true;
  }
  return false;
}
