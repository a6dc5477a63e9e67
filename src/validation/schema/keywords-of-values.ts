import { canonical, ValueSet } from "./equality.ts";
import { formatCheck } from "./format.ts";
import { type ChecksByKind, type Context, count, type Keyword } from "./keyword.ts";
import { isMultiple } from "./multiple.ts";
import { searchPattern } from "./pattern.ts";
import type { Check } from "./run.ts";
import { isKind, KINDS, type Kind, lengthOf } from "./values.ts";

/** What any value, a number or a text is held against. */

/** A value's kind is known before its checks are chosen, so that the right one costs nothing. */
function type(context: Context, value: unknown): ChecksByKind | undefined {
  const types: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (types.length === 0 || !types.every((name) => name === "integer" || isKind(name))) {
    return context.wrong("type", `"type" is one or several of ${KINDS.join(", ")}, integer`);
  }
  // OpenAPI 3.0's word; API Gateway's models have `oneOf` with the type null for it.
  const nullable = context.dialect === "draft-04" && context.schema["nullable"] === true;
  const allowed = new Set(nullable ? [...types, "null"] : types);
  const detail = `is not of type ${[...allowed].join(" or ")}`;
  const refuse: Check = (_, run, at) => run.fail(at, detail);
  const checks: Partial<Record<Kind, Check>> = {};
  for (const kind of KINDS) if (!allowed.has(kind)) checks[kind] = refuse;
  if (allowed.has("number")) checks.number = finite;
  else if (allowed.has("integer")) {
    checks.number = (instance, run, at) => Number.isInteger(instance) || run.fail(at, detail);
  }
  return checks;
}

/** A number beyond the largest is none that two readers agree on. */
const finite: Check = (instance, run, at) =>
  Number.isFinite(instance) || run.fail(at, "is a number out of range");

function constant(_: Context, value: unknown): Check {
  const wanted = canonical(value);
  return (instance, run, at) =>
    run.canonical(instance) === wanted || run.fail(at, "is not the one value allowed");
}

function enumeration(context: Context, value: unknown): Check | undefined {
  if (!Array.isArray(value)) return context.wrong("enum", '"enum" is a list of values');
  const nullable = context.dialect === "draft-04" && context.schema["nullable"] === true;
  const allowed = new ValueSet();
  for (const one of nullable ? [...value, null] : value) allowed.add(one, canonical);
  return (instance, run, at) =>
    allowed.has(instance, run.canonical) || run.fail(at, "is none of the values allowed");
}

/** A bound on numbers; draft 4 says beside it, with true, that the bound itself is excluded. */
function bound(name: "minimum" | "maximum", exclusive: "exclusiveMinimum" | "exclusiveMaximum"): Keyword {
  const sign = name === "minimum" ? 1 : -1;
  return {
    name,
    kind: "number",
    build(context, value) {
      if (typeof value !== "number") return context.wrong(name, `"${name}" is a number`);
      const open = context.dialect === "draft-04" && context.schema[exclusive] === true;
      const detail = `is ${sign > 0 ? "less" : "more"} than ${open ? "or equal to " : ""}${value}`;
      return (instance, run, at) => {
        const distance = (Number(instance) - value) * sign;
        return (open ? distance > 0 : distance >= 0) || run.fail(at, detail);
      };
    },
  };
}

function exclusiveBound(name: "exclusiveMinimum" | "exclusiveMaximum"): Keyword {
  const sign = name === "exclusiveMinimum" ? 1 : -1;
  return {
    name,
    kind: "number",
    build(context, value) {
      if (context.dialect === "draft-04") {
        const hint = 'name a later "$schema", or write the bound as "minimum" or "maximum"';
        return typeof value === "boolean"
          ? undefined
          : context.wrong(name, `"${name}" is true or false in draft-04`, hint);
      }
      if (typeof value !== "number") {
        return context.wrong(name, `"${name}" is a number in ${context.dialect}`);
      }
      const detail = `is not ${sign > 0 ? "more" : "less"} than ${value}`;
      return (instance, run, at) => (Number(instance) - value) * sign > 0 || run.fail(at, detail);
    },
  };
}

function multipleOf(context: Context, value: unknown): Check | undefined {
  if (typeof value !== "number" || !(value > 0)) {
    return context.wrong("multipleOf", '"multipleOf" is a number above 0');
  }
  return (instance, run, at) =>
    isMultiple(Number(instance), value) || run.fail(at, `is no multiple of ${value}`);
}

/** `minLength` and `maxLength`; a text has as many characters as code units at most, and half as many at least. */
function length(name: "minLength" | "maxLength"): Keyword["build"] {
  return (context, value) => {
    const limit = count(context, name, value);
    if (limit === undefined) return undefined;
    const detail = `is ${name === "minLength" ? "shorter" : "longer"} than ${limit} characters`;
    const fits =
      name === "minLength"
        ? (text: string) => text.length >= limit && (text.length >= 2 * limit || lengthOf(text) >= limit)
        : (text: string) => text.length <= limit || (text.length <= 2 * limit && lengthOf(text) <= limit);
    return (instance, run, at) => typeof instance !== "string" || fits(instance) || run.fail(at, detail);
  };
}

function pattern(context: Context, value: unknown): Check | undefined {
  if (typeof value !== "string") return context.wrong("pattern", '"pattern" is a text');
  const found = searchPattern(value);
  if (!found.ok) return context.wrong("pattern", found.message, found.hint);
  const { regex } = found;
  return (instance, run, at) =>
    typeof instance !== "string" || regex.test(instance) || run.fail(at, "does not match the pattern");
}

function format(context: Context, value: unknown): Check | undefined {
  if (typeof value !== "string") return context.wrong("format", '"format" is a text');
  const has = formatCheck(value);
  return (
    has &&
    ((instance, run, at) => typeof instance !== "string" || has(instance) || run.fail(at, `is no ${value}`))
  );
}

export const VALUE_KEYWORDS: readonly Keyword[] = [
  { name: "type", build: type },
  { name: "const", build: constant },
  { name: "enum", build: enumeration },
  bound("minimum", "exclusiveMinimum"),
  bound("maximum", "exclusiveMaximum"),
  exclusiveBound("exclusiveMinimum"),
  exclusiveBound("exclusiveMaximum"),
  { name: "multipleOf", kind: "number", build: multipleOf },
  { name: "minLength", kind: "string", build: length("minLength") },
  { name: "maxLength", kind: "string", build: length("maxLength") },
  { name: "pattern", kind: "string", build: pattern },
  { name: "format", kind: "string", build: format },
];
