import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { functionName } from "../src/config/integration-uri.ts";
import { nearest, type Problem } from "../src/config/problem.ts";
import { parseRouteKey } from "../src/config/route-key.ts";
import { isServiceIntegration } from "../src/config/service-schema.ts";
import { type Imported, importOpenApi } from "../src/openapi/import.ts";
import { lintRoutes, placeOfRoute } from "../src/openapi/lint.ts";
import { lintAccess } from "../src/openapi/lint-access.ts";
import { lintLimits } from "../src/openapi/lint-limits.ts";
import { placeKeys } from "../src/openapi/place.ts";
import { Failure } from "./engine/failure.ts";

/**
 * Imports the text of a definition; each problem and warning gets the line that it is about.
 *
 * @param text JSON or YAML
 * @param file as messages call it
 * @param functions the modules that integrations can name
 * @throws Failure when it is no YAML
 */
export function importText(text: string, file: string, functions: readonly string[]): Imported {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Failure(`${file}:${line}:${col}: ${error.message.split("\n")[0] ?? ""}`);
  }
  const json: unknown = document.toJS();
  const imported = importOpenApi(json);
  const located = (problem: Problem): Problem => ({
    ...problem,
    path: `${file}${position(document, json, lines, problem.path)} ${problem.path}`,
  });
  return {
    ...imported,
    problems: [...imported.problems, ...unknownFunctions(imported, functions)].map(located),
    warnings: [
      ...imported.warnings,
      ...lintRoutes(imported.routes, imported.settings.protocol),
      ...lintAccess(imported),
      ...lintLimits(imported.routes),
    ].map(located),
  };
}

function unknownFunctions(imported: Imported, functions: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  const check = (uri: string, caller: string, path: string): void => {
    if (uri.includes("${stageVariables.") || /^https?:/i.test(uri)) return;
    const name = functionName(uri);
    if (name === undefined || functions.includes(name)) return;
    const near = nearest(name, functions);
    problems.push({
      code: "function.unknown",
      path,
      message: `${caller} calls the function "${name}", but there is no routes/${name}.ts`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    });
  };
  for (const [key, { integration }] of imported.routes) {
    // Services have no function, and neither has what the gateway calls without one.
    if (isServiceIntegration(integration) || integration.integrationSubtype !== undefined) continue;
    const { type, uri } = integration;
    const route = parseRouteKey(key);
    if (uri === undefined || (type !== "aws_proxy" && type !== "aws") || typeof route === "string") continue;
    check(uri, key, placeOfRoute(route));
  }
  for (const [name, authorizer] of imported.authorizers) {
    if (authorizer.type !== "token" && authorizer.type !== "request") continue;
    check(authorizer.authorizerUri, `the authorizer "${name}"`, `${imported.schemesPlace}.${name}`);
  }
  return problems;
}

/** `:line` of a place in the document, as far as the place can be followed: of its name, where it has one. */
function position(document: Document, json: unknown, lines: LineCounter, place: string): string {
  let node: unknown = document.contents;
  let found: unknown = node;
  for (const key of placeKeys(json, place)) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === key);
      if (!pair) break;
      found = pair.key;
      node = pair.value;
    } else if (isSeq(node)) {
      found = node.items[Number(key)];
      node = found;
    } else break;
  }
  const start = isNode(found) ? found.range?.[0] : undefined;
  return start === undefined ? "" : `:${lines.linePos(start).line}`;
}
