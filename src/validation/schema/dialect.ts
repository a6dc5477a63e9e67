/** The versions of JSON Schema that models may be written in. */
export type Dialect = "draft-04" | "draft-07" | "2020-12";

/** Without `https://` and the empty fragment, which some write and some do not. */
const BY_URI: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ["json-schema.org/schema", "draft-04"],
  ["json-schema.org/draft-04/schema", "draft-04"],
  // Draft 7 is draft 6 with three keywords more.
  ["json-schema.org/draft-06/schema", "draft-07"],
  ["json-schema.org/draft-07/schema", "draft-07"],
  ["json-schema.org/draft/2020-12/schema", "2020-12"],
]);

/** The dialect that a `$schema` names; undefined for one that is not known. */
export function dialectOf(uri: string): Dialect | undefined {
  const plain = uri.replace(/^https?:\/\//, "").replace(/#$/, "");
  // OpenAPI 3.1 publishes its own by date.
  return plain.startsWith("spec.openapis.org/oas/3.1/dialect/") ? "2020-12" : BY_URI.get(plain);
}

const SINCE_DRAFT_06 = ["const", "contains", "propertyNames"];
const SINCE_DRAFT_07 = ["if", "then", "else"];
const SINCE_2019_09 = [
  ...["dependentRequired", "dependentSchemas", "minContains", "maxContains"],
  ...["unevaluatedItems", "unevaluatedProperties"],
];
const SINCE_2020_12 = ["prefixItems", "$dynamicRef"];
const ONLY_2019_09 = ["$recursiveRef"];

const modern = [...SINCE_2019_09, ...SINCE_2020_12, ...ONLY_2019_09];

/**
 * Keywords that assert something in other dialects and nothing in this one: whoever wrote them
 * meant them, so a model with one is refused, as API Gateway refuses keywords that it does
 * not support.
 */
export const FOREIGN_KEYWORDS: Readonly<Record<Dialect, readonly string[]>> = {
  "draft-04": [...SINCE_DRAFT_06, ...SINCE_DRAFT_07, ...modern],
  "draft-07": modern,
  "2020-12": ["additionalItems", ...ONLY_2019_09],
};
