/** Characters beyond ASCII of which a set remembers whether it has them. */
const REMEMBERED = 4_096;

/** Some of Unicode's characters, by their code points. */
export class CharSet {
  readonly #ascii = new Uint8Array(128);
  readonly #has: (code: number) => boolean;
  readonly #beyond = new Map<number, boolean>();

  constructor(has: (code: number) => boolean) {
    for (let code = 0; code < 128; code++) this.#ascii[code] = has(code) ? 1 : 0;
    this.#has = has;
  }

  has(code: number): boolean {
    if (code < 128) return this.#ascii[code] === 1;
    const known = this.#beyond.get(code);
    if (known !== undefined) return known;
    const has = this.#has(code);
    if (this.#beyond.size < REMEMBERED) this.#beyond.set(code, has);
    return has;
  }
}

export type Members = (code: number) => boolean;

const range =
  (from: number, to: number): Members =>
  (code) =>
    code >= from && code <= to;

export const oneOf = (characters: string): Members => {
  const codes = new Set(Array.from(characters, (character) => character.codePointAt(0)));
  return (code) => codes.has(code);
};

/** Ranges of code points, both ends included, as one set that looks up in logarithmic time. */
export function inRanges(ranges: readonly (readonly [from: number, to: number])[]): Members {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return (code) => {
    let low = 0;
    let high = merged.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [from = 0, to = 0] = merged[middle] ?? [];
      if (code < from) high = middle;
      else if (code > to) low = middle + 1;
      else return true;
    }
    return false;
  };
}

export const anyOf =
  (...sets: Members[]): Members =>
  (code) =>
    sets.some((has) => has(code));

export const both =
  (a: Members, b: Members): Members =>
  (code) =>
    a(code) && b(code);

export const not =
  (set: Members): Members =>
  (code) =>
    !set(code);

/** Without regard to the case of ASCII's letters, as Java has it without UNICODE_CASE. */
export const ignoringCase =
  (set: Members): Members =>
  (code) =>
    set(code) || (isLetter(code) && set(code ^ 0x20));

const isLower = range(0x61, 0x7a);
const isUpper = range(0x41, 0x5a);
const isLetter = anyOf(isLower, isUpper);
const isDigit = range(0x30, 0x39);
const isWord = anyOf(isLetter, isDigit, oneOf("_"));
const isSpace = oneOf(" \t\n\v\f\r");
const isHorizontal = anyOf(oneOf(" \t\xa0\u1680\u180e\u202f\u205f\u3000"), range(0x2000, 0x200a));
const isVertical = oneOf("\n\v\f\r\x85\u2028\u2029");
const isPunctuation = oneOf("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");

/** `\d`, `\w` and their like. */
export const CLASSES: ReadonlyMap<string, Members> = new Map([
  ["d", isDigit],
  ["D", not(isDigit)],
  ["w", isWord],
  ["W", not(isWord)],
  ["s", isSpace],
  ["S", not(isSpace)],
  ["h", isHorizontal],
  ["H", not(isHorizontal)],
  ["v", isVertical],
  ["V", not(isVertical)],
]);

/** What `.` does not take. */
export const LINE_ENDS: Members = oneOf("\n\r\x85\u2028\u2029");

export const isWordCharacter: Members = isWord;

const unicode = (property: string): Members => {
  // Compiled when it is asked first: there are many, and few templates ask any.
  let pattern: RegExp | undefined;
  return (code) => {
    pattern ??= new RegExp(`\\p{${property}}`, "u");
    return pattern.test(String.fromCodePoint(code));
  };
};

/** `\p{...}`: Java's names for ASCII's classes and the more usual ones of Unicode's. */
export const PROPERTIES: ReadonlyMap<string, Members> = new Map([
  ["Lower", isLower],
  ["Upper", isUpper],
  ["ASCII", range(0, 0x7f)],
  ["Alpha", isLetter],
  ["Digit", isDigit],
  ["Alnum", anyOf(isLetter, isDigit)],
  ["Punct", isPunctuation],
  ["Graph", range(0x21, 0x7e)],
  ["Print", range(0x20, 0x7e)],
  ["Blank", oneOf(" \t")],
  ["Cntrl", anyOf(range(0, 0x1f), range(0x7f, 0x7f))],
  ["XDigit", anyOf(isDigit, range(0x61, 0x66), range(0x41, 0x46))],
  ["Space", isSpace],
  ["IsAlphabetic", unicode("Alphabetic")],
  ["IsLetter", unicode("L")],
  ["IsDigit", unicode("Nd")],
  ["IsWhite_Space", unicode("White_Space")],
  ["IsUppercase", unicode("Uppercase")],
  ["IsLowercase", unicode("Lowercase")],
  ["IsPunctuation", unicode("P")],
  ["IsLatin", unicode("Script=Latin")],
  ...[
    "L",
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "M",
    "Mn",
    "N",
    "Nd",
    "Nl",
    "No",
    "P",
    "S",
    "Sc",
    "Sm",
    "Z",
    "Zs",
    "C",
    "Cc",
  ].flatMap((name): [string, Members][] => [
    [name, unicode(name)],
    [`Is${name}`, unicode(name)],
  ]),
]);
