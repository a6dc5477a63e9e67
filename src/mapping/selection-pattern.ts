import { unsafePattern } from "../lib/safe-pattern.ts";

/** How much of a selection value a pattern sees, in characters: an error message may carry what a client sent. */
const MOST_CHARACTERS = 2048;

/** A `selectionPattern`: it has to take the whole value, as Java's `matches()`. */
export interface SelectionPattern {
  test(value: string): boolean;
}

/**
 * Compiles a pattern; Java's `(?s)` may stand at its start.
 *
 * `.*text.*` is what everybody writes, and it fits a text in as many ways as it has starts.
 * So one `.*` at the start of an alternative is let through, what follows has to be linear
 * and the value is cut: at most a few million steps. A second `.*` before the last
 * one, as in `.*a.*b.*`, would make that billions.
 *
 * @returns why it is refused
 */
export function compileSelection(pattern: string): SelectionPattern | { readonly fault: string } {
  const body = pattern.startsWith("(?s)") ? dotAll(pattern.slice(4)) : pattern;
  for (const alternative of topLevel(body)) {
    const fault = unsafePattern(alternative.replace(LEADING, "").replace(TRAILING, "$1"));
    if (fault !== undefined) return { fault };
  }
  const regex = new RegExp(`^(?:${body})$`);
  return { test: (value) => regex.test(value.slice(0, MOST_CHARACTERS)) };
}

/** `.*`, and how it is written to take line breaks too. */
const ANY = "(?:\\.|\\[\\\\s\\\\S\\])[*+]";
const LEADING = new RegExp(`^\\^?${ANY}`);
/** An anchor that says nothing at the end of a whole pattern. */
const TRAILING = new RegExp(`(${ANY})\\$$`);

/** Points that take line breaks too, without the flag: what is checked has to be what runs. */
function dotAll(pattern: string): string {
  return pattern.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\./g, (token) =>
    token === "." ? "[\\s\\S]" : token,
  );
}

/** The alternatives of a pattern that stand outside of groups and classes. */
function topLevel(pattern: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let inClass = false;
  let start = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    if (character === "\\") i += 1;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    else if (character === "|" && depth === 0) {
      found.push(pattern.slice(start, i));
      start = i + 1;
    }
  }
  found.push(pattern.slice(start));
  return found;
}
