import { type CompiledCors, compileCors } from "./access/cors/cors.ts";
import type { AccessServices } from "./access/services.ts";
import { StageAccess } from "./access/stage-access.ts";
import type { Handler } from "./call.ts";
import type { ApiConfig, RouteConfig, StageConfig } from "./config/api-config.ts";
import { parseRouteKey, type RouteKey } from "./config/route-key.ts";
import { GatewayError } from "./gateway-responses/gateway-error.ts";
import { buildHandler, type State } from "./pipeline.ts";
import { RouteTrie } from "./routing/trie.ts";

/** A route ready to be matched; its handler is built at its first request. */
export class CompiledRoute {
  readonly config: RouteConfig;
  readonly template: RouteKey;
  /** The route's own CORS; null for none, undefined for the API's. */
  readonly cors: CompiledCors | null | undefined;
  readonly #variables: readonly string[];
  readonly #access: StageAccess;
  readonly #state: State;
  #handler: Handler | undefined;

  constructor(config: RouteConfig, template: RouteKey, access: StageAccess, state: State) {
    this.config = config;
    this.template = template;
    this.#access = access;
    this.#state = state;
    this.cors = corsOf(config);
    this.#variables = template.segments.flatMap((segment) =>
      segment.kind === "static" ? [] : [segment.name],
    );
  }

  get operationName(): string | undefined {
    return this.config.ok ? this.config.entry.operationName : undefined;
  }

  get handler(): Handler {
    this.#handler ??= this.config.ok
      ? buildHandler(this.config.key, this.config.entry, this.#access, this.#state)
      : refuse(this.config);
    return this.#handler;
  }

  /** Names for the values that the trie matched. */
  parameters(values: readonly string[]): Readonly<Record<string, string>> {
    if (values.length === 0) return NO_PARAMETERS;
    return Object.fromEntries(this.#variables.map((name, index) => [name, values[index] ?? ""]));
  }
}

const NO_PARAMETERS: Readonly<Record<string, string>> = {};

/** A route whose entry is bad answers so, in its own place: its path must not fall to a wider route. */
function refuse(config: Extract<RouteConfig, { ok: false }>): Handler {
  const [first] = config.problems;
  const hint = first?.hint === undefined ? "" : ` (${first.hint})`;
  const detail = `the entry of ${config.key} is bad: ${first?.path ?? ""}: ${first?.message ?? ""}${hint}`;
  return () => Promise.reject(new GatewayError("API_CONFIGURATION_ERROR", "config.invalid", detail));
}

function corsOf(config: RouteConfig): CompiledCors | null | undefined {
  const cors = config.ok ? config.entry.cors : undefined;
  return cors === false ? null : cors && compileCors(cors);
}

export interface CompiledStage {
  readonly config: StageConfig;
  /** The API's CORS, for the routes that have none of their own and for answers without a route. */
  readonly cors: CompiledCors | undefined;
  readonly trie: RouteTrie<CompiledRoute>;
}

export interface CompiledApi {
  readonly stages: ReadonlyMap<string, CompiledStage>;
}

/** Everything that requests of an API need, built once per configuration. */
export function compileApi(config: ApiConfig, services: AccessServices, state: State): CompiledApi {
  const stages = new Map<string, CompiledStage>();
  for (const [name, stage] of config.stages) {
    const trie = new RouteTrie<CompiledRoute>(stage.settings.protocol);
    const access = new StageAccess(stage, services);
    // Bad entries first: where a good one matches the same requests, it takes the place.
    for (const route of [...stage.routes].sort((a, b) => Number(a.ok) - Number(b.ok))) {
      const template = parseRouteKey(route.key);
      // A key that is no route key matches nothing; it is among the reported problems.
      if (typeof template !== "string") trie.add(template, new CompiledRoute(route, template, access, state));
    }
    const { cors } = stage.settings;
    stages.set(name, { config: stage, cors: cors && compileCors(cors), trie });
  }
  return { stages };
}
