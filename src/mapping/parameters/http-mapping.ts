import { isToken } from "../../lib/token.ts";
import { compileExpression, type Expression } from "./expression.ts";

/**
 * HTTP APIs' parameter mapping: `append|overwrite|remove:header.NAME`,
 * `append|overwrite|remove:querystring.NAME` and `overwrite:path` of a request,
 * `append|overwrite|remove:header.NAME` and `overwrite:statuscode` of a response
 * (aws-semantics 7.1).
 */
export interface Operation {
  readonly verb: "append" | "overwrite" | "remove";
  readonly place: "header" | "querystring" | "path" | "statuscode";
  /** "" for the path and the status. */
  readonly name: string;
  /** None for what is removed. */
  readonly value: Expression | undefined;
}

export interface OperationFault {
  readonly fault: string;
  readonly hint?: string;
}

const TARGET = /^(append|overwrite|remove):(header|querystring)\.(.+)$/s;
const WHOLE = /^overwrite:(path|statuscode)$/;

/** Headers that no mapping may touch (aws-semantics 5). */
const RESERVED =
  /^(?:access-control-.*|apigw-.*|authorization|connection|content-encoding|content-length|content-location|forwarded|keep-alive|origin|proxy-authenticate|proxy-authorization|te|trailers?|transfer-encoding|upgrade|x-amz-.*|x-amzn-.*|x-forwarded-(?:for|host|proto)|via|x-portico-.*)$/i;

/** Whether a target is written in an HTTP API's way. */
export function isHttpTarget(target: string): boolean {
  return /^(?:append|overwrite|remove):/.test(target);
}

/** @param variables the stage's; none at a check without one */
export function compileOperation(
  target: string,
  text: string,
  variables: Readonly<Record<string, string>> | undefined,
  side: "request" | "response",
): Operation | OperationFault {
  const whole = WHOLE.exec(target)?.[1];
  if (whole !== undefined) {
    if (whole !== (side === "request" ? "path" : "statuscode")) return noTarget(target, side);
    return withValue("overwrite", whole === "path" ? "path" : "statuscode", "", text, variables, side);
  }
  const [, verb, place, name = ""] = TARGET.exec(target) ?? [];
  if (verb !== "append" && verb !== "overwrite" && verb !== "remove") return noTarget(target, side);
  if (place !== "header" && place !== "querystring") return noTarget(target, side);
  if (place === "querystring" && side === "response") return noTarget(target, side);
  if (place === "header" && !isToken(name)) return noTarget(target, side);
  if (place === "header" && RESERVED.test(name))
    return { fault: `the header ${name} cannot be set by a mapping` };
  if (verb === "remove") return { verb, place, name, value: undefined };
  // To the management API it means "no such mapping"; the client's own would pass.
  if (text === "")
    return { fault: "an empty value maps nothing", hint: `write remove:${place}.${name}, or leave it out` };
  return withValue(verb, place, name, text, variables, side);
}

function withValue(
  verb: Operation["verb"],
  place: Operation["place"],
  name: string,
  text: string,
  variables: Readonly<Record<string, string>> | undefined,
  side: "request" | "response",
): Operation | OperationFault {
  const value = compileExpression(text, variables, side);
  if ("fault" in value) return value;
  const why = neverWorks(place, text);
  return why === undefined ? { verb, place, name, value } : { fault: why };
}

/** What would fail at every request, whatever it is. */
function neverWorks(place: Operation["place"], text: string): string | undefined {
  if (place === "header" && /[\0\r\n]/.test(text)) return "this has characters that no header can have";
  if (place === "statuscode" && !text.includes("$") && !/^[2-5]\d\d$/.test(text)) {
    return `"${text}" is no status from 200 to 599`;
  }
  if (place === "path" && /(?:^|\/)\.{1,2}(?:\/|$)/.test(text)) return `"${text}" leaves its place`;
  return undefined;
}

function noTarget(target: string, side: "request" | "response"): OperationFault {
  return {
    fault: `"${target}" is no target of a ${side} mapping`,
    hint:
      side === "request"
        ? "write append:header.NAME (overwrite, remove; querystring.NAME) or overwrite:path"
        : "write append:header.NAME (overwrite, remove) or overwrite:statuscode",
  };
}
