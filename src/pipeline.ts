import { requireApiKey } from "./access/api-key/guard.ts";
import { authorize } from "./access/authorize.ts";
import type { StageAccess } from "./access/stage-access.ts";
import { limitStreamedBody } from "./body-limit.ts";
import { type CacheStore, remember } from "./cache/guard.ts";
import type { Guard, Handler } from "./call.ts";
import type { StageConfig } from "./config/api-config.ts";
import type { RouteEntry } from "./config/schemas.ts";
import { functionIntegration } from "./integrations/function/function.ts";
import { httpIntegration } from "./integrations/http/http.ts";
import { mockIntegration } from "./integrations/mock/mock.ts";
import { routeLimits, type Throttling } from "./throttle/route-limits.ts";

/** What an isolate remembers from one request to the next; it outlives every configuration. */
export interface State {
  readonly throttling: Throttling;
  readonly cache: CacheStore;
}

/**
 * The order of a request, outside in. This is the only file that knows all of it.
 *
 *  1. observe: request id, timing, access log                     gateway.ts, every request
 *  2. limits: URL and headers (gateway.ts), body size             413, 414, 431
 *  3. resource policy                                             403, one guard with 5: they decide together
 *  4. CORS                                                        gateway.ts: every answer has it, errors too
 *     limits by address                                           429: guesses at tokens and keys are counted
 *  5. authorizer                                                  401, 403
 *  6. API key and usage plan                                      403
 *  7. throttle, quota and concurrency                             429, one decision for all of them
 *  8. validation                                                  later
 *  9. cache
 * 10. request mapping                                             with the integration
 * 11. integration: timeout
 * 12. response mapping                                            with the integration
 * 13. any failure becomes a gateway response                      gateway.ts
 *
 * A route is built once, at its first request, and pays for what it configured only.
 */
export function buildHandler(
  key: string,
  entry: RouteEntry,
  access: StageAccess,
  { throttling, cache }: State,
): Handler {
  const { stage, services } = access;
  const limits = routeLimits(key, entry, stage, throttling);
  const remembered = entry.cache ?? stage.cache;
  const guards: (Guard | undefined)[] = [
    limitStreamedBody(entry.integration, stage.settings),
    limits.early,
    authorize(entry, access),
    entry.apiKeyRequired ? requireApiKey(stage, services) : undefined,
    ...limits.late,
    remembered ? remember(remembered, cache, stage.settings.strict) : undefined,
  ];
  return guards.reduceRight<Handler>(
    (next, guard) => (guard ? guard(next) : next),
    integration(entry, stage),
  );
}

function integration(entry: RouteEntry, stage: StageConfig): Handler {
  switch (entry.integration.type) {
    case "http":
    case "http_proxy":
      return httpIntegration(entry.integration, stage);
    case "aws_proxy":
      return functionIntegration(entry.integration, stage);
    case "mock":
      return mockIntegration(entry.integration);
  }
}
