import { readBody, tooLarge } from "../body.ts";
import type { Call } from "../call.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import { joined } from "../lib/joined.ts";
import { type ContentCoding, codingNamed } from "./content-coding.ts";
import { readiness } from "./ready.ts";

/**
 * How much is decompressed at once, in bytes. What comes of it is at most a thousand times as
 * much, and lies in memory before it can be counted.
 */
const SLICE = 16_384;

/**
 * The coding of a request's body.
 *
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE for one that nobody here can read
 */
export function bodyCoding(call: Call): ContentCoding | undefined {
  const coding = codingNamed(call.request.headers.get("content-encoding") ?? "");
  if (coding === "" || coding === "identity") return undefined;
  if (coding === "gzip" || coding === "deflate") return coding;
  throw new GatewayError(
    "UNSUPPORTED_MEDIA_TYPE",
    "request.content_coding",
    `${call.route.key} reads bodies in gzip and deflate, not in "${coding.slice(0, 64)}"`,
    { headers: { "accept-encoding": "gzip, deflate" } },
  );
}

/**
 * The whole body as it was before it was compressed. The limit holds for both sizes, and what
 * is larger is never there as a whole (R-19, Envoy Gateway GHSA-cxpq-8v7q-cg56).
 *
 * @param limit in bytes
 * @throws GatewayError REQUEST_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, for bytes that are not in their coding too
 */
export async function decompressedBody(call: Call, limit: number): Promise<Uint8Array> {
  const coding = bodyCoding(call);
  const bytes = await readBody(call, limit);
  if (coding === undefined || bytes.byteLength === 0) return bytes;
  try {
    return await inflate(bytes, coding, limit, () => tooLarge(call.stage.settings.protocol, limit));
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    const detail = `the body sent to ${call.route.key} is not in the coding ${coding} that it declares`;
    throw new GatewayError("UNSUPPORTED_MEDIA_TYPE", "request.content_coding", detail, { cause: error });
  }
}

async function inflate(
  bytes: Uint8Array,
  coding: ContentCoding,
  limit: number,
  refusal: () => GatewayError,
): Promise<Uint8Array> {
  const codec = new DecompressionStream(coding);
  const writer = codec.writable.getWriter();
  const reader: ReadableStreamDefaultReader<Uint8Array> = codec.readable.getReader();
  const pieces: Uint8Array[] = [];
  const ready = readiness();
  let size = 0;
  let next = reader.read();

  const take = (piece: Uint8Array): void => {
    size += piece.byteLength;
    if (size > limit) throw refusal();
    pieces.push(piece);
    next = reader.read();
  };

  try {
    for (let offset = 0; offset < bytes.byteLength; offset += SLICE) {
      if (offset > 0) {
        for (let piece = await ready(next); piece?.value; piece = await ready(next)) take(piece.value);
      }
      ignoring(writer.write(bytes.subarray(offset, offset + SLICE)));
    }
    ignoring(writer.close());
    for (let piece = await next; !piece.done; piece = await next) take(piece.value);
  } catch (error) {
    ignoring(next);
    await Promise.allSettled([reader.cancel(error), writer.abort(error)]);
    throw error;
  }
  return joined(pieces, size);
}

/** Bad bytes fail a write, and then whatever is read: one of the two is enough to know. */
function ignoring(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
