import { Double } from "../../values.ts";
import { isNumber } from "../arithmetic.ts";
import { sameValue } from "../equality.ts";
import { Host, type Item, JavaList } from "../items.ts";
import type { Run } from "../run.ts";
import { textOf } from "../text.ts";
import { ARRAY_METHODS, LIST_METHODS, SET_METHODS } from "./lists.ts";
import { MAP_METHODS } from "./maps.ts";
import { invoke } from "./method.ts";
import { BOOLEAN_METHODS, DOUBLE_METHODS, INTEGER_METHODS } from "./numbers.ts";
import { STRING_METHODS } from "./strings.ts";

/** `$item.name(args)`; null when the item has no such method for such arguments. */
export function callMethod(run: Run, item: Item, name: string, args: readonly Item[]): Item {
  if (item instanceof Host) return item.call(run, name, args);
  return own(run, item, name, args) ?? (name === "get" ? null : common(run, item, name, args));
}

function own(run: Run, item: Exclude<Item, Host>, name: string, args: readonly Item[]): Item | undefined {
  if (typeof item === "string") return ofText(run, item, name, args);
  if (item instanceof Map) return invoke(MAP_METHODS, run, item, name, args);
  if (Array.isArray(item)) {
    const kind = item instanceof JavaList ? item.kind : "list";
    const methods = kind === "set" ? SET_METHODS : kind === "array" ? ARRAY_METHODS : LIST_METHODS;
    return invoke(methods, run, item, name, args);
  }
  if (item instanceof Double) return invoke(DOUBLE_METHODS, run, item, name, args);
  if (isNumber(item)) return invoke(INTEGER_METHODS, run, item, name, args);
  return typeof item === "boolean" ? invoke(BOOLEAN_METHODS, run, item, name, args) : null;
}

/** Methods whose cost is not the text's length. */
const QUICK: ReadonlySet<string> = new Set([
  "length",
  "isEmpty",
  "charAt",
  "codePointAt",
  "substring",
  "subSequence",
]);

function ofText(run: Run, text: string, name: string, args: readonly Item[]): Item | undefined {
  if (!QUICK.has(name)) {
    run.work(text.length);
    for (const arg of args) if (typeof arg === "string") run.work(arg.length);
  }
  return invoke(STRING_METHODS, run, text, name, args);
}

/** What every object of Java has, but for its class. */
function common(run: Run, item: Exclude<Item, Host>, name: string, args: readonly Item[]): Item {
  const [other] = args;
  if (name === "toString" && args.length === 0) return textOf(run, item);
  if (name === "equals" && args.length === 1 && other !== undefined) {
    return !(other instanceof Host) && sameValue(run, item, other);
  }
  return null;
}
