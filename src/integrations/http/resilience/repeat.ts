import { readBody } from "../../../body.ts";
import type { Call } from "../../../call.ts";
import type { Retry } from "../../../config/resilience-schema.ts";

/** Bodies up to this, in bytes, are read before they are sent, so that they can be sent again. */
const REPEATABLE_BODY = 131_072;

/** RFC 9110 section 9.2.2, and nothing that an http integration cannot send. */
const IDEMPOTENT: readonly string[] = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];

/** What may be sent twice where a route says nothing of it. */
const NO_RETRY = { methods: IDEMPOTENT, idempotencyKey: false };

/** Whether doing this twice is as good as once. */
export function isRepeatable(
  method: string,
  headers: Headers,
  { methods, idempotencyKey }: Pick<Retry, "idempotencyKey"> & { methods: readonly string[] } = NO_RETRY,
): boolean {
  if (methods.includes(method)) return true;
  return idempotencyKey && (headers.get("idempotency-key") ?? "") !== "";
}

/**
 * A body as it can be sent more than once, where it is small and says so beforehand; else the
 * client's stream.
 *
 * @throws GatewayError request.aborted
 */
export async function repeatableBody(
  call: Call,
  body: Uint8Array | ReadableStream<Uint8Array> | null,
): Promise<Uint8Array | ReadableStream<Uint8Array> | null> {
  if (body === null || body instanceof Uint8Array) return body;
  const declared = call.request.headers.get("content-length");
  return declared === null || Number(declared) > REPEATABLE_BODY ? body : readBody(call, REPEATABLE_BODY);
}

/** The back-off's longest wait, as a multiple of its first. */
const LONGEST = 10;

/**
 * How long to wait before a retry, in ms: drawn between nothing and a bound that doubles, so
 * that requests which failed together do not come again together.
 *
 * @param attempts how many there have been, 1 or more
 * @param at where between 0 and 1: drawn at random
 */
export function backoffMs(firstMs: number, attempts: number, at: number): number {
  return at * firstMs * Math.min(2 ** (attempts - 1), LONGEST);
}

/** IMF-fixdate (RFC 9110 section 5.6.7): no other form is sent today. */
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long an origin asks to be left alone, in ms; 0 when it does not (RFC 9110 section 10.2.3).
 *
 * @param value of `Retry-After`
 */
export function retryAfterMs(value: string | null, now: number): number {
  if (value === null) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  return DATE.test(value) ? Math.max(0, (Date.parse(value) || now) - now) : 0;
}
