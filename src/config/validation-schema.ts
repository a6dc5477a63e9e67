import * as v from "valibot";
import { isObject, type JsonObject } from "../validation/schema/values.ts";

/** What of a request is checked before it goes on (aws-semantics 8). */

const text = v.pipe(v.string(), v.nonEmpty());
const jsonSchema = v.custom<JsonObject>(isObject, "a JSON Schema is an object");

/** One of `x-amazon-apigateway-request-validators`; the members after the first two are Portico's. */
export const RequestValidator = v.strictObject({
  validateRequestBody: v.optional(v.boolean(), false),
  validateRequestParameters: v.optional(v.boolean(), false),
  /** Answers 415 to content types that `requestModels` does not name. */
  strictContentType: v.optional(v.boolean(), false),
  /** Names what is wrong, as RFC 9457 has it, in place of API Gateway's one sentence. */
  problemDetails: v.optional(v.boolean(), false),
});

// A union would say of a bad one only that it is none of the two.
const ValidatorOrName = v.lazy((validator): typeof RequestValidator | typeof text =>
  typeof validator === "object" ? RequestValidator : text,
);

/** An API's: validators by name, and the one for routes that name none. */
export const ApiValidation = {
  requestValidators: v.optional(v.record(text, RequestValidator), {}),
  requestValidator: v.optional(text),
} as const;

/** A parameter as OpenAPI has it. */
const TypedParameter = v.strictObject({
  required: v.optional(v.boolean(), false),
  /** A JSON Schema; the text is read as its `type` says. */
  schema: jsonSchema,
  /** The version of JSON Schema where the schema has no `$schema`; draft-04 by default. */
  jsonSchemaDialect: v.optional(text),
  /** How a list is written: `form` in a query, `simple` elsewhere. */
  style: v.optional(v.picklist(["form", "simple", "spaceDelimited", "pipeDelimited"])),
  /** Whether a list has its name once for each item; so in a query where nothing else is said. */
  explode: v.optional(v.boolean()),
});

const Parameter = v.lazy((parameter): typeof TypedParameter | ReturnType<typeof v.boolean> =>
  typeof parameter === "object" ? TypedParameter : v.boolean(),
);

const parameterName = v.pipe(
  v.string(),
  v.regex(
    /^method\.request\.(?:path|querystring|header)\..+$/,
    "a parameter is method.request.path.NAME, method.request.querystring.NAME or method.request.header.NAME",
  ),
);

/** A route's. */
export const RouteValidation = {
  /** The name of one of the API's `requestValidators`, or one of its own. */
  requestValidator: v.optional(ValidatorOrName),
  /** `method.request.{path|querystring|header}.NAME` to whether it is required, or what it has to be. */
  requestParameters: v.optional(v.record(parameterName, Parameter), {}),
  /** Content type to the name of a model. */
  requestModels: v.optional(v.record(text, text), {}),
} as const;

/** `apis/{api}/models/{name}`. */
export const ModelEntry = v.strictObject({
  description: v.optional(v.string()),
  contentType: v.optional(text, "application/json"),
  /** A JSON Schema. */
  schema: jsonSchema,
  /** The version of JSON Schema where the schema has no `$schema`; draft-04 by default, as on API Gateway. */
  jsonSchemaDialect: v.optional(text),
});

export type RequestValidator = v.InferOutput<typeof RequestValidator>;
export type TypedParameter = v.InferOutput<typeof TypedParameter>;
export type ModelEntry = v.InferOutput<typeof ModelEntry>;
