import { MemberNames } from "./member-names.ts";
import { type JsonFault, JsonScanner } from "./scanner.ts";

export type { JsonFault } from "./scanner.ts";

export interface JsonLimits {
  /** Lists and objects within each other. */
  readonly depth: number;
  /** Values of all kinds: items, members, what is inside them. */
  readonly values: number;
}

/** What JSON may hold that a client sends and that is then held whole. */
export const BODY_LIMITS: JsonLimits = { depth: 100, values: 250_000 };

/**
 * Says why a text is not JSON that every reader reads alike; undefined when it is: RFC 8259,
 * without two members of one name in an object and without lone surrogates (RFC 7493, sections
 * 2.1 and 2.3), which readers read differently, within limits.
 *
 * One pass over the text, without recursion; the offset is in UTF-16 code units.
 */
export function jsonFault(text: string, limits: JsonLimits): JsonFault | undefined {
  // The engine's own reader would take it off, others would not.
  if (text.startsWith("\ufeff"))
    return { kind: "syntax", detail: "a byte order mark stands in front", offset: 0 };
  const fault = new Structure(new JsonScanner(text), limits).fault();
  if (fault || text.isWellFormed()) return fault;
  const offset = text.search(/\p{Surrogate}/u);
  return { kind: "syntax", detail: "half of a surrogate pair stands alone", offset };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What may come next. */
type Expected = "value" | "value or end" | "name" | "name or end" | "comma or end";

class Structure {
  readonly #scanner: JsonScanner;
  readonly #limits: JsonLimits;
  /** For each level what closes it. */
  readonly #levels: number[] = [];
  readonly #names = new MemberNames();
  #values = 0;
  #expected: Expected = "value";

  constructor(scanner: JsonScanner, limits: JsonLimits) {
    this.#scanner = scanner;
    this.#limits = limits;
  }

  fault(): JsonFault | undefined {
    for (;;) {
      const code = this.#scanner.next();
      if (this.#levels.length === 0 && this.#expected === "comma or end") {
        return Number.isNaN(code) ? undefined : this.#scanner.fault("something follows the value");
      }
      const wrong = this.#token(code);
      if (wrong) return wrong;
    }
  }

  #token(code: number): JsonFault | undefined {
    switch (this.#expected) {
      case "value or end":
        return code === CLOSE_LIST ? this.#close(code) : this.#value(code);
      case "value":
        return this.#value(code);
      case "name or end":
        return code === CLOSE_OBJECT ? this.#close(code) : this.#member(code);
      case "name":
        return this.#member(code);
      case "comma or end":
        return this.#separator(code);
    }
  }

  #value(code: number): JsonFault | undefined {
    if (++this.#values > this.#limits.values) {
      return this.#limit("too_many", `more than ${this.#limits.values} values`);
    }
    if (code === OPEN_OBJECT || code === OPEN_LIST) return this.#open(code);
    this.#expected = "comma or end";
    return code === QUOTE ? this.#scanner.string() : this.#scanner.scalar(code);
  }

  #open(code: number): JsonFault | undefined {
    if (this.#levels.length >= this.#limits.depth) {
      return this.#limit("too_deep", `nested deeper than ${this.#limits.depth} levels`);
    }
    this.#scanner.at++;
    if (code === OPEN_LIST) {
      this.#levels.push(CLOSE_LIST);
      this.#expected = "value or end";
    } else {
      this.#levels.push(CLOSE_OBJECT);
      this.#names.open();
      this.#expected = "name or end";
    }
    return undefined;
  }

  #close(code: number): undefined {
    this.#scanner.at++;
    this.#levels.pop();
    if (code === CLOSE_OBJECT) this.#names.close();
    this.#expected = "comma or end";
  }

  #separator(code: number): JsonFault | undefined {
    const closing = this.#levels[this.#levels.length - 1] ?? CLOSE_LIST;
    if (code === closing) return this.#close(code);
    if (code !== COMMA) return this.#scanner.fault(`"," or "${String.fromCharCode(closing)}" is missing`);
    this.#scanner.at++;
    this.#expected = closing === CLOSE_OBJECT ? "name" : "value";
    return undefined;
  }

  #member(code: number): JsonFault | undefined {
    const scanner = this.#scanner;
    if (code !== QUOTE) return scanner.fault("a member's name is missing");
    const start = scanner.at;
    const wrong = scanner.string();
    if (wrong) return wrong;
    if (!scanner.isNew(start, this.#names)) {
      return {
        kind: "duplicate_key",
        detail: `the member ${scanner.shown(start)} is there twice`,
        offset: start,
      };
    }
    if (scanner.next() !== COLON) return scanner.fault('":" is missing');
    scanner.at++;
    this.#expected = "value";
    return undefined;
  }

  #limit(kind: JsonFault["kind"], detail: string): JsonFault {
    return { kind, detail, offset: this.#scanner.at };
  }
}
