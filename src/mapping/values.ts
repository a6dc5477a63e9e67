/**
 * JSON as the engine behind API Gateway's templates holds it (Java's json-smart). An integer is
 * a number where JavaScript holds it exactly and a bigint where not; what is written with a
 * point or an exponent is a Double. Maps keep the order of their keys, whatever the keys are.
 */
export type Value = null | boolean | string | number | bigint | Double | Value[] | Map<string, Value>;

/** A number written with a point or an exponent: `1.0` is not `1`, and prints as `1.0`. */
export class Double {
  readonly value: number;
  /** The digits of a number that 64 bits do not hold, as Java's BigDecimal prints them. */
  readonly #digits: string | undefined;

  constructor(value: number, digits?: string) {
    this.value = value;
    this.#digits = digits;
  }

  /** As Java's Double.toString: `1.0`, `1.0E10`, `1.0E-5`, `NaN`, `Infinity`. */
  toString(): string {
    return this.#digits ?? doubleText(this.value);
  }
}

/** A value that is too deep or too long to be printed: one that holds itself, for example. */
export class ValueLimit extends Error {}

const MAX_DEPTH = 1_000;
/** Characters: more than the payload limit of 10 MiB is never sent. */
const MAX_LENGTH = 10 * 1024 * 1024;

/**
 * As API Gateway prints a value in a template: a map is `{a=b, c=d}`, a list is JSON also where
 * it stands inside a map, `{foo=[{"nested":"bar"}]}` (json-smart's JSONArray prints itself so,
 * with `/` as `\/`).
 *
 * @param count told how many pieces were written, about two a value
 * @throws ValueLimit
 */
export function javaText(value: Value, count?: (pieces: number) => void): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || value instanceof Double) return String(value);
  const text = new Text(LIST_ESCAPES);
  text.java(value, 0);
  count?.(text.pieces);
  return text.written;
}

/**
 * Compact JSON, as `$input.json()` gives it (json-smart's LT_COMPRESS: control characters and
 * U+2000 to U+20FF are escaped, `/` is not; a number that is not finite is `null`).
 *
 * @param count told how many pieces were written, about two a value
 * @throws ValueLimit
 */
export function jsonText(value: Value, count?: (pieces: number) => void): string {
  if (typeof value === "string") return quoted(value, ESCAPES);
  const text = new Text(ESCAPES);
  text.json(value, 0);
  count?.(text.pieces);
  return text.written;
}

const ESCAPES = /["\\\0-\x1f\x7f-\x9f\u2000-\u20ff]/g;
const LIST_ESCAPES = /["\\/\0-\x1f\x7f-\x9f\u2000-\u20ff]/g;
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["/", "\\/"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function quoted(text: string, escapes: RegExp): string {
  return isPlain(text) ? `"${text}"` : `"${text.replace(escapes, escaped)}"`;
}

/** Short and without anything to escape, as most texts are: told sooner than by a pattern. */
function isPlain(text: string): boolean {
  if (text.length > 32) return false;
  for (let at = 0; at < text.length; at++) if (PLAIN[text.charCodeAt(at)] !== 1) return false;
  return true;
}

/** ASCII that is escaped nowhere, by its codes. */
const PLAIN = Uint8Array.from({ length: 0x7f }, (_, code) =>
  /[^"\\/\0-\x1f]/.test(String.fromCharCode(code)) ? 1 : 0,
);

function escaped(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short) return short;
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

class Text {
  written = "";
  pieces = 0;
  readonly #escapes: RegExp;

  constructor(escapes: RegExp) {
    this.#escapes = escapes;
  }

  java(value: Value, depth: number): void {
    if (!(value instanceof Map)) {
      if (Array.isArray(value)) this.json(value, depth);
      else this.#add(String(value));
      return;
    }
    let separator = "{";
    for (const [key, member] of this.#within(value, depth)) {
      this.#add(`${separator}${key}=`);
      this.java(member, depth + 1);
      separator = ", ";
    }
    this.#add(separator === "{" ? "{}" : "}");
  }

  json(value: Value, depth: number): void {
    if (typeof value === "string") this.#add(quoted(value, this.#escapes));
    else if (Array.isArray(value)) this.#list(value, depth);
    else if (value instanceof Map) this.#map(value, depth);
    else if (value instanceof Double) this.#add(Number.isFinite(value.value) ? value.toString() : "null");
    else this.#add(String(value));
  }

  #list(list: Value[], depth: number): void {
    let separator = "[";
    for (const item of this.#within(list, depth)) {
      this.#add(separator);
      this.json(item, depth + 1);
      separator = ",";
    }
    this.#add(separator === "[" ? "[]" : "]");
  }

  #map(map: Map<string, Value>, depth: number): void {
    let separator = "{";
    for (const [key, member] of this.#within(map, depth)) {
      this.#add(`${separator}${quoted(key, this.#escapes)}:`);
      this.json(member, depth + 1);
      separator = ",";
    }
    this.#add(separator === "{" ? "{}" : "}");
  }

  #within<T>(container: T, depth: number): T {
    if (depth >= MAX_DEPTH) throw new ValueLimit(`the value is nested deeper than ${MAX_DEPTH} levels`);
    return container;
  }

  #add(text: string): void {
    this.pieces++;
    this.written += text;
    if (this.written.length > MAX_LENGTH) {
      throw new ValueLimit(`the value is longer than ${MAX_LENGTH} characters`);
    }
  }
}

/** Java writes plain digits from a thousandth up to ten million, and always a digit after the point. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}
