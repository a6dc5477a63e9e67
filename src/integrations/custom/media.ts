import { matchesMediaType } from "../../functions/event-body.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { fromBase64, toBase64 } from "../../lib/base64.ts";

/** How a body is handed on: API Gateway's `contentHandling`. */
export type ContentHandling = "CONVERT_TO_TEXT" | "CONVERT_TO_BINARY" | undefined;

/** The first media type of a `Content-Type` or `Accept` header: lower-case, without its parameters. */
export function mediaType(header: string | null): string | undefined {
  const first = header?.split(",")[0]?.split(";")[0]?.trim().toLowerCase();
  return first === "" ? undefined : first;
}

/** Whether an API's `binaryMediaTypes` take what a header names; JSON where it names nothing. */
export function isBinary(header: string | null, entries: readonly string[]): boolean {
  return entries.length > 0 && matchesMediaType(mediaType(header) ?? "application/json", entries);
}

/** What becomes of a body's bytes between client and backend. */
export type Conversion = "as_is" | "to_text" | "encode" | "decode";

/** A request's body on its way to a custom integration (aws-semantics 4, recorded). */
export function requestConversion(binary: boolean, handling: ContentHandling): Conversion {
  if (handling === "CONVERT_TO_TEXT") return binary ? "encode" : "to_text";
  if (handling === "CONVERT_TO_BINARY") return binary ? "as_is" : "decode";
  return binary ? "as_is" : "to_text";
}

/** An integration's body on its way to the client: eight rows of a table (aws-semantics 4). */
export function responseConversion(
  binaryPayload: boolean,
  binaryAccepted: boolean,
  handling: ContentHandling,
): Conversion {
  if (binaryPayload) {
    if (handling === "CONVERT_TO_TEXT") return "encode";
    return handling === "CONVERT_TO_BINARY" || binaryAccepted ? "as_is" : "encode";
  }
  if (handling === "CONVERT_TO_TEXT") return "to_text";
  return handling === "CONVERT_TO_BINARY" || binaryAccepted ? "decode" : "to_text";
}

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Bytes as text; what is no UTF-8 is U+FFFD, as API Gateway has it (recorded). */
export const toText = (bytes: Uint8Array): string => decoder.decode(bytes);

/**
 * @throws GatewayError API_CONFIGURATION_ERROR for a text that is no base64 (aws-semantics 4)
 */
export function convert(bytes: Uint8Array, conversion: Conversion): Uint8Array | string {
  switch (conversion) {
    case "as_is":
      return bytes;
    case "to_text":
      return toText(bytes);
    case "encode":
      return toBase64(bytes);
    case "decode":
      return decodeBase64(toText(bytes));
  }
}

function decodeBase64(text: string): Uint8Array {
  const plain = text.replace(/\s/g, "");
  // `atob` takes a text without its padding, API Gateway does not (recorded).
  const bytes = plain.length % 4 === 0 ? fromBase64(plain) : undefined;
  if (bytes) return bytes;
  throw new GatewayError(
    "API_CONFIGURATION_ERROR",
    "mapping.base64",
    "contentHandling decodes a body that is not base64",
  );
}
