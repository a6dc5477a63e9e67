import * as v from "valibot";
import { INTEGRATION_TYPES } from "./integration-types.ts";
import { Resilience } from "./resilience-schema.ts";
import { SERVICE_TYPES, ServiceIntegration } from "./service-schema.ts";

const text = v.pipe(v.string(), v.nonEmpty());
/** Numbers that API Gateway's documents also write as text ("200"). */
const statusCode = v.pipe(
  v.union(
    [v.number(), v.pipe(v.string(), v.regex(/^-?\d+$/), v.transform(Number))],
    "a status code is a whole number",
  ),
  v.integer("a status code is a whole number"),
);
const contentHandling = v.picklist(["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"]);
const templates = v.record(text, v.string());

/** One answer of a `mock`, `http` or `aws` integration: `responses` of x-amazon-apigateway-integration. */
export const IntegrationResponse = v.strictObject({
  statusCode,
  /** `method.response.header.NAME` to its source: `integration.response.header.NAME`, `'text'`, ... */
  responseParameters: v.optional(v.record(text, v.string())),
  /** Content type to mapping template (VTL). */
  responseTemplates: v.optional(templates),
  contentHandling: v.optional(contentHandling),
});

const timeoutInMillis = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(50, "a timeout is at least 50 ms"),
  v.maxValue(900_000, "a timeout is at most 900,000 ms (15 minutes)"),
);

/** The same members as x-amazon-apigateway-integration. */
export const GatewayIntegration = v.strictObject({
  type: v.pipe(v.string(), v.toLowerCase(), v.picklist(INTEGRATION_TYPES)),
  /** Where it goes: an http(s) URL, a function's name or ARN, or a service's ARN with an action or path. */
  uri: v.optional(text),
  /** The method towards the backend; the client's own by default or when `ANY`. */
  httpMethod: v.optional(v.pipe(v.string(), v.toUpperCase(), v.regex(/^[A-Z]+$/, "not a method"))),
  payloadFormatVersion: v.optional(v.picklist(["1.0", "2.0"])),
  timeoutInMillis: v.optional(timeoutInMillis),
  /** REST: `integration.request.{path|querystring|header}.NAME` to its source. HTTP: `append:header.NAME`, ... to its value. */
  requestParameters: v.optional(v.record(text, v.string())),
  /** Content type, or `$default`, to mapping template (VTL). */
  requestTemplates: v.optional(templates),
  passthroughBehavior: v.optional(
    v.pipe(v.string(), v.toLowerCase(), v.picklist(["when_no_match", "when_no_templates", "never"])),
  ),
  contentHandling: v.optional(contentHandling),
  /** A regular expression over the selection value, or `default`, to the answer. */
  responses: v.optional(v.record(text, IntegrationResponse)),
  /** HTTP APIs: the integration's status to `append:header.NAME`, `overwrite:statuscode`, ... */
  responseParameters: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[2-5]\d\d$/, "a status from 200 to 599")),
      v.record(text, v.string()),
    ),
  ),
  /** Where a function runs: bundled with the gateway, or in the account that its ARN names. */
  invoke: v.optional(v.picklist(["bundled", "remote"])),
  /** HTTP APIs: a service called without code between, as `SQS-SendMessage`. */
  integrationSubtype: v.optional(text),
  /** `STREAM`: the response passes as it comes, for as long as 15 minutes. */
  responseTransferMode: v.optional(v.picklist(["BUFFERED", "STREAM"])),
  connectionType: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^INTERNET$/,
        ({ received }) =>
          `${received} is none of INTERNET: an origin that the gateway can reach is called without a link, so leave connectionType out and write its URL`,
      ),
    ),
  ),
  /** API Gateway's role for the call. */
  credentials: v.optional(
    v.never("leave it out: calls to AWS are signed with the Worker's AWS_ACCESS_KEY_ID, others with nothing"),
  ),
  ...Resilience,
});

/**
 * A route's integration: one of API Gateway's, or a service of the platform. A union would
 * say of a bad one only that it is none of the two.
 */
export const Integration = v.lazy((input) => (isService(input) ? ServiceIntegration : GatewayIntegration));

/** A misspelt type is told what it nearly is by the schema that has the other members. */
function isService(input: unknown): boolean {
  if (typeof input !== "object" || input === null || !("type" in input)) return false;
  const { type } = input;
  const isKnown = (types: readonly string[]): boolean => types.some((known) => known === type);
  return isKnown(SERVICE_TYPES) || ("binding" in input && !isKnown(INTEGRATION_TYPES));
}

export type IntegrationResponse = v.InferOutput<typeof IntegrationResponse>;
export type GatewayIntegration = v.InferOutput<typeof GatewayIntegration>;
export type Integration = GatewayIntegration | ServiceIntegration;
