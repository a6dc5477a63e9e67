import { isToken } from "../../lib/token.ts";
import { fieldValue, type HeaderLines, listMembers, quotedMembers } from "./fields.ts";
import { parseDictionary } from "./structured.ts";

/** Cache directives by their name in lower case; "" for one without an argument. */
export type Directives = ReadonlyMap<string, string>;

/** Neither a number nor a list of names: the most restrictive reading of a directive. */
const INVALID = ",";

/** Larger numbers stand for this one, in seconds (RFC 9111 section 1.2.2). */
const MAX_DELTA_SECONDS = 2 ** 31;

/**
 * Cache-Control (RFC 9111 section 5.2). Arguments count as tokens and as quoted strings. A
 * directive that is repeated with another argument, has an argument with something wrong
 * about it, or whitespace about its `=`, has no valid one (section 4.2.1: it "should be
 * considered stale").
 */
export function parseDirectives(text: string): Directives {
  const directives = new Map<string, string>();
  for (const member of quotedMembers(text)) {
    const equals = member.indexOf("=");
    const name = (equals === -1 ? member : member.slice(0, equals)).trimEnd().toLowerCase();
    const value =
      equals === -1 ? "" : member[equals - 1]?.trim() === "" ? INVALID : argument(member.slice(equals + 1));
    const earlier = directives.get(name);
    directives.set(name, earlier === undefined || earlier === value ? value : INVALID);
  }
  return directives;
}

function argument(text: string): string {
  if (!text.startsWith('"')) return isToken(text) ? text : INVALID;
  return text.length > 1 && text.endsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : INVALID;
}

/** A non-negative whole number of seconds (RFC 9111 section 1.2.2); undefined for anything else. */
export function deltaSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), MAX_DELTA_SECONDS) : undefined;
}

/** A directive's seconds in ms; undefined without the directive, 0 if what it says is no number of seconds. */
export function directiveMs(directives: Directives, name: string): number | undefined {
  const value = directives.get(name);
  return value === undefined ? undefined : (deltaSeconds(value) ?? 0) * 1000;
}

/**
 * The header fields that `no-cache` or `private` is limited to (RFC 9111 sections 5.2.2.4 and
 * 5.2.2.7), in lower case; undefined for a directive that applies to the whole response.
 */
export function limitedTo(directives: Directives, name: string): readonly string[] | undefined {
  const value = directives.get(name)?.replaceAll('"', "").toLowerCase();
  const names = value === undefined ? [] : listMembers(value);
  return names.length > 0 && names.every(isToken) ? names : undefined;
}

/** What governs a response in this cache. */
export interface ResponseControl {
  readonly directives: Directives;
  /** They come from CDN-Cache-Control: Cache-Control and Expires say nothing to this cache. */
  readonly targeted: boolean;
}

/** RFC 9213 section 2.2, with the target list `CDN-Cache-Control`. */
export function responseControl(lines: HeaderLines): ResponseControl {
  const targeted = parseDictionary(fieldValue(lines, "cdn-cache-control") ?? "");
  if (targeted !== undefined && targeted.size > 0) return { directives: targeted, targeted: true };
  return { directives: parseDirectives(fieldValue(lines, "cache-control") ?? ""), targeted: false };
}

const NO_CACHE: Directives = new Map([["no-cache", ""]]);

/**
 * What a client asks of caches; undefined if it asks nothing. Without Cache-Control,
 * `Pragma: no-cache` says the same as `Cache-Control: no-cache` (RFC 9111 section 5.4).
 */
export function requestDirectives(headers: Headers): Directives | undefined {
  const text = headers.get("cache-control");
  if (text !== null) return parseDirectives(text);
  return headers.get("pragma")?.toLowerCase().trim() === "no-cache" ? NO_CACHE : undefined;
}
