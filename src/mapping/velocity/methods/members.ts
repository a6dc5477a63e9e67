import { Double, type Value } from "../../values.ts";
import { isInt } from "../arithmetic.ts";
import { Host, type Item, JavaList } from "../items.ts";
import type { Run } from "../run.ts";
import { textOf } from "../text.ts";

/** `$item.name`: a map's member, or a getter of Java's. Null for what is not there. */
export function propertyOf(run: Run, item: Item, name: string): Item {
  if (item instanceof Map) return item.get(name) ?? null;
  if (item instanceof Host) return item.property(run, name);
  if (typeof item === "string") {
    if (isNamed(name, "empty")) return item === "";
    if (isNamed(name, "blank")) return item.trim() === "";
    return null;
  }
  if (Array.isArray(item)) return isNamed(name, "empty") && !isArray(item) ? item.length === 0 : null;
  if (item instanceof Double) {
    if (isNamed(name, "infinite")) return Math.abs(item.value) === Number.POSITIVE_INFINITY;
    if (isNamed(name, "naN")) return Number.isNaN(item.value);
  }
  return null;
}

/** Java's getters are found with a small and a capital first letter. */
const isNamed = (name: string, property: string): boolean =>
  name === property || name === `${property[0]?.toUpperCase()}${property.slice(1)}`;

const isArray = (list: Value[]): boolean => list instanceof JavaList && list.kind === "array";

/** `$item[key]`, which is `$item.get(key)`; a negative index counts from the end. */
export function itemAt(run: Run, item: Item, key: Item): Item {
  if (item instanceof Host) return item.call(run, "get", [key]);
  const index = fromEnd(run, item, key);
  if (item instanceof Map) return item.get(textOf(run, index)) ?? null;
  if (!hasIndexes(item) || !isInt(index)) return null;
  return item[inBounds(run, index, item.length)] ?? null;
}

const hasIndexes = (item: Item): item is Value[] =>
  Array.isArray(item) && !(item instanceof JavaList && item.kind === "set");

function fromEnd(run: Run, item: Item, key: Item): Item {
  if (!isInt(key) || key >= 0) return key;
  if (item instanceof Map) return item.size + key;
  if (Array.isArray(item)) return item.length + key;
  throw run.error("method", "a negative index needs a list");
}

export function inBounds(run: Run, index: number, length: number): number {
  if (index < 0 || index >= length)
    throw run.error("method", `index ${index} is out of bounds for length ${length}`);
  return index;
}

/** `#set($item.name = value)`. */
export function setProperty(run: Run, item: Item, name: string, value: Value): void {
  if (item instanceof Map) setMember(run, item, name, value);
  else if (item instanceof Host) item.assign(run, name, value);
}

/** `#set($item[key] = value)`. */
export function setItemAt(run: Run, item: Item, key: Item, value: Value): void {
  if (item instanceof Host) {
    item.assign(run, textOf(run, key), value);
    return;
  }
  const index = fromEnd(run, item, key);
  if (item instanceof Map) setMember(run, item, textOf(run, index), value);
  else if (hasIndexes(item) && isInt(index)) item[inBounds(run, index, item.length)] = value;
}

export function setMember(run: Run, map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  run.checkItems(map.size);
}
