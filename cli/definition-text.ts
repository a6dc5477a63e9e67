import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Problem } from "../src/config/problem.ts";
import { type Imported, type ImportOptions, importOpenApi } from "../src/openapi/import.ts";
import { lintRoutes, placeOfRoute } from "../src/openapi/lint.ts";
import { lintAccess } from "../src/openapi/lint-access.ts";
import { lintIntegrations } from "../src/openapi/lint-integrations.ts";
import { lintLimits } from "../src/openapi/lint-limits.ts";
import { lintModels } from "../src/openapi/lint-models.ts";
import { lintMediaTypes } from "../src/openapi/lint-settings.ts";
import { lintStageVariables } from "../src/openapi/lint-stage-variables.ts";
import { placeKeys } from "../src/openapi/place.ts";
import { type Bindings, checkBindings } from "./check-bindings.ts";
import { checkAuthorizerFunction, checkRouteFunction } from "./check-functions.ts";
import { Failure } from "./engine/failure.ts";

/** What a definition is read against. */
export interface TextOptions extends ImportOptions {
  /** The modules that integrations can name. */
  readonly functions: readonly string[];
  /** The bindings that they can name; none where nobody knows. */
  readonly bindings?: Bindings | undefined;
}

/**
 * Imports the text of a definition; each problem and warning gets the line that it is about.
 *
 * @param text JSON or YAML
 * @param file as messages call it
 * @throws Failure when it is no YAML
 */
export function importText(text: string, file: string, options: TextOptions): Imported {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Failure(`${file}:${line}:${col}: ${error.message.split("\n")[0] ?? ""}`);
  }
  const json: unknown = document.toJS();
  const imported = importOpenApi(json, options);
  const located = (problem: Problem): Problem => ({
    ...problem,
    path: `${file}${position(document, json, lines, problem.path)} ${problem.path}`,
  });
  return {
    ...imported,
    problems: [...imported.problems, ...unknownFunctions(imported, options.functions)].map(located),
    warnings: [
      ...imported.warnings,
      ...lintRoutes(imported),
      ...lintAccess(imported),
      ...lintLimits(imported),
      ...lintIntegrations(imported),
      ...lintModels(imported.models),
      ...lintMediaTypes(imported.settings, "x-amazon-apigateway-binary-media-types"),
      ...lintStageVariables(imported),
      ...unknownBindings(imported, options.bindings),
    ].map(located),
  };
}

function unknownFunctions(imported: Imported, functions: readonly string[]): readonly Problem[] {
  return [
    ...[...imported.routes].flatMap(([key, entry]) =>
      checkRouteFunction(placeOfRoute(imported, key), key, entry, functions),
    ),
    ...[...imported.authorizers].flatMap(([name, authorizer]) =>
      checkAuthorizerFunction(`${imported.schemesPlace}.${name}`, name, authorizer, functions),
    ),
  ];
}

function unknownBindings(imported: Imported, bindings: Bindings | undefined): readonly Problem[] {
  if (!bindings) return [];
  return [...imported.routes].flatMap(([key, entry]) =>
    checkBindings(placeOfRoute(imported, key), entry, bindings),
  );
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
