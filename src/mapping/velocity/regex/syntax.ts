import {
  anyOf,
  both,
  CharSet,
  CLASSES,
  ignoringCase,
  inRanges,
  LINE_ENDS,
  type Members,
  not,
  oneOf,
  PROPERTIES,
} from "./char-set.ts";

/** A Java regular expression as parsed. */
export type Node =
  | { readonly kind: "set"; readonly set: CharSet; readonly character?: string }
  | { readonly kind: "sequence" | "choice"; readonly items: readonly Node[] }
  | { readonly kind: "group"; readonly item: Node; readonly index: number }
  | {
      readonly kind: "repeat";
      readonly item: Node;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | { readonly kind: "assertion"; readonly assertion: Assertion };

export type Assertion = "start" | "end" | "line-start" | "line-end" | "last-end" | "word" | "no-word";

/** Why a pattern is refused; the message is for its author. */
export class PatternFault extends Error {}

export interface Parsed {
  readonly root: Node;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

interface Flags {
  ignoreCase: boolean;
  dotAll: boolean;
  multiline: boolean;
}

/** Code points, both ends included. */
type Range = readonly [from: number, to: number];

const MAX_NESTING = 50;
/** Sets inside of a pattern's sets, all in all: each is asked at every step. */
const MAX_SETS = 100;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["f", "\f"],
  ["a", "\x07"],
  ["e", "\x1b"],
]);
const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ["b", "word"],
  ["B", "no-word"],
  ["A", "start"],
  ["z", "end"],
  ["Z", "last-end"],
]);

/**
 * Reads a pattern of java.util.regex. What cannot be matched in linear time is refused:
 * references back to groups, looking around, possessive quantifiers and atomic groups.
 *
 * @throws PatternFault
 */
export function parsePattern(source: string): Parsed {
  return new Parser(source).pattern();
}

class Parser {
  readonly #source: string;
  #at = 0;
  #groups = 0;
  #depth = 0;
  #sets = 0;
  readonly #names = new Map<string, number>();
  #flags: Flags = { ignoreCase: false, dotAll: false, multiline: false };

  constructor(source: string) {
    this.#source = source;
  }

  pattern(): Parsed {
    const root = this.#choice();
    if (this.#at < this.#source.length) throw this.#fault("has a ) too many");
    return { root, groups: this.#groups, names: this.#names };
  }

  #fault(what: string): PatternFault {
    return new PatternFault(`the regular expression ${JSON.stringify(this.#source)} ${what}`);
  }

  get #next(): string {
    return this.#source[this.#at] ?? "";
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    if (found) this.#at += found[0].length;
    return found;
  }

