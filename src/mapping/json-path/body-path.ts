import { compileJsonPath, type JsonPath, type JsonPathFault } from "./json-path.ts";

/** Outside of quotes. */
const REFUSED = /^(?:[^'"]|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")*?(\.\.|\[ *\?)/;

/** A path into a body in an HTTP API (`$request.body.PATH`): no `..` and no filters (aws-semantics 6.4). */
export function compileBodyPath(path: string): JsonPath | JsonPathFault {
  const refused = REFUSED.exec(path)?.[1];
  if (refused === undefined) return compileJsonPath(path);
  const what = refused === ".." ? '".."' : "a filter";
  return { fault: `"${path}": ${what} is not possible in a path into the body of an HTTP API` };
}
