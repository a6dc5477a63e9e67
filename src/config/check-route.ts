import { checkAccess } from "./check-access.ts";
import type { Authorizers } from "./check-authorizer.ts";
import { cannotFollowOrigin } from "./check-cached-shape.ts";
import { checkIntegration } from "./check-integration.ts";
import { checkRouteLimits } from "./check-limits.ts";
import { checkValidation, type Models, NO_MODELS } from "./check-models.ts";
import { checkService } from "./check-service.ts";
import type { Problem } from "./problem.ts";
import type { ApiEntry, RouteEntry } from "./schemas.ts";
import { isServiceIntegration } from "./service-schema.ts";

const NO_AUTHORIZERS: Authorizers = new Map();

function checkCache(key: string, entry: RouteEntry): readonly Problem[] {
  const why = entry.cache && entry.cache.mode === "http" ? cannotFollowOrigin(entry) : undefined;
  if (why === undefined) return [];
  return [
    {
      code: "cache.mapping",
      path: `${key}#cache.mode`,
      message: `a cache cannot go by what the origin says here: ${why}`,
      hint: 'write {"mode": "ttl", "key": [...]} with what the response depends on',
    },
  ];
}

/**
 * What a schema cannot see: whether the members of a route fit together and its API.
 * A route with problems answers 500 and is reported; the others go on.
 */
export function checkRoute(
  key: string,
  entry: RouteEntry,
  api: ApiEntry,
  authorizers: Authorizers = NO_AUTHORIZERS,
  models: Models = NO_MODELS,
): readonly Problem[] {
  const { integration } = entry;
  return [
    ...checkAccess(key, entry, authorizers),
    ...checkRouteLimits(key, entry, authorizers),
    ...checkValidation(key, entry, api, models),
    ...checkCache(key, entry),
    ...(isServiceIntegration(integration)
      ? checkService(key, integration)
      : checkIntegration(key, integration, api, entry.cache !== undefined && entry.cache !== false)),
  ];
}
