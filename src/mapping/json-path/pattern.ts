import { unsafePattern, wholePattern } from "../../lib/safe-pattern.ts";
import type { Cursor } from "./cursor.ts";

const LITERAL = /\/((?:[^/\\]|\\[\s\S])*)\/(i?)/y;

/**
 * `/re/` or `/re/i`, which has to take a whole text.
 *
 * @throws PathError for what could take long on some text, and for what Java reads otherwise
 */
export function readPattern(cursor: Cursor): RegExp {
  const [, written, ignoreCase] = cursor.match(LITERAL) ?? [];
  if (written === undefined) throw cursor.error("a pattern is written /between slashes/");
  const otherwise = JAVA_ONLY.exec(written)?.[0];
  if (otherwise !== undefined) throw cursor.error(`"${otherwise}" in a pattern is not supported`);
  const pattern = ignoreCase ? eitherCase(written, cursor) : written;
  const unsafe = unsafePattern(pattern);
  if (unsafe !== undefined) throw cursor.error(unsafe);
  return wholePattern(pattern);
}

/** Quotations, anchors, classes and possessive quantifiers that JavaScript takes for something else. */
const JAVA_ONLY = /\\[AEGHNQRVXZaehz]|&&|(?<!\\)\[[^\]]*\[|[*+?}]\+/;
const TOKEN = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|c[A-Za-z]|[\s\S])|\(\?<\w+>|[^\\[\]^]-[^\\[\]]|[\s\S]/g;

/**
 * Takes ASCII letters of either case without the flag `i`, so that the check of what is safe
 * sees what runs: `(a|A)*` is harmless, but not when its letters are the same.
 */
function eitherCase(pattern: string, cursor: Cursor): string {
  let inSet = false;
  return pattern.replace(TOKEN, (token) => {
    if (token === "[") inSet = true;
    if (token === "]") inSet = false;
    if (!/^.(?:-.)?$/s.test(token)) return token;
    if (!inSet) return token.replace(/[A-Za-z]/g, (letter) => `[${bothCases(letter)}]`);
    if (/^(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[A-Za-z])$/.test(token)) return bothCases(token);
    if (/[A-Za-z]/.test(token) || takesOneCase(token)) {
      throw cursor.error(`"${token}" in a pattern leaves open which case is meant`);
    }
    return token;
  });
}

const bothCases = (text: string): string => text.toLowerCase() + text.toUpperCase();

/** A range that neither starts nor ends with a letter has all letters of a case or none. */
const takesOneCase = (range: string): boolean => takes(range, "M") !== takes(range, "m");

const takes = (range: string, letter: string): boolean =>
  range.charAt(0) <= letter && letter <= range.charAt(2);
