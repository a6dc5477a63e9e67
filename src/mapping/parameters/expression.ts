import { isContextName } from "../../config/context-names.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { compileBodyPath } from "../json-path/body-path.ts";
import type { JsonPath } from "../json-path/json-path.ts";
import type { Value } from "../values.ts";
import { type BodySource, isTooMuch, rootOf, textOf } from "./json-body.ts";

/** What a selection expression reads of a request. */
export interface RequestSource extends BodySource {
  /** All values of a header, joined by commas; any case. */
  header(name: string): string | undefined;
  /** All values of a query parameter, joined by commas. */
  querystring(name: string): string | undefined;
  /** A path variable, decoded. */
  path(name: string): string | undefined;
  /** Without the stage's name. */
  readonly requestPath: string;
  /** The body as text, "" when there is none. */
  readonly body: string;
  /** A `$context` variable as text. */
  context(name: string): string | undefined;
}

/** What it reads of the integration's response. */
export interface ResponseSource extends BodySource {
  header(name: string): string | undefined;
  /** The body as text, "" when there is none. */
  readonly body: string;
}

export interface Sources {
  readonly request: RequestSource;
  /** None while the request is on its way to the integration. */
  readonly response?: ResponseSource;
}

/**
 * A value of an HTTP API's mapping or of a service's parameter: text, or a reference
 * (`$request.header.name`), or text with references in it (`users/${request.path.id}`);
 * aws-semantics 6.4 and 7.1.
 */
export interface Expression {
  /** Whether the request's, or the response's, body has to be read for it. */
  readonly needs: ReadonlySet<"request.body" | "response.body">;
  /**
   * Text; undefined for a reference that finds nothing. References inside text are "" then.
   *
   * @throws GatewayError mapping.body for a part of a body that is too much to be a text
   */
  text(sources: Sources): string | undefined;
  /** As `text`, but what a path into a JSON body finds stays what it is there. */
  value(sources: Sources): Value | undefined;
}

export interface ExpressionFault {
  readonly fault: string;
}

type Read = (sources: Sources) => Value | undefined;

const NONE: Expression["needs"] = new Set();
const IN_TEXT = /\$\{([^{}]*)\}/g;
/** A reference that somebody forgot the braces of: every caller would get the same text. */
const BARE = /\$(?:request|response|context|stageVariables)\.[A-Za-z]+/;

/**
 * @param variables the stage's; without them a reference to one is taken on trust
 * @param side whether `$response` may be read as well
 */
export function compileExpression(
  text: string,
  variables: Readonly<Record<string, string>> | undefined,
  side: "request" | "response",
): Expression | ExpressionFault {
  if (/^\$[A-Za-z]/.test(text)) {
    const whole = compileReference(text.slice(1), variables, side);
    if ("fault" in whole) return whole;
    const { needs } = whole;
    return {
      needs: needs === undefined ? NONE : new Set([needs]),
      text: (sources) => textIn(whole, sources),
      value: whole.read,
    };
  }
  const bare = BARE.exec(text.replace(IN_TEXT, ""))?.[0];
  if (bare !== undefined) {
    return { fault: `"${bare}" inside of text stands for itself: write "\${${bare.slice(1)}...}"` };
  }
  const parts: (string | Reference)[] = [];
  const needs = new Set<"request.body" | "response.body">();
  let end = 0;
  for (const found of text.matchAll(IN_TEXT)) {
    parts.push(text.slice(end, found.index));
    end = found.index + found[0].length;
    const reference = compileReference(found[1] ?? "", variables, side);
    if ("fault" in reference) return reference;
    parts.push(reference);
    if (reference.needs) needs.add(reference.needs);
  }
  parts.push(text.slice(end));
  const join = (sources: Sources): string =>
    parts.map((part) => (typeof part === "string" ? part : (textIn(part, sources) ?? ""))).join("");
  return { needs, text: join, value: join };
}

interface Reference {
  readonly read: Read;
  readonly needs?: "request.body" | "response.body";
}

function textIn({ read, needs }: Reference, sources: Sources): string | undefined {
  return bounded(needs, () => textOf(read(sources)));
}

/** @throws GatewayError for what is too much: 400 for a request's body, 500 for a response's */
function bounded<T>(needs: Reference["needs"], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    const type = needs === "response.body" ? "API_CONFIGURATION_ERROR" : "BAD_REQUEST_BODY";
    throw new GatewayError(type, "mapping.body", `a parameter is mapped from a body: ${error.message}`);
  }
}

const HINT = "write $request.header.NAME (querystring, path, body), $context.NAME or $stageVariables.NAME";

function compileReference(
  name: string,
  variables: Readonly<Record<string, string>> | undefined,
  side: "request" | "response",
): Reference | ExpressionFault {
  const [, root = "", rest = ""] = /^([A-Za-z]+)(?:\.(.+))?$/s.exec(name) ?? [];
  switch (root) {
    case "request":
      return requestReference(rest) ?? { fault: `"$${name}" is nothing that a request has: ${HINT}` };
    case "response":
      if (side === "request") return { fault: `"$${name}": there is no response yet` };
      return responseReference(rest) ?? { fault: `"$${name}" is nothing that a response has` };
    case "context":
      if (!isContextName(rest)) return { fault: `there is no variable "$context.${rest}"` };
      return { read: ({ request }) => request.context(rest) };
    case "stageVariables": {
      if (!/^[A-Za-z0-9_]{1,64}$/.test(rest)) return { fault: `"${rest}" is no name of a stage variable` };
      const value = variables && Object.hasOwn(variables, rest) ? variables[rest] : undefined;
      return { read: () => value };
    }
    default:
      return { fault: `"$${name}" is no reference: ${HINT}` };
  }
}

function requestReference(rest: string): Reference | ExpressionFault | undefined {
  if (rest === "path") return { read: ({ request }) => request.requestPath };
  const [, place, name = ""] = /^(header|querystring|path|body)(?:\.(.+))?$/s.exec(rest) ?? [];
  if (place === "body") {
    return bodyReference("request.body", name, ({ request }) => request);
  }
  if (name === "") return undefined;
  switch (place) {
    case "header":
      return { read: ({ request }) => request.header(name) };
    case "querystring":
      return { read: ({ request }) => request.querystring(name) };
    case "path":
      return { read: ({ request }) => request.path(name) };
    default:
      return undefined;
  }
}

function responseReference(rest: string): Reference | ExpressionFault | undefined {
  const [, place, name = ""] = /^(header|body)(?:\.(.+))?$/s.exec(rest) ?? [];
  if (place === "body") {
    return bodyReference("response.body", name, ({ response }) => response);
  }
  return place === "header" && name !== "" ? { read: ({ response }) => response?.header(name) } : undefined;
}

function bodyReference(
  needs: "request.body" | "response.body",
  path: string,
  source: (sources: Sources) => BodySource | undefined,
): Reference | ExpressionFault {
  if (path === "") return { needs, read: (sources) => source(sources)?.body ?? "" };
  const compiled = compileBodyPath(`$.${path}`);
  if ("fault" in compiled) return compiled;
  return { needs, read: (sources) => bounded(needs, () => find(compiled, source(sources))) };
}

/** A body that is no JSON has nothing at any path. */
function find(path: JsonPath, source: BodySource | undefined): Value | undefined {
  const root = source && rootOf(source);
  return root === undefined ? undefined : path.read(root);
}
