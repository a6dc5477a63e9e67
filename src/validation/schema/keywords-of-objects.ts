import { escaped } from "./document.ts";
import { type Context, count, type Keyword, texts } from "./keyword.ts";
import { searchPattern } from "./pattern.ts";
import type { Check } from "./run.ts";
import { isObject, type JsonObject } from "./values.ts";

/** What objects are held against. */

/** A check of a keyword that says nothing of other values than objects. */
type ObjectCheck = (
  value: JsonObject,
  ...rest: Parameters<Check> extends [unknown, ...infer R] ? R : never
) => boolean;

const ofObject =
  (check: ObjectCheck): Check =>
  (value, run, at, seen) =>
    !isObject(value) || check(value, run, at, seen);

function required(context: Context, value: unknown, path = "required"): Check | undefined {
  const names = texts(context, path, value);
  return (
    names &&
    ofObject((instance, run, at) => {
      let fits = true;
      for (const name of names) {
        if (Object.hasOwn(instance, name)) continue;
        fits = run.fail(run.below(at, name), "is missing");
        if (!run.goesOn) return false;
      }
      return fits;
    })
  );
}

function size(name: "minProperties" | "maxProperties"): Keyword["build"] {
  return (context, value) => {
    const limit = count(context, name, value);
    if (limit === undefined) return undefined;
    const least = name === "minProperties";
    const detail = `has ${least ? "fewer" : "more"} than ${limit} members`;
    return ofObject((instance, run, at) => {
      const members = Object.keys(instance).length;
      return (least ? members >= limit : members <= limit) || run.fail(at, detail);
    });
  };
}

/** Schemas by name. */
function named(context: Context, keyword: string): ReadonlyMap<string, Check> | undefined {
  const schemas = context.schema[keyword];
  if (schemas === undefined) return new Map();
  if (!isObject(schemas)) return context.wrong(keyword, `"${keyword}" is an object of schemas`);
  return new Map(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      context.below(`/${keyword}/${escaped(name)}`, schema),
    ]),
  );
}

/** `properties` alone goes by the names in the schema. */
function propertiesOnly(checks: ReadonlyMap<string, Check>): Check {
  const list = [...checks];
  return ofObject((instance, run, at, seen) => {
    let fits = true;
    for (const [name, check] of list) {
      if (!Object.hasOwn(instance, name)) continue;
      seen?.addName(name);
      if (check(instance[name], run, run.below(at, name), undefined)) continue;
      fits = false;
      if (!run.goesOn) break;
    }
    return fits;
  });
}

/** With `patternProperties` or `additionalProperties` every member's name has to be looked at. */
function members(context: Context): Check | undefined {
  const byName = named(context, "properties");
  const patterns = named(context, "patternProperties");
  if (!byName || !patterns) return undefined;
  const { additionalProperties } = context.schema;
  const others =
    additionalProperties === undefined
      ? undefined
      : context.below("/additionalProperties", additionalProperties);
  if (patterns.size === 0 && !others) return propertiesOnly(byName);
  const byPattern: (readonly [RegExp, Check])[] = [];
  for (const [source, check] of patterns) {
    const found = searchPattern(source);
    if (found.ok) byPattern.push([found.regex, check]);
    else context.wrong(`patternProperties/${escaped(source)}`, found.message, found.hint);
  }
  const closed = additionalProperties === false;
  return ofObject((instance, run, at, seen) => {
    let fits = true;
    for (const name of Object.keys(instance)) {
      const place = run.below(at, name);
      const own = byName.get(name);
      let known = own !== undefined;
      let good = !own || own(instance[name], run, place, undefined);
      for (const [regex, check] of byPattern) {
        if (!regex.test(name)) continue;
        known = true;
        if (!check(instance[name], run, place, undefined)) good = false;
      }
      if (!known && others) {
        good = closed
          ? run.fail(place, "is not a member that is known here")
          : others(instance[name], run, place, undefined);
        seen?.addName(name);
      } else if (known) seen?.addName(name);
      if (good) continue;
      fits = false;
      if (!run.goesOn) break;
    }
    return fits;
  });
}

/** The first of them that a schema has builds the check of all three. */
function oneOfThree(name: string, before: readonly string[]): Keyword {
  return {
    name,
    kind: "object",
    build: (context) =>
      before.some((other) => context.schema[other] !== undefined) ? undefined : members(context),
  };
}

function propertyNames(context: Context, value: unknown): Check {
  const check = context.below("/propertyNames", value);
  return ofObject((instance, run, at) => {
    for (const name of Object.keys(instance)) {
      if (!run.quietly(check, name, undefined)) {
        return run.fail(run.below(at, name), "has a name that is not allowed");
      }
    }
    return true;
  });
}

/** What the presence of a member asks for: a schema of the whole object, or other members. */
function dependencies(keyword: "dependencies" | "dependentRequired" | "dependentSchemas"): Keyword["build"] {
  return (context, value) => {
    if (!isObject(value)) return context.wrong(keyword, `"${keyword}" is an object`);
    const list: (readonly [string, Check])[] = [];
    for (const [name, asked] of Object.entries(value)) {
      const path = `${keyword}/${escaped(name)}`;
      const names = keyword === "dependentRequired" || (keyword === "dependencies" && Array.isArray(asked));
      const check = names ? required(context, asked, path) : context.same(`/${path}`, asked);
      if (check) list.push([name, check]);
    }
    return ofObject((instance, run, at, seen) => {
      let fits = true;
      for (const [name, check] of list) {
        if (!Object.hasOwn(instance, name) || check(instance, run, at, seen)) continue;
        fits = false;
        if (!run.goesOn) break;
      }
      return fits;
    });
  };
}

function unevaluatedProperties(context: Context, value: unknown): Check {
  const check = context.below("/unevaluatedProperties", value);
  return ofObject((instance, run, at, seen) => {
    let fits = true;
    for (const name of Object.keys(instance)) {
      if (seen?.hasName(name)) continue;
      const place = run.below(at, name);
      const good =
        value === false
          ? run.fail(place, "is not a member that is known here")
          : check(instance[name], run, place, undefined);
      if (good) continue;
      fits = false;
      if (!run.goesOn) break;
    }
    if (fits) seen?.addAllNames();
    return fits;
  });
}

export const OBJECT_KEYWORDS: readonly Keyword[] = [
  { name: "required", kind: "object", build: (context, value) => required(context, value) },
  { name: "minProperties", kind: "object", build: size("minProperties") },
  { name: "maxProperties", kind: "object", build: size("maxProperties") },
  oneOfThree("properties", []),
  oneOfThree("patternProperties", ["properties"]),
  oneOfThree("additionalProperties", ["properties", "patternProperties"]),
  { name: "propertyNames", kind: "object", build: propertyNames },
  { name: "dependencies", kind: "object", build: dependencies("dependencies") },
  { name: "dependentRequired", kind: "object", build: dependencies("dependentRequired") },
  { name: "dependentSchemas", kind: "object", build: dependencies("dependentSchemas") },
];

/** After all others of its schema. */
export const UNEVALUATED_PROPERTIES: Keyword = {
  name: "unevaluatedProperties",
  kind: "object",
  build: unevaluatedProperties,
};
