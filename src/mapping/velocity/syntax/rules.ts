import type { Kind } from "./token.ts";

/** The grammar's lexical states: what the next characters can mean. */
export type State =
  | "DEFAULT"
  | "REFERENCE"
  | "REFMODIFIER"
  | "REFINDEX"
  | "REFMOD2"
  | "DIRECTIVE"
  | "PRE_DIRECTIVE";

/** What starts something and is part of the token that follows. */
export type Start = "DOLLAR" | "TEXTBLOCK_START" | "FORMAL_COMMENT_START" | "COMMENT_START" | "HASH";

/** What ends a reference or directive without being part of it. */
export type Terminator = "REFERENCE_TERMINATOR" | "DIRECTIVE_TERMINATOR";

const LINE_END = "(?:\\r\\n|\\n|\\r)";
const ANY = "[\\s\\S]";

export interface Match {
  readonly kind: Kind | Start | Terminator;
  readonly length: number;
}

interface Rule {
  readonly kind: Match["kind"];
  readonly pattern: RegExp;
}

/**
 * The grammar's rules, in its order: of two matches of one length the earlier rule's counts.
 * Each with the characters that it can begin with; one without states holds in all of them.
 * What begins with a backslash is not among them.
 */
const RULES: readonly (readonly [kind: Match["kind"], first: string, pattern: string, ...State[]])[] = [
  ["INDEX_LBRACKET", "[[]", "\\[", "REFERENCE", "REFMODIFIER"],
  ["INDEX_RBRACKET", "]", "\\]", "REFINDEX"],
  ["LBRACKET", "[[]", "\\[", "DIRECTIVE", "REFMOD2"],
  ["RBRACKET", "]", "\\]", "DIRECTIVE", "REFMOD2"],
  ["COMMA", ",", ",", "DIRECTIVE", "REFMOD2"],
  ["DOUBLEDOT", "[.]", "\\.\\.", "DIRECTIVE", "REFMOD2"],
  ["COLON", ":", ":", "DIRECTIVE", "REFMOD2"],
  ["LEFT_CURLEY", "[{]", "\\{", "DIRECTIVE", "REFMOD2"],
  ["RIGHT_CURLEY", "[}]", "\\}", "DIRECTIVE", "REFMOD2"],
  ["LPAREN", "[(]", "\\(", "DIRECTIVE", "REFMODIFIER"],
  ["RPAREN", "[)]", `\\)(?:[ \\t]*${LINE_END})?`, "DIRECTIVE"],
  ["REFMOD2_RPAREN", "[)]", "\\)", "REFMOD2"],
  [
    "SET_DIRECTIVE",
    "[ \\t#]",
    "[ \\t]*#(?:set|\\{set\\})[ \\t]*\\(",
    "DEFAULT",
    "REFERENCE",
    "REFMODIFIER",
    "REFMOD2",
  ],
  ["DOLLAR", "[$]", "\\$(?:\\\\*!)?"],
  ["TEXTBLOCK_START", "#", "#\\[\\["],
  ["FORMAL_COMMENT_START", "#", "#\\*\\*(?=[^#])"],
  ["COMMENT_START", "#", "#\\*"],
  ["HASH", "#", "#"],
  ["SINGLE_LINE_COMMENT_START", "#", "##", "DEFAULT", "PRE_DIRECTIVE", "DIRECTIVE", "REFERENCE"],
  ["TEXT", "[^$#]", "[^$#\\\\]+", "DEFAULT"],
  ["WHITESPACE", "[ \\t\\n\\r]", "[ \\t\\n\\r]+", "DIRECTIVE", "REFMOD2", "REFINDEX"],
  ["STRING_LITERAL", '"', '"[^"]*(?:""[^"]*)*"', "DIRECTIVE", "REFMOD2", "REFINDEX"],
  ["STRING_LITERAL", "'", "'[^']*(?:''[^']*)*'", "DIRECTIVE", "REFMOD2", "REFINDEX"],
  ["TRUE", "t", "true", "REFERENCE", "DIRECTIVE", "REFMODIFIER", "REFMOD2", "REFINDEX"],
  ["FALSE", "f", "false", "REFERENCE", "DIRECTIVE", "REFMODIFIER", "REFMOD2", "REFINDEX"],
  ["MINUS", "-", "-", "DIRECTIVE"],
  ["PLUS", "[+]", "\\+", "DIRECTIVE"],
  ["MULTIPLY", "[*]", "\\*", "DIRECTIVE"],
  ["DIVIDE", "/", "/", "DIRECTIVE"],
  ["MODULUS", "%", "%", "DIRECTIVE"],
  ["AND", "[&a]", "&&|and", "DIRECTIVE"],
  ["OR", "[|o]", "\\|\\||or", "DIRECTIVE"],
  ["LT", "[<l]", "<|lt", "DIRECTIVE"],
  ["LE", "[<l]", "<=|le", "DIRECTIVE"],
  ["GT", "[>g]", ">|gt", "DIRECTIVE"],
  ["GE", "[>g]", ">=|ge", "DIRECTIVE"],
  ["EQ", "[=e]", "==|eq", "DIRECTIVE"],
  ["NE", "[!n]", "!=|ne", "DIRECTIVE"],
  ["NOT", "[!n]", "!|not", "DIRECTIVE"],
  ["EQUALS", "=", "=", "DIRECTIVE"],
  ["END", "[{e]", `(?:end|\\{end\\})(?:[ \\t]*${LINE_END})?`, "PRE_DIRECTIVE"],
  ["IF", "[{i]", "if|\\{if\\}", "PRE_DIRECTIVE"],
  ["ELSEIF", "[{e]", "elseif|\\{elseif\\}", "PRE_DIRECTIVE"],
  ["ELSE", "[{e]", `(?:else|\\{else\\})(?:[ \\t]*${LINE_END})?`, "PRE_DIRECTIVE"],
  ["INTEGER", "[0-9-]", "-?[0-9]+(?:\\.\\.)?", "PRE_DIRECTIVE", "DIRECTIVE", "REFMOD2", "REFINDEX"],
  [
    "FLOAT",
    "[0-9.-]",
    "-?(?:[0-9]+\\.[0-9]*(?:[eE][+-]?[0-9]+)?|\\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)",
    "PRE_DIRECTIVE",
    "DIRECTIVE",
    "REFMOD2",
    "REFINDEX",
  ],
  ["WORD", "[a-zA-Z_@]", "[a-zA-Z_@][a-zA-Z0-9_@]*", "PRE_DIRECTIVE", "DIRECTIVE"],
  ["BRACKETED_WORD", "[{]", "\\{[a-zA-Z_][a-zA-Z0-9_@]*\\}", "PRE_DIRECTIVE", "DIRECTIVE"],
  ["IDENTIFIER", "[a-zA-Z_]", "[a-zA-Z_][a-zA-Z0-9_-]*", "REFERENCE", "REFMODIFIER", "REFMOD2"],
  ["DOT", "[.]", "\\.(?=[a-zA-Z])", "REFERENCE", "REFMODIFIER", "REFMOD2"],
  ["LCURLY", "[{]", "\\{", "REFERENCE", "REFMODIFIER"],
  ["RCURLY", "[}]", "\\}", "REFERENCE", "REFMODIFIER"],
  ["REFERENCE_TERMINATOR", ANY, ANY, "REFERENCE", "REFMODIFIER"],
  ["DIRECTIVE_TERMINATOR", ANY, ANY, "PRE_DIRECTIVE"],
  ["EMPTY_INDEX", "[$]", "\\$\\[|\\$\\\\?!\\[|\\$\\.", "DEFAULT", "REFERENCE"],
];

