import type { MemberNames } from "./member-names.ts";

export interface JsonFault {
  readonly kind: "syntax" | "duplicate_key" | "too_deep" | "too_many";
  /** Half a sentence for the one who sent the text. */
  readonly detail: string;
  /** Where, in UTF-16 code units from the start. */
  readonly offset: number;
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;

/** After so many plain characters a compiled pattern finds a string's end sooner than a loop. */
const SHORT = 24;
const PLAIN = /[^"\\\0-\x1f]+/y;
const HEX = /[0-9A-Fa-f]{4}/y;
/** Characters of a name that a message shows. */
const SHOWN = 60;

/** Goes over strings, numbers and words, leaving `at` behind them; what is wrong comes back as the fault. */
export class JsonScanner {
  at = 0;
  readonly #text: string;
  #escapes = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The code of the next character that is not white space, NaN at the end. */
  next(): number {
    const text = this.#text;
    let code = text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09)
      code = text.charCodeAt(++this.at);
    return code;
  }

  fault(detail: string): JsonFault {
    const ended = this.at >= this.#text.length;
    return { kind: "syntax", detail: ended ? "the text ends too early" : detail, offset: this.at };
  }

  string(): JsonFault | undefined {
    const text = this.#text;
    const start = this.at++;
    this.#escapes = false;
    for (let code = text.charCodeAt(this.at); code !== QUOTE; code = text.charCodeAt(++this.at)) {
      // Also NaN, behind the end.
      if (!(code >= 0x20)) return this.fault("a control character in a string is not escaped");
      if (code === BACKSLASH) {
        this.#escapes = true;
        const wrong = this.#escape();
        if (wrong) return wrong;
      } else if (this.at - start === SHORT) {
        PLAIN.lastIndex = this.at;
        if (PLAIN.test(text)) this.at = PLAIN.lastIndex - 1;
      }
    }
    this.at++;
    return undefined;
  }

  /** Leaves `at` on the escape's last character. */
  #escape(): JsonFault | undefined {
    const code = this.#text.charCodeAt(++this.at);
    if (code !== SMALL_U) {
      return SHORT_ESCAPES.has(code) ? undefined : this.fault("a backslash escapes nothing");
    }
    const unit = this.#unit(this.at + 1);
    if (unit === undefined) return this.fault("\\u needs four hexadecimal digits");
    if (unit < 0xd800 || unit > 0xdfff) {
      this.at += 4;
      return undefined;
    }
    const low = this.#text.startsWith("\\u", this.at + 5) ? this.#unit(this.at + 7) : undefined;
    if (unit > 0xdbff || low === undefined || low < 0xdc00 || low > 0xdfff) {
      this.at--;
      return this.fault("half of a surrogate pair stands alone");
    }
    this.at += 10;
    return undefined;
  }

  #unit(at: number): number | undefined {
    HEX.lastIndex = at;
    return HEX.test(this.#text) ? Number.parseInt(this.#text.slice(at, at + 4), 16) : undefined;
  }

  /** A number, `true`, `false` or `null`. */
  scalar(code: number): JsonFault | undefined {
    if (code === MINUS || (code >= ZERO && code <= 0x39)) return this.#number(code);
    const word = WORDS.get(code);
    if (word === undefined || !this.#text.startsWith(word, this.at)) return this.fault("a value is missing");
    this.at += word.length;
    return undefined;
  }

  #number(first: number): JsonFault | undefined {
    const text = this.#text;
    if (first === MINUS) this.at++;
    const start = this.at;
    if (!this.#digits()) return this.fault("a digit is missing");
    if (text.charCodeAt(start) === ZERO && this.at > start + 1) {
      this.at = start;
      return this.fault("a number starts with 0");
    }
    let code = text.charCodeAt(this.at);
    if (code === POINT) {
      this.at++;
      if (!this.#digits()) return this.fault("a digit is missing");
      code = text.charCodeAt(this.at);
    }
    if (code === 0x65 || code === 0x45) {
      const sign = text.charCodeAt(++this.at);
      if (sign === PLUS || sign === MINUS) this.at++;
      if (!this.#digits()) return this.fault("a digit is missing");
    }
    return undefined;
  }

  #digits(): boolean {
    const start = this.at;
    for (let code = this.#text.charCodeAt(start); code >= ZERO && code <= 0x39; ) {
      code = this.#text.charCodeAt(++this.at);
    }
    return this.at > start;
  }

  /** Whether the string that `string()` went over last is one that `names` has not had yet. */
  isNew(start: number, names: MemberNames): boolean {
    return names.add(this.#text, start, this.at, this.#escapes);
  }

  /** What stands from `start` to here, for a message. */
  shown(start: number): string {
    return this.at - start > SHOWN
      ? `${this.#text.slice(start, start + SHOWN)}..."`
      : this.#text.slice(start, this.at);
  }
}

const WORDS: ReadonlyMap<number, string> = new Map([
  [0x74, "true"],
  [0x66, "false"],
  [0x6e, "null"],
]);

const SHORT_ESCAPES: ReadonlySet<number> = new Set(
  Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)),
);
