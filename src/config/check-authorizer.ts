import { unsafePattern } from "../lib/safe-pattern.ts";
import { AUTHORIZER_TYPES, type AuthorizerEntry, authorizerSchema } from "./authorizer-schema.ts";
import { checkIdentitySources } from "./identity-source.ts";
import { functionName } from "./integration-uri.ts";
import { parseValue } from "./parse.ts";
import { nearest, type Parsed, type Problem } from "./problem.ts";
import type { ApiEntry } from "./schemas.ts";

/** An API's authorizers by name, the bad ones with what is wrong with them. */
export type Authorizers = ReadonlyMap<string, Parsed<AuthorizerEntry>>;

/** Those that a route may name. */
export function goodAuthorizers(authorizers: Authorizers): ReadonlyMap<string, AuthorizerEntry> {
  const good = new Map<string, AuthorizerEntry>();
  for (const [name, authorizer] of authorizers) if (authorizer.ok) good.set(name, authorizer.value);
  return good;
}

/** Parses an authorizer's entry by its type's schema, and checks what the schema cannot see. */
export function parseAuthorizer(
  place: string,
  json: Parsed<unknown>,
  api: Parsed<ApiEntry>,
): Parsed<AuthorizerEntry> {
  if (!json.ok) return json;
  const { value } = json;
  const members = typeof value === "object" && value !== null ? value : {};
  const type: unknown = Reflect.get(members, "type");
  const schema = authorizerSchema(type);
  if (!schema) return { ok: false, problems: [unknownType(place, type)] };
  const named = { ...members, type: String(type).toLowerCase() };
  const parsed = parseValue<typeof schema>(place, Array.isArray(value) ? value : named, schema);
  if (!parsed.ok) return parsed;
  const problems = checkAuthorizer(place, parsed.value, api.ok ? api.value.protocol : "HTTP");
  return problems.length > 0 ? { ok: false, problems } : parsed;
}

function unknownType(place: string, type: unknown): Problem {
  if (type === undefined) {
    return {
      code: "key.missing",
      path: place,
      message: `the key "type" is missing: ${AUTHORIZER_TYPES.join(", ")}`,
    };
  }
  const near = nearest(String(type), AUTHORIZER_TYPES);
  return {
    code: "value.unknown",
    path: `${place}#type`,
    message: `"${String(type)}" is none of ${AUTHORIZER_TYPES.join(", ")}`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}

function checkAuthorizer(
  place: string,
  entry: AuthorizerEntry,
  protocol: "HTTP" | "REST",
): readonly Problem[] {
  const problems: Problem[] = [];
  const at = (member: string): string => `${place}#${member}`;
  if (entry.type !== "iam") {
    problems.push(...checkIdentitySources(at("identitySource"), entry.identitySource, entry.type));
  }
  if (entry.type === "token" || entry.type === "cognito_user_pools") {
    const why = entry.identityValidationExpression && unsafePattern(entry.identityValidationExpression);
    if (why) {
      problems.push({ code: "pattern.unsafe", path: at("identityValidationExpression"), message: why });
    }
  }
  if (entry.type === "cognito_user_pools" && entry.onError === "allow" && entry.providerARNs.length > 1) {
    problems.push({
      code: "authorizer.on_error",
      path: at("onError"),
      message: "one pool without keys would let its tokens in unverified beside the others",
      hint: "onError: allow goes with one pool",
    });
  }
  if (entry.type === "jwt" && entry.jwks && entry.jwksUri !== undefined) {
    problems.push({
      code: "jwks.twice",
      path: at("jwks"),
      message: "jwks and jwksUri both say where the keys are",
    });
  }
  if (entry.type === "token" || entry.type === "request")
    problems.push(...checkFunction(entry.authorizerUri, at));
  if (entry.type === "request") {
    const { authorizerPayloadFormatVersion: version, enableSimpleResponses: simple } = entry;
    if (simple && (version === "1.0" || protocol === "REST")) {
      problems.push({
        code: "authorizer.simple",
        path: at("enableSimpleResponses"),
        message: "simple answers come with payload format 2.0, on HTTP APIs",
      });
    }
    if ((entry.authorizerResultTtlInSeconds ?? 0) > 0 && entry.identitySource.length === 0) {
      problems.push({
        code: "authorizer.cache",
        path: at("authorizerResultTtlInSeconds"),
        message: "a result can only be kept for callers that an identity source tells apart",
        hint: 'name one: "identitySource": "$request.header.Authorization"',
      });
    }
  }
  return problems;
}

function checkFunction(uri: string, at: (member: string) => string): readonly Problem[] {
  if (/^https?:\/\//i.test(uri)) {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    if (url && url.username === "" && url.password === "" && !uri.includes("${")) return [];
    const message = url ? "a URL with a password or a variable in it" : "this is not a URL";
    return [{ code: "uri.malformed", path: at("authorizerUri"), message }];
  }
  if (uri.includes("${stageVariables.") || functionName(uri) !== undefined) return [];
  return [
    {
      code: "uri.function",
      path: at("authorizerUri"),
      message: `"${uri}" names no function`,
      hint: "write a module's name (guard for routes/guard.ts), a Lambda ARN or an https URL",
    },
  ];
}
