import { withDeadline } from "../../lib/deadline.ts";

/** Calls an origin; redirects are not followed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** API Gateway's own limits for discovery documents and key sets (aws-semantics 9.1). */
export const FETCH_TIMEOUT_MS = 1500;
const MAX_BYTES = 150_000;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HEADERS = { accept: "application/json" };

/**
 * Gets a JSON document from an issuer. Its size is counted while it arrives, whatever
 * `content-length` says.
 *
 * @param timeoutMs for the whole answer, its body included
 * @throws Error whose message says what is wrong with the answer
 */
export async function fetchJson(fetch: Fetch, url: string, timeoutMs: number): Promise<unknown> {
  const stop = new AbortController();
  try {
    const expired = () => new Error(`no answer within ${timeoutMs} ms`);
    return await withDeadline(read(fetch, url, stop.signal), timeoutMs, expired);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${url}: ${message}`, { cause: error });
  } finally {
    // Ends whatever is still under way; nothing, when all went well.
    stop.abort();
  }
}

async function read(fetch: Fetch, url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { method: "GET", headers: HEADERS, redirect: "manual", signal });
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => undefined);
    throw new Error(`the answer has status ${response.status}`);
  }
  let value: unknown;
  const bytes = await bodyOf(response);
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new Error("the answer is no JSON", { cause: error });
  }
  return value;
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_BYTES);
  let size = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    if (size + value.byteLength > MAX_BYTES) {
      await reader.cancel().catch(() => undefined);
      throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    }
    bytes.set(value, size);
    size += value.byteLength;
  }
  return bytes.subarray(0, size);
}
