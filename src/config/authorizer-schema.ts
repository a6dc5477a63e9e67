import * as v from "valibot";

/** What an `apis/{api}/authorizers/{name}` entry may say; names as in x-amazon-apigateway-authorizer. */

const text = v.pipe(v.string(), v.nonEmpty());

/** A comma list, or the list itself. */
const identitySource = v.pipe(
  v.union([v.string(), v.array(text)]),
  v.transform((value) =>
    (typeof value === "string" ? value.split(",") : value)
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  ),
);

/** A security step that cannot be evaluated denies, unless its entry says otherwise. */
const onError = v.optional(v.picklist(["deny", "allow"]), "deny");

const seconds = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));

/** Signature algorithms that a token may have: asymmetric ones only, since key sets are public. */
export const JWT_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

/** API Gateway's own: RSA only. */
const algorithms = v.optional(v.pipe(v.array(v.picklist(JWT_ALGORITHMS)), v.minLength(1)), [
  "RS256",
  "RS384",
  "RS512",
]);

/** Without user and password, which would get into logs. */
const httpUrl = v.pipe(v.string(), v.regex(/^https?:\/\/[^\s?#@]+$/, "not an http or https URL"));

export const JwtAuthorizer = v.strictObject({
  type: v.literal("jwt"),
  identitySource: v.optional(identitySource, ["$request.header.Authorization"]),
  jwtConfiguration: v.strictObject({
    /** Equal to the token's `iss` to the character. */
    issuer: httpUrl,
    /** One of these has to be the token's `aud` or `client_id`; `["*"]` waives it. */
    audience: v.pipe(v.array(text), v.minLength(1, 'write ["*"] to accept every audience')),
  }),
  /** Where the key set is; else `{issuer}/.well-known/openid-configuration` says. */
  jwksUri: v.optional(httpUrl),
  /** The key set itself: nothing is fetched. */
  jwks: v.optional(v.looseObject({ keys: v.array(v.looseObject({ kty: text })) })),
  algorithms,
  /** How far the issuer's clock may be off, in seconds. */
  clockSkewSeconds: v.optional(seconds(300), 0),
  onError,
});

const USER_POOL_ARN = /^arn:[^:]+:cognito-idp:([a-z0-9-]+):[^:]*:userpool\/([A-Za-z0-9_-]+)$/;

export const CognitoAuthorizer = v.strictObject({
  type: v.literal("cognito_user_pools"),
  identitySource: v.optional(identitySource, ["method.request.header.Authorization"]),
  providerARNs: v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.regex(USER_POOL_ARN, "not a user pool's ARN (arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID)"),
      ),
    ),
    v.minLength(1),
  ),
  /** Matched against the token's `aud`, as API Gateway does. */
  identityValidationExpression: v.optional(text),
  /** The app clients to accept (`aud` of ID tokens, `client_id` of access tokens); all of the pools' by default. */
  audience: v.optional(v.pipe(v.array(text), v.minLength(1))),
  /** Replaces `https://cognito-idp.{region}.amazonaws.com`, for emulators. */
  endpoint: v.optional(httpUrl),
  clockSkewSeconds: v.optional(seconds(300), 0),
  onError,
});

/** Members that both kinds of function authorizers have. */
const functionMembers = {
  /** A bundled function (a module's name, a Lambda ARN or invocation URI), or an http(s) URL that speaks the same JSON. */
  authorizerUri: text,
  /** How long a result is kept, in seconds; 0 for not at all. Default: 300 on REST APIs, 0 on HTTP APIs. */
  authorizerResultTtlInSeconds: v.optional(seconds(3600)),
  /** Time for one answer, in ms. */
  timeoutInMillis: v.optional(v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(30_000)), 10_000),
  onError,
};

export const TokenAuthorizer = v.strictObject({
  type: v.literal("token"),
  ...functionMembers,
  /** The one header with the token. */
  identitySource: v.optional(identitySource, ["method.request.header.Authorization"]),
  /** A regular expression that the token has to match before the function is called. */
  identityValidationExpression: v.optional(text),
});

export const RequestAuthorizer = v.strictObject({
  type: v.literal("request"),
  ...functionMembers,
  identitySource: v.optional(identitySource, []),
  /** HTTP APIs: 2.0 by default. REST APIs have their own event. */
  authorizerPayloadFormatVersion: v.optional(v.picklist(["1.0", "2.0"])),
  /** Answers are `{isAuthorized, context}`; with payload 2.0. */
  enableSimpleResponses: v.optional(v.boolean(), false),
});

/** Beyond API Gateway: settings of the built-in `AWS_IAM`, under a name of one's own. */
export const IamAuthorizer = v.strictObject({
  type: v.literal("iam"),
  /** The service name in the credential scope. */
  service: v.optional(text, "execute-api"),
  /** The region in the credential scope; any by default. */
  region: v.optional(text),
  /** How far the caller's clock may be off, in seconds. */
  clockSkewSeconds: v.optional(seconds(900), 300),
  /** Accepts `UNSIGNED-PAYLOAD`, so that bodies stream unread. */
  unsignedPayload: v.optional(v.boolean(), false),
  onError: v.optional(v.literal("deny"), "deny"),
});

const KINDS = {
  jwt: JwtAuthorizer,
  cognito_user_pools: CognitoAuthorizer,
  token: TokenAuthorizer,
  request: RequestAuthorizer,
  iam: IamAuthorizer,
} as const;

export const AUTHORIZER_TYPES = Object.keys(KINDS);

/** The schema for a type as an entry writes it, in any case; none for an unknown type. */
export function authorizerSchema(type: unknown): (typeof KINDS)[keyof typeof KINDS] | undefined {
  const name = typeof type === "string" ? type.toLowerCase() : "";
  return Object.hasOwn(KINDS, name) ? KINDS[name as keyof typeof KINDS] : undefined;
}

/** The region and the id of a user pool's ARN. */
export function userPool(arn: string): { readonly region: string; readonly id: string } | undefined {
  const [, region, id] = USER_POOL_ARN.exec(arn) ?? [];
  return region === undefined || id === undefined ? undefined : { region, id };
}

export type JwtAuthorizer = v.InferOutput<typeof JwtAuthorizer>;
export type CognitoAuthorizer = v.InferOutput<typeof CognitoAuthorizer>;
export type TokenAuthorizer = v.InferOutput<typeof TokenAuthorizer>;
export type RequestAuthorizer = v.InferOutput<typeof RequestAuthorizer>;
export type IamAuthorizer = v.InferOutput<typeof IamAuthorizer>;
export type AuthorizerEntry =
  | JwtAuthorizer
  | CognitoAuthorizer
  | TokenAuthorizer
  | RequestAuthorizer
  | IamAuthorizer;

/** The built-in `AWS_IAM`. */
export const IAM_DEFAULTS: IamAuthorizer = v.parse(IamAuthorizer, { type: "iam" });
