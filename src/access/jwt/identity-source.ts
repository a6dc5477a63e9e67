import type { Call } from "../../call.ts";
import { parseIdentitySource } from "../../config/identity-source.ts";
import { refuse } from "./refusal.ts";

/** Reads one place where a token may stand; undefined when nothing stands there. */
type Source = (call: Call) => string | undefined;

function compileSource(expression: string): Source | undefined {
  const source = parseIdentitySource(expression);
  switch (source?.place) {
    case "header":
      return (call) => call.request.headers.get(source.name) ?? undefined;
    case "querystring":
      return (call) => queryValue(call.query, source.name);
    default:
      // No token can stand there.
      return undefined;
  }
}

/**
 * Finds the token of a call at the first of the sources where anything stands: bare, or
 * behind `Bearer` in any case (aws-semantics 9.1).
 *
 * @throws GatewayError 401 when there is none, or another scheme (R-10, CVE-2026-47673)
 */
export function tokenFinder(expressions: readonly string[]): (call: Call) => string {
  const sources = expressions.flatMap((expression) => compileSource(expression) ?? []);
  return (call) => {
    for (const source of sources) {
      const text = source(call);
      if (text !== undefined && text !== "") return withoutScheme(text);
    }
    throw refuse("auth.identity_source");
  };
}

function withoutScheme(text: string): string {
  // The usual spelling first: it needs no regular expression.
  if (text.startsWith("Bearer ") && text.charCodeAt(7) !== 0x20) return text.slice(7);
  const blank = text.indexOf(" ");
  if (blank < 0 && text.toLowerCase() !== "bearer") return text;
  // The token starts with no blank, so that there is one way to match.
  const token = /^bearer +([^ ].*)$/i.exec(text)?.[1];
  if (token === undefined) throw refuse("auth.identity_source");
  return token;
}

/**
 * A query parameter by its decoded name, case-sensitive. One that is repeated says one thing
 * or nothing: what the origin would pick of two tokens is not known here.
 */
function queryValue(query: string, name: string): string | undefined {
  if (query === "") return undefined;
  const [value, ...others] = new URLSearchParams(query).getAll(name);
  if (others.some((other) => other !== value)) throw refuse("auth.jwt.malformed");
  return value;
}
