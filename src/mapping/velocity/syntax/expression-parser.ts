import { MAX_NESTING } from "../limits.ts";
import { SyntaxFault } from "../template-error.ts";
import { Lexer } from "./lexer.ts";
import type { Kind, Token } from "./token.ts";
import type { Expression, Operator, Reference, Step } from "./tree.ts";

/** From the loosest to the tightest; operators of one level are taken from left to right. */
const LEVELS: readonly (readonly [Kind, Operator][])[] = [
  [["OR", "||"]],
  [["AND", "&&"]],
  [
    ["EQ", "=="],
    ["NE", "!="],
  ],
  [
    ["LT", "<"],
    ["GT", ">"],
    ["LE", "<="],
    ["GE", ">="],
  ],
  [
    ["PLUS", "+"],
    ["MINUS", "-"],
  ],
  [
    ["MULTIPLY", "*"],
    ["DIVIDE", "/"],
    ["MODULUS", "%"],
  ],
];

/** What Velocity's grammar takes as the argument of a method, list or map. */
const PARAMETERS: ReadonlySet<Kind> = new Set([
  "STRING_LITERAL",
  "INTEGER",
  "LBRACKET",
  "LEFT_CURLEY",
  "TRUE",
  "FALSE",
  "IDENTIFIER",
  "LCURLY",
  "FLOAT",
]);

/** References and expressions: what stands inside parentheses and brackets. */
export class ExpressionParser {
  protected readonly lexer: Lexer;
  /** The next token's index. */
  protected at = 0;
  /** How deep the expressions of the current block go. */
  protected deepest = 0;
  #depth = 0;
  /** Whether a bracket, by its token's index, opens a range. */
  readonly #ranges = new Map<number, boolean>();

  constructor(text: string) {
    this.lexer = new Lexer(text);
  }

  get tokens(): readonly Token[] {
    return this.lexer.tokens;
  }

  protected peek(ahead = 0): Token {
    return this.lexer.token(this.at + ahead);
  }

  protected kind(ahead = 0): Kind {
    return this.peek(ahead).kind;
  }

  protected take(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  protected expect(kind: Kind, what: string): Token {
    if (this.kind() !== kind) throw this.unexpected(what);
    return this.take();
  }

  protected unexpected(wanted?: string): SyntaxFault {
    const { kind, image, offset } = this.peek();
    const found = kind === "EOF" ? "the template's end" : JSON.stringify(image);
    return new SyntaxFault(
      `unexpected ${found}${wanted === undefined ? "" : `, expected ${wanted}`}`,
      offset,
    );
  }

  protected tooDeep(): SyntaxFault {
    return new SyntaxFault(`more than ${MAX_NESTING} levels inside each other`, this.peek().offset);
  }

  protected skipSpace(): void {
    if (this.kind() === "WHITESPACE") this.take();
  }

  /** Runs a part of the grammar that can hold itself, to a bounded depth. */
  protected nested<T>(part: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw this.tooDeep();
    this.deepest = Math.max(this.deepest, this.#depth);
    const parsed = part();
    this.#depth -= 1;
    return parsed;
  }

  protected startsReference(ahead = 0): boolean {
    return (
      this.kind(ahead) === "IDENTIFIER" ||
      (this.kind(ahead) === "LCURLY" && this.kind(ahead + 1) === "IDENTIFIER")
    );
  }

  protected startsArgument(ahead: number): boolean {
    return this.kind(ahead) === "WORD" || PARAMETERS.has(this.kind(ahead));
  }

  /** What a directive or macro is called with; undefined for what is no argument. */
  protected argument(): Expression | undefined {
    if (this.kind() !== "WORD") return this.#literal();
    const { image } = this.take();
    return { kind: "word", word: image, first: this.at - 1, last: this.at - 1 };
  }

  protected reference(): Reference {
    const first = this.at;
    const formal = this.kind() === "LCURLY";
    if (formal) this.take();
    this.expect("IDENTIFIER", "a name");
    const steps: Step[] = this.#indexes();
    while (this.kind() === "DOT" && this.kind(1) === "IDENTIFIER") {
      this.take();
      steps.push(this.#member(), ...this.#indexes());
    }
    if (formal) this.expect("RCURLY", "}");
    return { kind: "reference", steps, first, last: this.at - 1 };
  }

  #member(): Step {
    const { image: name, offset } = this.take();
    if (this.kind() !== "LPAREN" || !this.#startsArguments()) return { kind: "property", name, offset };
    this.take();
    const args = this.#parameters("REFMOD2_RPAREN");
    this.expect("REFMOD2_RPAREN", ")");
    return { kind: "method", name, args, offset };
  }

  #startsArguments(): boolean {
    const kind = this.kind(1);
    return kind === "WHITESPACE" || kind === "REFMOD2_RPAREN" || PARAMETERS.has(kind);
  }

  #indexes(): Step[] {
    const steps: Step[] = [];
    while (this.kind() === "INDEX_LBRACKET") {
      const { offset } = this.take();
      this.skipSpace();
      const kind = this.kind();
      if (kind === "FLOAT" || kind === "LBRACKET" || kind === "LEFT_CURLEY")
        throw this.unexpected("an index");
      const index = this.#parameter();
      this.expect("INDEX_RBRACKET", "]");
      steps.push({ kind: "index", index, offset });
    }
    return steps;
  }

  #parameters(end: Kind): Expression[] {
    const items: Expression[] = [];
    if (this.kind() === end) return items;
    items.push(this.#parameter());
    while (this.kind() === "COMMA") {
      this.take();
      items.push(this.#parameter());
    }
    return items;
  }

  #parameter(): Expression {
    this.skipSpace();
    const parameter = this.#literal();
    if (!parameter) throw this.unexpected("a value");
    this.skipSpace();
    return parameter;
  }

  #literal(): Expression | undefined {
    return this.nested(() => this.#literalHere());
  }

  #literalHere(): Expression | undefined {
    const first = this.at;
    const { kind, image, offset } = this.peek();
    switch (kind) {
      case "STRING_LITERAL":
        this.take();
        return { kind: "string", image, offset, first, last: first };
      case "INTEGER":
      case "FLOAT":
        this.take();
        return { kind: kind === "INTEGER" ? "integer" : "float", image, first, last: first };
      case "TRUE":
      case "FALSE":
        this.take();
        return { kind: "boolean", value: kind === "TRUE", first, last: first };
      case "LBRACKET":
        return this.#opensRange() ? this.#range() : this.#list();
      case "LEFT_CURLEY":
        return this.#map();
      default:
        return this.startsReference() ? this.reference() : undefined;
    }
  }

