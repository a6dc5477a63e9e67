import { requireApiKey } from "./access/api-key/guard.ts";
import { authorize } from "./access/authorize.ts";
import type { StageAccess } from "./access/stage-access.ts";
import { limitStreamedBody } from "./body-limit.ts";
import { type CacheStore, remember } from "./cache/guard.ts";
import type { Guard, Handler } from "./call.ts";
import { compressResponses, decompressRequests } from "./compression/guard.ts";
import { readsBody } from "./compression/reads-body.ts";
import type { StageConfig } from "./config/api-config.ts";
import type { Cache } from "./config/cache-schema.ts";
import { cannotFollowOrigin } from "./config/check-cached-shape.ts";
import type { GatewayIntegration } from "./config/integration-schema.ts";
import type { RouteEntry } from "./config/schemas.ts";
import { isServiceIntegration } from "./config/service-schema.ts";
import { awsIntegration } from "./integrations/aws/aws.ts";
import { subtypeIntegration } from "./integrations/aws/subtype/subtype.ts";
import { functionIntegration } from "./integrations/function/function.ts";
import { remoteIntegration } from "./integrations/function/remote.ts";
import { httpIntegration } from "./integrations/http/http.ts";
import type { Circuits } from "./integrations/http/resilience/circuits.ts";
import { mapParameters } from "./integrations/http-mapping.ts";
import { mockIntegration } from "./integrations/mock/mock.ts";
import { serviceIntegration } from "./integrations/service/service.ts";
import { routeLimits, type Throttling } from "./throttle/route-limits.ts";
import { validateRequest } from "./validation/validate.ts";

/** What an isolate remembers from one request to the next; it outlives every configuration. */
export interface State {
  readonly throttling: Throttling;
  readonly cache: CacheStore;
  readonly circuits: Circuits;
}

/**
 * The order of a request, outside in. This is the only file that knows all of it.
 *
 *  1. observe: request id, timing, access log                     gateway.ts, every request
 *     compression of what goes out
 *  2. limits: URL and headers (gateway.ts), body size             413, 414, 431
 *  3. resource policy                                             403, one guard with 5: they decide together
 *  4. CORS                                                        gateway.ts: every answer has it, errors too
 *     limits by address                                           429: guesses at tokens and keys are counted
 *  5. authorizer                                                  401, 403
 *  6. API key and usage plan                                      403
 *  7. throttle, quota and concurrency                             429, one decision for all of them
 *     decompression of what came in                               413, 415
 *  8. validation                                                  400, 415
 *  9. cache
 * 10. request mapping                                             with the integration
 * 11. integration: timeout
 * 12. response mapping                                            with the integration
 * 13. any failure becomes a gateway response                      gateway.ts
 *
 * A route is built once, at its first request, and pays for what it configured only.
 */
export function buildHandler(key: string, entry: RouteEntry, access: StageAccess, state: State): Handler {
  const { stage, services } = access;
  const { throttling, cache } = state;
  const limits = routeLimits(key, entry, stage, throttling);
  const remembered = cacheOf(entry, stage);
  const guards: (Guard | undefined)[] = [
    compressResponses(entry.integration, stage.settings),
    limitStreamedBody(entry.integration, stage.settings),
    limits.early,
    authorize(entry, access),
    entry.apiKeyRequired ? requireApiKey(stage, services) : undefined,
    ...limits.late,
    readsBody(entry, stage.settings) ? decompressRequests(stage.settings) : undefined,
    validateRequest(entry, stage),
    remembered ? remember(remembered, cache, stage.settings.strict) : undefined,
  ];
  return guards.reduceRight<Handler>(
    (next, guard) => (guard ? guard(next) : next),
    integration(entry, stage, state),
  );
}

/** A stage's cache is for the routes that it can be right for. */
function cacheOf(entry: RouteEntry, stage: StageConfig): Cache | false | undefined {
  if (isStreamed(entry)) return undefined;
  const cache = entry.cache ?? stage.cache;
  return cache && cache.mode === "http" && cannotFollowOrigin(entry) !== undefined ? undefined : cache;
}

/** A response that passes as it comes is not kept (aws-semantics 21). */
function isStreamed({ integration }: RouteEntry): boolean {
  return "responseTransferMode" in integration && integration.responseTransferMode === "STREAM";
}

function integration({ integration }: RouteEntry, stage: StageConfig, state: State): Handler {
  if (isServiceIntegration(integration)) return serviceIntegration(integration, stage);
  const handler = gatewayIntegration(integration, stage, state);
  return mapParameters(integration, stage)?.(handler) ?? handler;
}

function gatewayIntegration(integration: GatewayIntegration, stage: StageConfig, state: State): Handler {
  switch (integration.type) {
    case "http":
    case "http_proxy":
      return httpIntegration(integration, stage, state.circuits);
    case "aws_proxy":
      if (integration.integrationSubtype !== undefined) return subtypeIntegration(integration, stage);
      return integration.invoke === "remote"
        ? remoteIntegration(integration, stage)
        : functionIntegration(integration, stage);
    case "aws":
      return awsIntegration(integration, stage);
    case "mock":
      return mockIntegration(integration, stage);
  }
}
