/** `stageVariables.NAME`, `$stageVariables.get('NAME')`, `$stageVariables["NAME"]`. */
const READ = /\bstageVariables\}?(?:\.(?!get\b)([A-Za-z0-9_]+)|(?:\.get\(|\[)\s*["']([A-Za-z0-9_]+)["'])/g;

/** The stage variables that the texts of a value read: of an integration, an authorizer, a gateway response. */
export function stageVariablesRead(value: unknown): ReadonlySet<string> {
  if (typeof value === "string") {
    return new Set([...value.matchAll(READ)].map(([, plain, quoted]) => plain ?? quoted ?? ""));
  }
  if (typeof value !== "object" || value === null) return new Set();
  return new Set(Object.values(value).flatMap((inner: unknown) => [...stageVariablesRead(inner)]));
}
