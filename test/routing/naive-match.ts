import { ANY_METHODS, DEFAULT_ROUTE, type RouteKey } from "../../src/config/route-key.ts";
import type { Protocol } from "../../src/routing/trie.ts";

/** Kinds of a template's segments, best first, as the guide orders them at each level. */
const RANK = { static: 0, variable: 1, greedy: 2 } as const;

interface Candidate {
  readonly route: RouteKey;
  /** Smaller is better, compared level by level. */
  readonly ranks: readonly number[];
}

/**
 * The matching rules of aws-semantics 2.1 and 2.2 read literally: every route that fits, then
 * the best of them. Slow, and independent of the trie.
 */
export function naiveMatch(
  protocol: Protocol,
  routes: readonly RouteKey[],
  method: string,
  path: string,
): string | undefined {
  const candidates = routes
    .filter((route) => takesMethod(route, method) && fits(protocol, route, path))
    .map((route): Candidate => ({ route, ranks: ranksOf(protocol, route) }));
  candidates.sort(compare);
  const best = candidates[0]?.route ?? routes.find(({ path: template }) => template === DEFAULT_ROUTE);
  if (!best) return undefined;
  return best.path === DEFAULT_ROUTE ? DEFAULT_ROUTE : `${best.method} ${best.path}`;
}

function takesMethod(route: RouteKey, method: string): boolean {
  if (route.path === DEFAULT_ROUTE) return false;
  return route.method === method || (route.method === "ANY" && ANY_METHODS.has(method));
}

function fits(protocol: Protocol, route: RouteKey, path: string): boolean {
  const parts = path.split("/").filter((part) => part !== "");
  const trailing = parts.length > 0 && path.endsWith("/");
  const greedy = route.segments.at(-1)?.kind === "greedy";
  const fixed = greedy ? route.segments.slice(0, -1) : route.segments;
  if (parts.length < fixed.length) return false;
  if (!fixed.every((part, i) => part.kind !== "static" || part.text === parts[i])) return false;
  if (!greedy) return parts.length === fixed.length && (protocol === "REST" || !trailing);
  // HTTP APIs: what a greedy variable takes may be empty, behind a slash.
  return parts.length > fixed.length || (protocol === "HTTP" && trailing && fixed.length > 0);
}

function ranksOf(protocol: Protocol, route: RouteKey): readonly number[] {
  const ranks: number[] = route.segments.map(({ kind }) => RANK[kind]);
  // HTTP APIs: a full match anywhere beats every greedy one.
  if (protocol === "HTTP") ranks.unshift(route.segments.at(-1)?.kind === "greedy" ? 1 : 0);
  // The same path: the method's own route before ANY.
  ranks.push(route.method === "ANY" ? 1 : 0);
  return ranks;
}

function compare(a: Candidate, b: Candidate): number {
  for (let i = 0; i < Math.max(a.ranks.length, b.ranks.length); i++) {
    const difference = (a.ranks[i] ?? 0) - (b.ranks[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