  /** `[1..3]`: found by reading on, as the first bound can be a whole reference. */
  #opensRange(): boolean {
    const start = this.at;
    const known = this.#ranges.get(start);
    if (known !== undefined) return known;
    let opens = false;
    this.take();
    this.skipSpace();
    if (this.kind() === "INTEGER" || this.startsReference()) {
      if (this.kind() === "INTEGER") this.take();
      else this.reference();
      this.skipSpace();
      opens = this.kind() === "DOUBLEDOT";
    }
    this.at = start;
    this.#ranges.set(start, opens);
    return opens;
  }

  #range(): Expression {
    const first = this.at;
    this.take();
    const from = this.#bound();
    this.expect("DOUBLEDOT", "..");
    const to = this.#bound();
    this.expect("RBRACKET", "]");
    return { kind: "range", from, to, first, last: this.at - 1 };
  }

  #bound(): Expression {
    this.skipSpace();
    if (this.kind() !== "INTEGER" && !this.startsReference())
      throw this.unexpected("an integer or reference");
    return this.#parameter();
  }

  #list(): Expression {
    const first = this.at;
    this.take();
    const items = this.#parameters("RBRACKET");
    this.expect("RBRACKET", "]");
    return { kind: "list", items, first, last: this.at - 1 };
  }

  #map(): Expression {
    const first = this.at;
    this.take();
    const members: [Expression, Expression][] = [];
    const ahead = this.kind() === "WHITESPACE" ? 1 : 0;
    if (PARAMETERS.has(this.kind(ahead))) {
      members.push(this.#mapMember());
      while (this.kind() === "COMMA") {
        this.take();
        members.push(this.#mapMember());
      }
    } else this.skipSpace();
    if (this.kind() !== "RIGHT_CURLEY" && this.kind() !== "RCURLY") throw this.unexpected("}");
    this.take();
    return { kind: "map", members, first, last: this.at - 1 };
  }

  #mapMember(): [Expression, Expression] {
    const key = this.#parameter();
    this.expect("COLON", ":");
    return [key, this.#parameter()];
  }

  protected expression(): Expression {
    return this.nested(() => this.#level(0));
  }

  #level(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    const first = this.at;
    const start = this.#level(level + 1);
    const rest: { operator: Operator; operand: Expression }[] = [];
    for (;;) {
      const operator = operators.find(([kind]) => kind === this.kind())?.[1];
      if (!operator) break;
      this.take();
      rest.push({ operator, operand: this.#level(level + 1) });
    }
    return rest.length === 0 ? start : { kind: "chain", start, rest, first, last: this.at - 1 };
  }

  #unary(): Expression {
    const first = this.at;
    if (this.kind() !== "NOT" && !(this.kind() === "WHITESPACE" && this.kind(1) === "NOT"))
      return this.#primary();
    this.skipSpace();
    this.take();
    const of = this.nested(() => this.#unary());
    return { kind: "not", of, first, last: this.at - 1 };
  }

  #primary(): Expression {
    this.skipSpace();
    if (this.kind() !== "LPAREN") return this.#parameter();
    this.take();
    const inner = this.expression();
    this.expect("RPAREN", ")");
    this.skipSpace();
    return inner;
  }
}
