import { type Directives, directiveMs, requestDirectives } from "./directives.ts";
import type { CacheRequest } from "./fields.ts";
import { ageAt } from "./freshness.ts";
import type { StoredResponse } from "./stored-response.ts";

export interface Reuse {
  /**
   * `serve`: it may be used as it is, fresh, or stale because the client asks for no better.
   * `serve-and-revalidate`: the same, if it is validated behind this request (RFC 5861 section 3).
   * `validate`: the origin is asked first.
   * `gateway-timeout`: the client wants no request to the origin, so it gets a 504 (RFC 9111 section 5.2.1.7).
   */
  readonly verdict: "serve" | "serve-and-revalidate" | "validate" | "gateway-timeout";
  /** Why it is not just served, in the words of Cache-Status: it is `stale`, or the `request` wants more. */
  readonly fwd: "stale" | "request";
  /** Whether it may be served where the origin fails or answers 500, 502, 503 or 504 (RFC 5861 section 4). */
  readonly onError: boolean;
  /** Its age, and how long it will be fresh, ms; the latter is below 0 for a stale one. */
  readonly age: number;
  readonly ttl: number;
}

/**
 * What may be done with a response that a request selects (RFC 9111 sections 4.2 and 5.2.1).
 * Stale responses are served only where the response or the client says so, not by default.
 *
 * @param now ms since the epoch
 */
export function decideReuse(stored: StoredResponse, request: CacheRequest, now: number): Reuse {
  const { lifetime, noCache } = stored.freshness;
  const asked = requestDirectives(request.headers);
  const age = ageAt(stored, now);
  const ttl = lifetime - age;
  const fresh = ttl > 0 && !noCache;
  const outcome = { fwd: fresh ? "request" : "stale", onError: false, age, ttl } as const;
  if (!noCache && !wantsBetter(asked, age, ttl)) {
    const verdict = fresh ? "serve" : staleVerdict(stored, asked, -ttl);
    if (verdict) return { verdict, ...outcome };
  }
  if (asked?.has("only-if-cached")) return { verdict: "gateway-timeout", ...outcome };
  return { verdict: "validate", ...outcome, onError: mayServeOnError(stored, asked, ttl) };
}

function wantsBetter(asked: Directives | undefined, age: number, ttl: number): boolean {
  if (asked === undefined) return false;
  const minFresh = directiveMs(asked, "min-fresh");
  return (
    asked.has("no-cache") ||
    age > (directiveMs(asked, "max-age") ?? Number.POSITIVE_INFINITY) ||
    (minFresh !== undefined && ttl < minFresh)
  );
}

/** RFC 9111 section 4.2.4; max-stale without an argument accepts whatever there is (section 5.2.1.2). */
function staleVerdict(
  { freshness }: StoredResponse,
  asked: Directives | undefined,
  staleness: number,
): "serve" | "serve-and-revalidate" | undefined {
  if (freshness.mustRevalidate) return undefined;
  if (asked?.get("max-stale") === "") return "serve";
  if (staleness <= (asked ? (directiveMs(asked, "max-stale") ?? -1) : -1)) return "serve";
  return within(staleness, freshness.staleWhileRevalidate) ? "serve-and-revalidate" : undefined;
}

function mayServeOnError({ freshness }: StoredResponse, asked: Directives | undefined, ttl: number): boolean {
  if (freshness.noCache || asked?.has("no-cache") || (ttl <= 0 && freshness.mustRevalidate)) return false;
  const byRequest = asked ? (directiveMs(asked, "stale-if-error") ?? 0) : 0;
  return within(-ttl, Math.max(freshness.staleIfError, byRequest));
}

function within(staleness: number, allowed: number): boolean {
  return allowed > 0 && staleness <= allowed;
}

/** RFC 9111 section 5.2.1.7: with nothing stored to select, such a request is answered with 504. */
export function onlyIfCached(request: CacheRequest): boolean {
  return requestDirectives(request.headers)?.has("only-if-cached") ?? false;
}

/**
 * Why a request is none for this cache: its `method` is not GET or HEAD, or it has
 * preconditions that only the origin can evaluate (RFC 9111 section 4.3.2), a `bypass`.
 */
export function mustForward({ method, headers }: CacheRequest): "method" | "bypass" | undefined {
  if (method !== "GET" && method !== "HEAD") return "method";
  return headers.has("if-match") || headers.has("if-unmodified-since") ? "bypass" : undefined;
}
