import type { AuthorizerEntry } from "../config/authorizer-schema.ts";
import { AWS_IAM, NONE } from "../config/check-access.ts";
import { checkApi } from "../config/check-api.ts";
import { type Authorizers, goodAuthorizers, parseAuthorizer } from "../config/check-authorizer.ts";
import { checkRoute } from "../config/check-route.ts";
import { apiKey, authorizerKey, routeKeyEntry } from "../config/keys.ts";
import { parseValue } from "../config/parse.ts";
import type { Parsed, Problem } from "../config/problem.ts";
import { DEFAULT_ROUTE, parseRouteKey } from "../config/route-key.ts";
import { API_DEFAULTS, ApiEntry, type RouteEntry, RouteEntry as RouteSchema } from "../config/schemas.ts";
import { checkMembers, operationPlace, pathItemPlace, rootPlace } from "./known-members.ts";
import { record } from "./members.ts";
import { readSecurity } from "./security.ts";
import { readSchemes, type Schemes } from "./security-schemes.ts";

/** An OpenAPI document as KV entries, with everything in it that cannot be one. */
export interface Imported {
  readonly api: string;
  readonly settings: ApiEntry;
  /** Route entries by route key, as the document wrote them. */
  readonly routes: ReadonlyMap<string, RouteEntry>;
  readonly authorizers: ReadonlyMap<string, AuthorizerEntry>;
  /** KV values by key, ready to be written. */
  readonly entries: ReadonlyMap<string, unknown>;
  /** What forbids writing them. */
  readonly problems: readonly Problem[];
  /** What is left out, without harm. */
  readonly warnings: readonly Problem[];
}

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"] as const;
const ANY_METHOD = "x-amazon-apigateway-any-method";
const INTEGRATION = "x-amazon-apigateway-integration";

/** Root members that become the API's own entry. */
const SETTINGS: Readonly<Record<string, keyof ApiEntry>> = {
  "x-portico-protocol": "protocol",
  "x-portico-strict": "strict",
  "x-portico-allow-encoded-slashes": "allowEncodedSlashes",
  "x-portico-limits": "limits",
  "x-portico-access-log": "accessLog",
  "x-portico-throttle": "throttle",
  "x-portico-arn": "arn",
  "x-portico-disable-execute-api-endpoint": "disableExecuteApiEndpoint",
  "x-amazon-apigateway-policy": "policy",
  "x-amazon-apigateway-cors": "cors",
  "x-amazon-apigateway-api-key-source": "apiKeySource",
  "x-amazon-apigateway-binary-media-types": "binaryMediaTypes",
};

/** Members of an operation that become members of its route. */
const OPERATION: Readonly<Record<string, keyof RouteEntry>> = {
  "x-portico-policy": "policy",
  "x-portico-cors": "cors",
  "x-portico-throttle": "throttle",
  "x-portico-concurrency": "concurrency",
  "x-portico-cache": "cache",
};

const ROOT = rootPlace([...Object.keys(SETTINGS), "x-portico-api"]);
const PATH_ITEM = pathItemPlace([...METHODS, ANY_METHOD]);
const OPERATION_MEMBERS = operationPlace(Object.keys(OPERATION));
const PLACES = [ROOT, PATH_ITEM, OPERATION_MEMBERS];

/** Members of an integration that have no meaning here. */
const MEANINGLESS = ["credentials", "connectionId", "cacheNamespace", "cacheKeyParameters", "tlsConfig"];

/**
 * Reads an OpenAPI 3 document with API Gateway's extensions (aws-semantics 19.1).
 *
 * @param document parsed JSON or YAML
 */
export function importOpenApi(document: unknown): Imported {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const root = record(document) ?? {};
  if (typeof root["openapi"] !== "string" || !root["openapi"].startsWith("3.")) {
    problems.push({
      code: "openapi.version",
      path: "openapi",
      message: 'this is no OpenAPI 3 document (it has no "openapi": "3...")',
    });
  }
  const api = apiName(root, problems);
  const settings = readSettings(root, api, problems);
  checkMembers(root, "", ROOT, PLACES, problems, warnings);
  const schemes = readSchemes(root, warnings);
  const authorizers = readAuthorizers(schemes, settings, problems);
  const routes = new Map<string, RouteEntry>();
  const entries = new Map<string, unknown>();
  const raw = rawSettings(root);
  if (Object.keys(raw).length > 0) entries.set(apiKey(api), raw);
  for (const [name, value] of schemes.authorizers) entries.set(authorizerKey(api, name), value);
  for (const [path, item] of Object.entries(record(root["paths"]) ?? {})) {
    checkMembers(record(item) ?? {}, `paths.${path}`, PATH_ITEM, PLACES, problems, warnings);
    for (const [key, operation, place] of operations(path, item)) {
      const value = routeValue(root, schemes, operation, place, problems, warnings);
      if (!value) continue;
      const entry = parseValue(place, value, RouteSchema);
      const wrongKey = parseRouteKey(key);
      if (typeof wrongKey === "string") problems.push({ code: "route.key", path: place, message: wrongKey });
      if (!entry.ok) problems.push(...entry.problems);
      else {
        problems.push(...checkRoute(place, entry.value, settings, authorizers));
        routes.set(key, entry.value);
        entries.set(routeKeyEntry(api, key), value);
      }
    }
  }
  return { api, settings, authorizers: goodAuthorizers(authorizers), routes, entries, problems, warnings };
}

