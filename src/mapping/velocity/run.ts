import { MAX_ITEMS, MAX_STEPS, MAX_TEXT, MAX_WORK } from "./limits.ts";
import type { Macro } from "./macro.ts";
import { compilePattern, type Pattern } from "./regex/pattern.ts";
import type { Scope } from "./scope.ts";
import { type Position, TemplateError, type TemplateErrorKind } from "./template-error.ts";

/** How deep blocks, macros and strings may be inside each other while they run, by their weights. */
const MAX_DEPTH = 1_500;
/** What making a step of a regular expression costs, in characters of other work. */
const STEP = 64;
/** What an item of a list or map costs. */
const ITEM = 64;
/** What a visit of a JSONPath's search costs. */
const VISIT = 64;
/** What a value of parsed JSON costs, in memory above all. */
const VALUE = 256;
/** What a piece of a printed value costs. */
const PIECE = 8;

/** One rendering: where it stands, what it has written and what it has used up. */
export class Run {
  out = "";
  scope: Scope;
  /** Where in the template the last operation that can fail began. */
  at = 0;
  /** The weights of all that runs inside each other now. */
  depth = 0;
  macroDepth = 0;
  evaluateDepth = 0;
  readonly #patterns: ReadonlyMap<string, Pattern>;
  /** Regular expressions that this rendering has put together. */
  readonly #ownPatterns = new Map<string, Pattern>();
  #macros: Map<string, Macro>;
  #ownsMacros = false;
  #steps = 0;
  #work = 0;
  readonly #position: (offset: number) => Position;

  constructor(
    scope: Scope,
    macros: Map<string, Macro>,
    patterns: ReadonlyMap<string, Pattern>,
    position: (offset: number) => Position,
  ) {
    this.scope = scope;
    this.#macros = macros;
    this.#patterns = patterns;
    this.#position = position;
  }

  /**
   * A regular expression by its source.
   *
   * @throws TemplateError for one that is wrong or not supported
   */
  pattern(source: string): Pattern {
    const known = this.#patterns.get(source) ?? this.#ownPatterns.get(source);
    if (known) return known;
    const pattern = compilePattern(source);
    if ("fault" in pattern) throw this.error("pattern", pattern.fault);
    this.work((source.length + pattern.size) * STEP);
    this.#ownPatterns.set(source, pattern);
    return pattern;
  }

  get macros(): ReadonlyMap<string, Macro> {
    return this.#macros;
  }

  /** The macros, to be added to: those that `#evaluate` defines end with the rendering. */
  ownMacros(): Map<string, Macro> {
    if (!this.#ownsMacros) this.#macros = new Map(this.#macros);
    this.#ownsMacros = true;
    return this.#macros;
  }

  write(text: string): void {
    this.out += text;
    if (this.out.length > MAX_TEXT) this.checkText(this.out.length);
  }

  step(): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw this.error("limit", `the template takes more than ${MAX_STEPS} steps`);
  }

  /** Counts characters that an operation reads or writes. */
  work(characters: number): void {
    this.#work += characters;
    if (this.#work > MAX_WORK) throw this.error("limit", "the template works on too much text");
  }

  /** Counts items that an operation reads or writes. */
  workOn(items: number): void {
    this.work(items * ITEM);
  }

  /** Counts values that JSON is parsed into. */
  hold(values: number): void {
    this.work(values * VALUE);
  }

  /** Counts pieces that a value is printed in. */
  print(pieces: number): void {
    this.work(pieces * PIECE);
  }

  /** Counts what searches by JSONPath visit. */
  visit(visits: number): void {
    this.work(visits * VISIT);
  }

  /** @throws TemplateError for a text that is longer than a payload may be */
  checkText(length: number): void {
    if (length > MAX_TEXT) throw this.error("limit", `a text is longer than ${MAX_TEXT} characters`);
  }

  /** Goes into a part inside the present one; `leave` it, or set `depth` back where what it throws is caught. */
  enter(weight: number): void {
    this.depth += weight;
    if (this.depth > MAX_DEPTH) throw this.error("limit", "the template is nested too deep while it runs");
  }

  leave(weight: number): void {
    this.depth -= weight;
  }

  /** What a part writes, as a text of its own. */
  captured(part: () => void): string {
    const { out } = this;
    this.out = "";
    try {
      part();
      return this.out;
    } finally {
      this.out = out;
    }
  }

  /** @throws TemplateError for a list or map that has too many items */
  checkItems(count: number): void {
    if (count > MAX_ITEMS) throw this.error("limit", `a list or map has more than ${MAX_ITEMS} items`);
  }

  error(kind: TemplateErrorKind, message: string): TemplateError {
    return new TemplateError(kind, message, this.#position(this.at));
  }
}
