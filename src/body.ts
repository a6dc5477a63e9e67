import type { Call } from "./call.ts";
import { GatewayError } from "./gateway-responses/gateway-error.ts";
import { joined } from "./lib/joined.ts";

/** API Gateway's payload limit, in bytes. */
export const PAYLOAD_LIMIT = 10_485_760;

/** 413 in the protocol's words: a REST API's front end answers plain text (aws-semantics 15). */
export function tooLarge(
  protocol: "HTTP" | "REST",
  limit: number,
  detail = `the request's body is larger than ${limit} bytes`,
): GatewayError {
  return new GatewayError(
    "REQUEST_TOO_LARGE",
    "request.body_too_large",
    detail,
    protocol === "REST"
      ? {
          message: `HTTP content length exceeded ${limit} bytes.`,
          contentType: "text; charset=utf-8",
          errorType: null,
        }
      : {},
  );
}

/**
 * The whole body, for those who must read it. Counted while it arrives, whatever
 * `content-length` says (R-19, CVE-2026-44456).
 *
 * @throws GatewayError REQUEST_TOO_LARGE above the limit in bytes
 */
export async function readBody(call: Call, limit: number): Promise<Uint8Array> {
  if (call.bufferedBody) {
    if (call.bufferedBody.byteLength > limit) throw tooLarge(call.stage.settings.protocol, limit);
    return call.bufferedBody;
  }
  const { body, headers } = call.request;
  if (body === null) return new Uint8Array();
  const declared = headers.get("content-length");
  const refuse = (): GatewayError => tooLarge(call.stage.settings.protocol, limit);
  if (declared !== null) {
    if (Number(declared) > limit) throw refuse();
    // The engine frames a declared body by its length: no byte more can arrive.
    const whole = new Uint8Array(await aborted(call.request.arrayBuffer()));
    if (whole.byteLength > limit) throw refuse();
    return whole;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  for (;;) {
    const { done, value } = await aborted(reader.read());
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw refuse();
    }
    chunks.push(value);
  }
  return joined(chunks, size);
}

/** A client that breaks off its body is no fault of the gateway's. */
async function aborted<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw new GatewayError("DEFAULT_4XX", "request.aborted", "the client broke off its request body", {
      cause: error,
    });
  }
}
