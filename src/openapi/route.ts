import { DEFAULT_ROUTE } from "../config/route-key.ts";
import type { RouteEntry } from "../config/schemas.ts";
import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { type CacheKeyParameter, readIntegration } from "./integration.ts";
import { list, type Members, record } from "./members.ts";
import type { ModelImport } from "./models.ts";
import type { Operation } from "./operations.ts";
import { readSecurity } from "./security.ts";
import type { Schemes } from "./security-schemes.ts";
import { readValidation } from "./validation.ts";

/** Members of an operation that become members of its route. */
export const ROUTE_MEMBERS: Readonly<Record<string, keyof RouteEntry>> = {
  "x-portico-policy": "policy",
  "x-portico-cors": "cors",
  "x-portico-throttle": "throttle",
  "x-portico-concurrency": "concurrency",
  "x-portico-cache": "cache",
};

/** A route entry as it will be written. */
export interface ImportedRoute {
  readonly operation: Operation;
  readonly value: Members;
  /** Where the document says what the entry's members say, when it is under another name. */
  readonly places: ReadonlyMap<string, string>;
}

/** The route of an operation; none for one that is not served. */
export function readRoute(
  document: OpenApiDocument,
  operation: Operation,
  schemes: Schemes,
  models: ModelImport,
  findings: Findings,
): ImportedRoute | undefined {
  const { members, place } = operation;
  if (members["isDefaultRoute"] === true && operation.routeKey !== DEFAULT_ROUTE) {
    findings.problems.push({
      code: "route.default",
      path: `${place}.isDefaultRoute`,
      message: `the default route stands at /${DEFAULT_ROUTE}, under x-amazon-apigateway-any-method`,
    });
  }
  const integration = readIntegration(document.root, operation, findings);
  if (!integration) return undefined;
  const { operationId } = members;
  const own: Record<string, unknown> = {};
  for (const [extension, name] of Object.entries(ROUTE_MEMBERS)) {
    if (members[extension] !== undefined) own[name] = members[extension];
  }
  const cache = withCacheKey(own["cache"], integration.cacheKey, findings);
  const validation = readValidation(document, operation, models, findings);
  const value = {
    integration: integration.value,
    ...readSecurity(document.root, members, schemes, place, findings.problems),
    ...own,
    ...(cache === undefined ? {} : { cache }),
    ...validation.value,
    ...(typeof operationId === "string" && operationId !== "" ? { operationName: operationId } : {}),
  };
  return { operation, value, places: validation.places };
}

/**
 * A cache of the route with what `cacheKeyParameters` tell apart. Without them callers would get
 * each other's responses, so that a cache of the route has to understand all of them.
 */
function withCacheKey(
  cache: unknown,
  parameters: readonly CacheKeyParameter[],
  { problems, warnings }: Findings,
): unknown {
  const members = record(cache);
  const [first] = parameters;
  if (!first) return cache;
  if (members?.["mode"] !== "ttl") {
    warnings.push({
      code: "cache.key",
      path: first.place.replace(/\.\d+$/, ""),
      message: "these parameters are left out: this route has no cache of its own to use them",
      hint: "x-portico-cache: {mode: ttl} on the operation gives it one; a stage's cache has its own key",
    });
    return cache;
  }
  const key = new Set(list(members["key"]));
  for (const { place, said, name } of parameters) {
    if (name !== undefined) key.add(name);
    else {
      problems.push({
        code: "cache.key",
        path: place,
        message: `"${said}" is no part of a request and tells no responses apart`,
        hint: "write method.request.querystring.NAME (header, path)",
      });
    }
  }
  return { ...members, key: [...key] };
}
