import { canonicalSegment } from "../routing/path.ts";
import type { RouteConfig } from "./api-config.ts";
import { NONE } from "./check-access.ts";
import { parseRouteKey } from "./route-key.ts";
import type { RouteEntry } from "./schemas.ts";

/**
 * Routes of one method and path whose variables differ in name only (`GET /u/{id}` and
 * `GET /u/{name}`) match the same requests, and one of them is served. They may differ in all
 * but who gets in: an open one must not take the place of a guarded one, nor of one whose
 * entry is bad and may have been guarded. Those answer 500, and are reported.
 *
 * @param place what stands before a route's key in problems: `apis/{api}/routes/`
 */
export function refuseTwins(routes: readonly RouteConfig[], place: string): readonly RouteConfig[] {
  const byShape = new Map<string, RouteConfig[]>();
  for (const route of routes) {
    const shape = shapeOf(route.key);
    if (shape === undefined) continue;
    const twins = byShape.get(shape);
    if (twins) twins.push(route);
    else byShape.set(shape, [route]);
  }
  const refused = new Map<RouteConfig, string>();
  for (const twins of byShape.values()) {
    if (twins.length < 2 || !isDoubtful(twins)) continue;
    for (const twin of twins) refused.set(twin, twins.map(({ key }) => key).join(", "));
  }
  if (refused.size === 0) return routes;
  return routes.map((route) => {
    const twins = refused.get(route);
    if (twins === undefined || !route.ok) return route;
    const message = `${twins} match the same requests, and do not let in the same callers`;
    const problem = { code: "route.duplicate", path: place + route.key, message };
    return { key: route.key, ok: false, problems: [problem] };
  });
}

function isDoubtful(twins: readonly RouteConfig[]): boolean {
  const guards = new Set(twins.flatMap((twin) => (twin.ok ? [guardsOf(twin.entry)] : [])));
  return guards.size > 1 || (guards.has(OPEN) && twins.some(({ ok }) => !ok));
}

const guardsOf = ({ authorizer, authorizationScopes, apiKeyRequired, policy }: Guards): string =>
  JSON.stringify([authorizer ?? NONE, authorizationScopes, apiKeyRequired, policy]);

type Guards = Pick<RouteEntry, "authorizer" | "authorizationScopes" | "apiKeyRequired" | "policy">;

const OPEN = guardsOf({ authorizationScopes: [], apiKeyRequired: false });

/** What decides which requests a route matches; none for what is no route key. */
function shapeOf(key: string): string | undefined {
  const route = parseRouteKey(key);
  if (typeof route === "string") return undefined;
  const segments = route.segments.map((segment) =>
    segment.kind === "static" ? canonicalSegment(segment.text) : segment.kind === "greedy" ? "{+}" : "{}",
  );
  return `${route.method} ${segments.join("/")}`;
}
