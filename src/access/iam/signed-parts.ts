import { fromHex } from "../../lib/hex.ts";
import { percentDecode } from "../../lib/percent.ts";
import { type AmzDate, parseAmzDate, parseDateHeader } from "./amz-date.ts";
import { readAuthorization } from "./authorization-header.ts";
import { type QueryParameter, queryParameters } from "./canonical-query.ts";
import { MISSING, malformed, type Refusal } from "./refusal.ts";
import { type SignedHeaders, signedHeaders } from "./signed-headers.ts";

/** What of a request is signed, as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Neither decoded nor normalised. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  readonly headers: Headers;
}

/** A signature and what it says it covers. */
export interface SignedParts {
  readonly ok: true;
  /** In the `Authorization` header, or in the query (presigned). */
  readonly form: "header" | "query";
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly date: AmzDate;
  /** Presigned: for how many seconds; none stated when undefined. */
  readonly expires: number | undefined;
  /** The session token. */
  readonly token: string | undefined;
  /** What `x-amz-content-sha256` says. */
  readonly payloadHash: string | undefined;
  readonly headers: SignedHeaders;
  readonly signature: Uint8Array;
  /** All but the signature itself. */
  readonly parameters: readonly QueryParameter[];
}

/** The credential scope: `20150830/us-east-1/execute-api/aws4_request`. */
export interface Scope {
  readonly text: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

export const ALGORITHM = "AWS4-HMAC-SHA256";
export const TOKEN_PARAMETER = "X-Amz-Security-Token";

/** Parameters of presigned requests, by their names in lower case; each may stand once. */
const PRESIGNED: ReadonlyMap<string, string> = new Map(
  ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token"].map(
    (name) => [`x-amz-${name.toLowerCase()}`, `X-Amz-${name}`],
  ),
);
/** Any of them makes a request a presigned one. */
const TELLING: ReadonlySet<string> = new Set(["x-amz-algorithm", "x-amz-credential", "x-amz-signature"]);

/** AWS asks for 16 characters at least; its own examples have eleven. */
export const ACCESS_KEY_ID = /^[A-Za-z0-9_]{1,128}$/;
const SCOPE_PART = /^[A-Za-z0-9._-]{1,64}$/;
const EXPIRES = /^[1-9]\d{0,5}$/;
const MAX_EXPIRES = 604_800;
const SIGNATURE = /^[0-9a-f]{64}$/;

/** Reads a request's signature, in whichever of the two forms it has; in both at once it is refused. */
export function readSignedParts(request: SignedRequest): SignedParts | Refusal {
  const parameters = queryParameters(request.query);
  const authorization = request.headers.get("authorization");
  if (parameters.some(({ name }) => TELLING.has(name.toLowerCase()))) {
    if (authorization !== null)
      return malformed("the request is signed in its query and has an Authorization header");
    return readQuery(request, parameters);
  }
  if (authorization === null || !authorization.toUpperCase().includes("AWS4-")) return MISSING;
  return readHeader(request, authorization, parameters);
}

function readHeader(
  { headers }: SignedRequest,
  authorization: string,
  parameters: readonly QueryParameter[],
): SignedParts | Refusal {
  const fields = readAuthorization(authorization);
  if (!fields.ok) return fields;
  const sentDate = headers.get("x-amz-date");
  const date = sentDate === null ? parseDateHeader(headers.get("date") ?? "") : parseAmzDate(sentDate);
  return assemble(headers, "header", {
    credential: fields.credential,
    signedHeaders: fields.signedHeaders,
    signature: fields.signature,
    date,
    expires: undefined,
    token: headers.get("x-amz-security-token") ?? undefined,
    payloadHash: headers.get("x-amz-content-sha256") ?? undefined,
    parameters,
  });
}

function readQuery({ headers }: SignedRequest, all: readonly QueryParameter[]): SignedParts | Refusal {
  const found = new Map<string, string>();
  const parameters: QueryParameter[] = [];
  let hoistedHash: string | undefined;
  for (const parameter of all) {
    const name = parameter.name.toLowerCase();
    const known = PRESIGNED.get(name);
    if (known !== undefined) {
      if (known !== parameter.name || found.has(known))
        return malformed(`${known} stands twice or in another case`);
      found.set(known, percentDecode(parameter.value));
    }
    // Signers move headers of this prefix into the query.
    if (name === "x-amz-content-sha256") {
      if (hoistedHash !== undefined) return malformed("X-Amz-Content-Sha256 stands twice");
      hoistedHash = percentDecode(parameter.value);
    }
    if (known !== "X-Amz-Signature") parameters.push(parameter);
  }
  if (found.get("X-Amz-Algorithm") !== ALGORITHM) return malformed(`X-Amz-Algorithm is not ${ALGORITHM}`);
  const expires = found.get("X-Amz-Expires");
  if (expires !== undefined && !(EXPIRES.test(expires) && Number(expires) <= MAX_EXPIRES)) {
    return malformed(`X-Amz-Expires must be 1 to ${MAX_EXPIRES} seconds`);
  }
  const token = found.get(TOKEN_PARAMETER);
  const headerToken = headers.get("x-amz-security-token") ?? undefined;
  if (token !== undefined && headerToken !== undefined) return malformed("there are two session tokens");
  return assemble(headers, "query", {
    credential: found.get("X-Amz-Credential"),
    signedHeaders: found.get("X-Amz-SignedHeaders"),
    signature: found.get("X-Amz-Signature"),
    date: parseAmzDate(found.get("X-Amz-Date") ?? ""),
    expires: expires === undefined ? undefined : Number(expires),
    token: token ?? headerToken,
    payloadHash: headers.get("x-amz-content-sha256") ?? hoistedHash,
    parameters,
  });
}

interface Fields {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly date: AmzDate | undefined;
  readonly expires: number | undefined;
  readonly token: string | undefined;
  readonly payloadHash: string | undefined;
  readonly parameters: readonly QueryParameter[];
}

function assemble(headers: Headers, form: SignedParts["form"], fields: Fields): SignedParts | Refusal {
  const { credential, signature, date, expires, token, payloadHash, parameters } = fields;
  const [accessKeyId = "", day = "", region = "", service = "", terminator, ...more] =
    credential?.split("/") ?? [];
  if (!ACCESS_KEY_ID.test(accessKeyId) || terminator === undefined || more.length > 0) {
    return malformed("Credential must be ACCESS_KEY_ID/YYYYMMDD/REGION/SERVICE/aws4_request");
  }
  if (!SCOPE_PART.test(region) || !SCOPE_PART.test(service)) {
    return malformed("Credential has no region or no service");
  }
  if (terminator !== "aws4_request") {
    return malformed("Credential should be scoped with a valid terminator: 'aws4_request'");
  }
  if (!date) return malformed("the request has no valid X-Amz-Date (YYYYMMDDTHHMMSSZ), nor a Date header");
  if (day !== date.text.slice(0, 8)) {
    return malformed("Date in Credential scope does not match YYYYMMDD from the date of the request");
  }
  if (signature === undefined || !SIGNATURE.test(signature)) {
    return malformed("Signature must be 64 lower-case hexadecimal digits");
  }
  const covered = signedHeaders(fields.signedHeaders, headers);
  if (!covered.ok) return covered;
  return {
    ok: true,
    form,
    accessKeyId,
    scope: { text: `${day}/${region}/${service}/aws4_request`, day, region, service },
    date,
    expires,
    token,
    payloadHash,
    headers: covered,
    signature: fromHex(signature),
    parameters,
  };
}
