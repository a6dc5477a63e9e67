import type { Call } from "../../call.ts";
import { eventHeaders } from "../../functions/event-headers.ts";
import { REST_DROPPED } from "../../incoming-headers.ts";
import { traceOf } from "../../observability/ids.ts";

const DROPPED: ReadonlySet<string> = new Set(REST_DROPPED);

/**
 * `$input.params()`: path variables as sent, the last value of each query parameter, and the
 * headers that API Gateway shows to mappings; what names the caller is the gateway's word.
 */
export function templateParams(call: Call): {
  readonly path: Record<string, string>;
  readonly querystring: Record<string, string>;
  readonly header: Record<string, string>;
} {
  const headers = eventHeaders(call, "rest", traceOf(call), 0);
  return {
    path: { ...call.route.parameters },
    querystring: Object.fromEntries(new URLSearchParams(call.query)),
    header: Object.fromEntries(headers.filter(([name]) => !DROPPED.has(name.toLowerCase()))),
  };
}
