/** What Velocity 1.7's grammar tells apart; the names are the grammar's. */
export type Kind =
  | "EOF"
  | "INDEX_LBRACKET"
  | "INDEX_RBRACKET"
  | "LBRACKET"
  | "RBRACKET"
  | "COMMA"
  | "DOUBLEDOT"
  | "COLON"
  | "LEFT_CURLEY"
  | "RIGHT_CURLEY"
  | "LPAREN"
  | "RPAREN"
  | "REFMOD2_RPAREN"
  | "ESCAPE_DIRECTIVE"
  | "SET_DIRECTIVE"
  | "SINGLE_LINE_COMMENT_START"
  | "DOUBLE_ESCAPE"
  | "ESCAPE"
  | "TEXT"
  | "SINGLE_LINE_COMMENT"
  | "COMMENT"
  | "FORMAL_COMMENT"
  | "TEXTBLOCK"
  | "WHITESPACE"
  | "STRING_LITERAL"
  | "TRUE"
  | "FALSE"
  | "MINUS"
  | "PLUS"
  | "MULTIPLY"
  | "DIVIDE"
  | "MODULUS"
  | "AND"
  | "OR"
  | "LT"
  | "LE"
  | "GT"
  | "GE"
  | "EQ"
  | "NE"
  | "NOT"
  | "EQUALS"
  | "END"
  | "IF"
  | "ELSEIF"
  | "ELSE"
  | "INTEGER"
  | "FLOAT"
  | "WORD"
  | "BRACKETED_WORD"
  | "IDENTIFIER"
  | "DOT"
  | "LCURLY"
  | "RCURLY"
  | "EMPTY_INDEX";

export interface Token {
  readonly kind: Kind;
  /** As written; a reference's and an escaped directive's is rewritten once it is understood. */
  image: string;
  /** Texts before it that looked like a reference or directive and were none: `$` of `$5`. */
  readonly runts: readonly string[];
  /** Where it starts, in characters of the template. */
  readonly offset: number;
}

/** A token with what stands before it, as Velocity prints it. */
export function literalOf({ kind, image, runts }: Token): string {
  if (kind === "COMMENT") return "";
  return runts.map(runtText).join("") + image;
}

/**
 * Of a text that was no reference only the signs count: the character that ended it is
 * printed with what follows. Backslashes count where they lead to a `$`, and then Velocity
 * overlooks the character behind it.
 */
function runtText(runt: string): string {
  return Array.from(
    runt.matchAll(/(\\+\$)[\s\S]?|([$#])/g),
    ([, escaped, sign]) => escaped ?? sign ?? "",
  ).join("");
}
