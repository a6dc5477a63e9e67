import * as v from "valibot";
import { PolicyDocument } from "../policy/schema.ts";
import { Cache, RouteCache } from "./cache-schema.ts";
import { Cors, RouteCors } from "./cors-schema.ts";
import { GatewayResponses } from "./gateway-response-schema.ts";
import { Integration } from "./integration-schema.ts";
import { parseRouteKey } from "./route-key.ts";
import { Concurrencies, RouteSettings, Throttles } from "./throttle-schema.ts";
import { ApiValidation, RouteValidation } from "./validation-schema.ts";

/**
 * What a KV entry may say. Every object is strict: an unknown key is refused, so that a
 * misspelt `authorizer` can never mean "open".
 */

const text = v.pipe(v.string(), v.nonEmpty());
export const RouteEntry = v.strictObject({
  integration: Integration,
  /** The name of an `apis/{api}/authorizers/{name}` entry, `AWS_IAM`, or `NONE`. */
  authorizer: v.optional(text),
  /** A token needs one of them; for JWT and Cognito authorizers. */
  authorizationScopes: v.optional(v.array(text), []),
  /** Asks for an API key of a usage plan that contains this stage. */
  apiKeyRequired: v.optional(v.boolean(), false),
  /** A resource policy that has to allow besides the API's own. */
  policy: v.optional(PolicyDocument),
  /** In place of the API's; `false` for none. */
  cors: v.optional(RouteCors),
  /** How often; a bucket of the route's own where `per` does not say otherwise. */
  throttle: v.optional(Throttles, []),
  /** How many at the same time. */
  concurrency: v.optional(Concurrencies, []),
  /** What is remembered of its responses; in place of the stage's, `false` for nothing. */
  cache: v.optional(RouteCache),
  ...RouteValidation,
  operationName: v.optional(text),
});

const bytes = v.pipe(v.number(), v.integer(), v.minValue(0));

export const ApiEntry = v.strictObject({
  /** HTTP unless it says otherwise. */
  protocol: v.optional(v.picklist(["HTTP", "REST"]), "HTTP"),
  name: v.optional(v.string()),
  /** Who the API is in policies and events; `arn:aws:execute-api:local:000000000000:{api}` by default. */
  arn: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^arn:[^:]+:execute-api:[^:]+:\d{12}:[A-Za-z0-9-]+$/,
        "not an API's ARN (arn:aws:execute-api:REGION:ACCOUNT:ID)",
      ),
    ),
  ),
  description: v.optional(v.string()),
  /** Answers preflights and adds CORS headers to every response. */
  cors: v.optional(Cors),
  /** The resource policy. */
  policy: v.optional(PolicyDocument),
  /** Where API keys come from: the header `x-api-key`, or the authorizer's `usageIdentifierKey`. */
  apiKeySource: v.optional(
    v.pipe(v.string(), v.toUpperCase(), v.picklist(["HEADER", "AUTHORIZER"])),
    "HEADER",
  ),
  /** Serves the API under its `domains/{host}` entries only. */
  disableExecuteApiEndpoint: v.optional(v.boolean(), false),
  /** Lets `%2F`, `%5C` and `%3B` in paths through to origins and functions. */
  allowEncodedSlashes: v.optional(v.boolean(), false),
  /** API Gateway's way exactly, where Portico's default is kinder. */
  strict: v.optional(v.boolean(), false),
  /** REST: content types whose bodies are bytes, not text: base64 in a function's event, see `contentHandling`. */
  binaryMediaTypes: v.optional(v.array(text), []),
  limits: v.optional(
    v.strictObject({
      /** Request bodies, in bytes; 413 above. Default: 10 MiB where a body is read, none where it streams. */
      bodyBytes: v.optional(bytes),
      /** Path and query together, in bytes; 414 above. */
      urlBytes: v.optional(bytes, 8192),
      /** Header names and values together, in bytes; 431 above. */
      headerBytes: v.optional(bytes, 10_240),
    }),
    {},
  ),
  /** How often; one bucket for all stages of the API where `per` does not say otherwise. */
  throttle: v.optional(Throttles, []),
  ...ApiValidation,
  /** Its own words for refusals and failures, by gateway response type. */
  gatewayResponses: v.optional(GatewayResponses, {}),
  /** Responses of this many bytes or more are compressed for clients that can read it; never without it. */
  minimumCompressionSize: v.pipe(
    v.nullish(v.pipe(bytes, v.maxValue(10_485_760))),
    v.transform((size) => size ?? undefined),
  ),
  /** The access log of this API; on by default. */
  accessLog: v.optional(v.boolean(), true),
});

