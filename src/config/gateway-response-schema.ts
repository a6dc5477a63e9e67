import * as v from "valibot";
import { isToken } from "../lib/token.ts";
import { ERROR_NAMES, isContextName } from "./context-names.ts";

/** `x-amazon-apigateway-gateway-responses`: an API's own words for its refusals (aws-semantics 15). */

const text = v.pipe(v.string(), v.nonEmpty());

const OUT_OF_RANGE = "the status of a gateway response is 200 to 599";

/** API Gateway's documents write it as text ("404"). */
const statusCode = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number))], "not a status code"),
  v.integer("not a status code"),
  v.minValue(200, OUT_OF_RANGE),
  v.maxValue(599, OUT_OF_RANGE),
);

export const GatewayResponseEntry = v.strictObject({
  /** The type's own by default. */
  statusCode: v.optional(statusCode),
  /** `gatewayresponse.header.NAME` to its source. */
  responseParameters: v.optional(v.record(text, v.string()), {}),
  /** Content type to template; the usual body by default. */
  responseTemplates: v.optional(v.record(text, v.string()), {}),
});

export const GatewayResponses = v.record(text, GatewayResponseEntry);

export type GatewayResponses = v.InferOutput<typeof GatewayResponses>;
export type GatewayResponseEntry = v.InferOutput<typeof GatewayResponseEntry>;

/** Where a header's value or a part of a body comes from. */
export interface ResponseSource {
  readonly place: "context" | "stageVariables" | "header" | "querystring" | "path";
  readonly name: string;
}

/**
 * Reads `context.NAME`, `stageVariables.NAME` or `method.request.{header|querystring|path}.NAME`;
 * none for what is no source, or a variable that there is not.
 */
export function readSource(source: string): ResponseSource | undefined {
  const [, scope, request, name = ""] =
    /^(?:(context|stageVariables)|method\.request\.(header|querystring|path))\.(.+)$/s.exec(source) ?? [];
  switch (scope ?? request) {
    case "context":
      return isErrorContextName(name) ? { place: "context", name } : undefined;
    case "stageVariables":
      return /^[A-Za-z0-9_]{1,64}$/.test(name) ? { place: "stageVariables", name } : undefined;
    case "header":
      return isToken(name) ? { place: "header", name: name.toLowerCase() } : undefined;
    case "querystring":
      return { place: "querystring", name };
    case "path":
      return { place: "path", name };
    default:
      return undefined;
  }
}

/** Whether an error's answer has this `$context` variable. */
function isErrorContextName(name: string): boolean {
  return isContextName(name) || ERROR_NAMES.includes(name);
}

/** A template's text and what stands between it, in order. */
export type TemplatePart = string | ResponseSource | UnknownVariable;

export interface UnknownVariable {
  /** As written, without `$`. */
  readonly unknown: string;
}

// A name ends in a letter, digit or underscore: what follows is the author's punctuation.
const REFERENCE =
  /\$context\.(authorizer\.[A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_])?|[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*)|\$stageVariables\.([A-Za-z0-9_]+)|(?:\$|(?<![\w.$]))method\.request\.(header|querystring|path)\.([A-Za-z0-9_](?:[A-Za-z0-9._$:-]*[A-Za-z0-9_])?)/g;

/**
 * Takes a template apart. It is no VTL: `$context.NAME`, `$stageVariables.NAME` and
 * `method.request.{header|querystring|path}.NAME`, with or without `$`, stand for their values,
 * and everything else for itself.
 */
export function readTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of template.matchAll(REFERENCE)) {
    const [whole, context, variable, place, name = ""] = match;
    const known = context === undefined ? undefined : knownPrefix(context);
    if (match.index > end) parts.push(template.slice(end, match.index));
    end = match.index + whole.length;
    if (context !== undefined && known === undefined) parts.push({ unknown: `context.${context}` });
    else if (known !== undefined && context !== undefined) {
      parts.push({ place: "context", name: known });
      end -= context.length - known.length;
    } else if (variable !== undefined) parts.push({ place: "stageVariables", name: variable });
    else if (place === "header") parts.push({ place, name: name.toLowerCase() });
    else if (place === "querystring" || place === "path") parts.push({ place, name });
  }
  if (end < template.length) parts.push(template.slice(end));
  return parts;
}

/** Behind a variable may follow a dot and the author's own text: `$context.stage.example.com`. */
function knownPrefix(name: string): string | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    const prefix = name.slice(0, end);
    if (isErrorContextName(prefix)) return prefix;
  }
  return undefined;
}
