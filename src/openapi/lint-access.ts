import type { AuthorizerEntry } from "../config/authorizer-schema.ts";
import { NONE } from "../config/check-access.ts";
import type { Problem } from "../config/problem.ts";
import { ANY_METHODS, parseRouteKey, type RouteKey } from "../config/route-key.ts";
import type { ApiEntry, RouteEntry } from "../config/schemas.ts";
import { isWildcardPolicy } from "../policy/schema.ts";
import { RouteTrie } from "../routing/trie.ts";
import { placeOfRoute } from "./lint.ts";

interface Definition {
  readonly settings: ApiEntry;
  readonly routes: ReadonlyMap<string, RouteEntry>;
  readonly authorizers: ReadonlyMap<string, AuthorizerEntry>;
  readonly schemesPlace: string;
}

interface Found {
  readonly key: string;
  readonly route: RouteKey;
  readonly entry: RouteEntry;
}

/** What is probably not meant: doors left open beside guarded ones, guards that guard nothing. */
export function lintAccess(definition: Definition): readonly Problem[] {
  const { settings, authorizers } = definition;
  const routes: Found[] = [];
  for (const [key, entry] of definition.routes) {
    const route = parseRouteKey(key);
    if (typeof route !== "string") routes.push({ key, route, entry });
  }
  return [
    ...unusedAuthorizers(routes, definition),
    ...wildcardPolicies(settings, routes),
    ...openRoutes(settings, routes),
    ...openDetours(settings, routes),
    ...keysWithoutSource(settings, routes, authorizers),
  ];
}

function unusedAuthorizers(
  routes: readonly Found[],
  { authorizers, schemesPlace }: Definition,
): readonly Problem[] {
  const used = new Set(routes.map(({ entry }) => entry.authorizer));
  return [...authorizers.keys()]
    .filter((name) => !used.has(name))
    .map((name) => ({
      code: "authorizer.unused",
      path: `${schemesPlace}.${name}`,
      message: `no operation names the authorizer "${name}" in its security`,
    }));
}

function wildcardPolicies(settings: ApiEntry, routes: readonly Found[]): readonly Problem[] {
  const problems: Problem[] = [];
  const warn = (path: string): void => {
    problems.push({
      code: "policy.wildcard",
      path,
      message: "this policy allows everybody everything, as no policy would",
      hint: "add a Condition, or narrow its Principal or Resource",
    });
  };
  if (settings.policy && isWildcardPolicy(settings.policy)) warn("x-amazon-apigateway-policy");
  for (const { route, entry } of routes) {
    if (entry.policy && isWildcardPolicy(entry.policy)) warn(`${placeOfRoute(route)}.x-portico-policy`);
  }
  return problems;
}

const isGuarded = ({ entry }: Found): boolean =>
  (entry.authorizer !== undefined && entry.authorizer !== NONE) ||
  entry.apiKeyRequired ||
  (entry.policy !== undefined && !isWildcardPolicy(entry.policy));

/** Only where others are guarded: an API that is open as a whole is meant so. */
function openRoutes(settings: ApiEntry, routes: readonly Found[]): readonly Problem[] {
  const { policy } = settings;
  if ((policy && !isWildcardPolicy(policy)) || !routes.some(isGuarded)) return [];
  return routes
    .filter(({ entry }) => entry.authorizer !== NONE)
    .filter((found) => !isGuarded(found) && found.route.method !== "OPTIONS")
    .map(({ key, route }) => ({
      code: "route.open",
      path: placeOfRoute(route),
      message: `${key} is open to everybody, while other routes are guarded`,
      hint: "if it is meant so, say it: security: []",
    }));
}

/**
 * The method is part of a match: `GET` on a path with a guarded `POST` only goes on to a
 * wider route, which may be open (DESIGN section 8).
 */
function openDetours(settings: ApiEntry, routes: readonly Found[]): readonly Problem[] {
  const open = new Map<string, Found>();
  const trie = new RouteTrie<Found>(settings.protocol);
  for (const found of routes) {
    trie.add(found.route, found);
    if (!isGuarded(found)) open.set(found.key, found);
  }
  const problems: Problem[] = [];
  for (const guarded of routes) {
    if (!isGuarded(guarded) || open.size === 0) continue;
    const sample = `/${guarded.route.segments.map((s) => (s.kind === "static" ? s.text : "x")).join("/")}`;
    const leadsOut = (path: string, method: string): boolean => {
      const reached = trie.match(method, path)?.route;
      return reached !== undefined && reached.route.path !== guarded.route.path && open.has(reached.key);
    };
    const detours = [...ANY_METHODS].filter((method) => {
      if (method === "OPTIONS") return false;
      return leadsOut(sample, method) || (settings.protocol === "HTTP" && leadsOut(`${sample}/`, method));
    });
    const [first] = detours;
    if (first === undefined) continue;
    const out = leadsOut(sample, first) ? sample : `${sample}/`;
    const reached = trie.match(first, out)?.route.key ?? "";
    problems.push({
      code: "route.detour",
      path: placeOfRoute(guarded.route),
      message: `${guarded.key} is guarded, but ${detours.join(", ")} on its path reaches ${reached}, which is open`,
      hint: "guard the wider route too, or use x-amazon-apigateway-any-method on this path",
    });
  }
  return problems;
}

function keysWithoutSource(
  settings: ApiEntry,
  routes: readonly Found[],
  authorizers: ReadonlyMap<string, AuthorizerEntry>,
): readonly Problem[] {
  if (settings.apiKeySource !== "AUTHORIZER") return [];
  return routes
    .filter(({ entry }) => {
      const type = authorizers.get(entry.authorizer ?? "")?.type;
      return entry.apiKeyRequired && type !== "token" && type !== "request";
    })
    .map(({ key, route }) => ({
      code: "api_key.source",
      path: placeOfRoute(route),
      message: `${key} takes its API key from the authorizer, but has no function authorizer to name one`,
    }));
}
