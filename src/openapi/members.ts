export type Members = Readonly<Record<string, unknown>>;

/** A value's members when it is an object; none of a list's or a text's. */
export function record(value: unknown): Members | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

/** A value's items when it is a list, else none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A member of an object or an item of a list; never what all objects inherit. */
export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** A format version as text: YAML reads `2.0` as a number. */
export function formatVersion(value: unknown): unknown {
  return value === 1 || value === 2 ? `${value}.0` : value;
}
