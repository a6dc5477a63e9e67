import type { Fault } from "../../../src/validation/schema/run.ts";
import { Models } from "../../../src/validation/schema/validator.ts";

export type Schema = Readonly<Record<string, unknown>>;

export const URIS = {
  "draft-04": "http://json-schema.org/draft-04/schema#",
  "draft-07": "http://json-schema.org/draft-07/schema#",
  "2020-12": "https://json-schema.org/draft/2020-12/schema",
} as const;

export type Dialect = keyof typeof URIS;

/** What is wrong with a value, by a model `Main` among others. */
export function faults(
  schema: Schema,
  value: unknown,
  dialect: Dialect = "draft-04",
  others: Readonly<Record<string, Schema>> = {},
): readonly Fault[] {
  const compiled = modelsOf(schema, dialect, others).get("Main");
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.validator.faults(value, 10);
}

/** What is wrong with the schema itself. */
export function problems(
  schema: Schema,
  dialect: Dialect = "draft-04",
  others: Readonly<Record<string, Schema>> = {},
): readonly string[] {
  const compiled = modelsOf(schema, dialect, others).get("Main");
  return compiled.ok
    ? []
    : compiled.problems.map(({ model, pointer, message }) => `${model}#${pointer} ${message}`);
}

function modelsOf(schema: Schema, dialect: Dialect, others: Readonly<Record<string, Schema>>): Models {
  const models = Object.entries({ Main: schema, ...others });
  return new Models(
    new Map(models.map(([name, own]) => [name, { schema: own, jsonSchemaDialect: URIS[dialect] }])),
  );
}
