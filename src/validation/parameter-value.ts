import type { ModelEntry } from "../config/validation-schema.ts";

/** What the text of a parameter stands for. */
export interface ValueType {
  /** Names of JSON Schema's types. */
  readonly types: ReadonlySet<string>;
  /** The types of a list's items; undefined for what is no list. */
  readonly list: ReadonlySet<string> | undefined;
}

/** How a list is written (OpenAPI 3.1, parameter object, `style` and `explode`). */
export interface ListStyle {
  readonly separator: string;
  /** One value for each item. */
  readonly explode: boolean;
  /** What an item's text means. */
  readonly decode: (text: string) => string;
}

type Schema = Readonly<Record<string, unknown>>;

/** References from model to model that are followed for a type. */
const MAX_REFERENCES = 10;

/** The types that a schema, or the model that it refers to, names. */
export function typeOf(schema: Schema, models: ReadonlyMap<string, ModelEntry>): ValueType {
  const { type, items } = followed(schema, models);
  const types = names(type);
  if (!types.has("array")) return { types, list: undefined };
  const item = isSchema(items) ? names(followed(items, models)["type"]) : new Set<string>();
  return { types, list: item };
}

function followed(schema: Schema, models: ReadonlyMap<string, ModelEntry>): Schema {
  let current = schema;
  for (let count = 0; count < MAX_REFERENCES; count++) {
    const { $ref } = current;
    const name = typeof $ref === "string" ? $ref.split("/").at(-1) : undefined;
    const model = name === undefined ? undefined : models.get(name);
    if (!model) break;
    current = model.schema;
  }
  return current;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const names = (type: unknown): ReadonlySet<string> =>
  new Set([type].flat().filter((name) => typeof name === "string"));

/** The value that a parameter's text stands for; a text that is none of its types stays one. */
export function readValue(type: ValueType, style: ListStyle, values: readonly string[]): unknown {
  const { list } = type;
  if (list === undefined) return scalar(type.types, style.decode(values[0] ?? ""));
  const items = style.explode ? values : values.flatMap((value) => value.split(style.separator));
  return items.map((item) => scalar(list, style.decode(item)));
}

/** A number as JSON writes it: what others take besides (`0x10`, `1_000`, ` 1`) is none here. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function scalar(types: ReadonlySet<string>, text: string): unknown {
  if ((types.has("integer") || types.has("number")) && NUMBER.test(text)) return Number(text);
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}
