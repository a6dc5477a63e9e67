import { listsTag } from "./entity-tag.ts";
import { type CacheRequest, fieldValue, type HeaderLines } from "./fields.ts";
import { ageAt } from "./freshness.ts";
import { parseHttpDate } from "./http-date.ts";
import { type Slice, selectRange } from "./range.ts";
import { isSuccessful } from "./status.ts";
import type { StoredResponse } from "./stored-response.ts";

/** A response from the cache, but for its bytes. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body, a part of it, or none at all. */
  readonly body: "whole" | "none" | Slice;
}

/** Representation metadata that a 304 has no use for (RFC 9110 section 15.4.5). */
const NOT_IN_304: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-range",
  "content-type",
]);

/** What is in memory is served many times: it costs less to copy headers than to make them. */
const FOR_200 = new WeakMap<HeaderLines, Headers>();
const FOR_304 = new WeakMap<HeaderLines, Headers>();

function prepared(cache: WeakMap<HeaderLines, Headers>, lines: HeaderLines, for304: boolean): Headers {
  const known = cache.get(lines);
  if (known) return known;
  const headers = new Headers();
  for (const [name, value] of lines) if (!for304 || !NOT_IN_304.has(name)) headers.append(name, value);
  cache.set(lines, headers);
  return headers;
}

/**
 * What a GET or HEAD gets from a stored response that may be served: itself, a 304 for the
 * client's own conditions, the part that it asks for, or a 416 (RFC 9111 sections 4 and 4.3.2,
 * RFC 9110 sections 13.2.2 and 14).
 *
 * @param now ms since the epoch
 * @param length of the stored body, bytes; undefined while it still arrives: Range is ignored then
 */
export function answerFrom(
  stored: StoredResponse,
  request: CacheRequest,
  now: number,
  length: number | undefined,
): Answer {
  const isKnown = isNotModified(stored, request.headers);
  const headers = new Headers(prepared(isKnown ? FOR_304 : FOR_200, stored.headers, isKnown));
  headers.set("age", ageValue(stored, now));
  if (isKnown) return { status: 304, headers, body: "none" };
  if (request.method === "HEAD") return { status: stored.status, headers, body: "none" };
  const range = length === undefined ? undefined : selectRange(stored, length, request.headers);
  if (range === undefined || length === undefined) return { status: stored.status, headers, body: "whole" };
  if (range === "unsatisfiable") {
    return { status: 416, headers: new Headers({ "content-range": `bytes */${length}` }), body: "none" };
  }
  headers.set("content-range", `bytes ${range.offset}-${range.offset + range.length - 1}/${length}`);
  headers.set("content-length", String(range.length));
  return { status: 206, headers, body: range };
}

/** RFC 9111 section 5.1, in whole seconds. */
export function ageValue(stored: StoredResponse, now: number): string {
  return String(Math.floor(ageAt(stored, now) / 1000));
}

/**
 * Whether the client has the stored response already (RFC 9111 section 4.3.2). If-None-Match
 * decides alone where it is present. Without a Last-Modified, Date stands for it.
 */
export function isNotModified(stored: StoredResponse, headers: Headers): boolean {
  // RFC 9110 section 13.2.1: conditions are ignored where the response would be an error anyway.
  if (!isSuccessful(stored.status)) return false;
  const tags = headers.get("if-none-match");
  if (tags !== null) {
    const tag = fieldValue(stored.headers, "etag");
    return tags.trim() === "*" || (tag !== undefined && listsTag(tags, tag));
  }
  const since = headers.get("if-modified-since");
  if (since === null) return false;
  const modified = parseHttpDate(fieldValue(stored.headers, "last-modified"), stored.date) ?? stored.date;
  return modified <= (parseHttpDate(since, stored.date) ?? Number.NEGATIVE_INFINITY);
}
