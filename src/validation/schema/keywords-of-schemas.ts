import { Evaluated } from "./evaluated.ts";
import type { Context, Keyword } from "./keyword.ts";
import type { Check } from "./run.ts";

/** Schemas of the value itself, by reference and by logic. */

function ref(context: Context, value: unknown): Check | undefined {
  if (typeof value !== "string") return context.wrong("$ref", '"$ref" is a text');
  const target = context.target("$ref", value);
  if (target?.kind !== "node") return undefined;
  const { node } = target;
  const check = context.refer(node);
  if (node.resource.dynamicAnchors.size === 0) return check;
  return (instance, run, at, seen) => {
    run.scope.push(node.resource);
    const fits = check(instance, run, at, seen);
    run.scope.pop();
    return fits;
  };
}

/** The outermost resource on the way here that has such a name decides (2020-12, core 8.2.3.2). */
function dynamicRef(context: Context, value: unknown): Check | undefined {
  if (typeof value !== "string") return context.wrong("$dynamicRef", '"$dynamicRef" is a text');
  const target = context.target("$dynamicRef", value);
  if (target?.kind !== "node") return undefined;
  const { node, anchor } = target;
  const fixed = context.refer(node);
  const dynamic = anchor !== undefined && node.resource.dynamicAnchors.get(anchor) === node.pointer;
  if (!dynamic) return ref(context, value);
  return (instance, run, at, seen) => {
    const resource = run.scope.find(({ dynamicAnchors }) => dynamicAnchors.has(anchor));
    const check = (resource && context.dynamic(resource, anchor)) ?? fixed;
    run.scope.push(resource ?? node.resource);
    const fits = check(instance, run, at, seen);
    run.scope.pop();
    return fits;
  };
}

/** A non-empty list of schemas. */
function several(context: Context, keyword: string, value: unknown): readonly Check[] | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    return context.wrong(keyword, `"${keyword}" is a list of one schema or more`);
  }
  return value.map((schema, index) => context.same(`/${keyword}/${index}`, schema));
}

function allOf(context: Context, value: unknown): Check | undefined {
  const checks = several(context, "allOf", value);
  return (
    checks &&
    ((instance, run, at, seen) => {
      let fits = true;
      for (const check of checks) {
        if (check(instance, run, at, seen)) continue;
        fits = false;
        if (!run.goesOn) break;
      }
      return fits;
    })
  );
}

/** Tries one alternative; what it has looked at counts where it fits. */
function attempt(check: Check, ...[instance, run, , seen]: Parameters<Check>): boolean {
  const own = seen && new Evaluated();
  const fits = run.quietly(check, instance, own);
  if (fits && own) seen.merge(own);
  return fits;
}

function anyOf(context: Context, value: unknown): Check | undefined {
  const checks = several(context, "anyOf", value);
  return (
    checks &&
    ((instance, run, at, seen) => {
      let fits = false;
      for (const check of checks) {
        if (!attempt(check, instance, run, at, seen)) continue;
        fits = true;
        // The others may look at more members.
        if (!seen) break;
      }
      return fits || run.fail(at, "fits none of the alternatives");
    })
  );
}

function oneOf(context: Context, value: unknown): Check | undefined {
  const checks = several(context, "oneOf", value);
  return (
    checks &&
    ((instance, run, at, seen) => {
      let fitting = 0;
      for (const check of checks) {
        if (attempt(check, instance, run, at, seen)) fitting += 1;
        if (fitting > 1) return run.fail(at, "fits more than one of the alternatives");
      }
      return fitting === 1 || run.fail(at, "fits none of the alternatives");
    })
  );
}

function not(context: Context, value: unknown): Check {
  const check = context.same("/not", value);
  return (instance, run, at) =>
    !run.quietly(check, instance, undefined) || run.fail(at, "is of the kind that it may not be");
}

function condition(context: Context, value: unknown): Check {
  const test = context.same("/if", value);
  const branch = (keyword: "then" | "else"): Check | undefined => {
    const schema = context.schema[keyword];
    return schema === undefined ? undefined : context.same(`/${keyword}`, schema);
  };
  const met = branch("then");
  const unmet = branch("else");
  return (instance, run, at, seen) => {
    const check = attempt(test, instance, run, at, seen) ? met : unmet;
    return !check || check(instance, run, at, seen);
  };
}

export const SCHEMA_KEYWORDS: readonly Keyword[] = [
  { name: "$ref", build: ref },
  { name: "$dynamicRef", build: dynamicRef },
  { name: "allOf", build: allOf },
  { name: "anyOf", build: anyOf },
  { name: "oneOf", build: oneOf },
  { name: "not", build: not },
  { name: "if", build: condition },
];
