import {
  type ApiConfig,
  DEFAULT_STAGE,
  NO_LIMITS,
  type RouteConfig,
  type StageConfig,
} from "./api-config.ts";
import type { AuthorizerEntry } from "./authorizer-schema.ts";
import { checkApi } from "./check-api.ts";
import { type Authorizers, goodAuthorizers, parseAuthorizer } from "./check-authorizer.ts";
import { checkRouteSettings, checkThrottle } from "./check-limits.ts";
import { goodModels, type Models, NO_MODELS, parseModel, parseModelValue } from "./check-models.ts";
import { checkRoute } from "./check-route.ts";
import { apiKey, deploymentKey, parseEntryKey, routeKeyEntry, stageKey } from "./keys.ts";
import { parseEntry, parseJson, parseValue } from "./parse.ts";
import type { Parsed, Problem } from "./problem.ts";
import { getValues } from "./read.ts";
import { parseRouteKey } from "./route-key.ts";
import {
  API_DEFAULTS,
  ApiEntry,
  DeploymentEntry,
  RouteEntry,
  STAGE_DEFAULTS,
  StageEntry,
} from "./schemas.ts";
import type { Throttle } from "./throttle-schema.ts";
import { refuseTwins } from "./twins.ts";
import type { ModelEntry } from "./validation-schema.ts";

const DEFAULT_SETTINGS: Parsed<ApiEntry> = { ok: true, value: API_DEFAULTS };

/** An API's configuration together with the texts it was made of. */
export interface LoadedApi {
  readonly config: ApiConfig;
  /** KV values by key; the next read compares with them and parses only what changed. */
  readonly texts: ReadonlyMap<string, string>;
  /** The live routes as parsed from these texts, whatever a stage may still serve. */
  readonly liveRoutes: readonly RouteConfig[];
  /** Deployments by id: immutable, so read once. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** The account's limits, as the store's index had them. */
  readonly account: readonly Throttle[];
}

interface Deployment {
  readonly settings: Parsed<ApiEntry>;
  readonly authorizers: Authorizers;
  readonly models: Models;
  readonly routes: readonly RouteConfig[];
}

/**
 * Reads one API. Stages that are pinned to a deployment cost a read of the pointer and,
 * once, of the deployment; the live entries are read only when a stage follows them.
 *
 * A stage whose new entry or deployment is bad keeps what it served before.
 *
 * @param keys every key under `apis/{api}`, deployments included
 * @param account what all APIs share; another list is another configuration
 */
export async function loadApi(
  kv: KVNamespace,
  api: string,
  keys: readonly string[],
  previous: LoadedApi | undefined,
  account: readonly Throttle[],
): Promise<LoadedApi> {
  const names = keys.map((key) => ({ key, name: parseEntryKey(key) }));
  const ofKind = (kind: string): string[] =>
    names.filter(({ name }) => name?.kind === kind).map(({ key }) => key);
  const stageKeys = ofKind("stages");
  const stageTexts = await getValues(kv, stageKeys, previous?.texts);
  const stages = new Map<string, Parsed<StageEntry>>();
  for (const [key, text] of stageTexts) {
    stages.set(parseEntryKey(key)?.name ?? "", checkedStage(key, parseEntry(key, text, StageEntry)));
  }
  const followsEntries =
    stages.size === 0 ||
    [...stages.values()].some((stage) => stage.ok && stage.value.deployment === undefined);
  const liveTexts = followsEntries
    ? await getValues(
        kv,
        ["api", "authorizers", "models", "routes"].flatMap((kind) => ofKind(kind)),
        previous?.texts,
      )
    : new Map<string, string>();
  const texts = new Map([...stageTexts, ...liveTexts]);

  const live = followsEntries ? liveEntries(api, liveTexts, previous) : undefined;
  const deployments = await readDeployments(kv, api, stages, previous);
  const problems: Problem[] = [];
  const configs = new Map<string, StageConfig>();
  if (stages.size === 0) stages.set(DEFAULT_STAGE, { ok: true, value: STAGE_DEFAULTS });
  for (const [stage, entry] of stages) {
    const config = stageConfig(api, stage, entry, live, deployments, account);
    problems.push(...config.problems);
    const before = previous?.config.stages.get(stage);
    const kept = config.broken && before && !before.broken;
    configs.set(stage, kept ? { ...before, limits: { ...before.limits, account } } : config);
  }
  for (const config of configs.values()) {
    for (const route of config.routes) if (!route.ok) problems.push(...route.problems);
  }
  for (const source of [live, ...deployments.values()]) {
    for (const judge of [...(source?.authorizers.values() ?? []), ...(source?.models.values() ?? [])]) {
      if (!judge.ok) problems.push(...judge.problems);
    }
  }
  return {
    config: { api, stages: configs, problems: unique(problems) },
    texts,
    liveRoutes: live?.routes ?? [],
    deployments,
    account,
  };
}

