import type { Call } from "../call.ts";
import { listedByConnection } from "../incoming-headers.ts";

/**
 * Which headers stop at the gateway. Removal comes first, always, and additions after it,
 * so that neither a client's `Connection: x-forwarded-for` (CVE-2024-45410) nor a header
 * that we happen not to set decides what a backend sees.
 */

/** A request's headers as a backend may see them, before the gateway adds its own. */
export function forwardable(call: Call): Headers {
  const headers = new Headers(call.request.headers);
  for (const name of call.stoppedHeaders) headers.delete(name);
  return headers;
}

/** Removes the names that an origin's Connection header lists. */
export function removeListed(headers: Headers, connection: string | null): void {
  const listed = listedByConnection(connection);
  if (listed) for (const name of listed) headers.delete(name);
}
