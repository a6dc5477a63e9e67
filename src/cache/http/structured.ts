/**
 * The bare items of a dictionary: an Integer is its digits, a Boolean true is "", a String
 * begins with a quote (and has none at its end), whatever else is as it was written.
 */
export type Dictionary = ReadonlyMap<string, string>;

const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const SPACES = / */y;
const OWS = /[ \t]*/y;
const STRING = /"(?:[ !#-[\]-~]|\\["\\])*"/y;
/** Decimals, Integers and Dates, Tokens, Byte Sequences, Booleans, Display Strings. */
const OTHERS = [
  /-?\d{1,12}\.\d{1,3}(?![\d.])/y,
  /@?-?\d{1,15}(?![\d.])/y,
  /[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y,
  /:[A-Za-z0-9+/=]*:/y,
  /\?[01]/y,
  /%"(?:[ !#-$&-~]|%[0-9a-f]{2})*"/y,
];

/**
 * A Dictionary Structured Field (RFC 9651 section 4.2.2, RFC 8941 with Dates and Display
 * Strings). Of members with the same key the last one counts; parameters are parsed and dropped.
 *
 * @returns undefined for a field that does not parse, which has to be ignored as a whole
 */
export function parseDictionary(text: string): Dictionary | undefined {
  const members = new Map<string, string>();
  const input = new Input(text);
  input.take(SPACES);
  while (!input.ended) {
    const key = input.take(KEY);
    if (key === undefined) return undefined;
    const value = input.skip("=") ? input.list() : "";
    if (value === undefined || !input.parameters()) return undefined;
    members.set(key, value === "?1" ? "" : value.startsWith('"') ? value.slice(0, -1) : value);
    input.take(OWS);
    if (input.ended) break;
    if (!input.skip(",")) return undefined;
    input.take(OWS);
    if (input.ended) return undefined;
  }
  return members;
}

class Input {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.trimEnd();
  }

  get ended(): boolean {
    return this.#at === this.#text.length;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  item(): string | undefined {
    const string = this.take(STRING);
    if (string !== undefined) return string;
    for (const pattern of OTHERS) {
      const found = this.take(pattern);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** An item, or an Inner List, of which nobody needs more than that it parses. */
  list(): string | undefined {
    if (!this.skip("(")) return this.item();
    let apart = true;
    for (;;) {
      if (this.take(SPACES) !== "") apart = true;
      if (this.skip(")")) return ",";
      if (!apart || this.item() === undefined || !this.parameters()) return undefined;
      apart = false;
    }
  }

  parameters(): boolean {
    while (this.skip(";")) {
      this.take(SPACES);
      if (this.take(KEY) === undefined || (this.skip("=") && this.item() === undefined)) return false;
    }
    return true;
  }
}
