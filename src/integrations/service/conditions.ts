/** Conditional and range requests of a stored object (RFC 9110 sections 13 and 14). */

const CONDITIONAL = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"] as const;

const ENTITY_TAGS =
  /^(?:\*|(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:[ \t]*,[ \t]*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*)$/;

/** What a request's conditions are, or the name of the header that is none. */
export function conditions(headers: Headers): Headers | string | undefined {
  let found: Headers | undefined;
  for (const name of CONDITIONAL) {
    const value = headers.get(name)?.trim();
    if (value === undefined) continue;
    if (name.endsWith("match") && !ENTITY_TAGS.test(value)) return name;
    // A date that is none is ignored (RFC 9110 section 13.1.3).
    if (!name.endsWith("match") && Number.isNaN(Date.parse(value))) continue;
    found ??= new Headers();
    found.set(name, value);
  }
  return found;
}

export interface Stored {
  /** In quotes. */
  readonly httpEtag: string;
  readonly uploaded: Date;
}

/**
 * The status for an object whose conditions did not hold: 412 where the client meant another
 * version, 304 where it has this one (RFC 9110 section 13.2.2).
 */
export function failedCondition(conditions: Headers, { httpEtag, uploaded }: Stored): 304 | 412 {
  const match = conditions.get("if-match");
  if (match !== null) return lists(match, httpEtag) ? 304 : 412;
  const since = conditions.get("if-unmodified-since");
  return since !== null && seconds(uploaded.getTime()) > seconds(Date.parse(since)) ? 412 : 304;
}

/** Strong comparison: a weak tag is nobody's. */
function lists(tags: string, tag: string): boolean {
  return tags === "*" || tags.split(",").some((listed) => listed.trim() === tag);
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** A single range of bytes; more than one, or none that is well-formed, is as no range (section 14.2). */
export type ByteRange = { readonly offset: number; readonly length?: number } | { readonly suffix: number };

export function byteRange(header: string | null): ByteRange | undefined {
  const [, first = "", last = ""] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === "") return last === "" ? undefined : { suffix: Number(last) };
  const offset = Number(first);
  if (last === "") return { offset };
  return Number(last) < offset ? undefined : { offset, length: Number(last) - offset + 1 };
}

/** Whether an object of so many bytes has any of a range. */
export function isSatisfiable(range: ByteRange, size: number): boolean {
  return "suffix" in range ? range.suffix > 0 && size > 0 : range.offset < size;
}

/** `bytes 1-2/5`: what a range is of an object, where it has any of it. */
export function contentRange(
  range: ByteRange,
  size: number,
): { readonly text: string; readonly length: number } {
  const start = "suffix" in range ? Math.max(0, size - range.suffix) : range.offset;
  const end = "suffix" in range ? size : Math.min(size, start + (range.length ?? size));
  return { text: `bytes ${start}-${end - 1}/${size}`, length: end - start };
}
