import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { type Members, record } from "./members.ts";
import type { ModelImport } from "./models.ts";
import type { Parameter } from "./parameters.ts";
import { resolve } from "./reference.ts";

/** Members of a Swagger 2.0 parameter that are no keywords of JSON Schema. */
const NO_KEYWORDS = ["name", "in", "description", "required", "allowEmptyValue", "collectionFormat"];

/** Members of a schema that any text fits. */
const ANNOTATIONS = ["title", "description", "default", "deprecated", "example", "examples"];

/** How Swagger 2.0 calls the styles of lists. */
const COLLECTION_FORMATS: Readonly<Record<string, Members>> = {
  csv: { explode: false },
  multi: { explode: true },
  ssv: { style: "spaceDelimited", explode: false },
  pipes: { style: "pipeDelimited", explode: false },
};

const STYLES = ["form", "simple", "spaceDelimited", "pipeDelimited"];

/**
 * What a route entry says of a parameter: whether it is required, and its schema where that asks
 * for more than any text. API Gateway looks at no schemas, and neither does an API that is
 * `strict`.
 */
export function typedParameter(
  parameter: Parameter,
  document: OpenApiDocument,
  models: ModelImport,
  { warnings }: Findings,
): boolean | Members {
  const { members, place, name } = parameter;
  const required = members["required"] === true;
  const schema = document.version === "2.0" ? swaggerSchema(members) : record(members["schema"]);
  if (!schema || document.root["x-portico-strict"] === true || isAnyText(schema)) return required;
  const why = unreadable(schema, members, document);
  if (why !== undefined) {
    warnings.push({
      code: "parameter.schema",
      path: place,
      message: `the schema of ${name} is not checked: ${why}`,
    });
    return required;
  }
  const { style, explode, collectionFormat } = members;
  const format = COLLECTION_FORMATS[typeof collectionFormat === "string" ? collectionFormat : "csv"];
  return {
    required,
    schema: models.referring(schema, place),
    ...(document.dialect === undefined ? {} : { jsonSchemaDialect: document.dialect }),
    ...(style === undefined ? {} : { style }),
    ...(explode === undefined ? {} : { explode }),
    ...(document.version === "2.0" && schema["type"] === "array" ? format : {}),
  };
}

const swaggerSchema = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !NO_KEYWORDS.includes(name)));

const isAnyText = ({ type, ...others }: Members): boolean =>
  (type === undefined || type === "string") &&
  Object.keys(others).every((name) => ANNOTATIONS.includes(name) || name.startsWith("x-"));

/** Why no text can be read as a schema asks; none where one can. */
function unreadable(schema: Members, members: Members, { root }: OpenApiDocument): string | undefined {
  if ([resolve(root, schema)?.["type"]].flat().includes("object")) return "its value is an object";
  const { style, collectionFormat } = members;
  if (style !== undefined && !STYLES.some((known) => known === style)) return `its style is ${String(style)}`;
  if (collectionFormat === undefined || Object.hasOwn(COLLECTION_FORMATS, String(collectionFormat)))
    return undefined;
  return `its collectionFormat is ${String(collectionFormat)}`;
}
