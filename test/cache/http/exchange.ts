import type { CacheRequest, ResponseHead, Times } from "../../../src/cache/http/fields.ts";
import type { StoredResponse } from "../../../src/cache/http/stored-response.ts";
import { decideStoring, type StoringOptions } from "../../../src/cache/http/storing.ts";

/** Sat, 21 Nov 2026 12:00:00 GMT, ms since the epoch. */
export const NOW = Date.UTC(2026, 10, 21, 12);
export const URL_OF_ALL = "https://api.example/items?page=2";

export type Lines = [name: string, value: string][];

export function get(headers: Lines = [], method = "GET", url = URL_OF_ALL): CacheRequest {
  return { method, url, headers: new Headers(headers) };
}

export function head(headers: Lines, status = 200): ResponseHead {
  return { status, headers: new Headers(headers) };
}

/** Sent and answered at the same time. */
export function at(ms: number): Times {
  return { request: ms, response: ms };
}

/** @param seconds from NOW */
export function date(seconds: number): string {
  return new Date(NOW + seconds * 1000).toUTCString();
}

/** What is kept of a response that came at NOW. */
export function stored(
  headers: Lines,
  { status = 200, request = get(), options = {} as StoringOptions, times = at(NOW) } = {},
): StoredResponse {
  const storing = decideStoring(request, head(headers, status), times, options);
  if (!storing.store) throw new Error(`not stored: ${storing.reason}`);
  return storing.response;
}

/** Texts of 64 KB that parsers of headers tend to be slow at. */
export const HOSTILE: readonly string[] = [
  '"',
  "\\",
  '"\\',
  "=",
  ",",
  "a,",
  '"a',
  '",',
  "a=",
  'a="',
  "(",
  "( ",
  ";a",
  " ",
  "\t,",
  "0",
  "9",
  "1.",
  ":",
  '%"',
  "W/",
  "-",
  "bytes=",
  "é",
].flatMap((piece) => {
  const text = piece.repeat(Math.ceil(65_536 / piece.length));
  return [text, `a=${text}`, `"${text}`, `bytes=${text}`, `max-age=${text}`];
});
