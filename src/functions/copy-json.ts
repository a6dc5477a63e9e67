/**
 * A copy of what JSON can say. Functions may change the events that they get, and what
 * several requests share must not change with them.
 */
export function copyJson<T>(value: T): T;
export function copyJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyJson(item));
  // Not by assignment: to `__proto__` that would set a prototype.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyJson(member)]));
}
