import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { canonicalPath } from "../../routing/path.ts";
import { compileExpression, type Expression, type RequestSource } from "./expression.ts";
import { pathText } from "./rest-request.ts";

/** A path with values of a request in it, as `overwrite:path` has it (aws-semantics 7.1). */
export interface PathTemplate {
  /**
   * The path, encoded. A variable of the route stands in it as the client sent it, any other
   * value as one segment: none can leave its place or start a query.
   *
   * @throws GatewayError BAD_REQUEST_PARAMETERS for a value that cannot, or that is not there
   */
  fill(call: Call, request: RequestSource): string;
}

type Part = (call: Call, request: RequestSource) => string;

const IN_TEXT = /\$\{([^{}]*)\}/g;

/** @param text checked already: every reference in it is one */
export function compilePathTemplate(text: string, variables: Readonly<Record<string, string>>): PathTemplate {
  const parts: Part[] = [];
  if (/^\$[A-Za-z]/.test(text)) parts.push(reference(text.slice(1), variables));
  else {
    let end = 0;
    for (const found of text.matchAll(IN_TEXT)) {
      parts.push(fixed(text.slice(end, found.index)), reference(found[1] ?? "", variables));
      end = found.index + found[0].length;
    }
    parts.push(fixed(text.slice(end)));
  }
  return {
    fill(call, request) {
      const joined = parts.map((part) => part(call, request)).join("");
      return checked(call, joined.startsWith("/") ? joined : `/${joined}`);
    },
  };
}

/** What the configuration says itself; nothing of it starts a query or a fragment. */
function fixed(text: string): Part {
  const encoded = text.replace(/[?# "<>`{}]|[^\x00-\x7f]+/g, (found) => encodeURIComponent(found));
  return () => encoded;
}

function reference(name: string, variables: Readonly<Record<string, string>>): Part {
  if (name === "request.path") return ({ path }) => path;
  if (name === "context.path") return ({ fullPath }) => fullPath;
  const variable = /^request\.path\.(.+)$/s.exec(name)?.[1];
  if (variable !== undefined) {
    return ({ route: { parameters } }) =>
      Object.hasOwn(parameters, variable) ? (parameters[variable] ?? "") : missing(name);
  }
  const expression = compileExpression(`$${name}`, variables, "request");
  return "fault" in expression ? () => missing(name) : segment(name, expression);
}

function segment(name: string, expression: Expression): Part {
  return (_, request) => {
    const value = expression.text({ request });
    return value === undefined || value === "" ? missing(name) : pathText(name, value);
  };
}

/** A value that is not there would make the path of another resource. */
function missing(name: string): never {
  throw refusal(`$${name}, which the backend's path is made of, has no value`);
}

/** One way to write it, and no way out of it: what an origin would resolve has to be resolved here. */
function checked(call: Call, path: string): string {
  const canonical = canonicalPath(path);
  const open = call.stage.settings.allowEncodedSlashes;
  if (!canonical.ok || canonical.path !== path || (canonical.encodedSlash && !open)) {
    throw refusal("the backend's path would have segments or characters that a path cannot have");
  }
  return path;
}

function refusal(detail: string): GatewayError {
  return new GatewayError("BAD_REQUEST_PARAMETERS", "request.path", detail);
}
