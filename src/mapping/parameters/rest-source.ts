import type { Call } from "../../call.ts";
import { contextValue } from "../../context.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { headerReader } from "../../request-header.ts";
import { type BodyReader, type BodySource, compileBodyReader } from "./json-body.ts";
import { REQUEST_BODY, REQUEST_PLACE, SCOPE, STATIC } from "./rest-syntax.ts";

/** Where a REST API's mapping takes a value from (aws-semantics 7.2). */
export interface RestSource {
  readonly needsBody: boolean;
  /**
   * What may stand in a URL's path as it is: a client's path parameter, still encoded as it was
   * sent, and what the configuration says itself.
   */
  readonly trusted: "path" | "own" | undefined;
  /** Several values for `multivaluequerystring` only; undefined for a source without a value. */
  read(call: Call, body: BodySource): string | readonly string[] | undefined;
}

/** Sources that are the same on the way in and on the way out: text, context, stage variables. */
export type CommonSource = (call: Call) => string | undefined;

/** @returns none for a source that nobody knows */
export function compileRestSource(
  source: string,
  variables: Readonly<Record<string, string>>,
): RestSource | undefined {
  const common = compileCommonSource(source, variables);
  if (common) {
    const trusted = /^(?:'|stageVariables\.)/.test(source) ? "own" : undefined;
    return { needsBody: false, trusted, read: common };
  }
  const body = REQUEST_BODY.exec(source)?.[1];
  if (body !== undefined) return bodySource(compileBodyReader(body));
  const [, place, name = ""] = REQUEST_PLACE.exec(source) ?? [];
  const read = place === undefined ? undefined : placeReader(place, name);
  return read && { needsBody: false, trusted: place === "path" ? "path" : undefined, read };
}

/** `'text'`, `context.NAME` and `stageVariables.NAME`; none for another source. */
export function compileCommonSource(
  source: string,
  variables: Readonly<Record<string, string>>,
): CommonSource | undefined {
  const fixed = STATIC.exec(source)?.[1];
  if (fixed !== undefined) return () => fixed;
  const [, scope, name = ""] = SCOPE.exec(source) ?? [];
  if (scope === "context") return (call) => contextValue(call, name);
  if (scope === undefined) return undefined;
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return () => value;
}

function placeReader(place: string, name: string): RestSource["read"] | undefined {
  switch (place) {
    case "path":
      return ({ route }) => (Object.hasOwn(route.parameters, name) ? route.parameters[name] : undefined);
    case "querystring":
      return (call) => new URLSearchParams(call.query).getAll(name).at(-1);
    case "multivaluequerystring":
      return (call) => {
        const values = new URLSearchParams(call.query).getAll(name);
        return values.length === 0 ? undefined : values;
      };
    case "header":
    case "multivalueheader":
      return headerReader(name.toLowerCase());
    default:
      return undefined;
  }
}

function bodySource(reader: BodyReader | undefined): RestSource | undefined {
  if (!reader) return undefined;
  return { needsBody: true, trusted: undefined, read: (_, body) => reader(body, malformedRequest) };
}

function malformedRequest(why: string): GatewayError {
  return new GatewayError("BAD_REQUEST_BODY", "mapping.body", why, {
    message: "Invalid JSON in request body",
  });
}
