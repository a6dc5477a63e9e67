import type { Problem } from "../config/problem.ts";
import { ANY_METHODS, DEFAULT_ROUTE, parseRouteKey, type RouteKey } from "../config/route-key.ts";
import type { RouteEntry } from "../config/schemas.ts";

/** Routes that no request can reach, or that API Gateway would not have accepted. */
export function lintRoutes(
  routes: ReadonlyMap<string, RouteEntry>,
  protocol: "HTTP" | "REST",
): readonly Problem[] {
  const problems: Problem[] = [];
  const byShape = new Map<string, string>();
  const methods = new Map<string, Set<string>>();
  const variables = new Map<string, string>();
  for (const key of routes.keys()) {
    const route = parseRouteKey(key);
    if (typeof route === "string") continue;
    const shape = `${route.method} ${shapeOf(route)}`;
    const twin = byShape.get(shape);
    if (twin !== undefined) {
      problems.push(
        problem("route.duplicate", route, `${key} and ${twin} match the same requests; only one is served`),
      );
    }
    byShape.set(shape, key);
    const onPath = methods.get(shapeOf(route)) ?? new Set<string>();
    methods.set(shapeOf(route), onPath.add(route.method));
    if (protocol === "REST") problems.push(...siblings(route, variables));
  }
  for (const [shape, onPath] of methods) {
    if (onPath.has("ANY") && [...ANY_METHODS].every((method) => onPath.has(method))) {
      const key = byShape.get(`ANY ${shape}`) ?? shape;
      const route = parseRouteKey(key);
      if (typeof route !== "string") {
        problems.push(
          problem("route.unreachable", route, `${key} is never reached: every method has a route of its own`),
        );
      }
    }
  }
  return problems;
}

/** A path with its variables' names taken off: what decides a match. */
function shapeOf(route: RouteKey): string {
  return `/${route.segments.map((s) => (s.kind === "static" ? s.text : s.kind === "greedy" ? "{+}" : "{}")).join("/")}`;
}

/** REST resources have one variable per level (aws-semantics 2.2). */
function siblings(route: RouteKey, variables: Map<string, string>): readonly Problem[] {
  const problems: Problem[] = [];
  let parent = "";
  for (const segment of route.segments) {
    const text =
      segment.kind === "static" ? segment.text : `{${segment.name}${segment.kind === "greedy" ? "+" : ""}}`;
    if (segment.kind !== "static") {
      const known = variables.get(parent);
      if (known !== undefined && known !== text) {
        problems.push(
          problem(
            "route.sibling",
            route,
            `${text} stands beside ${known} below ${parent || "/"}; API Gateway allows one variable a level`,
          ),
        );
      }
      variables.set(parent, known ?? text);
    }
    parent += `/${text}`;
  }
  return problems;
}

function problem(code: string, route: RouteKey, message: string): Problem {
  return { code, path: placeOfRoute(route), message };
}

/** Where a document has a route. */
export function placeOfRoute(route: RouteKey): string {
  const member =
    route.method === "ANY" || route.method === ""
      ? "x-amazon-apigateway-any-method"
      : route.method.toLowerCase();
  const path = route.path === DEFAULT_ROUTE ? `/${DEFAULT_ROUTE}` : route.path;
  return `paths.${path}.${member}`;
}
