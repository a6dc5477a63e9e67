import type { MiddlewareHandler } from "hono";
import { rateLimiter } from "hono-rate-limiter";
import { type Env, honoProxy } from "./hono-proxy.ts";

let limiter: MiddlewareHandler<{ Bindings: Env }> | undefined;

/**
 * hono-rate-limiter with its default store, which counts in each isolate for itself. The store
 * sets a timer when it is made, which Workers allow within a request only.
 */
export default honoProxy((c, next) => {
  limiter ??= rateLimiter<{ Bindings: Env }>({
    windowMs: 60_000,
    limit: 1_000_000_000,
    keyGenerator: (c) => c.req.header("cf-connecting-ip") ?? "",
  });
  return limiter(c, next);
});
