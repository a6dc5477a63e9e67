import type { Call } from "../call.ts";

/** Request ids and trace headers in API Gateway's forms. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX = "0123456789abcdef";

/** Random bytes, fetched 4 KiB at a time: a call of `getRandomValues` per request costs more than its bytes. */
const pool = new Uint8Array(4096);
let used = pool.length;

function randomByte(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  used += 1;
  return byte;
}

/** An HTTP API's request id, as `JKJaXmPLvHcESHA=`: 16 characters, the last a `=`. */
export function shortRequestId(): string {
  let id = "";
  for (let i = 0; i < 15; i++) id += ALPHABET.charAt(randomByte() & 63);
  return `${id}=`;
}

function hex(length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += HEX.charAt(randomByte() & 15);
  return text;
}

const ROOT = /(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/i;
const PARENT = /(?:^|;)\s*Parent=([0-9a-f]{16})(?:;|$)/i;
const SAMPLED = /(?:^|;)\s*Sampled=([01])(?:;|$)/i;

/**
 * `X-Amzn-Trace-Id` for the integration: a whole incoming one is kept, a lone Root gets a
 * Parent, anything else is replaced (aws-semantics 5, recorded). Sampled defaults to 1
 * behind a parent, else 0.
 *
 * @param now ms since the epoch
 */
export function traceHeader(incoming: string | null, now: number): string {
  const root = incoming === null ? undefined : ROOT.exec(incoming)?.[1];
  if (incoming === null || root === undefined) {
    return `Root=1-${Math.floor(now / 1000)
      .toString(16)
      .padStart(8, "0")}-${hex(24)}`;
  }
  const parent = PARENT.exec(incoming)?.[1];
  const sampled = SAMPLED.exec(incoming)?.[1] ?? (parent === undefined ? "0" : "1");
  return `Root=${root};Parent=${parent ?? hex(16)};Sampled=${sampled}`;
}

/** The one trace header of a request: an authorizer and an integration are told the same. */
export function traceOf(call: Call): string {
  call.outcome.trace ??= traceHeader(call.request.headers.get("x-amzn-trace-id"), call.startedAt);
  return call.outcome.trace;
}
