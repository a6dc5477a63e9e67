import { nearest, type Problem } from "../config/problem.ts";
import type { ModelEntry } from "../config/validation-schema.ts";
import { type Members, record } from "./members.ts";
import { DATA, NAMED } from "./schema-references.ts";

/** The words of JSON Schema, of any dialect: what one of them does not know, its check refuses. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...["$schema", "$id", "id", "$ref", "$anchor", "$comment", "$defs", "$dynamicRef", "$dynamicAnchor"],
  ...["$recursiveRef", "$recursiveAnchor", "$vocabulary", "definitions", "title", "description", "default"],
  ...["examples", "deprecated", "readOnly", "writeOnly", "type", "enum", "const", "multipleOf", "format"],
  ...["maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern"],
  ...["items", "additionalItems", "prefixItems", "maxItems", "minItems", "uniqueItems", "contains"],
  ...["maxContains", "minContains", "unevaluatedItems", "maxProperties", "minProperties", "required"],
  ...["properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames"],
  ...["dependencies", "dependentRequired", "dependentSchemas", "if", "then", "else"],
  ...["allOf", "anyOf", "oneOf", "not", "contentEncoding", "contentMediaType", "contentSchema"],
]);

/** OpenAPI's own: they describe, and hold no schemas. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  "discriminator",
  "example",
  "externalDocs",
  "nullable",
  "xml",
]);

/** The short ones are near too many words that mean something else: `note` and `not`. */
const LIKELY = [...KEYWORDS, ...ANNOTATIONS].filter((word) => word.length > 3);

/** @param models by the places of their schemas */
export function lintModels(models: ReadonlyMap<string, ModelEntry>): readonly Problem[] {
  return [...models].flatMap(([place, { schema }]) => misspelt(schema, `${place}#schema`));
}

/** Keywords that are none and look like one: what they ask is asked of nobody. */
function misspelt(schema: Members, place: string): readonly Problem[] {
  return Object.entries(schema).flatMap(([name, value]) => {
    if (DATA.has(name) || ANNOTATIONS.has(name) || name.startsWith("x-")) return [];
    if (KEYWORDS.has(name)) return below(name, value, `${place}.${name}`);
    const near = nearest(name, LIKELY);
    if (near === undefined) return [];
    return [
      {
        code: "model.keyword",
        path: `${place}.${name}`,
        message: `"${name}" is no keyword of JSON Schema, and asks for nothing`,
        hint: `did you mean "${near}"?`,
      },
    ];
  });
}

function below(keyword: string, value: unknown, place: string): readonly Problem[] {
  const members = record(value);
  if (members && NAMED.has(keyword)) {
    return Object.entries(members).flatMap(([name, inner]) => inside(inner, `${place}.${name}`));
  }
  return inside(value, place);
}

function inside(value: unknown, place: string): readonly Problem[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => inside(item, `${place}.${index}`));
  }
  const members = record(value);
  return members ? misspelt(members, place) : [];
}
