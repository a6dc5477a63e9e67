import type { Macro } from "../macro.ts";
import { compilePattern, type Pattern } from "../regex/pattern.ts";
import { Parser } from "../syntax/parser.ts";
import { literalOf, type Token } from "../syntax/token.ts";
import type { Block, Span } from "../syntax/tree.ts";
import { SyntaxFault } from "../template-error.ts";

/** What the compiled parts of one template share. */
export interface Shared {
  /** The template's macros; of two with one name the first counts. */
  readonly macros: Map<string, Macro>;
  /** Regular expressions that the template writes as constants. */
  readonly patterns: Map<string, Pattern>;
  /**
   * Looks at a call with a constant argument, `$root.name('argument')`, before it runs.
   *
   * @returns why it cannot work
   */
  readonly checkCall: (root: string, name: string, argument: string) => string | undefined;
}

const PATTERN_METHODS: ReadonlySet<string> = new Set(["replaceAll", "replaceFirst", "split", "matches"]);

/** A text that is parsed by itself: a template, a string with references in it, what `#evaluate` gets. */
export class Unit {
  readonly shared: Shared;
  readonly tree: Block;
  /** Where in the template the text begins. */
  readonly origin: number;
  readonly #tokens: readonly Token[];

  constructor(text: string, shared: Shared, origin = 0) {
    this.shared = shared;
    this.origin = origin;
    const parser = new Parser(text, new Set(shared.macros.keys()));
    try {
      this.tree = parser.template();
    } catch (error) {
      if (error instanceof SyntaxFault) throw new SyntaxFault(error.message, origin + error.offset);
      throw error;
    }
    this.#tokens = parser.tokens;
  }

  token(index: number): Token {
    const token = this.#tokens[index];
    if (!token) throw new RangeError(`no token ${index}`);
    return token;
  }

  offset(index: number): number {
    return this.origin + this.token(index).offset;
  }

  fault(message: string, at: number): SyntaxFault {
    return new SyntaxFault(message, this.offset(at));
  }

  /** How a node is written, as Velocity prints it. */
  literal(span: Span): string {
    return this.#span(span).map(literalOf).join("");
  }

  /** How a call of a macro that is not there is printed. */
  images(span: Span): string {
    return this.#span(span)
      .map(({ image }) => image)
      .join("");
  }

  #span({ first, last }: Span): readonly Token[] {
    return this.#tokens.slice(first, Math.max(first, last) + 1);
  }

  /** Refuses a call that its constant argument makes impossible. */
  checkCall(root: string, name: string, argument: string, offset: number): void {
    const refused =
      this.shared.checkCall(root, name, argument) ??
      (PATTERN_METHODS.has(name) ? this.#checkPattern(argument) : undefined);
    if (refused !== undefined) throw new SyntaxFault(refused, this.origin + offset);
  }

  #checkPattern(source: string): string | undefined {
    if (this.shared.patterns.has(source)) return undefined;
    const pattern = compilePattern(source);
    if ("fault" in pattern) return pattern.fault;
    this.shared.patterns.set(source, pattern);
    return undefined;
  }
}
