import { type ResponseSource, readTemplate } from "../config/gateway-response-schema.ts";
import { compileSource, type Failure, type ReadSource } from "./source.ts";

/** Characters. One reference may stand for a whole header, and a template may have thousands. */
const MAX_BODY = 1024 * 1024;

/** @throws Error when the body would be longer than 1 Mi characters */
export type RenderBody = (failure: Failure) => string;

/**
 * Compiles a template for bodies of one content type. Values cannot break out of the author's
 * text: inside a JSON string they are escaped; outside one they are JSON of their own, or become
 * a string; in HTML and XML they are text.
 *
 * @param strict API Gateway's way: values as they are, but those that it quotes or escapes itself
 */
export function compileResponseTemplate(
  template: string,
  contentType: string,
  variables: Readonly<Record<string, string>>,
  strict: boolean,
): RenderBody {
  const syntax = syntaxOf(contentType);
  const parts: (string | ReadSource)[] = [];
  let quoted = false;
  for (const part of readTemplate(template)) {
    if (typeof part === "string") {
      if (syntax === "json") quoted = endsQuoted(part, quoted);
      parts.push(syntax === "json" && !strict ? withoutLooseBackslash(part) : part);
    } else if (!("unknown" in part)) {
      // Quotes inside quotes are no JSON; API Gateway prints them.
      const unquoted = syntax === "json" && quoted && !strict && isMessageString(part);
      const read = compileSource(unquoted ? MESSAGE : part, variables);
      const print = strict
        ? strictPrint(part, syntax)
        : PRINT[syntax === "json" && quoted ? "string" : syntax];
      parts.push((failure) => print(read(failure)));
    }
  }
  return (failure) => {
    let body = "";
    for (const part of parts) {
      body += typeof part === "string" ? part : part(failure);
      if (body.length > MAX_BODY) throw new Error(`the body is longer than ${MAX_BODY} characters`);
    }
    return body;
  };
}

type Syntax = "json" | "markup" | "text";

function syntaxOf(contentType: string): Syntax {
  const [type = ""] = contentType.split(";", 1);
  if (/[/+]json$/i.test(type.trim())) return "json";
  return /[/+](?:html|xml)$/i.test(type.trim()) ? "markup" : "text";
}

const MESSAGE: ResponseSource = { place: "context", name: "error.message" };

const isMessageString = ({ place, name }: ResponseSource): boolean =>
  place === "context" && name === "error.messageString";

const MARKUP: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** How a value is written; undefined is one that is not there. */
type Print = (value: string | undefined) => string;

const PRINT: Readonly<Record<Syntax | "string", Print>> = {
  text: (value = "") => value,
  markup: (value = "") => value.replace(/[&<>"']/g, (character) => MARKUP[character] ?? ""),
  string: (value = "") => JSON.stringify(value).slice(1, -1),
  json: (value = "null") => (isJson(value) ? value : JSON.stringify(value)),
};

/** Quotes in this one variable come escaped (`[object has ... ([\"name\"])]`, as users show it). */
function strictPrint({ place, name }: ResponseSource, syntax: Syntax): Print {
  const escaped = syntax === "json" && place === "context" && name === "error.validationErrorString";
  return escaped ? PRINT.string : PRINT.text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a JSON text stands inside a string behind this part of it. */
function endsQuoted(part: string, before: boolean): boolean {
  let quoted = before;
  for (const [found] of part.matchAll(/\\.|"/gs)) if (found === '"') quoted = !quoted;
  return quoted;
}

/** A backslash right before a value would undo the escape of the value's first character. */
function withoutLooseBackslash(part: string): string {
  const [end = ""] = /\\*$/.exec(part) ?? [];
  return end.length % 2 === 0 ? part : `${part}\\`;
}
