import type { Call } from "../call.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import { withDeadline } from "../lib/deadline.ts";
import { joined } from "../lib/joined.ts";
import { timedOut } from "./timeout.ts";

/** The largest answer of a backend that is read whole, in bytes (aws-semantics 16). */
const ANSWER_LIMIT = 10_485_760;

/**
 * A backend's answer, read whole.
 *
 * @param timeout the integration's, in ms: what its headers left of it (`answerDueAt`) is the
 *   body's. Without one, whoever asks sees to it
 * @throws GatewayError INTEGRATION_TIMEOUT; INTEGRATION_FAILURE where it breaks off, or is larger
 */
export async function readAnswer(
  call: Call,
  body: ReadableStream<Uint8Array> | string | null,
  timeout?: number,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  if (typeof body === "string") return encoded(call, body);
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  if (timeout === undefined) return readAll(call, reader);
  const now = Date.now();
  const left = Math.max(0, (call.outcome.answerDueAt ?? now + timeout) - now);
  return withDeadline(readAll(call, reader), left, () => {
    reader.cancel().catch(() => undefined);
    return timedOut(call, timeout);
  });
}

async function readAll(call: Call, reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw brokenOff(call, error);
    });
    if (done) break;
    size += value.byteLength;
    if (size > ANSWER_LIMIT) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(call);
    }
    chunks.push(value);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : joined(chunks, size);
}

function encoded(call: Call, text: string): Uint8Array {
  // A character has a byte at least.
  const bytes = text.length > ANSWER_LIMIT ? undefined : new TextEncoder().encode(text);
  if (!bytes || bytes.byteLength > ANSWER_LIMIT) throw tooLarge(call);
  return bytes;
}

/** REST APIs take it for a mistake of their configuration, and answer 500. */
function tooLarge(call: Call): GatewayError {
  return new GatewayError(
    call.stage.settings.protocol === "REST" ? "API_CONFIGURATION_ERROR" : "INTEGRATION_FAILURE",
    "integration.too_large",
    `the integration of ${call.route.key} answered more than ${ANSWER_LIMIT} bytes`,
  );
}

function brokenOff(call: Call, cause: unknown): GatewayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GatewayError(
    "INTEGRATION_FAILURE",
    "integration.network",
    `the integration of ${call.route.key} broke off its answer: ${why}`,
    { cause },
  );
}
