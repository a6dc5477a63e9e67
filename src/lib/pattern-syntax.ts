/** The part of JavaScript's regular expressions (without flags) that can be judged before it runs. */
export type PatternNode =
  /** One character of a set; `source` is how the pattern writes it: `a`, `\w`, `[a-z]`, `.`. */
  | { readonly kind: "character"; readonly source: string }
  /** Nothing, or an assertion that takes no character. */
  | { readonly kind: "empty" }
  | { readonly kind: "sequence"; readonly items: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly items: readonly PatternNode[] }
  /** `max` is Infinity for `*`, `+` and `{2,}`. */
  | { readonly kind: "repeat"; readonly item: PatternNode; readonly min: number; readonly max: number };

/** What a linear-time matcher could not do; the message is for the pattern's author. */
export class PatternError extends Error {}

/** More copies than a pattern may have positions. */
const MAX_COPIES = 1_000;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y;
const GROUP = /\((?:\?(?::|<[A-Za-z_$][\w$]*>))?/y;
const SET = /\[(?:[^\]\\]|\\[\s\S])*\]/y;
const ESCAPE = /\\(?:0[0-7]+|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|c[A-Za-z]|[\s\S])/y;

const EMPTY: PatternNode = { kind: "empty" };

/**
 * Reads a pattern that `RegExp` accepts.
 *
 * @throws PatternError for backreferences, lookarounds and modifiers
 */
export function parsePattern(pattern: string): PatternNode {
  let at = 0;

  const take = (token: RegExp): RegExpExecArray | undefined => {
    token.lastIndex = at;
    const found = token.exec(pattern) ?? undefined;
    if (found) at += found[0].length;
    return found;
  };

  const choice = (): PatternNode => {
    const items = [sequence()];
    while (pattern[at] === "|") {
      at += 1;
      items.push(sequence());
    }
    return items.length === 1 ? (items[0] ?? EMPTY) : { kind: "choice", items };
  };

  const sequence = (): PatternNode => {
    const items: PatternNode[] = [];
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") items.push(repeated(atom()));
    return { kind: "sequence", items };
  };

  const repeated = (item: PatternNode): PatternNode => {
    const found = take(QUANTIFIER);
    if (!found) return item;
    const [token, low, range, high] = found;
    const kind = token[0];
    if (kind === "{") {
      const min = Number(low);
      if (min > MAX_COPIES) throw new PatternError("repeats too much to be checked");
      const max = range === undefined ? min : high === "" ? Number.POSITIVE_INFINITY : Number(high);
      return { kind: "repeat", item, min, max };
    }
    const max = kind === "?" ? 1 : Number.POSITIVE_INFINITY;
    return { kind: "repeat", item, min: kind === "+" ? 1 : 0, max };
  };

  const atom = (): PatternNode => {
    switch (pattern[at]) {
      case "(": {
        const opened = take(GROUP)?.[0];
        if (opened === "(" && pattern[at] === "?")
          throw new PatternError("looks around or changes flags ((?...))");
        const inner = choice();
        at += 1; // the closing parenthesis
        return inner;
      }
      case "^":
      case "$":
        at += 1;
        return EMPTY;
      case "[":
        return { kind: "character", source: take(SET)?.[0] ?? "" };
      case "\\":
        return escaped(take(ESCAPE)?.[0] ?? "");
      default: {
        const source = pattern[at] ?? "";
        at += 1;
        // A brace that quantifies nothing, as RegExp reads it.
        return { kind: "character", source: /[{}\]]/.test(source) ? `\\${source}` : source };
      }
    }
  };

  return choice();
}

function escaped(source: string): PatternNode {
  if (/^\\[1-9k]/.test(source)) throw new PatternError("refers back to a group");
  if (/^\\0./.test(source)) throw new PatternError("has an octal escape");
  if (source === "\\c") throw new PatternError("has a \\c without a letter");
  if (source === "\\b" || source === "\\B") return EMPTY;
  if (/^\\[pP]$/.test(source)) throw new PatternError("uses \\p, which means the letter p here");
  return { kind: "character", source };
}
