import type { AuthorizerEntry } from "../config/authorizer-schema.ts";
import { AWS_IAM, NONE } from "../config/check-access.ts";
import { type Authorizers, goodAuthorizers, parseAuthorizer } from "../config/check-authorizer.ts";
import { type Models, parseModelValue } from "../config/check-models.ts";
import { checkRoute } from "../config/check-route.ts";
import { apiKey, authorizerKey, modelKey, routeKeyEntry } from "../config/keys.ts";
import { parseValue } from "../config/parse.ts";
import type { Parsed, Problem } from "../config/problem.ts";
import { parseRouteKey } from "../config/route-key.ts";
import { type ApiEntry, RouteEntry } from "../config/schemas.ts";
import type { ModelEntry } from "../config/validation-schema.ts";
import { fillAwsVariables } from "./aws-variables.ts";
import { type BasePathMode, basePath } from "./base-path.ts";
import { type OpenApiDocument, openApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { checkMembers, operationPlace, pathItemPlace, rootPlace } from "./known-members.ts";
import { type Members, member, record } from "./members.ts";
import { ModelImport } from "./models.ts";
import { ANY_METHOD, checkShape, INTEGRATION, METHODS, operations } from "./operations.ts";
import { apiArn, checkPolicyResources } from "./policy-resources.ts";
import { type ImportedRoute, ROUTE_MEMBERS, readRoute } from "./route.ts";
import { readSchemes, type Schemes } from "./security-schemes.ts";
import { apiName, readSettings, SETTINGS, settingsValue, VALIDATOR, VALIDATORS } from "./settings.ts";

/** An OpenAPI document as KV entries, with everything in it that cannot be one. */
export interface Imported {
  readonly api: string;
  readonly settings: ApiEntry;
  /** Route entries by route key, as the document wrote them. */
  readonly routes: ReadonlyMap<string, RouteEntry>;
  /** Where the document has each of them. */
  readonly places: ReadonlyMap<string, string>;
  readonly authorizers: ReadonlyMap<string, AuthorizerEntry>;
  /** Those that parse, by where the document has their schemas. */
  readonly models: ReadonlyMap<string, ModelEntry>;
  /** How many operations have an integration; those whose entries do not parse are no routes. */
  readonly operations: number;
  /** Where the document has its security schemes. */
  readonly schemesPlace: string;
  /** KV values by key, ready to be written. */
  readonly entries: ReadonlyMap<string, unknown>;
  /** What forbids writing them. */
  readonly problems: readonly Problem[];
  /** What is left out, without harm. */
  readonly warnings: readonly Problem[];
}

export interface ImportOptions {
  /** What becomes of the base path; it is ignored by default. */
  readonly basepath?: BasePathMode;
}

/**
 * Reads an OpenAPI 3 or Swagger 2.0 document with API Gateway's extensions (aws-semantics 19.1).
 *
 * @param value parsed JSON or YAML
 */
export function importOpenApi(value: unknown, { basepath = "ignore" }: ImportOptions = {}): Imported {
  const findings: Findings = { problems: [], warnings: [] };
  const document = openApiDocument(fillAwsVariables(value, findings), findings);
  const api = apiName(document, findings);
  const raw = settingsValue(document);
  const settings = readSettings(document, api, raw, findings);
  const base = basePath(document, basepath, findings);
  const schemes = readSchemes(document, findings);
  const authorizers = readAuthorizers(schemes, settings, findings);
  const modelImport = new ModelImport(document, findings);
  const imported = readRoutes(document, base, schemes, modelImport, findings);

  const entries = new Map<string, unknown>();
  if (Object.keys(raw).length > 0) entries.set(apiKey(api), raw);
  for (const [name, entry] of schemes.authorizers) entries.set(authorizerKey(api, name), entry);
  const models = new Map<string, Parsed<ModelEntry>>();
  const goodModels = new Map<string, ModelEntry>();
  for (const model of modelImport.models) {
    const { schema } = model;
    const entry =
      document.dialect === undefined ? { schema } : { jsonSchemaDialect: document.dialect, schema };
    const parsed = parseModelValue(model.place, entry);
    models.set(model.name, parsed);
    entries.set(modelKey(api, model.name), entry);
    if (parsed.ok) goodModels.set(model.place, parsed.value);
    else findings.problems.push(...parsed.problems);
  }
  const arn = apiArn(api, settings);
  if (settings.policy) checkPolicyResources(settings.policy, arn, "x-amazon-apigateway-policy", findings);
  const routes = new Map<string, RouteEntry>();
  const places = new Map<string, string>();
  for (const route of imported) {
    const { routeKey, place } = route.operation;
    const entry = checkedRoute(route, settings, authorizers, models, document.root[VALIDATORS], findings);
    if (!entry) continue;
    if (entry.policy) checkPolicyResources(entry.policy, arn, `${place}.x-portico-policy`, findings);
    routes.set(routeKey, entry);
    places.set(routeKey, place);
    entries.set(routeKeyEntry(api, routeKey), route.value);
  }
  return {
    api,
    settings,
    authorizers: goodAuthorizers(authorizers),
    models: goodModels,
    schemesPlace: schemes.place,
    operations: integrated(document),
    routes,
    places,
    entries,
    problems: unique(findings.problems),
    warnings: unique(findings.warnings),
  };
}

/** What several operations share is read for each of them. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values()];
}

function integrated({ root }: OpenApiDocument): number {
  return Object.entries(record(root["paths"]) ?? {})
    .flatMap(([path, item]) => operations(path, item))
    .filter(({ members }) => members[INTEGRATION] !== undefined).length;
}

function readRoutes(
  document: OpenApiDocument,
  base: string,
  schemes: Schemes,
  models: ModelImport,
  findings: Findings,
): readonly ImportedRoute[] {
  const { root, version } = document;
  const rootMembers = rootPlace(version, [...Object.keys(SETTINGS), "x-portico-api"]);
  const itemMembers = pathItemPlace([...METHODS, ANY_METHOD]);
  const operationMembers = operationPlace(version, Object.keys(ROUTE_MEMBERS));
  const places = [rootMembers, itemMembers, operationMembers];
  checkMembers(root, "", rootMembers, places, findings);
  checkShape(root["paths"], findings);
  const routes: ImportedRoute[] = [];
  for (const [path, item] of Object.entries(record(root["paths"]) ?? {})) {
    checkMembers(record(item) ?? {}, `paths.${path}`, itemMembers, places, findings);
    for (const operation of operations(path, item, base)) {
      checkMembers(operation.members, operation.place, operationMembers, places, findings);
      const route = readRoute(document, operation, schemes, models, findings);
      if (route) routes.push(route);
    }
  }
  return routes;
}

/** A route's entry when it parses; what is wrong with it is said where the document says it. */
function checkedRoute(
  { operation: { routeKey, place }, value, places }: ImportedRoute,
  settings: ApiEntry,
  authorizers: Authorizers,
  models: Models,
  validators: unknown,
  { problems }: Findings,
): RouteEntry | undefined {
  const wrongKey = parseRouteKey(routeKey);
  if (typeof wrongKey === "string") problems.push({ code: "route.key", path: place, message: wrongKey });
  const entry = parseValue(place, value, RouteEntry);
  const found = entry.ok ? checkRoute(place, entry.value, settings, authorizers, models) : entry.problems;
  for (const problem of found) {
    if (isSaid(problem, value, validators, problems)) continue;
    const inside = problem.path.slice(place.length + 1);
    const own = [...places.keys()].find((name) => inside === name || inside.startsWith(`${name}.`));
    const path = own === undefined ? undefined : places.get(own);
    problems.push(path === undefined ? problem : { ...problem, path });
  }
  return entry.ok ? entry.value : undefined;
}

/** Whether a route's problem is one of the document, or of a model, that is told there. */
function isSaid(
  { code }: Problem,
  { requestValidator: name }: Members,
  validators: unknown,
  problems: readonly Problem[],
): boolean {
  if (code === "validator.unknown") {
    // The document's own, and those that are there and bad.
    const isShared =
      name === undefined || (typeof name === "string" && member(validators, name) !== undefined);
    return isShared && problems.some(({ path }) => path.startsWith(VALIDATOR));
  }
  if (code === "model.bad") return true;
  const causes = ["schema.reference", "model.schema"];
  return code === "model.reference" && problems.some((problem) => causes.includes(problem.code));
}

function readAuthorizers(schemes: Schemes, settings: ApiEntry, { problems }: Findings): Authorizers {
  const parsed = new Map<string, Parsed<AuthorizerEntry>>();
  for (const [name, value] of schemes.authorizers) {
    const place = `${schemes.place}.${name}`;
    if (name === NONE || name === AWS_IAM) {
      problems.push({
        code: "authorizer.name",
        path: place,
        message: `an authorizer cannot be called ${name}`,
      });
    }
    const entry = parseAuthorizer(place, { ok: true, value }, { ok: true, value: settings });
    if (!entry.ok) problems.push(...entry.problems);
    parsed.set(name, entry);
  }
  return parsed;
}
