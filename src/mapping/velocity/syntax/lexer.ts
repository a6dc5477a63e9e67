import { SyntaxFault } from "../template-error.ts";
import { longestMatch, type Match, type State, slashMatch } from "./rules.ts";
import type { Kind, Token } from "./token.ts";

interface Saved {
  readonly state: State;
  readonly lparen: number;
  readonly rparen: number;
}

const COMMENT_END = /#\*\*[^#]|#\*|\*#/g;
const TEXTBLOCK_END = /#\*\*[^#]|\]\]#/g;
const SLASHES = /\\+/y;
const PARENTHESIS = /[ \n\r\t]*\(/y;

/**
 * Cuts a template into tokens as Velocity 1.7's generated lexer does, states and all: what is
 * text and what is a reference depends on them, and so does which white space disappears.
 * Tokens are cut when the parser asks for them, because the parser changes the state.
 */
export class Lexer {
  readonly tokens: Token[] = [];
  readonly #text: string;
  #at = 0;
  #state: State = "DEFAULT";
  #lparen = 0;
  #rparen = 0;
  #stack: Saved[] = [];
  #inSet = false;
  /** A `##` was read and its line's end is next. */
  #inLineComment = false;
  /** Where the last backslashes end. */
  #slashesEnd = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The token of an index, cut when it has not been yet; the last one is EOF, for ever. */
  token(index: number): Token {
    for (;;) {
      const token =
        this.tokens[index] ?? (this.tokens.at(-1)?.kind === "EOF" ? this.tokens.at(-1) : undefined);
      if (token) return token;
      this.tokens.push(this.#next());
    }
  }

  /** The parser has recognised a directive: what follows are its arguments. */
  enterDirective(): void {
    this.#state = "DIRECTIVE";
  }

  /** What looked like a directive has no arguments. */
  leaveDirective(): void {
    this.#pop();
  }

  /** The arguments of a `#set` are over. */
  leaveSet(): void {
    this.#inSet = false;
  }

  /** Whether the next character that is not white space is an opening parenthesis. */
  atParenthesis(): boolean {
    PARENTHESIS.lastIndex = this.#at;
    return PARENTHESIS.test(this.#text);
  }

  #next(): Token {
    const runts: string[] = [];
    let start = this.#at;
    for (;;) {
      if (this.#inLineComment) return this.#endOfLineComment(runts);
      if (this.#at >= this.#text.length) {
        if (start < this.#at)
          throw new SyntaxFault("the template ends within a reference or directive", start);
        return { kind: "EOF", image: "", runts, offset: this.#at };
      }
      const match = this.#match();
      if (!match) throw new SyntaxFault(`unexpected ${JSON.stringify(this.#text[this.#at])}`, this.#at);
      const { kind, length } = match;
      this.#at += length;
      switch (kind) {
        case "DOLLAR":
          if (this.#state === "REFERENCE") this.#pop();
          this.#push();
          this.#state = "REFERENCE";
          break;
        case "HASH":
          if (this.#state === "REFERENCE" || this.#state === "REFMODIFIER") this.#pop();
          this.#push();
          this.#state = "PRE_DIRECTIVE";
          break;
        case "TEXTBLOCK_START":
          this.#skipTo(TEXTBLOCK_END, "]]#");
          return { kind: "TEXTBLOCK", image: this.#text.slice(start, this.#at), runts, offset: start };
        case "FORMAL_COMMENT_START":
        case "COMMENT_START":
          if (kind === "FORMAL_COMMENT_START") this.#at -= 1;
          if (!this.#skipTo(COMMENT_END, "*#")) {
            // A comment without an end takes the rest of the template.
            start = this.#at;
            break;
          }
          return {
            kind: kind === "COMMENT_START" ? "COMMENT" : "FORMAL_COMMENT",
            image: "*#",
            runts,
            offset: start,
          };
        case "REFERENCE_TERMINATOR":
        case "DIRECTIVE_TERMINATOR":
          runts.push(this.#text.slice(start, this.#at));
          this.#at -= 1;
          this.#pop();
          start = this.#at;
          break;
        default:
          return this.#finish(kind, start, runts);
      }
    }
  }

  #match(): Match | undefined {
    if (this.#text[this.#at] !== "\\") return longestMatch(this.#state, this.#text, this.#at);
    if (this.#slashesEnd <= this.#at) {
      SLASHES.lastIndex = this.#at;
      SLASHES.test(this.#text);
      this.#slashesEnd = SLASHES.lastIndex;
    }
    return slashMatch(this.#state, this.#text, this.#at, this.#slashesEnd);
  }

  #finish(kind: Kind, start: number, runts: readonly string[]): Token {
    let image = this.#text.slice(start, this.#at);
    switch (kind) {
      case "INDEX_LBRACKET":
        this.#push();
        this.#state = "REFINDEX";
        break;
      case "INDEX_RBRACKET":
      case "END":
      case "ELSE":
      case "RCURLY":
        this.#pop();
        break;
      case "LPAREN":
        this.#lparen += 1;
        if (this.#state === "REFMODIFIER") this.#state = "REFMOD2";
        break;
      case "RPAREN":
        this.#closeParenthesis();
        break;
      case "REFMOD2_RPAREN":
        this.#state = "REFERENCE";
        break;
      case "SET_DIRECTIVE":
        this.#push();
        this.#inSet = true;
        this.#state = "DIRECTIVE";
        this.#lparen += 1;
        break;
      case "SINGLE_LINE_COMMENT_START":
        if (this.#state === "REFERENCE") this.#pop();
        this.#inLineComment = true;
        break;
      case "STRING_LITERAL":
        if (this.#state === "DIRECTIVE" && !this.#inSet && this.#lparen === 0) this.#pop();
        break;
      case "IF":
      case "ELSEIF":
        this.#state = "DIRECTIVE";
        break;
      case "INTEGER":
        if (image.endsWith("..")) {
          this.#at -= 2;
          image = image.slice(0, -2);
        }
        if (!this.#inSet && this.#lparen === 0 && this.#state !== "REFMOD2" && this.#state !== "REFINDEX") {
          this.#pop();
        }
        break;
      case "FLOAT":
        if (!this.#inSet && this.#lparen === 0 && this.#state !== "REFMOD2") this.#pop();
        break;
      case "DOT":
        // The rule's match has one character of what follows.
        this.#at -= 1;
        image = ".";
        this.#state = "REFMODIFIER";
        break;
      default:
    }
    return { kind, image, runts, offset: start };
  }

  #endOfLineComment(runts: readonly string[]): Token {
    const end = /\r\n|\r|\n/g;
    end.lastIndex = this.#at;
    const found = end.exec(this.#text);
    const offset = found?.index ?? this.#text.length;
    this.#inLineComment = false;
    this.#at = found ? end.lastIndex : this.#text.length;
    if (!found) return { kind: "EOF", image: "", runts, offset };
    return { kind: "SINGLE_LINE_COMMENT", image: found[0], runts, offset };
  }

  /** Goes behind a comment's or text block's end; to the template's end, and false, without one. */
  #skipTo(steps: RegExp, end: string): boolean {
    steps.lastIndex = this.#at;
    for (let step = steps.exec(this.#text); step; step = steps.exec(this.#text)) {
      if (step[0] !== end) continue;
      this.#at = steps.lastIndex;
      return true;
    }
    if (end === "]]#") throw new SyntaxFault("the text block #[[ has no end ]]#", this.#at);
    this.#at = this.#text.length;
    return false;
  }

  #push(): void {
    this.#stack.push({ state: this.#state, lparen: this.#lparen, rparen: this.#rparen });
    this.#lparen = 0;
  }

  #pop(): boolean {
    const saved = this.#stack.pop();
    this.#state = saved?.state ?? "DEFAULT";
    this.#lparen = saved?.lparen ?? 0;
    if (saved) this.#rparen = saved.rparen;
    return saved !== undefined;
  }

  /** A parenthesis closes the innermost state that has opened one. */
  #closeParenthesis(): void {
    do {
      if (this.#lparen === 0) continue;
      if (this.#lparen === this.#rparen + 1) this.#pop();
      else this.#rparen += 1;
      return;
    } while (this.#pop());
  }
}