function readAuthorizers(schemes: Schemes, settings: ApiEntry, problems: Problem[]): Authorizers {
  const parsed = new Map<string, Parsed<AuthorizerEntry>>();
  for (const [name, value] of schemes.authorizers) {
    const place = `components.securitySchemes.${name}`;
    if (name === NONE || name === AWS_IAM) {
      problems.push({
        code: "authorizer.name",
        path: place,
        message: `an authorizer cannot be called ${name}`,
      });
    }
    const entry = parseAuthorizer(place, { ok: true, value }, { ok: true, value: settings });
    if (!entry.ok) problems.push(...entry.problems);
    parsed.set(name, entry);
  }
  return parsed;
}

function apiName(root: Readonly<Record<string, unknown>>, problems: Problem[]): string {
  const name = root["x-portico-api"] ?? "default";
  if (typeof name === "string" && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  problems.push({
    code: "api.name",
    path: "x-portico-api",
    message: "an API's name is a host's label: a-z, 0-9 and hyphens, at most 63",
  });
  return "default";
}

function rawSettings(root: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (const [extension, member] of Object.entries(SETTINGS)) {
    if (root[extension] !== undefined) raw[member] = root[extension];
  }
  const endpoint = endpointConfiguration(root);
  if (endpoint !== undefined) raw["disableExecuteApiEndpoint"] = endpoint;
  const title = record(root["info"])?.["title"];
  // A name alone is no reason for an entry, which would replace one that somebody put by hand.
  if (typeof title === "string" && title !== "" && Object.keys(raw).length > 0) raw["name"] = title;
  return raw;
}

/** In OpenAPI 3 it stands in a server object. Whoever says that it is closed is right. */
function endpointConfiguration(root: Readonly<Record<string, unknown>>): unknown {
  const name = "x-amazon-apigateway-endpoint-configuration";
  const servers: readonly unknown[] = Array.isArray(root["servers"]) ? root["servers"] : [];
  const said = [root, ...servers].flatMap(
    (holder) => record(record(holder)?.[name])?.["disableExecuteApiEndpoint"] ?? [],
  );
  const own = root["x-portico-disable-execute-api-endpoint"];
  return [own, ...said].find((value) => value !== undefined && value !== false) ?? own ?? said[0];
}

function readSettings(root: Readonly<Record<string, unknown>>, api: string, problems: Problem[]): ApiEntry {
  const parsed = parseValue(apiKey(api), rawSettings(root), ApiEntry);
  const found = parsed.ok ? checkApi(apiKey(api), parsed.value) : parsed.problems;
  for (const problem of found) {
    const [member, ...inside] = problem.path.split("#")[1]?.split(".") ?? [];
    const extension = Object.entries(SETTINGS).find(([, name]) => name === member)?.[0];
    problems.push({ ...problem, path: extension ? [extension, ...inside].join(".") : problem.path });
  }
  return parsed.ok ? parsed.value : API_DEFAULTS;
}

type Operation = readonly [routeKey: string, operation: Readonly<Record<string, unknown>>, place: string];

function operations(path: string, item: unknown): readonly Operation[] {
  const members = record(item) ?? {};
  const found: Operation[] = [];
  const isDefault = path === `/${DEFAULT_ROUTE}`;
  for (const method of METHODS) {
    const operation = record(members[method]);
    if (operation) found.push([`${method.toUpperCase()} ${path}`, operation, `paths.${path}.${method}`]);
  }
  const any = record(members[ANY_METHOD]);
  if (any) found.push([isDefault ? DEFAULT_ROUTE : `ANY ${path}`, any, `paths.${path}.${ANY_METHOD}`]);
  return found;
}

function routeValue(
  root: Readonly<Record<string, unknown>>,
  schemes: Schemes,
  operation: Readonly<Record<string, unknown>>,
  place: string,
  problems: Problem[],
  warnings: Problem[],
): Record<string, unknown> | undefined {
  checkMembers(operation, place, OPERATION_MEMBERS, PLACES, problems, warnings);
  const integration = resolve(root, operation[INTEGRATION]);
  if (!integration && operation[INTEGRATION] !== undefined) {
    problems.push({
      code: "integration.reference",
      path: `${place}.${INTEGRATION}`,
      message: "this integration, or what its $ref names, is no object",
    });
    return undefined;
  }
  if (!integration) {
    warnings.push({
      code: "integration.none",
      path: place,
      message: "this operation is not served: it has no x-amazon-apigateway-integration",
    });
    return undefined;
  }
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(integration)) {
    if (!MEANINGLESS.includes(name)) kept[name] = value;
    else {
      warnings.push({
        code: "integration.member",
        path: `${place}.${INTEGRATION}.${name}`,
        message: `"${name}" means nothing outside API Gateway and is left out`,
      });
    }
  }
  const { operationId } = operation;
  const own: Record<string, unknown> = {};
  for (const [extension, member] of Object.entries(OPERATION)) {
    if (operation[extension] !== undefined) own[member] = operation[extension];
  }
  return {
    integration: kept,
    ...readSecurity(root, operation, schemes, place, problems),
    ...own,
    ...(typeof operationId === "string" && operationId !== "" ? { operationName: operationId } : {}),
  };
}

/** Follows `$ref` to `#/components/x-amazon-apigateway-integrations/NAME`. */
function resolve(root: unknown, value: unknown): Readonly<Record<string, unknown>> | undefined {
  const integration = record(value);
  const reference = integration?.["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#/")) return integration;
  let current: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    current = record(current)?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return record(current);
}