/** Whether nothing that an API was made of has changed. */
export function sameApi(a: LoadedApi, b: LoadedApi): boolean {
  if (a.account !== b.account) return false;
  if (a.texts.size !== b.texts.size || a.deployments.size !== b.deployments.size) return false;
  for (const [key, text] of a.texts) if (b.texts.get(key) !== text) return false;
  for (const [id, deployment] of a.deployments) if (b.deployments.get(id) !== deployment) return false;
  return true;
}

function liveEntries(
  api: string,
  texts: ReadonlyMap<string, string>,
  previous: LoadedApi | undefined,
): Deployment {
  const text = texts.get(apiKey(api));
  const settings =
    text === undefined
      ? DEFAULT_SETTINGS
      : checkedSettings(apiKey(api), parseEntry(apiKey(api), text, ApiEntry));
  const authorizers = new Map<string, Parsed<AuthorizerEntry>>();
  const models = new Map<string, Parsed<ModelEntry>>();
  for (const [key, value] of texts) {
    const { kind, name } = parseEntryKey(key) ?? {};
    if (name === undefined) continue;
    if (kind === "authorizers") authorizers.set(name, parseAuthorizer(key, parseJson(key, value), settings));
    else if (kind === "models") models.set(name, parseModel(key, value));
  }
  // What a route is checked against; when it changes, every route is checked again.
  const judges = new Set([apiKey(api), ...[...texts.keys()].filter(isJudgeKey)]);
  for (const key of previous?.texts.keys() ?? []) if (isJudgeKey(key)) judges.add(key);
  const sameJudges = [...judges].every((key) => previous?.texts.get(key) === texts.get(key));
  const before = new Map<string, RouteConfig>();
  if (sameJudges && previous) for (const route of previous.liveRoutes) before.set(route.key, route);
  const routes: RouteConfig[] = [];
  for (const [key, value] of texts) {
    const name = parseEntryKey(key);
    if (name?.kind !== "routes") continue;
    const known = previous?.texts.get(key) === value ? before.get(name.name) : undefined;
    routes.push(
      known ??
        routeConfig(key, name.name, parseEntry(key, value, RouteEntry), { settings, authorizers, models }),
    );
  }
  return { settings, authorizers, models, routes };
}

async function readDeployments(
  kv: KVNamespace,
  api: string,
  stages: ReadonlyMap<string, Parsed<StageEntry>>,
  previous: LoadedApi | undefined,
): Promise<ReadonlyMap<string, Deployment>> {
  const deployments = new Map<string, Deployment>();
  for (const stage of stages.values()) {
    const id = stage.ok ? stage.value.deployment : undefined;
    if (id === undefined || deployments.has(id)) continue;
    const before = previous?.deployments.get(id);
    const known = before?.settings.ok ? before : undefined;
    const deployment = known ?? (await readDeployment(kv, api, id));
    if (deployment) deployments.set(id, deployment);
  }
  return deployments;
}

