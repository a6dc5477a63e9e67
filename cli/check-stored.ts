import * as v from "valibot";
import type { ApiConfig } from "../src/config/api-config.ts";
import {
  API_KEY_PREFIX,
  ApiKeyEntry,
  PlanName,
  USAGE_PLAN_PREFIX,
  UsagePlanEntry,
} from "../src/config/api-key-schema.ts";
import { CREDENTIAL_PREFIX, CredentialEntry } from "../src/config/credential-schema.ts";
import {
  ACCOUNT_KEY,
  API_PREFIX,
  apiKey,
  authorizerKey,
  DOMAIN_PREFIX,
  modelKey,
  parseEntryKey,
  routeKeyEntry,
  stageKey,
} from "../src/config/keys.ts";
import { loadApi } from "../src/config/load-api.ts";
import { parseEntry } from "../src/config/parse.ts";
import { nearest, type Problem } from "../src/config/problem.ts";
import { ConfigStore } from "../src/config/store.ts";
import { lintIntegration } from "../src/openapi/lint-integrations.ts";
import { lintModels } from "../src/openapi/lint-models.ts";
import { lintMediaTypes } from "../src/openapi/lint-settings.ts";
import { type Bindings, checkBindings } from "./check-bindings.ts";
import { checkMappings } from "./check-domains.ts";
import { checkAuthorizerFunction, checkRouteFunction } from "./check-functions.ts";
import { checkStageVariables } from "./check-stages.ts";
import { readableSettings } from "./readable-settings.ts";
import { SnapshotKv } from "./snapshot-kv.ts";
import type { StoredEntries } from "./stored-entries.ts";

/** What is wrong with the entries of a config store; places begin with their keys. */
export interface StoredFindings {
  /** Keys of the entries of routes. */
  readonly routes: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** What the Worker is deployed with, as far as it is known: the store may be another deployment's. */
export interface DeployedWith {
  readonly bindings: Bindings;
  /** The modules under routes/, as integrations name them. */
  readonly functions: readonly string[];
}

/** Checks all that is stored, as the Worker does when it reads it. */
export async function checkStored(entries: StoredEntries, worker: DeployedWith): Promise<StoredFindings> {
  const apis = entriesByApi(entries);
  const problems: Problem[] = [...(await served(entries, apis.keys()))];
  const warnings: Problem[] = [...unknownKeys(entries)];
  const stages = new Map<string, ApiConfig["stages"]>();
  for (const [api, own] of apis) {
    const config = await followed(api, own);
    problems.push(...config.problems);
    warnings.push(...lintApi(api, config, worker), ...(await unservedDeployments(api, own)));
    const asServed = await loadApi(new SnapshotKv(own), api, [...own.keys()], undefined, []);
    stages.set(api, asServed.config.stages);
    warnings.push(...[...asServed.config.stages.values()].flatMap(checkStageVariables));
  }
  warnings.push(...checkMappings(entries, stages));
  problems.push(...lookedUp(entries));
  return {
    routes: new Set([...entries.keys()].filter((key) => parseEntryKey(key)?.kind === "routes")),
    problems: unique(problems),
    warnings: unique(warnings),
  };
}

function entriesByApi(entries: StoredEntries): ReadonlyMap<string, StoredEntries> {
  const apis = new Map<string, Map<string, string>>();
  for (const [key, text] of entries) {
    const api = parseEntryKey(key)?.api;
    if (api === undefined) continue;
    const own = apis.get(api) ?? new Map<string, string>();
    apis.set(api, own.set(key, text));
  }
  return apis;
}

/** What the Worker finds when each API is asked for. */
async function served(entries: StoredEntries, apis: Iterable<string>): Promise<readonly Problem[]> {
  const kv = new SnapshotKv(entries);
  const store = new ConfigStore<ApiConfig>({
    compile: (config) => config,
    refreshMs: Number.POSITIVE_INFINITY,
    report: () => undefined,
  });
  await store.ready(kv);
  for (const api of apis) await store.loadApi(kv, api);
  return store.problems;
}

/**
 * An API as its entries have it, whatever its stages serve: what the next deployment is made of.
 * What is bad of the API's own entry is no reason to say nothing of its routes.
 */
async function followed(api: string, own: StoredEntries): Promise<ApiConfig> {
  const keys = [...own.keys()].filter((key) => parseEntryKey(key)?.kind !== "stages");
  const settings = readableSettings(apiKey(api), own.get(apiKey(api)) ?? "{}");
  const { config } = await loadApi(new SnapshotKv(own), api, keys, undefined, []);
  if (!settings.cut) return config;
  const cut = new SnapshotKv(new Map([...own, [apiKey(api), settings.text]]));
  const readable = await loadApi(cut, api, keys, undefined, []);
  // The validators may be what is bad.
  const others = readable.config.problems.filter(({ code }) => code !== "validator.unknown");
  return { ...readable.config, problems: [...config.problems, ...others] };
}

/** Deployments that no stage names any more: one may be named again. */
async function unservedDeployments(api: string, own: StoredEntries): Promise<readonly Problem[]> {
  const named = new Set<unknown>();
  const ids: string[] = [];
  for (const [key, text] of own) {
    const { kind, name = "" } = parseEntryKey(key) ?? {};
    if (kind === "deployments") ids.push(name);
    else if (kind === "stages") named.add(v.safeParse(NamesDeployment, text).output);
  }
  const problems: Problem[] = [];
  for (const id of ids.filter((unnamed) => !named.has(unnamed))) {
    const stage = stageKey(api, id);
    const stored = new Map([...own, [stage, JSON.stringify({ deployment: id })]]);
    const { config } = await loadApi(new SnapshotKv(stored), api, [stage], undefined, []);
    problems.push(...config.problems);
  }
  return problems;
}

const NamesDeployment = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ deployment: v.string() }),
  v.transform(({ deployment }) => deployment),
);

