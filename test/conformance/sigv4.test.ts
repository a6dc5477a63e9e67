import { expect } from "vitest";
import { parseAmzDate } from "../../src/access/iam/amz-date.ts";
import { canonicalRequests } from "../../src/access/iam/canonical-request.ts";
import { deriveSigningKey, sha256Hex, stringToSign } from "../../src/access/iam/signature.ts";
import { readSignedParts } from "../../src/access/iam/signed-parts.ts";
import { toHex } from "../../src/lib/hex.ts";
import {
  parseWire,
  tamperings,
  toSignedRequest,
  type Verifying,
  verify,
  type Wire,
} from "../access/iam/wire.ts";
import { record, replay, text, type Vector } from "./vectors.ts";

/** Both forms of a case: what its signer made, and whether its changed copies are refused. */
async function signatureCase({ input, expected }: Vector): Promise<void> {
  const context = record(input["context"]);
  const credentials = record(context["credentials"]);
  const secret = text(credentials["secret_access_key"]);
  const accessKeyId = text(credentials["access_key_id"]);
  const token = credentials["token"] === undefined ? undefined : text(credentials["token"]);
  const now = Date.parse(text(context["timestamp"]));
  const verifying = { accessKeyId, secret, now, token };
  for (const form of ["header", "query"]) {
    const field = (name: string): string => text(expected[`${form}_${name}`]);
    const wire = parseWire(field("signed_request"));
    const request = toSignedRequest(wire);
    const parts = readSignedParts(request);
    if (!parts.ok) throw new Error(parts.detail);
    expect(parts.form).toBe(form);
    expect(parts.date).toEqual(parseAmzDate(parts.date.text));
    const bodyHash = await sha256Hex(new TextEncoder().encode(wire.body));
    const candidates = [...canonicalRequests(request, parts, parts.payloadHash ?? bodyHash)];
    const canonical = candidates.find((candidate) => candidate === field("canonical_request"));
    expect(canonical ?? candidates[0]).toBe(field("canonical_request"));
    const toSign = await stringToSign(parts.date.text, parts.scope.text, canonical ?? "");
    expect(toSign).toBe(field("string_to_sign"));
    const key = await deriveSigningKey(secret, parts.scope);
    const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(toSign));
    expect(toHex(new Uint8Array(signature))).toBe(field("signature"));
    expect(await verify(wire, verifying)).toBe("verified");
    expect(await verify(wire, { ...verifying, secret: `${secret}7` })).toBe("wrong signature");
    await refuseTampered(wire, verifying);
  }
}

async function refuseTampered(wire: Wire, verifying: Verifying): Promise<void> {
  for (const [what, changed] of tamperings(wire)) {
    expect(await verify(changed, verifying), `${what} was changed`).not.toBe("verified");
  }
}

replay("sigv4", signatureCase);