/** What an API is that has no entry of its own. */
export const API_DEFAULTS: v.InferOutput<typeof ApiEntry> = v.parse(ApiEntry, {});

const stageVariable = v.record(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9_]{1,64}$/, "a stage variable's name is 1 to 64 of A-Z a-z 0-9 _")),
  v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9\-._~:/?#&=,]{0,512}$/,
      "a stage variable's value is at most 512 of A-Z a-z 0-9 -._~:/?#&=,",
    ),
  ),
);

const routeKey = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const wrong = dataset.typed ? parseRouteKey(dataset.value) : "";
    if (typeof wrong === "string") addIssue({ message: wrong });
  }),
);

export const StageEntry = v.strictObject({
  description: v.optional(v.string()),
  variables: v.optional(stageVariable, {}),
  /** The id of the deployment that this stage serves; without it the stage follows the entries. */
  deployment: v.optional(text),
  autoDeploy: v.optional(v.boolean()),
  /** What is remembered of the responses of routes that do not say so themselves. */
  cache: v.optional(Cache),
  /** How often; the stage's own bucket where `per` does not say otherwise. */
  throttle: v.optional(Throttles, []),
  /** For each route of the stage, which has a bucket of its own. */
  defaultRouteSettings: v.optional(RouteSettings),
  /** In place of the default's, by route key. */
  routeSettings: v.optional(v.record(routeKey, RouteSettings), {}),
});

/** What a stage is that has no entry. */
export const STAGE_DEFAULTS: v.InferOutput<typeof StageEntry> = v.parse(StageEntry, {});

/** An immutable copy of an API's entries: values as they were, checked again when read. */
export const DeploymentEntry = v.strictObject({
  id: text,
  /** ISO 8601. */
  createdAt: text,
  description: v.optional(v.string()),
  api: v.optional(v.unknown()),
  routes: v.record(v.string(), v.unknown()),
  authorizers: v.optional(v.record(v.string(), v.unknown()), {}),
  models: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** A custom domain's API mappings; the longest base path that fits wins. */
export const DomainEntry = v.strictObject({
  /** Client certificates, which the platform verifies: without a valid one `required` answers 403. */
  mutualTls: v.optional(v.picklist(["required", "optional"])),
  mappings: v.pipe(
    v.array(
      v.strictObject({
        /** `orders/v1`; empty or absent takes every path that no other mapping takes. */
        basePath: v.optional(
          v.pipe(
            v.string(),
            v.regex(
              /^(?:[A-Za-z0-9$\-_.+!*'()]+(?:\/[A-Za-z0-9$\-_.+!*'()]+)*)?$/,
              "a base path has no slash at its ends",
            ),
            v.maxLength(300),
          ),
          "",
        ),
        api: text,
        /** Without it the stage is the next path segment, else `$default`. */
        stage: v.optional(text),
      }),
    ),
    v.minLength(1),
  ),
});

export type RouteEntry = v.InferOutput<typeof RouteEntry>;
export type ApiEntry = v.InferOutput<typeof ApiEntry>;
export type StageEntry = v.InferOutput<typeof StageEntry>;
export type DeploymentEntry = v.InferOutput<typeof DeploymentEntry>;
export type DomainEntry = v.InferOutput<typeof DomainEntry>;
