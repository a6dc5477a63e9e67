import { compileBodyReader } from "./json-body.ts";

/** How a REST API's mappings write their sources (aws-semantics 7.2). */

/** A place of the request that has a name. */
export const REQUEST_PLACE =
  /^method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.(.+)$/s;
/** The request's body, and what stands behind it. */
export const REQUEST_BODY = /^method\.request\.body((?:[.[].*)?)$/s;
export const ANSWER_HEADER = /^integration\.response\.(header|multivalueheader)\.(.+)$/s;
export const ANSWER_BODY = /^integration\.response\.body((?:[.[].*)?)$/s;
export const STATIC = /^'(.*)'$/s;
/** What is there on both ways, and has a name. */
export const SCOPE = /^(stageVariables|context)\.(.+)$/s;

/** Whether a request mapping may take its value from there. */
export function isRequestSource(source: string): boolean {
  return isCommon(source) || REQUEST_PLACE.test(source) || isBody(REQUEST_BODY, source);
}

/** Whether a response mapping may take its value from there. */
export function isAnswerSource(source: string): boolean {
  return isCommon(source) || ANSWER_HEADER.test(source) || isBody(ANSWER_BODY, source);
}

function isCommon(source: string): boolean {
  return STATIC.test(source) || SCOPE.test(source);
}

function isBody(pattern: RegExp, source: string): boolean {
  const path = pattern.exec(source)?.[1];
  return path !== undefined && compileBodyReader(path) !== undefined;
}
