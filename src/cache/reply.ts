import type { Call } from "../call.ts";
import { answerFrom } from "./http/answer.ts";
import { type CacheStatus, formatCacheStatus } from "./http/cache-status.ts";
import { type CacheRequest, fieldValue } from "./http/fields.ts";
import type { StoredResponse } from "./http/stored-response.ts";
import type { CachedBody } from "./protocol.ts";

/** How this cache is called in `Cache-Status` (RFC 9211). */
const NAME = "portico";

export const cacheStatus = (status: CacheStatus): string => formatCacheStatus(NAME, status);

/** For the log. */
export function outcomeOf(status: CacheStatus): NonNullable<Call["outcome"]["cache"]> {
  if ("hit" in status) return (status.ttl ?? 1) > 0 ? "hit" : "stale";
  if (status.collapsed) return "collapsed";
  return status.fwd === "bypass" || status.fwd === "method" ? "bypass" : "miss";
}

/**
 * What a request gets of a stored response that may be served.
 *
 * @param length of the whole body, in bytes; undefined while it still arrives
 * @param now ms since the epoch
 */
export function replyFrom(
  head: StoredResponse,
  body: CachedBody,
  length: number | undefined,
  request: CacheRequest,
  now: number,
): Response {
  const encoded = fieldValue(head.headers, "content-encoding") !== undefined;
  // Ranges are of the bytes that are sent, which the engine has yet to make of these.
  const answer = answerFrom(head, request, now, encoded ? undefined : length);
  const { headers } = answer;
  if (encoded || (body instanceof ReadableStream && length === undefined)) headers.delete("content-length");
  else if (request.method === "HEAD" && length !== undefined) headers.set("content-length", String(length));
  const part = partOf(body, answer.body);
  const known = encoded ? undefined : lengthOf(answer.body, length);
  const sent = part instanceof ReadableStream ? ofLength(part, known) : part;
  return new Response(sent, { status: answer.status, headers });
}

/** A stream has been cut by the shard already. */
function partOf(
  body: CachedBody,
  part: ReturnType<typeof answerFrom>["body"],
): Uint8Array | ReadableStream | null {
  if (part === "none") {
    if (body instanceof ReadableStream) void body.cancel().catch(() => {});
    return null;
  }
  if (part === "whole" || !(body instanceof Uint8Array)) return body;
  return body.subarray(part.offset, part.offset + part.length);
}

function lengthOf(
  part: ReturnType<typeof answerFrom>["body"],
  whole: number | undefined,
): number | undefined {
  return typeof part === "object" ? part.length : part === "whole" ? whole : 0;
}

/** The engine says how long a body is only where it knows it. */
const ofLength = (stream: ReadableStream, length: number | undefined): ReadableStream =>
  length === undefined ? stream : stream.pipeThrough(new FixedLengthStream(length));
