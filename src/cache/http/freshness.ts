import { deltaSeconds, directiveMs, type ResponseControl } from "./directives.ts";
import { fieldValue, type HeaderLines, type Times } from "./fields.ts";
import { parseHttpDate } from "./http-date.ts";
import { heuristicallyCacheable } from "./status.ts";

/** How long a response may be used, and how; ms throughout. */
export interface Freshness {
  /** Freshness lifetime (RFC 9111 section 4.2.1). */
  readonly lifetime: number;
  /** Corrected initial age: how old it was when it came (section 4.2.3). */
  readonly initialAge: number;
  /** RFC 5861 sections 3 and 4; 0 where a stale response may not be used so. */
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** Never used without validation (section 5.2.2.4). */
  readonly noCache: boolean;
  /**
   * Never used stale, whatever else allows it: must-revalidate, proxy-revalidate, and s-maxage,
   * which includes the latter (sections 4.2.4, 5.2.2.2, 5.2.2.8, 5.2.2.10).
   */
  readonly mustRevalidate: boolean;
}

/**
 * The lifetime that a response states itself, ms: s-maxage before max-age before Expires
 * (RFC 9111 section 4.2.1). What is stated in an invalid way is 0; undefined means that
 * nothing is stated.
 *
 * @param date the response's Date, ms since the epoch
 */
export function explicitLifetime(
  control: ResponseControl,
  lines: HeaderLines,
  date: number,
  responseTime: number,
): number | undefined {
  const { directives, targeted } = control;
  const stated = directiveMs(directives, "s-maxage") ?? directiveMs(directives, "max-age");
  if (stated !== undefined || targeted) return stated;
  const expires = fieldValue(lines, "expires");
  if (expires === undefined) return undefined;
  return Math.max(0, (parseHttpDate(expires, responseTime) ?? 0) - date);
}

/** No guess is good for longer, in ms. */
const LONGEST_HEURISTIC_MS = 86_400_000;

/**
 * RFC 9111 section 4.2.2, for responses without a lifetime of their own.
 *
 * @param fraction of the time since Last-Modified, 0 to 1
 */
export function heuristicLifetime(
  fraction: number,
  status: number,
  control: ResponseControl,
  lines: HeaderLines,
  date: number,
): number {
  const modified = parseHttpDate(fieldValue(lines, "last-modified"), date);
  if (modified === undefined || !(heuristicallyCacheable(status) || control.directives.has("public")))
    return 0;
  return Math.min(LONGEST_HEURISTIC_MS, Math.max(0, Math.floor((date - modified) * fraction)));
}

/**
 * RFC 9111 section 4.2.3: what the Age field and the way here say, or what the clocks say,
 * whichever is more. Of several Age values the first counts, an invalid one does not (section 5.1).
 */
export function initialAge(age: string | undefined, date: number, times: Times): number {
  const comma = age?.indexOf(",") ?? -1;
  const first = comma === -1 ? age : age?.slice(0, comma);
  const corrected = (deltaSeconds(first?.trim()) ?? 0) * 1000 + Math.max(0, times.response - times.request);
  // Date has no fractions of a second: without ours, a new response is 0 s old and not up to 1 s.
  const apparent = wholeSeconds(times.response) - date;
  return Math.max(apparent, corrected);
}

/** @returns ms since the epoch, without fractions of a second */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** How old a response is, ms (RFC 9111 section 4.2.3). A clock that was put back makes nothing younger than it came. */
export function ageAt(
  stored: { readonly responseTime: number; readonly freshness: Freshness },
  now: number,
): number {
  return stored.freshness.initialAge + Math.max(0, now - stored.responseTime);
}
