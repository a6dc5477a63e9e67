import { Double, type Value } from "../values.ts";
import { compareNumbers, isNumber } from "./arithmetic.ts";
import { Host, type Item } from "./items.ts";
import type { Run } from "./run.ts";
import { textOf } from "./text.ts";

const MAX_DEPTH = 200;

/** Velocity's `==`: numbers by value, lists and maps member by member, different kinds by their texts. */
export function equal(run: Run, a: Item, b: Item): boolean {
  if (a === null || b === null) return a === b;
  if (typeof a === "string" && typeof b === "string") return sameText(run, a, b);
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  if (a instanceof Host || b instanceof Host) return a === b || textOf(run, a) === textOf(run, b);
  if (isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)) return sameValue(run, a, b);
  return textOf(run, a) === textOf(run, b);
}

/** Texts of one length are read. */
function sameText(run: Run, a: string, b: string): boolean {
  if (a.length === b.length) run.work(a.length);
  return a === b;
}

const isContainer = (value: Value): boolean => Array.isArray(value) || value instanceof Map;

/** Java's `equals`: `1` is not `1.0`, and nothing is equal to another kind. */
export function sameValue(run: Run, a: Value, b: Value, depth = 0): boolean {
  run.step();
  if (depth > MAX_DEPTH) throw run.error("limit", "the values are nested too deep to be compared");
  if (typeof a === "string" && typeof b === "string") return sameText(run, a, b);
  if (a === b) return true;
  if (a instanceof Double || b instanceof Double) {
    return a instanceof Double && b instanceof Double && Object.is(a.value, b.value);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return (
      a.length === b.length && a.every((item, index) => sameValue(run, item, b[index] ?? null, depth + 1))
    );
  }
  if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !sameValue(run, value, other, depth + 1)) return false;
  }
  return true;
}
