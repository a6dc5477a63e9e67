const NONE: readonly string[] = [];

/** A token's scopes: `scope` and `scp`, each as text with blanks between or as a list (aws-semantics 9.1). */
export function scopesOf(claims: Readonly<Record<string, unknown>>): readonly string[] {
  const { scope, scp } = claims;
  if (scope === undefined && scp === undefined) return NONE;
  return Object.freeze([...new Set([...listed(scope), ...listed(scp)])]);
}

function listed(value: unknown): readonly string[] {
  if (typeof value === "string") return value.split(" ").filter((scope) => scope !== "");
  return Array.isArray(value) ? value.filter((scope) => typeof scope === "string" && scope !== "") : NONE;
}

/** Whether a token has at least one of a route's scopes. */
export function hasOneOf(tokenScopes: readonly string[], routeScopes: readonly string[]): boolean {
  return routeScopes.some((scope) => tokenScopes.includes(scope));
}
