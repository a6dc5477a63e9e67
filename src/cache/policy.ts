import type { Call } from "../call.ts";
import type { HttpCache, TtlCache } from "../config/cache-schema.ts";
import { claimsIdentity, HOP_BY_HOP } from "../incoming-headers.ts";
import { asksAnew } from "./asks-anew.ts";
import { type CacheRequest, listMembers, type Times } from "./http/fields.ts";
import type { StoredResponse } from "./http/stored-response.ts";
import { decideStoring, type StoringOptions } from "./http/storing.ts";
import { originHeaders } from "./http/validation.ts";
import { chosenKey, parameter, urlKey } from "./key.ts";
import type { CacheKey } from "./protocol.ts";

/** How a route's responses are told apart, stored and used again. */
export interface Policy {
  readonly maxBytes: number;
  keyOf(call: Call): CacheKey;
  /** The request as far as a stored response depends on it. */
  requestOf(call: Call): CacheRequest;
  /** What the origin is asked with, for something to store. */
  headersFor(call: Call, stale: StoredResponse | undefined): Headers;
  /** What is stored beyond what its origin says. */
  optionsFor(request: CacheRequest): StoringOptions;
  /** What is kept of a response; or why nothing is. */
  storing(call: Call, response: Response, times: Times): StoredResponse | string;
}

/** Headers that no origin may choose its answer by unless the key has them (R-18). */
const UNKEYED = [
  "x-original-url",
  "x-rewrite-url",
  "x-original-host",
  "x-host",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
];

/** As the origin says (RFC 9111). */
export function httpPolicy({ shared, maxBytes, heuristicFraction }: HttpCache): Policy {
  // Nobody guesses what is made for whoever has a cookie (R-18).
  const optionsFor = ({ headers }: CacheRequest): StoringOptions =>
    headers.has("cookie") ? NO_OPTIONS : { heuristicFraction };
  return {
    maxBytes,
    keyOf: (call) => urlKey(call, shared),
    requestOf,
    headersFor: (call, stale) => withoutUnkeyed(originHeaders(call.request.headers, stale), []),
    optionsFor,
    storing: (call, response, times) => {
      const request = requestOf(call);
      const storing = decideStoring(request, response, times, optionsFor(request));
      if (!storing.store) return storing.reason;
      // What the gateway itself tells the origin cannot be seen in a request: nobody could be matched.
      return storing.response.vary.some(([name]) => isOurs(name)) ? "vary" : storing.response;
    },
  };
}

const isOurs = (name: string): boolean => claimsIdentity(name) || HOP_BY_HOP.includes(name);

const NO_OPTIONS: StoringOptions = {};

function requestOf(call: Call): CacheRequest {
  const { method, request, scheme, host, fullPath, query } = call;
  const url = `${scheme}://${host}${fullPath}${query === "" ? "" : `?${query}`}`;
  return { method, url, headers: request.headers };
}

const NO_HEADERS: Headers = new Headers();
const ANEW: Headers = new Headers({ "cache-control": "no-cache" });

/** For so many seconds, whatever the origin says (aws-semantics 13). */
export function ttlPolicy(cache: TtlCache, strict: boolean): Policy {
  const { shared, maxBytes } = cache;
  const chosen = cache.key.map(parameter);
  const keyed = cache.key
    .filter((name) => name.startsWith("header."))
    .map((name) => name.slice(7).toLowerCase());
  return {
    maxBytes,
    keyOf: (call) => chosenKey(call, chosen, shared),
    requestOf: (call) => {
      const anew = asksAnew(call) && mayInvalidate(cache, call);
      return { method: "GET", url: call.path, headers: anew ? ANEW : NO_HEADERS };
    },
    headersFor: (call) => withoutUnkeyed(originHeaders(call.request.headers), keyed),
    optionsFor: () => NO_OPTIONS,
    storing: (_, response, times) => ttlStoring(cache, strict, response, times),
  };
}

/** With API Gateway a signer whose policy allows `execute-api:InvalidateCache`. */
export const mayInvalidate = ({ invalidation }: TtlCache, { caller }: Call): boolean =>
  invalidation === "ANYONE" || caller.mayInvalidate === true;

function ttlStoring(
  cache: TtlCache,
  strict: boolean,
  response: Response,
  times: Times,
): StoredResponse | string {
  const { status, headers } = response;
  const ok = status >= 200 && status < 300 && status !== 206;
  const seconds = ok ? cache.ttl : (cache.errors[String(status)] ?? 0);
  if (seconds === 0) return "status";
  if (headers.has("set-cookie")) return "set-cookie";
  // API Gateway does not look; here what was made for one, or for no cache, stays with whom it was made for.
  const directives = strict ? [] : listMembers((headers.get("cache-control") ?? "").toLowerCase());
  if (directives.some((name) => name === "no-store" || name === "private")) return "private";
  return {
    status,
    headers: [...headers].filter(([name]) => !NOT_KEPT.has(name)),
    requestTime: times.request,
    responseTime: times.response,
    date: times.response,
    vary: [],
    authorization: false,
    freshness: {
      lifetime: seconds * 1000,
      initialAge: 0,
      staleWhileRevalidate: cache.staleWhileRevalidate * 1000,
      staleIfError: cache.staleIfError * 1000,
      noCache: false,
      mustRevalidate: false,
    },
  };
}

const NOT_KEPT: ReadonlySet<string> = new Set([...HOP_BY_HOP, "age"]);

function withoutUnkeyed(headers: Headers, keyed: readonly string[]): Headers {
  for (const name of UNKEYED) if (!keyed.includes(name)) headers.delete(name);
  return headers;
}
