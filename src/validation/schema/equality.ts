import { isObject } from "./values.ts";

/**
 * A text that equal JSON values share and no others: members in one order, numbers as they
 * are counted (JSON Schema 2020-12, core 4.2.2).
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  // Without the sign of zero, and with what is beyond the largest number.
  if (typeof value === "number") return String(value + 0);
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** What gives a value's canonical text, and may count what that costs. */
type Print = (value: unknown) => string;

/** A set of JSON values, where two that are equal are one. */
export class ValueSet {
  readonly #plain = new Set<unknown>();
  readonly #composed = new Set<string>();

  has(value: unknown, print: Print): boolean {
    return isComposed(value)
      ? this.#composed.size > 0 && this.#composed.has(print(value))
      : this.#plain.has(value);
  }

  /** False where it was there already. */
  add(value: unknown, print: Print): boolean {
    const key = isComposed(value) ? print(value) : value;
    const set: Set<unknown> = isComposed(value) ? this.#composed : this.#plain;
    if (set.has(key)) return false;
    set.add(key);
    return true;
  }
}

const isComposed = (value: unknown): boolean => typeof value === "object" && value !== null;
