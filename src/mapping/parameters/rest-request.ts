import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { percentDecode } from "../../lib/percent.ts";
import { headerSpellings, type Spellings } from "./header-spellings.ts";
import type { BodySource } from "./json-body.ts";
import { meantName, withoutParameters } from "./query-names.ts";
import { compileRestSource, type RestSource } from "./rest-source.ts";

/**
 * REST request parameters of integrations: `integration.request.{path|querystring|
 * header}.NAME` from a static value, the client's parameters, the context or a stage
 * variable (aws-semantics 7.2). A source without a value leaves its target unset.
 */
export interface RequestMapping {
  readonly rules: readonly Rule[];
  /** Query parameters that it sets, by what backends take them for. */
  readonly queryNames: ReadonlySet<string>;
  /** Places of the backend's path that it fills, or nobody does. */
  readonly pathNames: ReadonlySet<string>;
  /** Whether a value comes out of the request's body. */
  readonly needsBody: boolean;
}

interface Rule {
  readonly place: "path" | "querystring" | "header";
  readonly name: string;
  /** Of a header: what backends take for the same one. */
  readonly spellings: Spellings | undefined;
  readonly source: RestSource;
}

/** Taken off again after mapping, whoever set them (aws-semantics 5, recorded). */
const NEVER_SENT = new Set(["connection", "expect", "proxy-authenticate", "te"]);

export function compileMapping(
  parameters: Readonly<Record<string, string>> | undefined,
  variables: Readonly<Record<string, string>>,
  /** A header that backends of this kind never get: `via`, and `referer` for AWS services. */
  never = "via",
  /** API Gateway's way to the letter: the client's query parameters stay beside the mapped ones. */
  strict = false,
): RequestMapping {
  const rules: Rule[] = [];
  for (const [target, source] of Object.entries(parameters ?? {})) {
    const [, place, name] = /^integration\.request\.(path|querystring|header)\.(.+)$/.exec(target) ?? [];
    if (name === undefined || (place !== "path" && place !== "querystring" && place !== "header")) continue;
    const lower = name.toLowerCase();
    if (place === "header" && (NEVER_SENT.has(lower) || lower === never)) continue;
    const compiled = compileRestSource(source, variables);
    if (!compiled) continue;
    const spellings = place === "header" ? headerSpellings(name) : undefined;
    rules.push({ place, name, spellings, source: compiled });
  }
  const replaced = rules.filter(({ place }) => place === "querystring" && !strict);
  const queryNames = new Set(replaced.map(({ name }) => meantName(name)));
  const pathNames = new Set(rules.flatMap(({ place, name }) => (place === "path" ? [name] : [])));
  return { rules, queryNames, pathNames, needsBody: rules.some(({ source }) => source.needsBody) };
}

/** The query without the parameters that a mapping sets, whatever it then sets them to. */
export function unmappedQuery({ queryNames }: RequestMapping, query: string): string {
  return withoutParameters(query, queryNames);
}

export interface Mapped {
  readonly path: Readonly<Record<string, string>>;
  /** Encoded, without `?`. */
  readonly query: string;
}

const NOTHING: Mapped = { path: {}, query: "" };

/**
 * Evaluates a mapping; headers are set on the ones given.
 *
 * @param text the request's body; only looked at where the mapping needs it
 */
export function mapRequest({ rules }: RequestMapping, call: Call, headers: Headers, text = ""): Mapped {
  if (rules.length === 0) return NOTHING;
  const body: BodySource = { body: text };
  const path: Record<string, string> = Object.create(null);
  let query: URLSearchParams | undefined;
  const append = (name: string, value: string): void => {
    query ??= new URLSearchParams();
    query.append(name, value);
  };
  for (const { place, name, spellings, source } of rules) {
    const value = source.read(call, body);
    // What a mapping may set is taken off first, also when it then sets nothing.
    spellings?.remove(headers);
    if (value === undefined) continue;
    const one = typeof value === "string" ? value : value.join(",");
    if (place === "header") setHeader(headers, name, one);
    else if (place === "path") path[name] = source.trusted ? one : pathText(name, one);
    // A path's text comes encoded, and a query encodes what it is given.
    else if (source.trusted === "path") append(name, percentDecode(one));
    else for (const each of typeof value === "string" ? [value] : value) append(name, each);
  }
  return { path, query: query?.toString() ?? "" };
}

/** A caller's value with CR, LF or NUL in it cannot be a header's. */
export function setHeader(headers: Headers, name: string, value: string): void {
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
export function pathText(name: string, value: string): string {
  if (!/[/\\;\x00-\x1f\x7f]/.test(value) && value.isWellFormed() && !/^\.{1,2}$/.test(value)) {
    return encodeURIComponent(value);
  }
  throw new GatewayError(
    "BAD_REQUEST_PARAMETERS",
    "request.path",
    `the value for the path parameter ${name} has characters that a path segment cannot have`,
  );
}
