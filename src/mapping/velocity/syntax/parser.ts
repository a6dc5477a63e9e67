import { MAX_NESTING } from "../limits.ts";
import { SyntaxFault } from "../template-error.ts";
import { ExpressionParser } from "./expression-parser.ts";
import type { Token } from "./token.ts";
import type { Assignment, Block, Directive, Expression, If, Statement } from "./tree.ts";

const BLOCKS: ReadonlySet<string> = new Set(["foreach", "macro", "literal", "define"]);
const LINES: ReadonlySet<string> = new Set(["evaluate", "break", "stop", "include", "parse"]);
const DEFINED: ReadonlySet<string> = new Set(["if", "end", "set", "else", "elseif"]);

const isDirective = (name: string): boolean => BLOCKS.has(name) || LINES.has(name);

/**
 * Reads a template as Velocity 1.7's generated parser does (its grammar is LL(1) with a few
 * look-aheads, and what they see decides what is text).
 *
 * @throws SyntaxFault
 */
export class Parser extends ExpressionParser {
  readonly #macros: Set<string>;
  #blocks = 0;

  /** @param macros names of the macros that are known; those of this text are added */
  constructor(text: string, macros: Set<string>) {
    super(text);
    this.#macros = macros;
  }

  template(): Block {
    const block = this.#block();
    if (this.kind() !== "EOF") throw this.unexpected();
    return block;
  }

  #block(): Block {
    this.#blocks += 1;
    if (this.#blocks > MAX_NESTING) throw this.tooDeep();
    const first = this.at;
    const outside = this.deepest;
    this.deepest = 0;
    const statements: Statement[] = [];
    for (let statement = this.#statement(); statement; statement = this.#statement()) {
      statements.push(statement);
    }
    const weight = 1 + this.deepest;
    this.deepest = outside;
    this.#blocks -= 1;
    return { statements, weight, first, last: this.at - 1 };
  }