/** A state's rules by the code of the character that they begin with; the last ones are for all beyond ASCII. */
function rulesOf(state: State): readonly (readonly Rule[])[] {
  const rules = RULES.filter(([, , , ...states]) => states.length === 0 || states.includes(state)).map(
    ([kind, first, pattern]) => ({ kind, first: new RegExp(first), pattern: new RegExp(pattern, "y") }),
  );
  return Array.from({ length: 129 }, (_, code) =>
    rules.filter(({ first }) => first.test(String.fromCharCode(code))),
  );
}

/** Made when a first template is read: they cost more than all else of a start. */
const BY_STATE = new Map<State, readonly (readonly Rule[])[]>();

function rulesFor(state: State): readonly (readonly Rule[])[] {
  const known = BY_STATE.get(state) ?? rulesOf(state);
  BY_STATE.set(state, known);
  return known;
}

/** The longest match at a place, the earliest rule's of several. */
export function longestMatch(state: State, text: string, at: number): Match | undefined {
  let best: Match | undefined;
  for (const { kind, pattern } of rulesFor(state)[Math.min(text.charCodeAt(at), 128)] ?? []) {
    pattern.lastIndex = at;
    if (!pattern.test(text)) continue;
    const length = pattern.lastIndex - at;
    // The grammar's DOT and formal comment have a character more, which they give back.
    const weight = kind === "DOT" || kind === "FORMAL_COMMENT_START" ? length + 1 : length;
    if (!best || weight > best.length) best = { kind, length: weight };
  }
  return best;
}

const ESCAPED_WORD = /#(?:[a-zA-Z_@][a-zA-Z0-9_@]*|\{[a-zA-Z_][a-zA-Z0-9_@]*\})/y;
const DOLLAR = /\$(?:\\*!)?/y;

/** What begins with a backslash. @param end where the backslashes end, which is looked for once */
export function slashMatch(state: State, text: string, at: number, end: number): Match | undefined {
  DOLLAR.lastIndex = end;
  if (DOLLAR.test(text)) return { kind: "DOLLAR", length: DOLLAR.lastIndex - at };
  switch (state) {
    case "DEFAULT":
      ESCAPED_WORD.lastIndex = end;
      if ((end - at) % 2 === 1 && ESCAPED_WORD.test(text)) {
        return { kind: "ESCAPE_DIRECTIVE", length: ESCAPED_WORD.lastIndex - at };
      }
      return end - at > 1 ? { kind: "DOUBLE_ESCAPE", length: 2 } : { kind: "ESCAPE", length: 1 };
    case "REFERENCE":
    case "REFMODIFIER":
      return { kind: "REFERENCE_TERMINATOR", length: 1 };
    case "PRE_DIRECTIVE":
      return { kind: "DIRECTIVE_TERMINATOR", length: 1 };
    default:
      return undefined;
  }
}
