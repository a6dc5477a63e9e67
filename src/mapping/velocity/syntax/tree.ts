/** A template as parsed. Tokens are named by their index in the lexer's list. */

/** The tokens that a node is made of, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface Block extends Span {
  readonly statements: readonly Statement[];
  /** How deep it and its expressions go, without the blocks inside it. */
  readonly weight: number;
}

export type Statement =
  /** Text and what is printed as such. */
  | ({ readonly kind: "text" } & Span)
  /** `\\` before a directive: each pair prints one backslash, or two before anything else. */
  | { readonly kind: "escape"; readonly text: string }
  /** `\#set`: printed without the backslash. */
  | ({ readonly kind: "escaped" } & Span)
  | ({ readonly kind: "comment" } & Span)
  | ({ readonly kind: "textblock" } & Span)
  | Reference
  | If
  | Assignment
  | Directive;

export interface If {
  readonly kind: "if";
  readonly branches: readonly { readonly condition: Expression; readonly block: Block }[];
  readonly otherwise: Block | undefined;
}

export interface Assignment extends Span {
  readonly kind: "set";
  readonly left: Reference;
  readonly right: Expression;
}

/** `#foreach`, `#macro` and the like, a macro's call, or a word behind a `#` that means nothing. */
export interface Directive extends Span {
  readonly kind: "directive";
  readonly name: string;
  readonly args: readonly Expression[];
  readonly block: Block | undefined;
}

export interface Reference extends Span {
  readonly kind: "reference";
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: "property"; readonly name: string; readonly offset: number }
  | {
      readonly kind: "method";
      readonly name: string;
      readonly args: readonly Expression[];
      readonly offset: number;
    }
  | { readonly kind: "index"; readonly index: Expression; readonly offset: number };

export type Operator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%";

export type Expression =
  | Reference
  | ({ readonly kind: "string"; readonly image: string; readonly offset: number } & Span)
  | ({ readonly kind: "integer" | "float"; readonly image: string } & Span)
  | ({ readonly kind: "boolean"; readonly value: boolean } & Span)
  /** A plain word, which only directives take. */
  | ({ readonly kind: "word"; readonly word: string } & Span)
  | ({ readonly kind: "range"; readonly from: Expression; readonly to: Expression } & Span)
  | ({ readonly kind: "list"; readonly items: readonly Expression[] } & Span)
  | ({ readonly kind: "map"; readonly members: readonly (readonly [Expression, Expression])[] } & Span)
  | ({ readonly kind: "not"; readonly of: Expression } & Span)
  /** Operators of one level, taken from left to right: a list, so that long ones are not deep. */
  | ({
      readonly kind: "chain";
      readonly start: Expression;
      readonly rest: readonly { readonly operator: Operator; readonly operand: Expression }[];
    } & Span);
