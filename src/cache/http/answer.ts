import { listsTag } from "./entity-tag.ts";
import { type CacheRequest, fieldValue } from "./fields.ts";
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
const NOT_IN_304 = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-range",
  "content-type",
];

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
  const headers = new Headers();
  for (const [name, value] of stored.headers) headers.append(name, value);
  headers.set("age", ageValue(stored, now));
  if (isNotModified(stored, request.headers)) {
    for (const name of NOT_IN_304) headers.delete(name);
    return { status: 304, headers, body: "none" };
  }
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
