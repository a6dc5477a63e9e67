/**
 * Which headers stop at the gateway. Removal comes first, always, and additions after it,
 * so that neither a client's `Connection: x-forwarded-for` (CVE-2024-45410) nor a header
 * that we happen not to set decides what a backend sees.
 */

/** RFC 9110 section 7.6.1 and its ancestors. */
export const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** REST APIs drop these from every request (aws-semantics 5, recorded). */
export const REST_DROPPED: readonly string[] = [
  "connection",
  "content-length",
  "content-md5",
  "expect",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "transfer-encoding",
  "trailer",
  "upgrade",
  "www-authenticate",
];

/** Names that say who is calling; only the gateway and the platform before it may say so. */
const IDENTITY = new Set(["forwarded", "x-real-ip", "true-client-ip", "x-client-ip", "x-cluster-client-ip"]);
const IDENTITY_PREFIXES = [
  "x-forwarded-",
  "x_forwarded_",
  "cf-",
  "cf_",
  "x-amzn-",
  "x_amzn_",
  "x-portico-",
  "x_portico_",
];
const IDENTITY_START = /^[xcft]/;

/**
 * Whether a client's header claims an identity. An underscore counts as a hyphen, which is
 * what CGI-style backends make of it (Caddy GHSA-f59h-q822-g45g).
 *
 * @param name lower-case
 */
export function claimsIdentity(name: string): boolean {
  if (!IDENTITY_START.test(name)) return false;
  if (IDENTITY.has(name.includes("_") ? name.replaceAll("_", "-") : name)) return true;
  return IDENTITY_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Removes the names that a Connection header lists. */
export function removeListed(headers: Headers, connection: string | null): void {
  if (connection === null || connection === "keep-alive" || connection === "close") return;
  for (const part of connection.split(",")) {
    const name = part.trim().toLowerCase();
    // What is no header name cannot be a header's name either.
    if (/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && !END_TO_END.has(name)) headers.delete(name);
  }
}

/** A client cannot have these taken off by listing them (RFC 9110 7.6.1: never end-to-end fields). */
const END_TO_END = new Set([
  "authorization",
  "cookie",
  "host",
  "content-type",
  "content-length",
  "cache-control",
]);

/** A request's headers as a backend may see them, before the gateway adds its own. */
export function forwardable(request: Request, dropped: readonly string[]): Headers {
  const headers = new Headers(request.headers);
  removeListed(headers, request.headers.get("connection"));
  for (const name of dropped) headers.delete(name);
  for (const name of request.headers.keys()) if (claimsIdentity(name)) headers.delete(name);
  return headers;
}
