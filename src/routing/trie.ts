import { ANY_METHODS, DEFAULT_ROUTE, type RouteKey } from "../config/route-key.ts";
import { canonicalSegment } from "./path.ts";

/** How an API chooses among routes that all fit: aws-semantics 2.1 (HTTP), 2.2 (REST). */
export type Protocol = "HTTP" | "REST";

export interface Match<T> {
  readonly route: T;
  /** What the route's variables matched, in the order of its path; still percent-encoded. */
  readonly values: readonly string[];
}

class Node<T> {
  readonly statics = new Map<string, Node<T>>();
  variable: Node<T> | undefined;
  /** Routes that end here, by method. */
  readonly routes = new Map<string, T>();
  /** Routes that end in a greedy variable below here, by method. */
  readonly greedy = new Map<string, T>();
}

/** The path of one request, cut once: where its non-empty segments begin and end. */
interface Cut {
  readonly path: string;
  readonly segments: readonly string[];
  readonly starts: readonly number[];
  /** Where the last segment ends: trailing slashes lie behind it. */
  readonly end: number;
  readonly trailingSlash: boolean;
}

/**
 * The routes of one stage. Built once; a match costs what the path's segments cost,
 * however many routes there are.
 *
 * Runs of slashes count as one where fixed segments and `{variables}` are compared, so
 * that `/admin//users` cannot slip past a guard on `/admin/users` (CVE-2021-43557);
 * a greedy variable keeps them as sent.
 */
export class RouteTrie<T> {
  readonly #root = new Node<T>();
  readonly #protocol: Protocol;
  #default: T | undefined;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  add(key: RouteKey, route: T): void {
    if (key.path === DEFAULT_ROUTE) {
      this.#default = route;
      return;
    }
    let node = this.#root;
    for (const segment of key.segments) {
      if (segment.kind === "greedy") {
        node.greedy.set(key.method, route);
        return;
      }
      if (segment.kind === "variable") {
        node.variable ??= new Node<T>();
        node = node.variable;
        continue;
      }
      const text = canonicalSegment(segment.text);
      let next = node.statics.get(text);
      if (!next) {
        next = new Node<T>();
        node.statics.set(text, next);
      }
      node = next;
    }
    node.routes.set(key.method, route);
  }

  /** @param path canonical, the stage already removed */
  match(method: string, path: string): Match<T> | undefined {
    const cut = cutPath(path);
    const values: string[] = [];
    let route: T | undefined;
    if (this.#protocol === "REST") {
      route = this.#walk(this.#root, method, cut, 0, values, true, true);
    } else {
      // A full match anywhere beats every greedy one, and `/a/` is not `/a`.
      if (!cut.trailingSlash) route = this.#walk(this.#root, method, cut, 0, values, true, false);
      route ??= this.#walk(this.#root, method, cut, 0, values, false, true);
    }
    // API Gateway's REST APIs have no $default; here one that is written down is served.
    route ??= this.#default;
    return route === undefined ? undefined : { route, values };
  }

  /** Depth first: fixed text, then `{variable}`, then `{greedy+}`; steps back when a branch ends without the method. */
  #walk(
    node: Node<T>,
    method: string,
    cut: Cut,
    depth: number,
    values: string[],
    full: boolean,
    greedy: boolean,
  ): T | undefined {
    const segment = cut.segments[depth];
    if (segment === undefined) {
      if (full) {
        const route = byMethod(node.routes, method);
        if (route !== undefined) return route;
      }
    } else {
      const fixed = node.statics.get(segment);
      if (fixed) {
        const route = this.#walk(fixed, method, cut, depth + 1, values, full, greedy);
        if (route !== undefined) return route;
      }
      if (node.variable) {
        values.push(segment);
        const route = this.#walk(node.variable, method, cut, depth + 1, values, full, greedy);
        if (route !== undefined) return route;
        values.pop();
      }
    }
    if (!greedy || node.greedy.size === 0) return undefined;
    const rest = this.#greedyRest(cut, depth);
    if (rest === undefined) return undefined;
    const route = byMethod(node.greedy, method);
    if (route !== undefined) values.push(rest);
    return route;
  }

  /** What a greedy variable at this depth takes; none when there is nothing for it. */
  #greedyRest(cut: Cut, depth: number): string | undefined {
    const start = cut.starts[depth];
    if (this.#protocol === "REST") {
      return start === undefined ? undefined : cut.path.slice(start, cut.end);
    }
    if (start !== undefined) return cut.path.slice(start);
    return cut.trailingSlash && depth > 0 ? "" : undefined;
  }
}

function byMethod<T>(routes: ReadonlyMap<string, T>, method: string): T | undefined {
  return routes.get(method) ?? (ANY_METHODS.has(method) ? routes.get("ANY") : undefined);
}

function cutPath(path: string): Cut {
  const segments: string[] = [];
  const starts: number[] = [];
  let start = 1;
  let lastEnd = 0;
  while (start < path.length) {
    let end = path.indexOf("/", start);
    if (end < 0) end = path.length;
    if (end > start) {
      segments.push(path.slice(start, end));
      starts.push(start);
      lastEnd = end;
    }
    start = end + 1;
  }
  return { path, segments, starts, end: lastEnd, trailingSlash: segments.length > 0 && path.endsWith("/") };
}
