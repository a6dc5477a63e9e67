import { HOP_BY_HOP, listedByConnection } from "../../incoming-headers.ts";
import {
  directiveMs,
  limitedTo,
  type ResponseControl,
  requestDirectives,
  responseControl,
} from "./directives.ts";
import { type CacheRequest, fieldValue, type HeaderLines, type ResponseHead, type Times } from "./fields.ts";
import {
  explicitLifetime,
  type Freshness,
  heuristicLifetime,
  initialAge,
  wholeSeconds,
} from "./freshness.ts";
import { formatHttpDate, parseHttpDate } from "./http-date.ts";
import { heuristicallyCacheable, isSuccessful, understood } from "./status.ts";
import type { StoredResponse } from "./stored-response.ts";
import { selectingFields } from "./vary.ts";

export interface StoringOptions {
  /** Of the time since Last-Modified, for responses that state no lifetime (RFC 9111 section 4.2.2); 0 by default. */
  readonly heuristicFraction?: number;
  /** Responses with Set-Cookie are stored as the RFC has it: every client gets the same cookie. */
  readonly storeSetCookie?: boolean;
}

/**
 * Why a response is not stored. `no-freshness`: it could never be used, or its status needs a
 * lifetime that it does not state.
 */
export type StoringRefusal =
  | "method"
  | "status"
  | "partial"
  | "no-store"
  | "private"
  | "authorization"
  | "set-cookie"
  | "vary"
  | "no-freshness";

export type Storing =
  | { readonly store: true; readonly response: StoredResponse }
  | { readonly store: false; readonly reason: StoringRefusal };

/** Whether a shared cache may store a response, and what it then keeps of it (RFC 9111 section 3). */
export function decideStoring(
  request: CacheRequest,
  response: ResponseHead,
  times: Times,
  options: StoringOptions = {},
): Storing {
  const authorization = request.headers.has("authorization");
  const { status, headers } = response;
  const assessed = assess({ request, status, lines: [...headers], times, options, authorization });
  return assessed.refusal === undefined
    ? { store: true, response: assessed.response }
    : { store: false, reason: assessed.refusal };
}

/** A response as it came, or as an update left it. */
export interface Candidate {
  readonly request: CacheRequest;
  readonly status: number;
  readonly lines: HeaderLines;
  readonly times: Times;
  readonly options: StoringOptions;
  readonly authorization: boolean;
}

export interface Assessed {
  readonly response: StoredResponse;
  readonly refusal: StoringRefusal | undefined;
}

/** What a response would be once it is stored, and why it may not be. */
export function assess(candidate: Candidate): Assessed {
  const { status, lines, times } = candidate;
  const control = responseControl(lines);
  const stated = parseHttpDate(fieldValue(lines, "date"), times.response);
  // RFC 9110 section 6.6.1: without a Date, or with an invalid one, it is the time of arrival.
  const date = stated ?? wholeSeconds(times.response);
  const explicit = explicitLifetime(control, lines, date, times.response);
  const freshness = freshnessOf(candidate, control, date, explicit);
  const vary = selectingFields(lines, candidate.request.headers);
  const refusal =
    forbidden(candidate, control, explicit !== undefined) ??
    (vary === undefined ? "vary" : undefined) ??
    (useful(candidate, control, freshness, explicit !== undefined) ? undefined : "no-freshness");
  const headers = keptLines(lines, control);
  const response = {
    status,
    headers: stated !== undefined && hasField(headers, "date") ? headers : withDate(headers, date),
    requestTime: times.request,
    responseTime: times.response,
    date,
    vary: vary ?? [],
    authorization: candidate.authorization,
    freshness,
  };
  return { response, refusal };
}

function freshnessOf(
  { status, lines, times, options }: Candidate,
  control: ResponseControl,
  date: number,
  explicit: number | undefined,
): Freshness {
  const { directives } = control;
  return {
    lifetime: explicit ?? heuristicLifetime(options.heuristicFraction ?? 0, status, control, lines, date),
    initialAge: initialAge(fieldValue(lines, "age"), date, times),
    staleWhileRevalidate: directiveMs(directives, "stale-while-revalidate") ?? 0,
    staleIfError: directiveMs(directives, "stale-if-error") ?? 0,
    noCache: directives.has("no-cache") && limitedTo(directives, "no-cache") === undefined,
    mustRevalidate:
      directives.has("must-revalidate") || directives.has("proxy-revalidate") || directives.has("s-maxage"),
  };
}

/** RFC 9111 section 3, the conditions that something in the exchange forbids to store it. */
function forbidden(
  { request, status, lines, options, authorization }: Candidate,
  { directives }: ResponseControl,
  explicit: boolean,
): StoringRefusal | undefined {
  if (request.method !== "GET" && !(explicit && isCacheablePost(request, lines))) return "method";
  if (status < 200 || status === 304) return "status";
  if (status === 206) return "partial";
  const mustUnderstand = directives.has("must-understand");
  if (mustUnderstand && !understood(status)) return "status";
  if (directives.has("no-store") && !mustUnderstand) return "no-store";
  if (requestDirectives(request.headers)?.has("no-store")) return "no-store";
  if (directives.has("private") && limitedTo(directives, "private") === undefined) return "private";
  // RFC 9111 section 3.5.
  const forAll = directives.has("public") || directives.has("s-maxage") || directives.has("must-revalidate");
  if (authorization && !forAll) return "authorization";
  if (fieldValue(lines, "set-cookie") !== undefined && !options.storeSetCookie) return "set-cookie";
  return undefined;
}

/** RFC 9110 section 9.3.3: what a POST answers is the representation of its own URL, and says so. */
function isCacheablePost(request: CacheRequest, lines: HeaderLines): boolean {
  const location = fieldValue(lines, "content-location");
  if (request.method !== "POST" || location === undefined) return false;
  return URL.parse(location, request.url)?.href === URL.parse(request.url)?.href;
}

/** Whether it may be stored without being told so, and can ever be used: at once, stale, or once it is validated. */
function useful(
  { status, lines }: Candidate,
  { directives }: ResponseControl,
  { lifetime, staleWhileRevalidate, staleIfError, noCache, mustRevalidate }: Freshness,
  explicit: boolean,
): boolean {
  if (!explicit && !directives.has("public") && !heuristicallyCacheable(status)) return false;
  const stale = !mustRevalidate && (staleWhileRevalidate > 0 || staleIfError > 0);
  if (!noCache && (lifetime > 0 || stale)) return true;
  return isSuccessful(status) && (hasField(lines, "etag") || hasField(lines, "last-modified"));
}

function hasField(lines: HeaderLines, name: string): boolean {
  return lines.some((line) => line[0] === name);
}

/** RFC 9111 section 3.1, and what `no-cache` and `private` keep from others; Age is worked out anew each time. */
const NOT_KEPT: ReadonlySet<string> = new Set([...HOP_BY_HOP, "proxy-authentication-info", "age"]);

export function keptLines(lines: HeaderLines, { directives }: ResponseControl): HeaderLines {
  const listed = listedByConnection(fieldValue(lines, "connection") ?? null);
  const limited = [...(limitedTo(directives, "no-cache") ?? []), ...(limitedTo(directives, "private") ?? [])];
  return lines.filter(([name]) => !NOT_KEPT.has(name) && !listed?.has(name) && !limited.includes(name));
}

function withDate(lines: HeaderLines, date: number): HeaderLines {
  return [...lines.filter(([name]) => name !== "date"), ["date", formatHttpDate(date)]];
}
