import { ValueSet } from "./equality.ts";
import { type Context, count, type Keyword } from "./keyword.ts";
import type { Check } from "./run.ts";

/** What lists are held against. */

type ListCheck = (
  value: readonly unknown[],
  ...rest: Parameters<Check> extends [unknown, ...infer R] ? R : never
) => boolean;

const ofList =
  (check: ListCheck): Check =>
  (value, run, at, seen) =>
    !Array.isArray(value) || check(value, run, at, seen);

function size(name: "minItems" | "maxItems"): Keyword["build"] {
  return (context, value) => {
    const limit = count(context, name, value);
    if (limit === undefined) return undefined;
    const least = name === "minItems";
    const detail = `has ${least ? "fewer" : "more"} than ${limit} items`;
    return ofList(
      (list, run, at) => (least ? list.length >= limit : list.length <= limit) || run.fail(at, detail),
    );
  };
}

/** Equal items are found by their text, so that a long list takes time in proportion to its length. */
function uniqueItems(context: Context, value: unknown): Check | undefined {
  if (typeof value !== "boolean") return context.wrong("uniqueItems", '"uniqueItems" is true or false');
  if (!value) return undefined;
  return ofList((list, run, at) => {
    const known = new ValueSet();
    for (const [index, item] of list.entries()) {
      if (!known.add(item, run.canonical)) return run.fail(run.below(at, index), "is there twice");
    }
    return true;
  });
}

/** One schema for each of the first items, and one for the rest. */
function itemsCheck(first: readonly Check[], rest: Check | undefined): Check {
  return ofList((list, run, at, seen) => {
    const length = rest ? list.length : Math.min(first.length, list.length);
    seen?.addPrefix(length);
    let fits = true;
    for (let index = 0; index < length; index++) {
      const check = first[index] ?? rest;
      if (!check || check(list[index], run, run.below(at, index), undefined)) continue;
      fits = false;
      if (!run.goesOn) break;
    }
    return fits;
  });
}

function checksOf(context: Context, keyword: string, value: readonly unknown[]): readonly Check[] {
  return value.map((schema, index) => context.below(`/${keyword}/${index}`, schema));
}

function items(context: Context, value: unknown): Check | undefined {
  if (!Array.isArray(value)) {
    // With `prefixItems` it is about the others, and is built there.
    if (context.dialect === "2020-12" && context.schema["prefixItems"] !== undefined) return undefined;
    return itemsCheck([], context.below("/items", value));
  }
  if (context.dialect === "2020-12") {
    const hint = '"prefixItems" is for schemas item by item';
    return context.wrong("items", '"items" is one schema in 2020-12', hint);
  }
  const { additionalItems } = context.schema;
  const rest = additionalItems === undefined ? undefined : context.below("/additionalItems", additionalItems);
  return itemsCheck(checksOf(context, "items", value), rest);
}

function prefixItems(context: Context, value: unknown): Check | undefined {
  if (!Array.isArray(value)) return context.wrong("prefixItems", '"prefixItems" is a list of schemas');
  const rest = context.schema["items"];
  if (Array.isArray(rest)) return undefined;
  const others = rest === undefined ? undefined : context.below("/items", rest);
  return itemsCheck(checksOf(context, "prefixItems", value), others);
}

function contains(context: Context, value: unknown): Check | undefined {
  const { minContains = 1, maxContains } = context.schema;
  const least = count(context, "minContains", minContains);
  const most = count(context, "maxContains", maxContains ?? Number.MAX_SAFE_INTEGER);
  if (least === undefined || most === undefined) return undefined;
  const check = context.below("/contains", value);
  return ofList((list, run, at, seen) => {
    let found = 0;
    const all = seen !== undefined || maxContains !== undefined;
    for (const [index, item] of list.entries()) {
      if (!all && found >= least) break;
      if (!run.quietly(check, item, undefined)) continue;
      found += 1;
      if (context.dialect === "2020-12") seen?.addItem(index);
      if (found > most) return run.fail(at, `has more than ${most} items of the kind that it may have`);
    }
    return found >= least || run.fail(at, `has fewer than ${least} items of the kind that it has to have`);
  });
}

function unevaluatedItems(context: Context, value: unknown): Check {
  const check = context.below("/unevaluatedItems", value);
  return ofList((list, run, at, seen) => {
    let fits = true;
    for (const [index, item] of list.entries()) {
      if (seen?.hasItem(index) || check(item, run, run.below(at, index), undefined)) continue;
      fits = false;
      if (!run.goesOn) break;
    }
    if (fits) seen?.addPrefix(list.length);
    return fits;
  });
}

export const LIST_KEYWORDS: readonly Keyword[] = [
  { name: "minItems", kind: "array", build: size("minItems") },
  { name: "maxItems", kind: "array", build: size("maxItems") },
  { name: "prefixItems", kind: "array", build: prefixItems },
  { name: "items", kind: "array", build: items },
  { name: "contains", kind: "array", build: contains },
  { name: "uniqueItems", kind: "array", build: uniqueItems },
];

/** After all others of its schema. */
export const UNEVALUATED_ITEMS: Keyword = {
  name: "unevaluatedItems",
  kind: "array",
  build: unevaluatedItems,
};
