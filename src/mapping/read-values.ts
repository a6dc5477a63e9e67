import { Double, type Value } from "./values.ts";

const MAX_DEPTH = 500;
/** Values of all kinds: a list's items, an object's members, what is inside them (R-19). */
const MAX_VALUES = 250_000;
/** Digits of an integer: larger ones cost more than their length to read and to print. */
const MAX_DIGITS = 2_000;

/**
 * Reads a JSON text (RFC 8259, as strictly as JSON.parse) without losing what JSON.parse loses:
 * the order of keys that look like integers, `1.0`, integers beyond 2^53, a key `__proto__`. Of
 * two members with one key the later value counts, at the earlier one's place.
 *
 * Undefined when the text is not JSON, is nested deeper than 500 levels, has more than 250,000
 * values or an integer of more than 2,000 digits.
 *
 * @param count told how many values were read
 */
export function readValues(text: string, count?: (values: number) => void): Value | undefined {
  const reader = new Reader(text);
  const value = reader.value(0);
  count?.(reader.values);
  return value !== undefined && reader.atEnd() ? value : undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** Each method leaves `#at` behind what it read, and answers undefined for what is not JSON. */
class Reader {
  values = 0;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return Number.isNaN(this.#next());
  }

  value(depth: number): Value | undefined {
    if (++this.values > MAX_VALUES) return undefined;
    const code = this.#next();
    switch (code) {
      case QUOTE:
        return this.#string();
      case OPEN_MAP:
        return depth < MAX_DEPTH ? this.#map(depth + 1) : undefined;
      case OPEN_LIST:
        return depth < MAX_DEPTH ? this.#list(depth + 1) : undefined;
      case 0x74:
        return this.#word("true", true);
      case 0x66:
        return this.#word("false", false);
      case 0x6e:
        return this.#word("null", null);
      default:
        return this.#number(code);
    }
  }

  /** The code of the next character that is not white space, NaN at the end. */
  #next(): number {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at);
    this.#at = at;
    return code;
  }

  #word(word: string, value: boolean | null): boolean | null | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined;
    this.#at += word.length;
    return value;
  }

  #list(depth: number): Value[] | undefined {
    const list: Value[] = [];
    this.#at++;
    if (this.#next() === CLOSE_LIST) {
      this.#at++;
      return list;
    }
    for (;;) {
      const value = this.value(depth);
      if (value === undefined) return undefined;
      list.push(value);
      const code = this.#next();
      this.#at++;
      if (code === CLOSE_LIST) return list;
      if (code !== COMMA) return undefined;
    }
  }

  #map(depth: number): Map<string, Value> | undefined {
    const map = new Map<string, Value>();
    this.#at++;
    if (this.#next() === CLOSE_MAP) {
      this.#at++;
      return map;
    }
    for (;;) {
      if (this.#next() !== QUOTE) return undefined;
      const key = this.#string();
      if (key === undefined || this.#next() !== COLON) return undefined;
      this.#at++;
      const value = this.value(depth);
      if (value === undefined) return undefined;
      map.set(key, value);
      const code = this.#next();
      this.#at++;
      if (code === CLOSE_MAP) return map;
      if (code !== COMMA) return undefined;
    }
  }

  #string(): string | undefined {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    let escapes = false;
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(++at)) {
      // Also NaN, behind the end.
      if (!(code >= 0x20)) return undefined;
      if (code === BACKSLASH) {
        escapes = true;
        at++;
      } else if (at - start === SHORT) {
        at = plainEnd(text, at) - 1;
      }
    }
    this.#at = at + 1;
    return escapes ? unescaped(text.slice(start, at + 1)) : text.slice(start + 1, at);
  }

  #number(first: number): Value | undefined {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let whole = 0;
    if (first === MINUS) at++;
    const firstDigit = at;
    let code = text.charCodeAt(at);
    while (code >= 0x30 && code <= 0x39) {
      whole = whole * 10 + (code - 0x30);
      code = text.charCodeAt(++at);
    }
    const digits = at - firstDigit;
    if (digits === 0 || (digits > 1 && text.charCodeAt(firstDigit) === 0x30)) return undefined;
    this.#at = at;
    if (code === POINT || code === 0x65 || code === 0x45) return this.#double(start);
    if (digits > MAX_DIGITS) return undefined;
    // `-0` is the integer 0.
    if (digits <= 15) return first === MINUS && whole !== 0 ? -whole : whole;
    const exact = BigInt(text.slice(start, at));
    return BigInt.asIntN(54, exact) === exact && Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }

  #double(start: number): Double | undefined {
    let at = this.#at;
    if (this.#text.charCodeAt(at) === POINT) {
      at = this.#digits(at + 1);
      if (at < 0) return undefined;
    }
    const code = this.#text.charCodeAt(at);
    if (code === 0x65 || code === 0x45) {
      const sign = this.#text.charCodeAt(at + 1);
      at = this.#digits(sign === PLUS || sign === MINUS ? at + 2 : at + 1);
      if (at < 0) return undefined;
    }
    this.#at = at;
    const written = this.#text.slice(start, at);
    return new Double(Number(written), written.length > MAX_DOUBLE ? decimalText(written) : undefined);
  }

  /** Where the digits from here on end; below 0 when there are none. */
  #digits(from: number): number {
    let at = from;
    for (
      let code = this.#text.charCodeAt(at);
      code >= 0x30 && code <= 0x39;
      code = this.#text.charCodeAt(++at)
    );
    return at === from ? -1 : at;
  }
}

/** json-smart keeps what is longer as a BigDecimal, all digits of it. */
const MAX_DOUBLE = 18;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,10}))?$/;

/** A number as BigDecimal.toString writes it; undefined for an exponent beyond all bounds. */
function decimalText(written: string): string | undefined {
  const [found, minus = "", whole = "", fraction = "", power = "0"] = DECIMAL.exec(written) ?? [];
  if (found === undefined) return undefined;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, "");
  const scale = fraction.length - Number(power);
  const exponent = digits.length - 1 - scale;
  const sign = /^0+$/.test(digits) ? "" : minus;
  if (scale < 0 || exponent < -6) {
    const point = digits.length > 1 ? `${digits.charAt(0)}.${digits.slice(1)}` : digits;
    return `${sign}${point}${exponent === 0 ? "" : `E${exponent < 0 ? "" : "+"}${exponent}`}`;
  }
  if (scale === 0) return sign + digits;
  const padded = digits.padStart(scale + 1, "0");
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Characters after which a compiled pattern finds a string's end sooner than a loop. */
const SHORT = 24;
const PLAIN = /[^"\\\0-\x1f]+/y;

function plainEnd(text: string, from: number): number {
  PLAIN.lastIndex = from;
  return PLAIN.test(text) ? PLAIN.lastIndex : from;
}

function unescaped(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
