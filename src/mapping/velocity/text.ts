import { Double, javaText, type Value } from "../values.ts";
import { Host, type Item, JavaList, SilentMap } from "./items.ts";
import type { Run } from "./run.ts";

/** Containers inside each other that are printed. */
const MAX_DEPTH = 200;

/** An item as Java's `String.valueOf` prints it; null is `null` here, what a reference makes of it is its own. */
export function textOf(run: Run, item: Item): string {
  if (typeof item === "string") return item;
  if (item instanceof Host) return item.text(run) ?? "null";
  if (typeof item === "bigint") return digitsOf(run, item);
  if (typeof item !== "object" || item === null) return String(item);
  return counted(run, valueText(run, item, 0));
}

/** Digits cost more than other characters. */
const DIGIT = 4;

function digitsOf(run: Run, item: bigint): string {
  const digits = String(item);
  run.work(digits.length * DIGIT);
  return digits;
}

function counted(run: Run, text: string): string {
  run.work(text.length);
  return text;
}

function valueText(run: Run, value: Value, depth: number): string {
  if (depth > MAX_DEPTH) throw run.error("limit", "the value is nested too deep to be printed");
  if (value instanceof SilentMap) return "";
  if (value instanceof Map) {
    return `{${joined(run, value, ([key, member]) => `${key}=${valueText(run, member, depth + 1)}`)}}`;
  }
  if (value instanceof JavaList) {
    return `[${joined(run, value, (member) => valueText(run, member, depth + 1))}]`;
  }
  return value instanceof Double ? value.toString() : javaText(value, (pieces) => run.print(pieces));
}

function joined<T>(run: Run, members: Iterable<T>, print: (member: T) => string): string {
  let text = "";
  let separator = "";
  for (const member of members) {
    text += separator + print(member);
    separator = ", ";
    run.checkText(text.length);
    run.workOn(1);
  }
  return text;
}

/** What a container can hold: an engine's object is held as its text. */
export const storable = (run: Run, item: Item): Value => (item instanceof Host ? textOf(run, item) : item);
