import { AWS_IAM } from "../config/check-access.ts";
import type { Problem } from "../config/problem.ts";
import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { formatVersion, record } from "./members.ts";
import { at } from "./reference.ts";

/** What a security scheme of a document guards with. */
export type Scheme =
  | { readonly kind: "authorizer"; readonly name: string }
  | { readonly kind: "apiKey" }
  | { readonly kind: "unknown"; readonly why: string };

export interface Schemes {
  readonly byName: ReadonlyMap<string, Scheme>;
  /** Values of `apis/{api}/authorizers/{name}` entries, by name. */
  readonly authorizers: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Where the document has them. */
  readonly place: string;
}

export const AUTHORIZER = "x-amazon-apigateway-authorizer";
export const OWN_AUTHORIZER = "x-portico-authorizer";
const AUTH_TYPE = "x-amazon-apigateway-authtype";

/** Members of an authorizer that have no meaning here. */
const MEANINGLESS = ["authorizerCredentials", "authorizerName", "name"];

/** Reads `components.securitySchemes`, in Swagger `securityDefinitions` (aws-semantics 19.1). */
export function readSchemes(document: OpenApiDocument, { warnings }: Findings): Schemes {
  const byName = new Map<string, Scheme>();
  const authorizers = new Map<string, Readonly<Record<string, unknown>>>();
  const schemes = record(at(document.root, document.schemes)) ?? {};
  for (const [name, value] of Object.entries(schemes)) {
    const scheme = record(value) ?? {};
    const place = [...document.schemes, name].join(".");
    const entry = authorizerEntry(scheme, place, warnings);
    if (entry) {
      authorizers.set(name, entry);
      byName.set(name, { kind: "authorizer", name });
    } else byName.set(name, withoutAuthorizer(scheme));
  }
  return { byName, authorizers, place: document.schemes.join(".") };
}

function withoutAuthorizer(scheme: Readonly<Record<string, unknown>>): Scheme {
  const authType = scheme[AUTH_TYPE];
  if (typeof authType === "string" && authType.toLowerCase() === "awssigv4") {
    return { kind: "authorizer", name: AWS_IAM };
  }
  const { type, name, in: where } = scheme;
  if (
    type === "apiKey" &&
    where === "header" &&
    typeof name === "string" &&
    name.toLowerCase() === "x-api-key"
  ) {
    return { kind: "apiKey" };
  }
  return {
    kind: "unknown",
    why: `it has no ${AUTHORIZER}, and is neither an API key in the header x-api-key nor ${AUTH_TYPE} awsSigv4`,
  };
}

function authorizerEntry(
  scheme: Readonly<Record<string, unknown>>,
  place: string,
  warnings: Problem[],
): Readonly<Record<string, unknown>> | undefined {
  const theirs = record(scheme[AUTHORIZER]);
  const own = record(scheme[OWN_AUTHORIZER]);
  if (!theirs && !own) return undefined;
  const entry: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(theirs ?? {})) {
    // Exports have empty ones, which name nothing.
    if (member === "identitySource" && value === "") continue;
    if (!MEANINGLESS.includes(member)) entry[member] = value;
    else {
      warnings.push({
        code: "authorizer.member",
        path: `${place}.${AUTHORIZER}.${member}`,
        message: `"${member}" means nothing outside API Gateway and is left out`,
      });
    }
  }
  Object.assign(entry, own);
  const version = "authorizerPayloadFormatVersion";
  if (version in entry) entry[version] = formatVersion(entry[version]);
  const type = typeof entry["type"] === "string" ? entry["type"].toLowerCase() : "";
  const { name, in: where, openIdConnectUrl } = scheme;
  // A scheme that names a header stands for the identity source (recorded for Cognito, aws-semantics 19.2).
  const named = type === "token" || type === "cognito_user_pools";
  if (named && entry["identitySource"] === undefined && where === "header" && typeof name === "string") {
    entry["identitySource"] = `method.request.header.${name}`;
  }
  if (type === "jwt" && typeof openIdConnectUrl === "string") {
    const configuration = record(entry["jwtConfiguration"]) ?? {};
    const issuer = openIdConnectUrl.replace(/\/\.well-known\/openid-configuration$/, "");
    entry["jwtConfiguration"] = { issuer, ...configuration };
  }
  return entry;
}
