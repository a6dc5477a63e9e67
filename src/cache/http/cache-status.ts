import { isToken } from "../../lib/token.ts";

/** How a cache handled a request (RFC 9211 section 2). */
export type CacheStatus = (
  | { readonly hit: true }
  | {
      /** Why the request went forward (section 2.2). */
      readonly fwd: "bypass" | "method" | "uri-miss" | "vary-miss" | "miss" | "request" | "stale" | "partial";
      /** The status of the next hop's response, where it is not the client's (section 2.3). */
      readonly fwdStatus?: number;
      readonly stored?: boolean;
      /** It waited for another request's response (section 2.6). */
      readonly collapsed?: boolean;
    }
) & {
  /** How long the response is fresh yet, ms; below 0 for a stale one (section 2.4). */
  readonly ttl?: number;
  readonly detail?: string;
};

/**
 * One member of Cache-Status, to be appended behind those that caches nearer to the origin wrote.
 *
 * @param cache the cache's name
 */
export function formatCacheStatus(cache: string, status: CacheStatus): string {
  let text = word(cache);
  if ("hit" in status) text += "; hit";
  else {
    text += `; fwd=${status.fwd}`;
    if (status.fwdStatus !== undefined) text += `; fwd-status=${status.fwdStatus}`;
    if (status.stored) text += "; stored";
    if (status.collapsed) text += "; collapsed";
  }
  if (status.ttl !== undefined) text += `; ttl=${Math.floor(status.ttl / 1000)}`;
  if (status.detail !== undefined) text += `; detail=${word(status.detail)}`;
  return text;
}

/** A Token where it can be one, else a String, of ASCII alone (RFC 9651 sections 4.1.6 and 4.1.7). */
function word(text: string): string {
  if (isToken(text) && /^[A-Za-z*]/.test(text)) return text;
  return `"${text.replaceAll(/[^ -~]/g, "?").replaceAll(/["\\]/g, "\\$&")}"`;
}
