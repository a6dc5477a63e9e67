import { strongMatch } from "./entity-tag.ts";
import { fieldValue } from "./fields.ts";
import { parseHttpDate } from "./http-date.ts";
import type { StoredResponse } from "./stored-response.ts";

/** A part of a body, bytes. */
export interface Slice {
  readonly offset: number;
  readonly length: number;
}

/**
 * The part of a stored response that a GET with Range asks for (RFC 9110 section 14.2).
 *
 * @param length of the whole body, bytes
 * @returns undefined for the whole of it: there is no Range, or one that is invalid, of another unit or of
 * several parts, or If-Range says that the client has parts of another response
 */
export function selectRange(
  stored: StoredResponse,
  length: number,
  headers: Headers,
): Slice | "unsatisfiable" | undefined {
  const range = headers.get("range");
  if (range === null || stored.status !== 200 || !ifRange(stored, headers.get("if-range"))) return undefined;
  const parts = /^bytes=[ \t]*(\d*)-(\d*)$/i.exec(range.trim());
  if (parts === null) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "") return last === "" ? undefined : suffix(length, Number(last));
  if (last !== "" && Number(last) < Number(first)) return undefined;
  if (Number(first) >= length) return "unsatisfiable";
  const end = last === "" ? length : Math.min(Number(last) + 1, length);
  return { offset: Number(first), length: end - Number(first) };
}

/** The last bytes; of an empty body there are none to name in a Content-Range. */
function suffix(length: number, count: number): Slice | "unsatisfiable" | undefined {
  if (count === 0) return "unsatisfiable";
  if (length === 0) return undefined;
  const size = Math.min(count, length);
  return { offset: length - size, length: size };
}

/**
 * RFC 9110 section 13.1.5: a strong entity tag, or the very Last-Modified of a response that
 * was made at least a second after it, which makes that one strong (section 8.8.2.2).
 */
function ifRange(stored: StoredResponse, condition: string | null): boolean {
  if (condition === null) return true;
  if (strongMatch(fieldValue(stored.headers, "etag"), condition.trim())) return true;
  const modified = parseHttpDate(fieldValue(stored.headers, "last-modified"), stored.date);
  return (
    modified !== undefined &&
    parseHttpDate(condition.trim(), stored.date) === modified &&
    stored.date - modified >= 1000
  );
}
