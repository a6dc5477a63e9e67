import { functionName } from "../config/integration-uri.ts";
import { SERVICE_TYPES } from "../config/service-schema.ts";
import type { Findings } from "./findings.ts";
import { formatVersion, list, type Members, record } from "./members.ts";
import { INTEGRATION, type Operation } from "./operations.ts";
import { resolve } from "./reference.ts";

/** Members that belong to API Gateway's own surroundings, and what becomes of them. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  credentials: '"credentials" means nothing outside API Gateway and is left out',
  connectionId: '"connectionId" means nothing outside API Gateway and is left out',
  integrationTarget: '"integrationTarget" means nothing outside API Gateway and is left out',
  tlsConfig: '"tlsConfig" is left out: an origin shows a valid certificate for the host of its uri',
  cacheNamespace: '"cacheNamespace" is left out: each route keeps its responses for itself',
};

/** What an operation's integration says, for its route. */
export interface ImportedIntegration {
  /** The value of the route entry's `integration`. */
  readonly value: Members;
  readonly cacheKey: readonly CacheKeyParameter[];
}

/** One of `cacheKeyParameters`. */
export interface CacheKeyParameter {
  readonly place: string;
  readonly said: string;
  /** As a cache of the route names it, `querystring.type`; none for what is no part of a request. */
  readonly name: string | undefined;
}

/** Reads `x-amazon-apigateway-integration`; none where the operation is not served. */
export function readIntegration(
  root: Members,
  { members, place }: Operation,
  { problems, warnings }: Findings,
): ImportedIntegration | undefined {
  const said = members[INTEGRATION];
  const integration = resolve(root, said);
  if (!integration && said !== undefined) {
    problems.push({
      code: "integration.reference",
      path: `${place}.${INTEGRATION}`,
      message: "this integration, or what its $ref names, is no object",
    });
    return undefined;
  }
  if (!integration) {
    warnings.push({
      code: "integration.none",
      path: place,
      message: `this operation is not served: it has no ${INTEGRATION}`,
    });
    return undefined;
  }
  const { type } = integration;
  // A service of the platform has no members of API Gateway's; null is a value to it.
  if (SERVICE_TYPES.some((service) => service === type)) return { value: integration, cacheKey: [] };
  const value: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(integration)) {
    if (inner === null || name === "cacheKeyParameters") continue;
    if (name === "credentials" && isCaller(inner) && callsService(integration)) {
      problems.push({
        code: "integration.credentials",
        path: `${place}.${INTEGRATION}.credentials`,
        message: `"${inner}" has the service called as the caller, but the gateway calls it with its own keys`,
        hint: "take it out where whoever reaches the route may do what the gateway's keys may",
      });
      continue;
    }
    const why = leftOut(name, integration);
    if (why === undefined) value[name] = read(name, inner);
    else warnings.push({ code: "integration.member", path: `${place}.${INTEGRATION}.${name}`, message: why });
  }
  return { value, cacheKey: cacheKey(integration, `${place}.${INTEGRATION}`) };
}

function leftOut(name: string, integration: Members): string | undefined {
  if (name === "credentials" && callsService(integration)) {
    return '"credentials" is left out: calls are signed with the Worker\'s AWS_ACCESS_KEY_ID';
  }
  return Object.hasOwn(LEFT_OUT, name) ? LEFT_OUT[name] : undefined;
}

/** API Gateway's word for the caller's own credentials: what it may not do, the call may not. */
const isCaller = (credentials: unknown): credentials is string =>
  typeof credentials === "string" && /^arn:[^:]+:iam::\*:user\/\*$/.test(credentials);

/** Whether an integration calls AWS, with keys; a function under routes/ is called without. */
function callsService({ type, uri, invoke, integrationSubtype }: Members): boolean {
  if (integrationSubtype !== undefined || invoke === "remote") return true;
  if (typeof type !== "string" || type.toLowerCase() !== "aws" || typeof uri !== "string") return false;
  // A variable may be a whole ARN, unless it stands inside one that names a function.
  if (uri.startsWith("${stageVariables.")) return true;
  return functionName(uri.replace(/\$\{stageVariables\.[A-Za-z0-9_]+\}/g, "variable")) === undefined;
}

/** A member's value as the entry has it: YAML reads `1.0` and `200` as numbers, and exports have nulls. */
function read(name: string, value: unknown): unknown {
  switch (name) {
    case "payloadFormatVersion":
      return formatVersion(value);
    case "timeoutInMillis":
      return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    case "requestParameters":
      return texts(value);
    case "requestTemplates":
      return withoutNulls(value);
    case "responseParameters":
      return mapped(value, texts);
    case "responses":
      return mapped(value, response);
    default:
      return value;
  }
}

function response(value: unknown): unknown {
  const members = record(withoutNulls(value));
  if (!members) return value;
  const { responseTemplates, responseParameters } = members;
  return {
    ...members,
    ...(responseParameters === undefined ? {} : { responseParameters: texts(responseParameters) }),
    // Without a template for it, another type's would take its place (aws-semantics 6.3).
    ...(responseTemplates === undefined
      ? {}
      : { responseTemplates: mapped(responseTemplates, (template) => template ?? "") }),
  };
}

const texts = (value: unknown): unknown =>
  mapped(withoutNulls(value), (inner) =>
    typeof inner === "number" || typeof inner === "boolean" ? String(inner) : inner,
  );

const withoutNulls = (value: unknown): unknown => {
  const members = record(value);
  return members ? Object.fromEntries(Object.entries(members).filter(([, inner]) => inner !== null)) : value;
};

/** Something else than an object stays what it is, for the schema to refuse. */
function mapped(value: unknown, change: (inner: unknown) => unknown): unknown {
  const members = record(value);
  return members
    ? Object.fromEntries(Object.entries(members).map(([name, inner]) => [name, change(inner)]))
    : value;
}

/** `method.request.querystring.type`, or the integration's parameter that is made of it. */
function cacheKey(integration: Members, place: string): readonly CacheKeyParameter[] {
  const parameters = record(integration["requestParameters"]) ?? {};
  return list(integration["cacheKeyParameters"]).map((parameter, index) => {
    const said = String(parameter);
    const source = Object.hasOwn(parameters, said) ? parameters[said] : said;
    const [, where, name] =
      /^method\.request\.(?:multivalue)?(path|querystring|header)\.(.+)$/s.exec(String(source)) ?? [];
    return {
      place: `${place}.cacheKeyParameters.${index}`,
      said,
      name: where === undefined || name === undefined ? undefined : `${where}.${name}`,
    };
  });
}
