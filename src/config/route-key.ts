/** Route keys as API Gateway writes them: `GET /users/{id}`, `ANY /{proxy+}`, `$default`. */

export const DEFAULT_ROUTE = "$default";

/** What ANY stands for (developer guide, "set up a method using the console"). */
export const ANY_METHODS: ReadonlySet<string> = new Set([
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
]);

export type Segment =
  | { readonly kind: "static"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "greedy"; readonly name: string };

export interface RouteKey {
  /** `GET`, `ANY` ...; `$default` has none. */
  readonly method: string;
  /** The path template, `/users/{id}`; `$default` for the route of that name. */
  readonly path: string;
  readonly segments: readonly Segment[];
}

/**
 * Reads a route key. An answer that is a string says what is wrong with it.
 * Rules: aws-semantics 2.1 and 2.2 (greedy only last, whole-segment variables).
 */
export function parseRouteKey(key: string): RouteKey | string {
  if (key === DEFAULT_ROUTE) return { method: "", path: DEFAULT_ROUTE, segments: [] };
  const space = key.indexOf(" ");
  if (space < 0) return `"${key}" is not METHOD, a space and a path, as "GET /users/{id}"`;
  const method = key.slice(0, space);
  const path = key.slice(space + 1);
  if (method !== "ANY" && !ANY_METHODS.has(method)) {
    return `"${method}" is not a method that routes can have (${[...ANY_METHODS].join(", ")}, ANY)`;
  }
  if (!path.startsWith("/")) return `the path "${path}" does not start with /`;
  const segments = parseSegments(path);
  return typeof segments === "string" ? segments : { method, path, segments };
}

function parseSegments(path: string): readonly Segment[] | string {
  if (path === "/") return [];
  const segments: Segment[] = [];
  const names = new Set<string>();
  const parts = path.slice(1).split("/");
  for (const [index, part] of parts.entries()) {
    if (part === "") return `the path "${path}" has an empty segment`;
    const variable = /^\{([A-Za-z0-9_.:-]+)(\+?)\}$/.exec(part);
    if (!variable) {
      if (/[{}]/.test(part)) return `"${part}" mixes text and a variable; a variable fills its segment`;
      if (part === "." || part === "..") return `"${part}" is resolved in requests' paths and matches none`;
      if (/[?#\s\\]/.test(part)) return `"${part}" has a character that no path segment has`;
      segments.push({ kind: "static", text: part });
      continue;
    }
    const name = variable[1] ?? "";
    const greedy = variable[2] === "+";
    if (names.has(name)) return `the variable {${name}} stands twice`;
    if (greedy && index < parts.length - 1) return `{${name}+} is greedy and must come last`;
    names.add(name);
    segments.push({ kind: greedy ? "greedy" : "variable", name });
  }
  return segments;
}
