import { BoundedMap } from "../../lib/bounded-map.ts";
import { unsafePattern } from "../../lib/safe-pattern.ts";

/** A pattern ready to run, or why it may not. */
export type Pattern =
  | { readonly ok: true; readonly regex: RegExp }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

const HINT =
  "anchor it with ^ and $, and let no part end where the next may begin: " +
  "^[^@\\s]+@[^@\\s.]+(\\.[^@\\s.]+)+$ in place of ^\\S+@\\S+\\.\\S+$";

/** Judging one takes up to 30 ms, and every change of a configuration asks for all of them again. */
const judged = new BoundedMap<string, Pattern>(1_000);

/** One character of the pattern, or an assertion, and how often. */
const TOKEN = /(\[(?:[^\]\\]|\\.)*\]|\\[pP]\{[^}]*\}|\\.|[^[\\])((?:[*+?]|\{\d+(?:,\d*)?\})?\??)/gsy;

/**
 * Reads the regular expression of `pattern` or `patternProperties`, which is searched for in
 * a text, and sees to it that the search takes linear time whatever the text.
 *
 * One that begins with `^` is tried at the text's start only, and there the guarantee of
 * `unsafePattern` holds for a search too: it counts the ways to have come to each character,
 * wherever the match ends. Any other is tried at every character, which is one try of
 * `[^]*` and the pattern, and is judged as that.
 */
export function searchPattern(source: string): Pattern {
  const known = judged.get(source);
  if (known) return known;
  const pattern = judge(source);
  judged.set(source, pattern);
  return pattern;
}

function judge(source: string): Pattern {
  // Properties of characters exist with the flag u only.
  const flags = /\\[pP]\{/.test(source) ? "u" : "";
  const plain = tokens(source);
  if (plain && variesOnce(plain) && isRegExp(source, flags)) {
    return { ok: true, regex: new RegExp(source, flags) };
  }
  if (flags !== "") {
    const message = `"${source}" uses \\p{...}, which is for patterns that begin with ^ and have one part of varying length`;
    return { ok: false, message };
  }
  const run = plain && plain[0] !== "^" ? trimmed(plain) : source;
  const tried = startsAnchored(run) ? run : `[^]*(?:${run})`;
  const reason = unsafePattern(tried);
  if (reason === undefined) return { ok: true, regex: new RegExp(run) };
  const message = reason.replace(`"${tried}"`, `"${source}"`);
  return { ok: false, message, ...(isRegExp(source, flags) ? { hint: HINT } : {}) };
}

function isRegExp(source: string, flags: string): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false;
  }
}

/** The parts of a pattern without groups and alternatives; undefined for others. */
function tokens(source: string): readonly string[] | undefined {
  const parts: string[] = [];
  let end = 0;
  for (const [token, atom = ""] of source.matchAll(TOKEN)) {
    if ("()|".includes(atom)) return undefined;
    parts.push(token);
    end += token.length;
  }
  return end === source.length ? parts : undefined;
}

/** How many characters after a part of varying length are tried again at each of its lengths. */
const MAX_TAIL = 32;
const QUANTIFIER = /^(\[.*\]|\\[pP]\{[^}]*\}|\\.|.)(?:([*+?])|\{(\d+)(,\d*)?\})\??$/s;

/** Anchored, with one part of varying length at most, which has nobody to share its text with. */
function variesOnce(parts: readonly string[]): boolean {
  if (parts[0] !== "^") return false;
  const at = parts.findIndex(isVarying);
  if (at < 0) return true;
  const tail = parts.slice(at + 1);
  const length = tail.reduce((sum, part) => sum + Number(QUANTIFIER.exec(part)?.[3] ?? 1), 0);
  return length <= MAX_TAIL && !tail.some(isVarying);
}

function isVarying(token: string): boolean {
  const [, , sign, , range] = QUANTIFIER.exec(token) ?? [];
  return sign !== undefined || range !== undefined;
}

/** A search finds `x+` at an end of the pattern exactly where it finds `x`. */
function trimmed(parts: readonly string[]): string {
  const last = parts.length - 1;
  return parts.map((part, index) => (index === 0 || index === last ? fewest(part) : part)).join("");
}

function fewest(token: string): string {
  const [, atom = token, sign, low] = QUANTIFIER.exec(token) ?? [];
  if (sign === "*" || sign === "?") return "";
  return low === undefined ? atom : `${atom}{${low}}`;
}

/** Whether each alternative begins with `^`. */
function startsAnchored(source: string): boolean {
  let depth = 0;
  let starts = true;
  for (const [, atom = ""] of source.matchAll(TOKEN)) {
    if (starts && atom !== "^") return false;
    starts = false;
    if (atom === "(") depth++;
    else if (atom === ")") depth--;
    else if (atom === "|" && depth === 0) starts = true;
  }
  return !starts;
}
