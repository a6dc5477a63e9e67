import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { functionName } from "../src/config/integration-uri.ts";
import { nearest, type Problem } from "../src/config/problem.ts";
import { type Imported, importOpenApi } from "../src/openapi/import.ts";
import { lintRoutes } from "../src/openapi/lint.ts";
import { lintAccess } from "../src/openapi/lint-access.ts";
import { lintLimits } from "../src/openapi/lint-limits.ts";
import { Failure } from "./engine/failure.ts";

/** The API as `routes/openapi.yaml` defines it, checked against the modules beside it. */
export interface Definition extends Imported {
  readonly file: string;
}

const NAMES = ["openapi.yaml", "openapi.yml", "openapi.json"];

/** @throws Failure when there is no definition or it is no YAML */
export async function readDefinition(root: string): Promise<Definition> {
  const file = NAMES.map((name) => join(root, "routes", name)).find((path) => existsSync(path));
  if (file === undefined) {
    throw new Failure("there is no routes/openapi.yaml", "it names the routes; README.md shows a small one");
  }
  const shown = relative(root, file);
  const lines = new LineCounter();
  const document = parseDocument(await readFile(file, "utf8"), { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Failure(`${shown}:${line}:${col}: ${error.message.split("\n")[0] ?? ""}`);
  }
  const imported = importOpenApi(document.toJS());
  const functions = await functionNames(root);
  const located = (problem: Problem): Problem => ({
    ...problem,
    path: `${shown}${position(document, lines, problem.path)} ${problem.path}`,
  });
  return {
    ...imported,
    file: shown,
    problems: [...imported.problems, ...unknownFunctions(imported, functions)].map(located),
    warnings: [
      ...imported.warnings,
      ...lintRoutes(imported.routes, imported.settings.protocol),
      ...lintAccess(imported),
      ...lintLimits(imported.routes),
    ].map(located),
  };
}

/** The modules under routes/, as integrations name them. */
async function functionNames(root: string): Promise<readonly string[]> {
  const files = await readdir(join(root, "routes"), { recursive: true });
  return files
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => file.slice(0, -3))
    .sort();
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
    if (integration.type === "aws_proxy") check(integration.uri ?? "", key, placeOf(key));
  }
  for (const [name, authorizer] of imported.authorizers) {
    if (authorizer.type !== "token" && authorizer.type !== "request") continue;
    check(authorizer.authorizerUri, `the authorizer "${name}"`, `components.securitySchemes.${name}`);
  }
  return problems;
}

function placeOf(routeKey: string): string {
  const [method = "", path = "/$default"] = routeKey.split(" ");
  const member =
    method === "ANY" || path === "/$default" ? "x-amazon-apigateway-any-method" : method.toLowerCase();
  return `paths.${path}.${member}`;
}

/** `:line` of a place in the document, as far as the place can be followed. */
function position(document: ReturnType<typeof parseDocument>, lines: LineCounter, place: string): string {
  const [, path, rest] =
    /^paths\.(\/.*?)\.(get|put|post|delete|options|head|patch|x-amazon-apigateway-any-method)\b/.exec(
      place,
    ) ?? [];
  const [whole = "", inner] = place.split("#");
  const scheme = /^components\.securitySchemes\.(.+)$/.exec(whole)?.[1];
  const keys =
    path !== undefined && rest !== undefined
      ? ["paths", path, rest]
      : scheme !== undefined
        ? [
            "components",
            "securitySchemes",
            scheme,
            "x-amazon-apigateway-authorizer",
            ...(inner?.split(".") ?? []),
          ]
        : whole.split(".");
  // A member that is missing is nowhere: then the nearest thing around it.
  let node: unknown = document.getIn(keys, true);
  for (; node === undefined && keys.length > 1; node = document.getIn(keys, true)) keys.pop();
  const range: unknown = typeof node === "object" && node !== null ? Reflect.get(node, "range") : undefined;
  const start: unknown = Array.isArray(range) ? range[0] : undefined;
  return typeof start === "number" ? `:${lines.linePos(start).line}` : "";
}
