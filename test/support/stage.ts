import type { StageConfig } from "../../src/config/api-config.ts";
import { API_DEFAULTS, type ApiEntry } from "../../src/config/schemas.ts";

/** A stage without routes, for parts that are tested by themselves. */
export function stageOf(
  api: string,
  settings: Partial<ApiEntry> = {},
  variables: Readonly<Record<string, string>> = {},
): StageConfig {
  return {
    api,
    stage: "$default",
    settings: { ...API_DEFAULTS, ...settings },
    variables,
    routes: [],
    authorizers: new Map(),
    models: new Map(),
    limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
    deployment: "auto",
    broken: false,
    problems: [],
  };
}
