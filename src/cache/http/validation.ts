import { responseControl } from "./directives.ts";
import { isWeak, strongMatch, weakMatch } from "./entity-tag.ts";
import { type CacheRequest, fieldValue, type HeaderLines, type ResponseHead, type Times } from "./fields.ts";
import { parseHttpDate } from "./http-date.ts";
import { isSuccessful } from "./status.ts";
import type { StoredResponse } from "./stored-response.ts";
import { assess, keptLines, type StoringOptions, type StoringRefusal } from "./storing.ts";
import { mostRecent } from "./vary.ts";

/**
 * The headers with which the origin is asked for something to store: the whole of it, so
 * neither the client's ranges nor its conditions, which the stored response will answer
 * (RFC 9111 section 4.3.1).
 *
 * @param stored what is to be validated: its validators become the conditions
 */
export function originHeaders(headers: Headers, stored?: StoredResponse): Headers {
  const asked = new Headers(headers);
  for (const name of ["if-none-match", "if-modified-since", "range", "if-range"]) asked.delete(name);
  // A server evaluates conditions only where it would answer 2xx (RFC 9110 section 13.2.1).
  if (stored === undefined || !isSuccessful(stored.status)) return asked;
  const tag = fieldValue(stored.headers, "etag");
  const modified = fieldValue(stored.headers, "last-modified");
  if (tag !== undefined) asked.set("if-none-match", tag);
  if (modified !== undefined) asked.set("if-modified-since", modified);
  return asked;
}

/**
 * Which stored responses a 304 is about (RFC 9111 section 4.3.4): all with its strong validator,
 * else the most recent one with its weak one. A 304 without a validator is about the
 * only one there is, as the conditions were made of that one's validators.
 *
 * @param candidates those that the request could have selected
 * @returns none for a 304 that must not be used: the origin has to be asked again, without conditions
 */
export function updatedBy304<T extends StoredResponse>(
  candidates: readonly T[],
  headers: Headers,
): readonly T[] {
  const tag = headers.get("etag") ?? undefined;
  const modified = headers.get("last-modified") ?? undefined;
  if (tag !== undefined && !isWeak(tag)) {
    return candidates.filter((stored) => strongMatch(fieldValue(stored.headers, "etag"), tag));
  }
  if (tag === undefined && modified === undefined) return candidates.length === 1 ? candidates : [];
  const latest = mostRecent(
    candidates.filter((stored) =>
      tag === undefined
        ? fieldValue(stored.headers, "last-modified") === modified
        : weakMatch(fieldValue(stored.headers, "etag"), tag),
    ),
  );
  return latest ? [latest] : [];
}

export interface Freshened {
  /** What answers this request. */
  readonly response: StoredResponse;
  /** Set if the update forbids to keep it any longer. */
  readonly refusal: StoringRefusal | undefined;
}

/**
 * A stored response with the header fields of a 304 (RFC 9111 sections 3.2 and 4.3.4). A
 * Set-Cookie of the 304 is for this client alone: it is not taken over, unless cookies are stored.
 */
export function freshen(
  stored: StoredResponse,
  request: CacheRequest,
  update: ResponseHead,
  times: Times,
  options: StoringOptions = {},
): Freshened {
  const lines = updatedLines(stored.headers, [...update.headers], times, options);
  const authorization = stored.authorization || request.headers.has("authorization");
  // What a GET may not be refused for, a HEAD that validates it is not either.
  const getRequest = { method: "GET", url: request.url, headers: request.headers };
  return assess({ request: getRequest, status: stored.status, lines, times, options, authorization });
}

/**
 * The same by a 200 to HEAD (RFC 9111 section 4.3.5), for each stored response that the request
 * could have selected.
 *
 * @param length of the stored body, bytes
 * @returns undefined if the origin's response is another one by now: the stored one is stale
 */
export function freshenByHead(
  stored: StoredResponse,
  length: number,
  request: CacheRequest,
  update: ResponseHead,
  times: Times,
  options: StoringOptions = {},
): Freshened | undefined {
  for (const name of ["etag", "last-modified"]) {
    const validator = update.headers.get(name);
    if (validator !== null && validator !== fieldValue(stored.headers, name)) return undefined;
  }
  const stated = update.headers.get("content-length");
  if (stated !== null && stated !== String(length)) return undefined;
  return freshen(stored, request, update, times, options);
}

/** What describes the bytes that are stored stays as it is (RFC 9111 section 3.2). */
const NOT_UPDATED: ReadonlySet<string> = new Set([
  "content-length",
  "content-encoding",
  "content-range",
  "content-md5",
]);

function updatedLines(
  stored: HeaderLines,
  update: HeaderLines,
  times: Times,
  { storeSetCookie = false }: StoringOptions,
): HeaderLines {
  const age = fieldValue(update, "age");
  const taken = keptLines(update, responseControl(update)).filter(
    ([name]) => !NOT_UPDATED.has(name) && (storeSetCookie || name !== "set-cookie"),
  );
  const names = new Set(taken.map(([name]) => name));
  if (parseHttpDate(fieldValue(taken, "date"), times.response) === undefined) names.add("date");
  return [
    ...stored.filter(([name]) => !names.has(name)),
    ...taken,
    ...(age === undefined ? [] : [["age", age] as const]),
  ];
}
