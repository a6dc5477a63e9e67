const HEURISTICALLY_CACHEABLE = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);

/** RFC 9110 section 15.1. */
export function heuristicallyCacheable(status: number): boolean {
  return HEURISTICALLY_CACHEABLE.has(status);
}

/** Final status codes of RFC 9110 section 15, whose caching requirements this cache keeps (RFC 9111 section 5.2.2.3). */
export function understood(status: number): boolean {
  return (
    (status >= 200 && status <= 205) ||
    (status >= 300 && status <= 303) ||
    status === 307 ||
    status === 308 ||
    (status >= 400 && status <= 417) ||
    status === 421 ||
    status === 422 ||
    status === 426 ||
    (status >= 500 && status <= 505)
  );
}

export function isSuccessful(status: number): boolean {
  return status >= 200 && status < 300;
}
