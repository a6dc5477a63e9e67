import type { Problem } from "../config/problem.ts";
import { ANY_METHODS, parseRouteKey, type RouteKey } from "../config/route-key.ts";
import type { ApiEntry, RouteEntry } from "../config/schemas.ts";

/** What is linted: routes by their keys, and where the document has them. */
export interface Definition {
  readonly settings: ApiEntry;
  readonly routes: ReadonlyMap<string, RouteEntry>;
  readonly places: ReadonlyMap<string, string>;
}

/** Where a document has a route. */
export const placeOfRoute = ({ places }: Pick<Definition, "places">, routeKey: string): string =>
  places.get(routeKey) ?? routeKey;

/** Routes that no request can reach, or that API Gateway would not have accepted. */
export function lintRoutes(definition: Definition): readonly Problem[] {
  const { settings, routes } = definition;
  const problems: Problem[] = [];
  const warn = (code: string, key: string, message: string): void => {
    problems.push({ code, path: placeOfRoute(definition, key), message });
  };
  const byShape = new Map<string, string>();
  const methods = new Map<string, Set<string>>();
  const variables = new Map<string, string>();
  for (const key of routes.keys()) {
    const route = parseRouteKey(key);
    if (typeof route === "string") continue;
    const shape = `${route.method} ${shapeOf(route)}`;
    const twin = byShape.get(shape);
    if (twin !== undefined) {
      warn("route.duplicate", key, `${key} and ${twin} match the same requests; only one is served`);
    }
    byShape.set(shape, key);
    const onPath = methods.get(shapeOf(route)) ?? new Set<string>();
    methods.set(shapeOf(route), onPath.add(route.method));
    if (settings.protocol !== "REST") continue;
    for (const message of siblings(route, variables)) warn("route.sibling", key, message);
  }
  for (const [shape, onPath] of methods) {
    if (onPath.has("ANY") && [...ANY_METHODS].every((method) => onPath.has(method))) {
      const key = byShape.get(`ANY ${shape}`) ?? shape;
      warn("route.unreachable", key, `${key} is never reached: every method has a route of its own`);
    }
  }
  return problems;
}

/** A path with its variables' names taken off: what decides a match. */
function shapeOf(route: RouteKey): string {
  return `/${route.segments.map((s) => (s.kind === "static" ? s.text : s.kind === "greedy" ? "{+}" : "{}")).join("/")}`;
}

/** REST resources have one variable per level (aws-semantics 2.2). */
function siblings(route: RouteKey, variables: Map<string, string>): readonly string[] {
  const messages: string[] = [];
  let parent = "";
  for (const segment of route.segments) {
    const text =
      segment.kind === "static" ? segment.text : `{${segment.name}${segment.kind === "greedy" ? "+" : ""}}`;
    if (segment.kind !== "static") {
      const known = variables.get(parent);
      if (known !== undefined && known !== text) {
        messages.push(
          `${text} stands beside ${known} below ${parent || "/"}; API Gateway allows one variable a level`,
        );
      }
      variables.set(parent, known ?? text);
    }
    parent += `/${text}`;
  }
  return messages;
}
