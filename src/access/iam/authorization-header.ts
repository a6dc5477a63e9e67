import { malformed, type Refusal } from "./refusal.ts";

interface AuthorizationFields {
  readonly ok: true;
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
}

const SCHEME = /^AWS4-HMAC-SHA256[ \t]+/;

/**
 * `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`: its three parameters,
 * in any order, each once. A second Authorization header comes joined to the first by a
 * comma, and so is refused as a parameter that does not belong here.
 */
export function readAuthorization(header: string): AuthorizationFields | Refusal {
  const scheme = SCHEME.exec(header)?.[0];
  if (scheme === undefined) return malformed("Authorization has another algorithm than AWS4-HMAC-SHA256");
  let credential: string | undefined;
  let signedHeaders: string | undefined;
  let signature: string | undefined;
  for (const parameter of header.slice(scheme.length).split(",")) {
    const equals = parameter.indexOf("=");
    const name = parameter.slice(0, Math.max(equals, 0)).trim();
    const value = parameter.slice(equals + 1).trim();
    if (name === "Credential" && credential === undefined) credential = value;
    else if (name === "SignedHeaders" && signedHeaders === undefined) signedHeaders = value;
    else if (name === "Signature" && signature === undefined) signature = value;
    else return malformed("Authorization has a parameter twice, or one that does not belong there");
  }
  return { ok: true, credential, signedHeaders, signature };
}
