import {
  GatewayError,
  type GatewayResponseType,
  type Reason,
} from "../../gateway-responses/gateway-error.ts";

/** Why a signed request is refused: data, so that reading a signature throws nothing. */
export interface Refusal {
  readonly ok: false;
  readonly type: GatewayResponseType;
  readonly reason: Reason;
  /** For the log. */
  readonly detail: string;
  /** What a REST API tells its client, where that differs from the type's usual text. */
  readonly message?: string;
  /** AWS's name for it, where that differs from the type's usual one. */
  readonly errorType?: string;
}

const CHECK_KEY =
  "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const UNKNOWN = "The security token included in the request is invalid.";

/** AWS: MissingAuthenticationToken. */
export const MISSING: Refusal = {
  ok: false,
  type: "MISSING_AUTHENTICATION_TOKEN",
  reason: "auth.iam.missing",
  detail: "the request is not signed with AWS Signature Version 4",
};

/** AWS: IncompleteSignature. @param message also the log's sentence; quotes nothing that was sent */
export const malformed = (message: string): Refusal => ({
  ok: false,
  type: "INVALID_SIGNATURE",
  reason: "auth.iam.malformed",
  detail: message,
  message,
  errorType: "IncompleteSignatureException",
});

/** The credential scope names another region, service or day than it has to. */
export const wrongScope = (message: string): Refusal => ({
  ok: false,
  type: "INVALID_SIGNATURE",
  reason: "auth.iam.credential",
  detail: message,
  message,
});

/** Signed too long ago, or in the future. */
export const outOfTime = (message: string): Refusal => ({
  ok: false,
  type: "INVALID_SIGNATURE",
  reason: "auth.iam.expired",
  detail: message,
  message,
});

/** AWS: UnrecognizedClient. A disabled key and a wrong session token look like an unknown key. */
export const unknownCredential = (detail: string): Refusal => ({
  ok: false,
  type: "INVALID_SIGNATURE",
  reason: "auth.iam.credential",
  detail,
  message: UNKNOWN,
  errorType: "UnrecognizedClientException",
});

export const expiredCredential = (detail: string): Refusal => ({
  ok: false,
  type: "EXPIRED_TOKEN",
  reason: "auth.iam.expired",
  detail,
});

export const wrongSignature = (detail: string): Refusal => ({
  ok: false,
  type: "INVALID_SIGNATURE",
  reason: "auth.iam.signature",
  detail,
  message: CHECK_KEY,
});

/** The body is not the one that was signed, or its hash says what this authorizer does not take. */
export const wrongPayload = (message: string): Refusal => ({
  ok: false,
  type: "INVALID_SIGNATURE",
  reason: "auth.iam.payload",
  detail: message,
  message,
});

/** HTTP APIs say `Forbidden` to all of it; REST APIs say what AWS says. */
export function refused(refusal: Refusal, protocol: "HTTP" | "REST"): GatewayError {
  const { type, reason, detail, message, errorType } = refusal;
  if (protocol === "HTTP") {
    return new GatewayError(type, reason, detail, { status: 403, message: "Forbidden" });
  }
  return new GatewayError(type, reason, detail, {
    ...(message === undefined ? {} : { message }),
    ...(errorType === undefined ? {} : { errorType }),
  });
}
