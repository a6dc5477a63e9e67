import { DEFAULT_ROUTE } from "../config/route-key.ts";
import type { Findings } from "./findings.ts";
import { type Members, record } from "./members.ts";

export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"] as const;
export const ANY_METHOD = "x-amazon-apigateway-any-method";
export const INTEGRATION = "x-amazon-apigateway-integration";

/** One route of a document. */
export interface Operation {
  readonly routeKey: string;
  readonly members: Members;
  /** Where it stands: `paths./pets.get`. */
  readonly place: string;
  /** The path as the document has it, and what stands there for all its methods. */
  readonly path: string;
  readonly item: Members;
}

/**
 * The operations of a path item.
 *
 * @param base what stands before the path in its routes' keys, with a slash in front; "" for nothing
 */
export function operations(path: string, item: unknown, base = ""): readonly Operation[] {
  const members = record(item) ?? {};
  const isDefault = path === `/${DEFAULT_ROUTE}`;
  const served = base !== "" && path === "/" ? base : base + path;
  return [...METHODS, ANY_METHOD].flatMap((name) => {
    const operation = record(members[name]);
    if (!operation) return [];
    const method = name === ANY_METHOD ? "ANY" : name.toUpperCase();
    const routeKey = isDefault ? defaultKey(method, path) : `${method} ${served}`;
    return [{ routeKey, members: operation, place: `paths.${path}.${name}`, path, item: members }];
  });
}

/** `/$default` stands for the default route with any method only. */
const defaultKey = (method: string, path: string): string =>
  method === "ANY" ? DEFAULT_ROUTE : `${method} ${path}`;

/** Names the paths, path items and operations of which no route can be made. */
export function checkShape(paths: unknown, findings: Findings): void {
  if (paths !== undefined) checkObject(paths, "paths", "paths", findings);
  for (const [path, item] of Object.entries(record(paths) ?? {})) {
    // An extension, which may be anything.
    if (path.startsWith("x-")) continue;
    const place = `paths.${path}`;
    checkObject(item, place, "a path item", findings);
    const members = record(item) ?? {};
    for (const name of [...METHODS, ANY_METHOD]) {
      if (members[name] !== undefined)
        checkObject(members[name], `${place}.${name}`, "an operation", findings);
    }
    if (members["trace"] === undefined) continue;
    findings.warnings.push({
      code: "operation.method",
      path: `${place}.trace`,
      message: "this operation is not served: API Gateway has no method TRACE",
    });
  }
}

/** Nothing at all is what a document has whose routes are commented out; anything else is a mistake. */
function checkObject(value: unknown, path: string, what: string, { problems, warnings }: Findings): void {
  if (record(value)) return;
  if (value === null) {
    warnings.push({ code: "document.empty", path, message: "there is nothing here, so nothing is served" });
  } else {
    const found = Array.isArray(value) ? "a list" : `a ${typeof value}`;
    const plural = what === "paths" ? "paths are" : `${what} is`;
    problems.push({ code: "document.malformed", path, message: `${plural} an object, not ${found}` });
  }
}