  #statement(): Statement | undefined {
    const first = this.at;
    switch (this.kind()) {
      case "IF":
        return this.#if();
      case "IDENTIFIER":
        return this.reference();
      case "LCURLY":
        if (this.kind(1) === "IDENTIFIER") return this.reference();
        return this.#text();
      case "SINGLE_LINE_COMMENT_START":
        this.take();
        if (this.kind() === "SINGLE_LINE_COMMENT") this.take();
        return { kind: "comment", first, last: first };
      case "COMMENT":
      case "FORMAL_COMMENT":
        this.take();
        return { kind: "comment", first, last: first };
      case "TEXTBLOCK":
        this.take();
        return { kind: "textblock", first, last: first };
      case "SET_DIRECTIVE":
        return this.#set();
      case "ESCAPE_DIRECTIVE":
        this.#unescape(this.take());
        return { kind: "escaped", first, last: first };
      case "DOUBLE_ESCAPE":
        return this.#escape();
      case "WORD":
      case "BRACKETED_WORD":
        return this.#directive();
      case "TEXT":
      case "DOT":
      case "RPAREN":
      case "LPAREN":
      case "INTEGER":
      case "FLOAT":
      case "STRING_LITERAL":
      case "ESCAPE":
      case "RCURLY":
      case "EMPTY_INDEX":
        return this.#text();
      default:
        return undefined;
    }
  }

  #text(): Statement {
    this.take();
    return { kind: "text", first: this.at - 1, last: this.at - 1 };
  }

  /** `\#set` prints `#set` where that is a directive or macro, and stays as it is elsewhere. */
  #unescape(token: Token): void {
    const last = token.image.lastIndexOf("\\");
    const written = token.image.slice(last + 1);
    const name = written.startsWith("#{") ? written.slice(2, -1) : written.slice(1);
    if (isDirective(name) || this.#macros.has(name) || DEFINED.has(name)) {
      token.image = token.image.slice(0, last / 2) + written;
    }
  }

  #escape(): Statement {
    let count = 0;
    while (this.kind() === "DOUBLE_ESCAPE") {
      this.take();
      count += 1;
    }
    const { kind, image } = this.peek();
    const name = image.slice(1);
    const before =
      kind === "IF" ||
      kind === "ELSE" ||
      kind === "ELSEIF" ||
      kind === "END" ||
      isDirective(name) ||
      this.#macros.has(name);
    return { kind: "escape", text: (before ? "\\" : "\\\\").repeat(count) };
  }

  #set(): Assignment {
    const first = this.at;
    this.take();
    this.skipSpace();
    if (!this.startsReference()) throw this.unexpected("a reference");
    const left = this.reference();
    this.skipSpace();
    this.expect("EQUALS", "=");
    const right = this.expression();
    this.expect("RPAREN", ")");
    this.lexer.leaveSet();
    return { kind: "set", left, right, first, last: this.at - 1 };
  }

  #if(): If {
    const branches = [this.#branch()];
    while (this.kind() === "ELSEIF") branches.push(this.#branch());
    let otherwise: Block | undefined;
    if (this.kind() === "ELSE") {
      this.take();
      otherwise = this.#block();
    }
    this.expect("END", "#end");
    return { kind: "if", branches, otherwise };
  }

  #branch(): If["branches"][number] {
    this.take();
    this.skipSpace();
    this.expect("LPAREN", "(");
    const condition = this.expression();
    this.expect("RPAREN", ")");
    return { condition, block: this.#block() };
  }

  #directive(): Directive {
    const first = this.at;
    const word = this.take();
    const name = word.kind === "BRACKETED_WORD" ? word.image.slice(2, -1) : word.image.slice(1);
    if (name === "include" || name === "parse") {
      throw new SyntaxFault(`#${name} is not there in mapping templates`, word.offset);
    }
    const called = { kind: "directive", name, first } as const;
    this.lexer.enterDirective();
    if (!this.lexer.atParenthesis()) {
      if (name === "macro") throw new SyntaxFault("#macro needs a name: #macro(name $argument)", word.offset);
      this.lexer.leaveDirective();
      return { ...called, args: [], block: undefined, last: this.at - 1 };
    }
    const args = this.#arguments(name, word);
    if (!BLOCKS.has(name) && !name.startsWith("@")) {
      return { ...called, args, block: undefined, last: this.at - 1 };
    }
    const block = this.#block();
    this.expect("END", "#end");
    if (name === "macro") this.#declare(args, word);
    return { ...called, args, block, last: this.at - 1 };
  }

  #arguments(name: string, word: Token): Expression[] {
    this.skipSpace();
    this.expect("LPAREN", "(");
    const args: Expression[] = [];
    for (let arg = this.#argument(); arg; arg = this.#argument()) {
      const allowed =
        (name === "macro" && args.length === 0) ||
        (name === "foreach" && args.length === 1) ||
        !isDirective(name);
      if (arg.kind === "word" && !allowed) {
        throw new SyntaxFault(`#${name} does not take the word "${arg.word}"`, word.offset);
      }
      args.push(arg);
    }
    this.skipSpace();
    this.expect("RPAREN", ")");
    return args;
  }

  /** One argument, with the white space and comma before it; none when something else is next. */
  #argument(): Expression | undefined {
    let ahead = this.kind() === "WHITESPACE" ? 1 : 0;
    if (this.kind(ahead) === "COMMA") {
      ahead += 1;
      for (; ahead > 0; ahead--) this.take();
      this.skipSpace();
      const arg = this.argument();
      if (!arg) throw this.unexpected("an argument");
      return arg;
    }
    if (!this.startsArgument(ahead)) return undefined;
    this.skipSpace();
    return this.argument();
  }

  #declare(args: readonly Expression[], word: Token): void {
    const [name] = args;
    if (name?.kind !== "word") {
      throw new SyntaxFault("the first argument of #macro is its name, without quotes", word.offset);
    }
    this.#macros.add(name.word);
  }
}
