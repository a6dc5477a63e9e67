import type { Call } from "../../../call.ts";
import { GatewayError } from "../../../gateway-responses/gateway-error.ts";
import { percentDecode } from "../../../lib/percent.ts";
import { encodeStrictly } from "./encode.ts";

/** Text, name, text, ... of a text with `{name}` or `{name+}` in it. */
type TextTemplate = readonly string[];

export type PathTemplate = TextTemplate;

/** Names and values of a query. */
export type QueryTemplate = readonly (readonly [TextTemplate, TextTemplate])[];

export function compilePath(path: string): PathTemplate {
  return compileText(`/${path.replace(/^\//, "")}`);
}

/** @param query without `?` */
export function compileQuery(query: string): QueryTemplate {
  // A plus would be a blank in a query's text.
  const plain = query.replace(/\{([A-Za-z0-9_.:-]+)\+\}/g, "{$1}");
  return [...new URLSearchParams(plain)].map(([name, value]) => [compileText(name), compileText(value)]);
}

function compileText(text: string): TextTemplate {
  return text.split(/\{([A-Za-z0-9_.:-]+)\+?\}/);
}

/**
 * A query's pairs with its parameters in them: none adds a pair.
 *
 * @param values percent-encoded, as they stand in a URL
 * @throws GatewayError BAD_REQUEST_PARAMETERS for a value that is not there, or has control characters
 */
export function fillQuery(
  call: Call,
  template: QueryTemplate,
  values: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const text = (parts: TextTemplate): string =>
    parts
      .map((part, index) => (index % 2 === 0 ? part : percentDecode(valueOfParameter(call, part, values))))
      .join("");
  return template.map(([name, value]) => [text(name), text(value)]);
}

/**
 * A path with its parameters in it, encoded as signatures want it.
 *
 * @param values percent-encoded, as they stand in a URL
 * @param flat whether `%2F` is a slash: to S3, whose keys have no segments, it is
 * @throws GatewayError BAD_REQUEST_PARAMETERS for a value that would make it another path
 */
export function fillPath(
  call: Call,
  template: PathTemplate,
  values: Readonly<Record<string, string>>,
  flat: boolean,
): string {
  const filled = template.map((part, index) =>
    index % 2 === 0 ? part : valueOfParameter(call, part, values),
  );
  const segments = filled.join("").split("/").map(percentDecode);
  const parts = flat ? segments.join("/").split("/") : segments;
  if (parts.some((part) => part === "." || part === "..")) {
    throw new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "request.path",
      `a path parameter of ${call.route.key} would change the service's path`,
    );
  }
  return parts.map(encodeStrictly).join("/");
}

function valueOfParameter(call: Call, name: string, values: Readonly<Record<string, string>>): string {
  const value = Object.hasOwn(values, name) ? (values[name] ?? "") : "";
  // A bucket's path without its key is the bucket's own.
  if (value === "") throw refused(call, name, "has no value", "Missing required request parameters");
  const text = percentDecode(value);
  if (!/[\0-\x1f\x7f]/.test(text) && text.isWellFormed()) return value;
  throw refused(call, name, "has characters that a path cannot have", "Invalid request parameters");
}

function refused(call: Call, name: string, why: string, said: string): GatewayError {
  return new GatewayError(
    "BAD_REQUEST_PARAMETERS",
    "service.parameter",
    `the path parameter ${name} of ${call.route.key} ${why}`,
    { message: `${said}: [${name}]` },
  );
}