  #character(): string {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) throw this.#fault("ends too early");
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  /** Flags that a group sets end with it. */
  #choice(): Node {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw this.#fault("has too many groups inside each other");
    const flags = { ...this.#flags };
    const items = [this.#sequence()];
    while (this.#next === "|") {
      this.#at += 1;
      items.push(this.#sequence());
    }
    this.#flags = flags;
    this.#depth -= 1;
    const [only] = items;
    return only && items.length === 1 ? only : { kind: "choice", items };
  }

  #sequence(): Node {
    const items: Node[] = [];
    while (this.#at < this.#source.length && this.#next !== "|" && this.#next !== ")") {
      const atom = this.#atom();
      if (atom) items.push(...this.#quantified(atom));
    }
    return { kind: "sequence", items };
  }

  #quantified(atoms: readonly Node[]): readonly Node[] {
    const found = this.#take(/[*+?]|\{(\d+)(,(\d*))?\}/y);
    const item = atoms.at(-1);
    if (!found || !item) return atoms;
    const [token, low, comma, high] = found;
    const min = low === undefined ? (token === "+" ? 1 : 0) : Number(low);
    const max =
      low === undefined ? (token === "?" ? 1 : Infinity) : !comma ? min : high ? Number(high) : Infinity;
    if (min > max) throw this.#fault("repeats from more to less");
    const lazy = this.#take(/\?/y) !== undefined;
    if (this.#next === "+") throw this.#fault("has a possessive quantifier, which is not supported");
    if (/[*?]/.test(this.#next) || (!lazy && this.#next === "{"))
      throw this.#fault(`has a dangling ${this.#next}`);
    return [...atoms.slice(0, -1), { kind: "repeat", item, min, max, lazy }];
  }

  /** None for what only sets flags. */
  #atom(): readonly Node[] | undefined {
    switch (this.#next) {
      case "(":
        return this.#group();
      case "[":
        return [this.#set(this.#bracket())];
      case ".":
        this.#at += 1;
        return [this.#set(this.#flags.dotAll ? () => true : not(LINE_ENDS))];
      case "^":
        this.#at += 1;
        return [{ kind: "assertion", assertion: this.#flags.multiline ? "line-start" : "start" }];
      case "$":
        this.#at += 1;
        return [{ kind: "assertion", assertion: this.#flags.multiline ? "line-end" : "last-end" }];
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw this.#fault(`has a dangling ${this.#next}`);
      case "{":
        throw this.#fault("has a { that repeats nothing");
      default:
        return [this.#literal(this.#character())];
    }
  }

  #set(has: Members): Node {
    return { kind: "set", set: new CharSet(this.#flags.ignoreCase ? ignoringCase(has) : has) };
  }

  #literal(character: string): Node {
    return this.#flags.ignoreCase
      ? this.#set(oneOf(character))
      : { kind: "set", set: new CharSet(oneOf(character)), character };
  }

  #group(): readonly Node[] | undefined {
    const opened = this.#take(/\((?:\?(?:<([A-Za-z][A-Za-z0-9]*)>|([a-zA-Z]*)(?:-([a-zA-Z]+))?(:|\))))?/y);
    const [token, name, on, off, end] = opened ?? [];
    if (token === "(" && this.#next === "?")
      throw this.#fault("looks around or is atomic ((?...), which is not supported");
    if (end === ")") {
      this.#setFlags(on ?? "", true);
      this.#setFlags(off ?? "", false);
      return undefined;
    }
    let index: number | undefined;
    if (end === undefined) {
      this.#groups += 1;
      index = this.#groups;
      if (name !== undefined) {
        if (this.#names.has(name)) throw this.#fault(`has two groups ${name}`);
        this.#names.set(name, index);
      }
    }
    const flags = { ...this.#flags };
    this.#setFlags(on ?? "", true);
    this.#setFlags(off ?? "", false);
    const item = this.#choice();
    this.#flags = flags;
    if (this.#next !== ")") throw this.#fault("has a group without an end");
    this.#at += 1;
    return [index === undefined ? item : { kind: "group", item, index }];
  }

  #setFlags(letters: string, value: boolean): void {
    for (const letter of letters) {
      if (letter === "i") this.#flags.ignoreCase = value;
      else if (letter === "s") this.#flags.dotAll = value;
      else if (letter === "m") this.#flags.multiline = value;
      else throw this.#fault(`has the flag ${letter}, which is not supported`);
    }
  }

  #escape(): readonly Node[] {
    if (this.#take(/\\Q/y)) {
      const end = this.#source.indexOf("\\E", this.#at);
      const text = this.#source.slice(this.#at, end === -1 ? undefined : end);
      this.#at = end === -1 ? this.#source.length : end + 2;
      return Array.from(text, (character) => this.#literal(character));
    }
    const letter = this.#source[this.#at + 1] ?? "";
    const assertion = ASSERTIONS.get(letter);
    if (assertion) {
      this.#at += 2;
      return [{ kind: "assertion", assertion }];
    }
    if (letter === "R") {
      this.#at += 2;
      const pair = ["\r", "\n"].map((character) => this.#literal(character));
      return [
        {
          kind: "choice",
          items: [{ kind: "sequence", items: pair }, this.#set(CLASSES.get("v") ?? LINE_ENDS)],
        },
      ];
    }
    const escaped = this.#escaped();
    return [typeof escaped === "string" ? this.#literal(escaped) : this.#set(escaped)];
  }

  /** What a backslash makes of what follows it: a character, or a set of some. */
  #escaped(): string | Members {
    const property = this.#take(/\\([pP])(?:\{(\^?)([^}]*)\}|([A-Za-z]))/y);
    if (property) return this.#property(property);
    const code = this.#take(/\\(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/y);
    if (code) return this.#codePoint(Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16));
    const octal = this.#take(/\\0([0-3][0-7]{2}|[0-7]{1,2})/y);
    if (octal) return this.#codePoint(Number.parseInt(octal[1] ?? "", 8));
    const control = this.#take(/\\c([\s\S])/y);
    if (control) return String.fromCharCode((control[1] ?? "").charCodeAt(0) ^ 64);
    this.#at += 1;
    const letter = this.#character();
    const known = CLASSES.get(letter) ?? ESCAPES.get(letter);
    if (known !== undefined) return known;
    if (/[1-9k]/.test(letter)) throw this.#fault("refers back to a group, which is not supported");
    if (/[A-Za-z]/.test(letter)) throw this.#fault(`has the unknown escape \\${letter}`);
    return letter;
  }

  #codePoint(code: number): string {
    if (!(code <= 0x10ffff)) throw this.#fault("has a character that Unicode has not");
    return String.fromCodePoint(code);
  }

  #property([, letter, caret, long, short]: RegExpExecArray): Members {
    const name = long ?? short ?? "";
    const has = PROPERTIES.get(name);
    if (!has) throw this.#fault(`has the property ${name}, which is not supported`);
    return (letter === "P") !== (caret === "^") ? not(has) : has;
  }

  /** `[a-z&&[^m]]`: sets inside sets are joined, `&&` keeps what both have. */
  #bracket(): Members {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw this.#fault("has too many sets inside each other");
    this.#at += 1;
    const negated = this.#take(/\^/y) !== undefined;
    let whole: Members | undefined;
    let ranges: Range[] = [];
    let sets = new Set<Members>();
    const close = (): void => {
      if (ranges.length === 0 && sets.size === 0) return;
      const joined = ranges.length === 0 ? anyOf(...sets) : anyOf(inRanges(ranges), ...sets);
      whole = whole ? both(whole, joined) : joined;
      ranges = [];
      sets = new Set();
    };
    for (let first = true; first || this.#next !== "]"; first = false) {
      if (this.#at >= this.#source.length) throw this.#fault("has a set without an end");
      if (this.#take(/&&/y)) {
        close();
        this.#sets += 1;
        continue;
      }
      const members = this.#next === "[" ? this.#bracket() : this.#members();
      if (typeof members !== "function") ranges.push(members);
      else if (!sets.has(members)) {
        sets.add(members);
        this.#sets += 1;
      }
      if (this.#sets > MAX_SETS) throw this.#fault("has too many sets");
    }
    this.#at += 1;
    close();
    this.#depth -= 1;
    const members = whole ?? (() => false);
    return negated ? not(members) : members;
  }

  #members(): Members | Range {
    const from = this.#member();
    if (typeof from !== "string") return from;
    if (
      !/^-[^\]]/.test(this.#source.slice(this.#at, this.#at + 2)) ||
      this.#source.startsWith("-[", this.#at)
    ) {
      const code = from.codePointAt(0) ?? 0;
      return [code, code];
    }
    this.#at += 1;
    const to = this.#member();
    const [low, high] = [from.codePointAt(0) ?? 0, typeof to === "string" ? (to.codePointAt(0) ?? 0) : -1];
    if (low > high) throw this.#fault("has a range from more to less");
    return [low, high];
  }

  #member(): string | Members {
    return this.#next === "\\" ? this.#escaped() : this.#character();
  }
}
