import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call } from "../../call.ts";
import { type Refusal, wrongPayload } from "./refusal.ts";
import { sha256Hex } from "./signature.ts";

export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
/** The SHA-256 of nothing. */
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const HASH = /^[0-9a-f]{64}$/;

/** Whether `x-amz-content-sha256` says something that this authorizer takes. */
export function checkPayloadHash(stated: string | undefined, unsignedAllowed: boolean): Refusal | undefined {
  if (stated === undefined || HASH.test(stated)) return undefined;
  if (stated !== UNSIGNED_PAYLOAD) {
    return wrongPayload("x-amz-content-sha256 must be the lower-case hexadecimal SHA-256 of the payload");
  }
  return unsignedAllowed ? undefined : wrongPayload("x-amz-content-sha256 must not be UNSIGNED-PAYLOAD here");
}

/**
 * Hashes the body, which the integration then forwards as it was hashed.
 *
 * @throws GatewayError REQUEST_TOO_LARGE above the API's limit
 */
export async function hashBody(call: Call): Promise<string> {
  if (call.request.body === null && call.bufferedBody === undefined) return EMPTY;
  const body = await readBody(call, call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT);
  call.bufferedBody = body;
  return body.byteLength === 0 ? EMPTY : sha256Hex(body);
}
