import type { SchemaProblem } from "../validation/schema/compile.ts";
import type { Model } from "../validation/schema/library.ts";
import { type CompiledModel, Models as Validators } from "../validation/schema/validator.ts";
import { parseEntry, parseValue } from "./parse.ts";
import { nearest, type Parsed, type Problem } from "./problem.ts";
import type { ApiEntry, RouteEntry } from "./schemas.ts";
import { ModelEntry, type RequestValidator, type TypedParameter } from "./validation-schema.ts";

/** An API's models by name, those that do not parse among them. */
export type Models = ReadonlyMap<string, Parsed<ModelEntry>>;

export const NO_MODELS: Models = new Map();

/** Every API has a model of this name, which anything fits. */
export const EMPTY_MODEL = "Empty";

/** @param text the entry's text as the store has it */
export function parseModel(key: string, text: string): Parsed<ModelEntry> {
  return checked(key, parseEntry(key, text, ModelEntry));
}

/** A model out of a deployment or an OpenAPI document. */
export function parseModelValue(key: string, value: unknown): Parsed<ModelEntry> {
  return checked(key, parseValue(key, value, ModelEntry));
}

export function goodModels(models: Models): ReadonlyMap<string, ModelEntry> {
  const good = new Map<string, ModelEntry>();
  for (const [name, model] of models) if (model.ok) good.set(name, model.value);
  return good;
}

/** What a model is by itself; whether other models are there is seen where it is used. */
function checked(key: string, entry: Parsed<ModelEntry>): Parsed<ModelEntry> {
  if (!entry.ok) return entry;
  const name = "this model";
  const compiled = new Validators(new Map([[name, entry.value]]), false).get(name);
  if (compiled.ok) return entry;
  return { ok: false, problems: compiled.problems.map((problem) => atSchema(`${key}#schema`, problem)) };
}

function atSchema(place: string, { pointer, message, hint }: SchemaProblem): Problem {
  const path = `${place}${pointer.replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~")}`;
  return { code: "model.schema", path, message, ...(hint === undefined ? {} : { hint }) };
}

/** What a route says of validation: whether its validator, its models and its parameters' schemas are good. */
export function checkValidation(
  key: string,
  entry: RouteEntry,
  api: ApiEntry,
  models: Models,
): readonly Problem[] {
  return [
    ...checkValidator(key, entry, api),
    ...checkRequestModels(key, entry, models),
    ...checkParameters(key, entry, models),
  ];
}

/** The validator of a route; none where nothing is checked, or where it names one that is not there. */
export function validatorOf(entry: RouteEntry, api: ApiEntry): RequestValidator | undefined {
  const own = entry.requestValidator ?? api.requestValidator;
  if (typeof own !== "string") return own;
  return Object.hasOwn(api.requestValidators, own) ? api.requestValidators[own] : undefined;
}

function checkValidator(key: string, entry: RouteEntry, api: ApiEntry): readonly Problem[] {
  const name = entry.requestValidator ?? api.requestValidator;
  if (typeof name !== "string" || validatorOf(entry, api)) return [];
  const near = nearest(name, Object.keys(api.requestValidators));
  return [
    {
      code: "validator.unknown",
      path: `${key}#requestValidator`,
      message: `there is no request validator "${name}"${entry.requestValidator === undefined ? ", which the API names" : ""}`,
      hint: near === undefined ? "requestValidators of the API names them" : `did you mean "${near}"?`,
    },
  ];
}

const CONTENT_TYPE = /^(?:\$default|[^/;,\s]+\/[^/;,\s]+)$/;

function checkRequestModels(key: string, entry: RouteEntry, models: Models): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [type, name] of Object.entries(entry.requestModels)) {
    const path = `${key}#requestModels.${type}`;
    if (!CONTENT_TYPE.test(type)) {
      problems.push({ code: "model.content_type", path, message: `"${type}" is no content type` });
    }
    const model = models.get(name);
    if (model?.ok) problems.push(...referenceProblems(path, name, compiled(models).get(name)));
    else if (model) {
      const [first] = model.problems;
      const message = `the model "${name}" is bad: ${first?.path ?? ""}: ${first?.message ?? ""}`;
      problems.push({ code: "model.bad", path, message });
    } else if (name !== EMPTY_MODEL) {
      const near = nearest(name, models.keys());
      problems.push({
        code: "model.unknown",
        path,
        message: `there is no model "${name}"`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      });
    }
  }
  return problems;
}

/** What only shows when all models are together. */
function referenceProblems(path: string, name: string, model: CompiledModel): readonly Problem[] {
  if (model.ok) return [];
  return model.problems.map(({ model: at, pointer, message }) => ({
    code: "model.reference",
    path,
    message: `the model "${name}" is bad: ${at}#${pointer}: ${message}`,
  }));
}

/** Every route of an API asks for the same models. */
const validators = new WeakMap<Models, Validators>();

function compiled(models: Models): Validators {
  const known = validators.get(models);
  if (known) return known;
  const all = new Validators(goodModels(models));
  validators.set(models, all);
  return all;
}

/** A name that no model has, for the schema of a parameter among the models that it may refer to. */
const PARAMETER = " parameter";

/** The schema of a parameter, together with the API's models. */
export function compileParameter(
  { schema, jsonSchemaDialect }: TypedParameter,
  models: ReadonlyMap<string, ModelEntry>,
): CompiledModel {
  const all = new Map<string, Model>(models);
  return new Validators(all.set(PARAMETER, { schema, jsonSchemaDialect })).get(PARAMETER);
}

function checkParameters(key: string, entry: RouteEntry, models: Models): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [name, parameter] of Object.entries(entry.requestParameters)) {
    if (typeof parameter === "boolean") continue;
    const place = `${key}#requestParameters.${name}`;
    const schema = compileParameter(parameter, goodModels(models));
    if (!schema.ok) problems.push(...schema.problems.map((problem) => atSchema(`${place}.schema`, problem)));
    const { style } = parameter;
    const inQuery = name.startsWith("method.request.querystring.");
    if (style !== undefined && (style === "simple") === inQuery) {
      const message = `the style "${style}" is not for ${inQuery ? "a query" : "a header or a path"}`;
      problems.push({ code: "parameter.style", path: `${place}.style`, message });
    }
    if (JSON.stringify(parameter.schema["type"] ?? "").includes('"object"')) {
      const message = "a parameter is a text, a number, a boolean or a list, not an object";
      problems.push({ code: "parameter.type", path: `${place}.schema.type`, message });
    }
  }
  return problems;
}
