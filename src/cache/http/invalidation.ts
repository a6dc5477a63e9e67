import type { CacheRequest, ResponseHead } from "./fields.ts";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * The URLs whose stored responses a request makes invalid (RFC 9111 section 4.4): what it
 * targets, and what Location and Content-Location name on the same origin. Methods that are
 * not known to be safe are not. Responses stored for it (section 3) come after that.
 *
 * @returns absolute URLs without fragments; none for safe methods and for errors
 */
export function invalidatedUrls(request: CacheRequest, response: ResponseHead): readonly string[] {
  if (SAFE.has(request.method) || response.status < 200 || response.status >= 400) return [];
  const target = URL.parse(request.url);
  if (target === null) return [];
  const urls = new Set<string>();
  for (const reference of ["", response.headers.get("location"), response.headers.get("content-location")]) {
    const url = reference === null ? null : URL.parse(reference, target.href);
    if (url === null || url.origin !== target.origin) continue;
    url.hash = "";
    urls.add(url.href);
  }
  return [...urls];
}
