import { nearest } from "../config/problem.ts";
import type { ConditionContext } from "./conditions.ts";
import { CONDITION_KEYS, conditionKey } from "./vocabulary.ts";
import type { Piece } from "./wildcard.ts";

/** `${aws:username}`, `${aws:username, 'nobody'}` */
interface Variable {
  /** In lower case. */
  readonly key: string;
  readonly fallback: string | undefined;
}

/** A text of a policy, in which variables stand for facts of the request. */
export type Template = readonly (Piece | Variable)[];

export type ParsedTemplate =
  | { readonly ok: true; readonly template: Template; readonly variables: boolean }
  | { readonly ok: false; readonly message: string };

/** Policies of this version have variables; in older ones `${...}` is text. */
const VARIABLES_SINCE = "2012-10-17";

/** Takes a text apart at its variables. */
export function parseTemplate(text: string, version: string | undefined): ParsedTemplate {
  if (version !== VARIABLES_SINCE || !text.includes("${")) {
    return { ok: true, template: [text], variables: false };
  }
  const template: (Piece | Variable)[] = [];
  let variables = false;
  let from = 0;
  for (let at = text.indexOf("${"); at >= 0; at = text.indexOf("${", from)) {
    if (at > from) template.push(text.slice(from, at));
    const read = readVariable(text, at + 2);
    if (!read)
      return { ok: false, message: `"${text.slice(at)}" begins with no variable ("\${aws:username}")` };
    const { name, fallback } = read;
    if (name === "*" || name === "?" || name === "$") template.push({ literal: name });
    else {
      const key = conditionKey(name);
      if (key === undefined) return { ok: false, message: unknownVariable(name) };
      template.push({ key: key.toLowerCase(), fallback });
      variables = true;
    }
    from = read.end;
  }
  if (from < text.length) template.push(text.slice(from));
  return { ok: true, template, variables };
}

interface ReadVariable {
  readonly name: string;
  readonly fallback: string | undefined;
  /** Behind the closing brace. */
  readonly end: number;
}

/** What stands between the braces: a name, then perhaps a comma and a default in quotes. By hand, to stay linear (R-21). */
function readVariable(text: string, start: number): ReadVariable | undefined {
  let at = start;
  while (at < text.length && text[at] !== "," && text[at] !== "}") at++;
  const name = text.slice(start, at).trim();
  if (text[at] === "}") return { name, fallback: undefined, end: at + 1 };
  at = skipSpaces(text, at + 1);
  if (text[at] !== "'") return undefined;
  const close = text.indexOf("'", at + 1);
  const brace = skipSpaces(text, close + 1);
  if (close < 0 || text[brace] !== "}") return undefined;
  return { name, fallback: text.slice(at + 1, close), end: brace + 1 };
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " ") at++;
  return at;
}

function unknownVariable(name: string): string {
  const near = nearest(name, CONDITION_KEYS);
  const hint = near === undefined ? "" : `; did you mean \${${near}}?`;
  return `there is no variable \${${name}} here${hint}`;
}

/**
 * The template with its variables filled in. What a request says is text: a `*` in it is no
 * wildcard. None when a variable has no value: the text is then equal to nothing (IAM's
 * reference, "policy variables with no value").
 */
export function fillTemplate(template: Template, context: ConditionContext): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  for (const part of template) {
    if (typeof part === "string" || "literal" in part) {
      pieces.push(part);
      continue;
    }
    const literal = context.value(part.key) ?? part.fallback;
    if (literal === undefined) return undefined;
    pieces.push({ literal });
  }
  return pieces;
}

/** The pieces of a template without variables. */
export const constantPieces = (template: Template): readonly Piece[] =>
  template.filter((part) => typeof part === "string" || "literal" in part);

/** Pieces as plain text, for operators that know no wildcards. */
export const plainText = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (typeof piece === "string" ? piece : piece.literal)).join("");