function lintApi(api: string, config: ApiConfig, { bindings, functions }: DeployedWith): readonly Problem[] {
  const warnings: Problem[] = [];
  for (const { settings, routes, models, authorizers } of config.stages.values()) {
    for (const route of routes) {
      if (!route.ok) continue;
      const place = routeKeyEntry(api, route.key);
      warnings.push(
        ...lintIntegration(place, route.key, route.entry, settings),
        ...checkBindings(place, route.entry, bindings),
        ...checkRouteFunction(`${place}#integration.uri`, route.key, route.entry, functions),
      );
    }
    for (const [name, authorizer] of authorizers) {
      const place = `${authorizerKey(api, name)}#authorizerUri`;
      warnings.push(...checkAuthorizerFunction(place, name, authorizer, functions));
    }
    warnings.push(
      ...lintModels(new Map([...models].map(([name, model]) => [modelKey(api, name), model]))),
      ...lintMediaTypes(settings, `${apiKey(api)}#binaryMediaTypes`),
    );
  }
  return warnings;
}

const ApiKeyName = v.pipe(
  v.string(),
  v.regex(
    /^[0-9a-f]{64}$/,
    "an API key's entry is called by the SHA-256 of its text, in lower-case hexadecimal",
  ),
);

/** Entries that are read when somebody names them. */
const LOOKED_UP = [
  { prefix: API_KEY_PREFIX, name: ApiKeyName, schema: ApiKeyEntry },
  { prefix: USAGE_PLAN_PREFIX, name: PlanName, schema: UsagePlanEntry },
  { prefix: CREDENTIAL_PREFIX, name: v.string(), schema: CredentialEntry },
] as const;

function lookedUp(entries: StoredEntries): readonly Problem[] {
  return [...entries].flatMap(([key, text]) => {
    const kind = LOOKED_UP.find(({ prefix }) => key.startsWith(prefix));
    if (!kind) return [];
    const name = v.safeParse(kind.name, key.slice(kind.prefix.length));
    const entry = parseEntry(key, text, kind.schema);
    return [
      ...(name.issues ?? []).map(({ message }) => ({ code: "key.name", path: key, message })),
      ...(entry.ok ? [] : entry.problems),
    ];
  });
}

const PREFIXES = [API_PREFIX, DOMAIN_PREFIX, API_KEY_PREFIX, USAGE_PLAN_PREFIX, CREDENTIAL_PREFIX];

/** Below `apis/` it is a problem of the index. */
function unknownKeys(entries: StoredEntries): readonly Problem[] {
  return [...entries.keys()].flatMap((key) => {
    if (key === ACCOUNT_KEY || PREFIXES.some((prefix) => key.startsWith(prefix))) return [];
    const near = nearest(`${key.split("/")[0] ?? ""}/`, [...PREFIXES, `${ACCOUNT_KEY}/`]);
    const message = "this key names nothing that Portico reads";
    const hint =
      near === undefined ? {} : { hint: `did you mean "${near.replace(/^account\/$/, ACCOUNT_KEY)}"?` };
    return [{ code: "key.unknown", path: key, message, ...hint }];
  });
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values()];
}
