import type { AuthorizerEntry } from "./authorizer-schema.ts";
import type { Cache } from "./cache-schema.ts";
import type { Problem } from "./problem.ts";
import type { ApiEntry, DomainEntry, RouteEntry } from "./schemas.ts";
import type { RouteSettings, Throttle } from "./throttle-schema.ts";
import type { ModelEntry } from "./validation-schema.ts";

/** A route as configured; one whose entry does not parse keeps its place and its problems. */
export type RouteConfig =
  | { readonly key: string; readonly ok: true; readonly entry: RouteEntry }
  | { readonly key: string; readonly ok: false; readonly problems: readonly Problem[] };

/** How often, at the levels around a route. */
export interface StageLimits {
  readonly stage: readonly Throttle[];
  /** API Gateway's settings for the routes that `routes` does not name. */
  readonly defaultRoute: RouteSettings | undefined;
  /** By route key. */
  readonly routes: ReadonlyMap<string, RouteSettings>;
  /** What all APIs share. */
  readonly account: readonly Throttle[];
}

/** A stage's that says nothing of limits. */
export const NO_LIMITS: StageLimits = { stage: [], defaultRoute: undefined, routes: new Map(), account: [] };

/** All that one stage serves: the API's settings and routes, live or from a deployment. */
export interface StageConfig {
  readonly api: string;
  readonly stage: string;
  readonly settings: ApiEntry;
  readonly variables: Readonly<Record<string, string>>;
  readonly routes: readonly RouteConfig[];
  /** Beside the API's own, which are in `settings.throttle`; none where the stage is broken. */
  readonly limits: StageLimits;
  /** What is remembered of the responses of routes that do not say so themselves. */
  readonly cache?: Cache | undefined;
  /** Those that parse; a route that names another is among the bad ones. */
  readonly authorizers: ReadonlyMap<string, AuthorizerEntry>;
  /** Those that parse; a route that names another is among the bad ones. */
  readonly models: ReadonlyMap<string, ModelEntry>;
  /** The id of the deployment served; `auto` when the stage follows the entries. */
  readonly deployment: string;
  /** Nothing can be served: the stage's entry, its deployment or the API's own entry is bad. */
  readonly broken: boolean;
  /** Why it is broken, or what of its entry has no effect; a bad route has its problems itself. */
  readonly problems: readonly Problem[];
}

export interface ApiConfig {
  readonly api: string;
  /** Stages by name; an API without stage entries has `$default`. */
  readonly stages: ReadonlyMap<string, StageConfig>;
  readonly problems: readonly Problem[];
}

export interface Domain {
  readonly host: string;
  readonly mappings: DomainEntry["mappings"];
  readonly mutualTls?: DomainEntry["mutualTls"];
  /** The entry is bad: nothing is served under this host. */
  readonly problem?: Problem;
}

export const DEFAULT_STAGE = "$default";
