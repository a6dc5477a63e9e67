import type { AuthorizerEntry } from "../config/authorizer-schema.ts";
import { NONE } from "../config/check-access.ts";
import type { Problem } from "../config/problem.ts";
import { ANY_METHODS, DEFAULT_ROUTE, parseRouteKey, type RouteKey } from "../config/route-key.ts";
import type { ApiEntry, RouteEntry } from "../config/schemas.ts";
import { isWildcardPolicy, type PolicyDocument } from "../policy/schema.ts";
import { RouteTrie } from "../routing/trie.ts";
import { type Definition, placeOfRoute } from "./lint.ts";
import { apiArn, ownPolicy } from "./policy-resources.ts";

interface GuardedDefinition extends Definition {
  readonly api: string;
  readonly authorizers: ReadonlyMap<string, AuthorizerEntry>;
  readonly schemesPlace: string;
}

interface Found {
  readonly key: string;
  readonly place: string;
  readonly route: RouteKey;
  readonly entry: RouteEntry;
}

/** What is probably not meant: doors left open beside guarded ones, guards that guard nothing. */
export function lintAccess(definition: GuardedDefinition): readonly Problem[] {
  const { settings, authorizers } = definition;
  const routes: Found[] = [];
  for (const [key, entry] of definition.routes) {
    const route = parseRouteKey(key);
    if (typeof route !== "string") routes.push({ key, place: placeOfRoute(definition, key), route, entry });
  }
  return [
    ...unusedAuthorizers(routes, definition),
    ...wildcardPolicies(settings, routes, apiArn(definition.api, settings)),
    ...openRoutes(settings, routes),
    ...openDetours(settings, routes),
    ...keysWithoutSource(settings, routes, authorizers),
  ];
}

function unusedAuthorizers(
  routes: readonly Found[],
  { authorizers, schemesPlace }: GuardedDefinition,
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

function wildcardPolicies(settings: ApiEntry, routes: readonly Found[], arn: string): readonly Problem[] {
  const problems: Problem[] = [];
  const warn = (path: string): void => {
    problems.push({
      code: "policy.wildcard",
      path,
      message: "this policy allows everybody everything, as no policy would",
      hint: "add a Condition, or narrow its Principal or Resource",
    });
  };
  // What is allowed of another API is allowed of nothing here.
  const isOpen = (policy: PolicyDocument): boolean => isWildcardPolicy(ownPolicy(policy, arn));
  if (settings.policy && isOpen(settings.policy)) warn("x-amazon-apigateway-policy");
  for (const { place, entry } of routes) {
    if (entry.policy && isOpen(entry.policy)) warn(`${place}.x-portico-policy`);
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
    .map(({ key, place }) => ({
      code: "route.open",
      path: place,
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
    // What takes the rest has no wider route around it.
    if (!isGuarded(guarded) || open.size === 0 || guarded.route.path === DEFAULT_ROUTE) continue;
    const { ways, hint } = detours(guarded, settings.protocol, (method, path) => {
      const reached = trie.match(method, path)?.route;
      return reached !== undefined && reached.route.path !== guarded.route.path && open.has(reached.key)
        ? reached.key
        : undefined;
    });
    if (ways.length === 0) continue;
    problems.push({
      code: "route.detour",
      path: guarded.place,
      message: `${guarded.key} is guarded, but ${ways.join(" and ")}, which is open`,
      hint: `guard the wider route too, or ${hint}`,
    });
  }
  return problems;
}

/**
 * Where requests on a guarded route's path go instead of it (`GET on /orders/ reaches $default`),
 * and what would stop them there.
 *
 * @param reached the open route that a request on a path goes to, if it does
 */
function detours(
  { route: { path, segments } }: Found,
  protocol: ApiEntry["protocol"],
  reached: (method: string, path: string) => string | undefined,
): { readonly ways: readonly string[]; readonly hint: string } {
  const sample = `/${segments.map((s) => (s.kind === "static" ? s.text : "x")).join("/")}`;
  const methods = [...ANY_METHODS].filter((method) => method !== "OPTIONS");
  const out = methods.filter((method) => reached(method, sample) !== undefined);
  // To an HTTP API, `/orders/` is another path than `/orders`.
  const behindSlash =
    protocol === "HTTP"
      ? methods.filter((method) => !out.includes(method) && reached(method, `${sample}/`) !== undefined)
      : [];
  const way = (found: readonly string[], shown: string, asked: string): readonly string[] => {
    const [first] = found;
    if (first === undefined) return [];
    const reach = found.length > 1 ? "reach" : "reaches";
    return [`${found.join(", ")} on ${shown} ${reach} ${reached(first, asked) ?? ""}`];
  };
  const rest = path.endsWith("/") ? "{proxy+}" : "/{proxy+}";
  return {
    ways: [...way(out, path, sample), ...way(behindSlash, `${path}/`, `${sample}/`)],
    hint:
      out.length > 0 ? "use x-amazon-apigateway-any-method on this path" : `add a guarded ANY ${path}${rest}`,
  };
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
    .map(({ key, place }) => ({
      code: "api_key.source",
      path: place,
      message: `${key} takes its API key from the authorizer, but has no function authorizer to name one`,
    }));
}
