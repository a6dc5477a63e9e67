/** The names of KV entries: where each piece of an API's configuration is kept. */

export const API_PREFIX = "apis/";
export const DOMAIN_PREFIX = "domains/";
/** What all APIs share; the one entry of its name. */
export const ACCOUNT_KEY = "account";

export const apiKey = (api: string): string => `apis/${api}`;
export const routeKeyEntry = (api: string, routeKey: string): string => `apis/${api}/routes/${routeKey}`;
export const stageKey = (api: string, stage: string): string => `apis/${api}/stages/${stage}`;
export const authorizerKey = (api: string, name: string): string => `apis/${api}/authorizers/${name}`;
export const modelKey = (api: string, name: string): string => `apis/${api}/models/${name}`;
export const deploymentKey = (api: string, id: string): string => `apis/${api}/deployments/${id}`;

export type EntryKind = "api" | "routes" | "stages" | "deployments" | "authorizers" | "models";

export interface EntryName {
  readonly api: string;
  readonly kind: EntryKind;
  /** The route key, stage name, deployment id ...; empty for the API's own entry. */
  readonly name: string;
}

const KINDS: ReadonlySet<string> = new Set(["routes", "stages", "deployments", "authorizers", "models"]);

/** What a key under `apis/` names; none when it names nothing that Portico knows. */
export function parseEntryKey(key: string): EntryName | undefined {
  if (!key.startsWith(API_PREFIX)) return undefined;
  const rest = key.slice(API_PREFIX.length);
  const apiEnd = rest.indexOf("/");
  if (apiEnd === 0 || rest === "") return undefined;
  if (apiEnd < 0) return { api: rest, kind: "api", name: "" };
  const api = rest.slice(0, apiEnd);
  const kindEnd = rest.indexOf("/", apiEnd + 1);
  if (kindEnd < 0) return undefined;
  const kind = rest.slice(apiEnd + 1, kindEnd);
  const name = rest.slice(kindEnd + 1);
  return KINDS.has(kind) && name !== "" ? { api, kind: kind as EntryKind, name } : undefined;
}
