import type { Budget } from "./velocity/regex/matcher.ts";
import { compilePattern } from "./velocity/regex/pattern.ts";

/** How much of a selection value a pattern sees, in characters: an error message may carry what a client sent. */
const MOST_CHARACTERS = 65_536;
/** At most so many characters, times the pattern's steps: some tens of ms. */
const MOST_WORK = 2_000_000;

/** What a pattern does is bounded by the two above. */
const BOUNDED: Budget = {
  work: () => undefined,
  error: (_, message) => new Error(message),
};

/** A `selectionPattern`: it has to take the whole value, as Java's `matches()`. */
export interface SelectionPattern {
  test(value: string): boolean;
}

/**
 * Compiles a pattern of java.util.regex; looking around, references back to groups and
 * possessive quantifiers are refused, everything else takes linear time.
 *
 * @returns why it is refused
 */
export function compileSelection(pattern: string): SelectionPattern | { readonly fault: string } {
  const compiled = compilePattern(pattern);
  if ("fault" in compiled) return compiled;
  const most = Math.min(MOST_CHARACTERS, Math.floor(MOST_WORK / compiled.size));
  return { test: (value) => compiled.matches(BOUNDED, value.slice(0, most)) };
}