async function readDeployment(kv: KVNamespace, api: string, id: string): Promise<Deployment | undefined> {
  const key = deploymentKey(api, id);
  const text = await kv.get(key, "text");
  if (text === null) return undefined;
  const entry = parseEntry(key, text, DeploymentEntry);
  if (!entry.ok) return { settings: entry, authorizers: new Map(), models: NO_MODELS, routes: [] };
  const settings =
    entry.value.api === undefined
      ? DEFAULT_SETTINGS
      : checkedSettings(`${key}#api`, parseValue(`${key}#api`, entry.value.api, ApiEntry));
  const authorizers = new Map(
    Object.entries(entry.value.authorizers).map(([name, value]) => [
      name,
      parseAuthorizer(`${key}#authorizers.${name}`, { ok: true, value }, settings),
    ]),
  );
  const models = new Map(
    Object.entries(entry.value.models).map(([name, value]) => [
      name,
      parseModelValue(`${key}#models.${name}`, value),
    ]),
  );
  const routes = Object.entries(entry.value.routes).map(([name, value]) =>
    routeConfig(`${key}#routes.${name}`, name, parseValue(`${key}#routes.${name}`, value, RouteEntry), {
      settings,
      authorizers,
      models,
    }),
  );
  return { settings, authorizers, models, routes };
}

function routeConfig(
  place: string,
  key: string,
  entry: Parsed<RouteEntry>,
  { settings, authorizers, models }: Omit<Deployment, "routes">,
): RouteConfig {
  const wrong = parseRouteKey(key);
  if (typeof wrong === "string") {
    return { key, ok: false, problems: [{ code: "route.key", path: place, message: wrong }] };
  }
  if (!entry.ok) return { key, ok: false, problems: entry.problems };
  const problems = settings.ok ? checkRoute(place, entry.value, settings.value, authorizers, models) : [];
  return problems.length > 0 ? { key, ok: false, problems } : { key, ok: true, entry: entry.value };
}

function stageConfig(
  api: string,
  stage: string,
  entry: Parsed<StageEntry>,
  live: Deployment | undefined,
  deployments: ReadonlyMap<string, Deployment>,
  account: readonly Throttle[],
): StageConfig {
  const broken = (problems: readonly Problem[]): StageConfig => ({
    api,
    stage,
    settings: API_DEFAULTS,
    variables: {},
    routes: [],
    limits: NO_LIMITS,
    authorizers: new Map(),
    models: new Map(),
    deployment: "none",
    broken: true,
    problems,
  });
  if (!entry.ok) return broken(entry.problems);
  const id = entry.value.deployment;
  const source = id === undefined ? live : deployments.get(id);
  if (!source) {
    return broken([
      {
        code: "deployment.none",
        path: `${stageKey(api, stage)}#deployment`,
        message: `there is no deployment "${id ?? ""}"`,
        hint: "portico push --stage writes the deployment before the stage that names it",
      },
    ]);
  }
  if (!source.settings.ok) return broken(source.settings.problems);
  const { throttle, defaultRouteSettings: defaultRoute, routeSettings, cache } = entry.value;
  return {
    api,
    stage,
    settings: source.settings.value,
    variables: entry.value.variables,
    routes: refuseTwins(
      source.routes,
      id === undefined ? routeKeyEntry(api, "") : `${deploymentKey(api, id)}#routes.`,
    ),
    limits: { stage: throttle, defaultRoute, routes: new Map(Object.entries(routeSettings)), account },
    cache,
    authorizers: goodAuthorizers(source.authorizers),
    models: goodModels(source.models),
    deployment: id ?? "auto",
    broken: false,
    problems: checkRouteSettings(stageKey(api, stage), entry.value, source.routes),
  };
}

/** Whether it holds what routes are checked against. */
function isJudgeKey(key: string): boolean {
  const kind = parseEntryKey(key)?.kind;
  return kind === "authorizers" || kind === "models";
}

function checkedStage(key: string, entry: Parsed<StageEntry>): Parsed<StageEntry> {
  const problems = entry.ok ? checkThrottle(key, entry.value.throttle, "stage") : [];
  return problems.length > 0 ? { ok: false, problems } : entry;
}

function checkedSettings(place: string, entry: Parsed<ApiEntry>): Parsed<ApiEntry> {
  const problems = entry.ok ? checkApi(place, entry.value) : [];
  return problems.length > 0 ? { ok: false, problems } : entry;
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values()];
}
