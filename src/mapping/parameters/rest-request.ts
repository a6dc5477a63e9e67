import type { Call } from "../../call.ts";
import { contextValue } from "../../context.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { headerReader } from "../../request-header.ts";

/**
 * REST request parameters of http integrations: `integration.request.{path|querystring|
 * header}.NAME` from a static value, the client's parameters, the context or a stage
 * variable (aws-semantics 7.2). A source without a value leaves its target unset.
 */
export interface RequestMapping {
  readonly rules: readonly Rule[];
  /** Query parameters that it sets. */
  readonly queryNames: readonly string[];
}

interface Rule {
  readonly place: "path" | "querystring" | "header";
  readonly name: string;
  /** Spellings of a header's name that backends take for the same one. */
  readonly aliases: readonly string[];
  /** The name with hyphens, where there are too many spellings to list. */
  readonly plain?: string | undefined;
  readonly source: (call: Call) => string | undefined;
  /** Whether the source's text may stand in a URL's path as it is. */
  readonly encoded: boolean;
}

/** Taken off again after mapping, whoever set them (aws-semantics 5, recorded). */
const NEVER_SENT = new Set(["connection", "expect", "proxy-authenticate", "te", "via"]);

export function compileMapping(
  parameters: Readonly<Record<string, string>> | undefined,
  variables: Readonly<Record<string, string>>,
): RequestMapping {
  const rules: Rule[] = [];
  for (const [target, source] of Object.entries(parameters ?? {})) {
    const [, place, name] = /^integration\.request\.(path|querystring|header)\.(.+)$/.exec(target) ?? [];
    if (name === undefined || (place !== "path" && place !== "querystring" && place !== "header")) continue;
    if (place === "header" && NEVER_SENT.has(name.toLowerCase())) continue;
    const encoded = /^(?:'|method\.request\.path\.|stageVariables\.)/.test(source);
    const aliases = place === "header" ? spellings(name) : [];
    const many = place === "header" && name.split(/[-_]/).length > 5;
    const plain = many ? name.toLowerCase().replaceAll("_", "-") : undefined;
    rules.push({ place, name, aliases, plain, source: compileSource(source, variables), encoded });
  }
  const queryNames = rules.flatMap(({ place, name }) => (place === "querystring" ? [name] : []));
  return { rules, queryNames };
}

/**
 * A header's name with every choice of hyphen and underscore: CGI-style backends read both
 * as one, so a client could otherwise set what a mapping sets (R-05, Caddy GHSA-f59h-q822-g45g).
 */
function spellings(name: string): readonly string[] {
  const [first = "", ...rest] = name.split(/[-_]/);
  // A name of many words: those that a client would try.
  if (rest.length > 4) return [name.replaceAll("-", "_"), name.replaceAll("_", "-"), name];
  return rest.reduce<string[]>(
    (starts, word) => starts.flatMap((start) => [`${start}-${word}`, `${start}_${word}`]),
    [first],
  );
}

/** The query without the parameters that a mapping sets, whatever it then sets them to. */
export function unmappedQuery({ queryNames }: RequestMapping, query: string): string {
  if (queryNames.length === 0 || query === "") return query;
  const kept = query.split("&").filter((part) => {
    const [sent = ""] = new URLSearchParams(part).keys();
    // `user[]` and ` user` are `user` to some backends (PHP, qs).
    const [name = ""] = sent.trim().split("[");
    return !queryNames.includes(name);
  });
  return kept.join("&");
}

function compileSource(
  source: string,
  variables: Readonly<Record<string, string>>,
): (call: Call) => string | undefined {
  const fixed = /^'(.*)'$/s.exec(source)?.[1];
  if (fixed !== undefined) return () => fixed;
  const [, scope, name] =
    /^(method\.request\.path|method\.request\.querystring|method\.request\.header|stageVariables|context)\.(.+)$/.exec(
      source,
    ) ?? [];
  if (name === undefined) return () => undefined;
  switch (scope) {
    case "method.request.path":
      return (call) => (Object.hasOwn(call.route.parameters, name) ? call.route.parameters[name] : undefined);
    case "method.request.querystring":
      return (call) => new URLSearchParams(call.query).getAll(name).at(-1);
    case "method.request.header":
      return headerReader(name.toLowerCase());
    case "stageVariables":
      return () => (Object.hasOwn(variables, name) ? variables[name] : undefined);
    default:
      return (call) => contextValue(call, name);
  }
}

export interface Mapped {
  readonly path: Readonly<Record<string, string>>;
  /** Encoded, without `?`. */
  readonly query: string;
}

const NOTHING: Mapped = { path: {}, query: "" };

/** Evaluates a mapping; headers are set on the ones given. */
export function mapRequest({ rules }: RequestMapping, call: Call, headers: Headers): Mapped {
  if (rules.length === 0) return NOTHING;
  const path: Record<string, string> = Object.create(null);
  const query = new URLSearchParams();
  for (const { place, name, aliases, plain, source, encoded } of rules) {
    const value = source(call);
    // What a mapping may set is taken off first, also when it then sets nothing.
    if (place === "header") for (const alias of aliases) headers.delete(alias);
    if (plain !== undefined) {
      for (const sent of [...headers.keys()]) {
        if (sent.replaceAll("_", "-") === plain) headers.delete(sent);
      }
    }
    if (value === undefined) continue;
    if (place === "header") setHeader(headers, name, value);
    else if (place === "querystring") query.append(name, value);
    else path[name] = encoded ? value : pathText(name, value);
  }
  return { path, query: query.toString() };
}

/** A caller's value with CR, LF or NUL in it cannot be a header's. */
function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch (error) {
    throw new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "request.header_value",
      `the value for the header ${name} has characters that no header can have`,
      { cause: error },
    );
  }
}

/** A value that is put into a path stays one segment: an origin may decode what we encode. */
function pathText(name: string, value: string): string {
  if (!/[/\\;\x00-\x1f\x7f]/.test(value)) return encodeURIComponent(value);
  throw new GatewayError(
    "BAD_REQUEST_PARAMETERS",
    "request.path",
    `the value for the path parameter ${name} has characters that a path segment cannot have`,
  );
}
