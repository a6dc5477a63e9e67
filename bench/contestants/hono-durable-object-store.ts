import { DurableObjectRateLimiter, DurableObjectStore } from "@hono-rate-limiter/cloudflare";
import { rateLimiter } from "hono-rate-limiter";
import { honoProxy, type Env as ProxyEnv } from "./hono-proxy.ts";

type Namespace = ConstructorParameters<typeof DurableObjectStore>[0]["namespace"];

interface Env extends ProxyEnv {
  readonly COUNTERS: Namespace;
}

/** hono-rate-limiter with the store that isolates share, as its README has it: a limiter for each request. */
export default honoProxy<Env>((c, next) =>
  rateLimiter<{ Bindings: Env }>({
    windowMs: 60_000,
    limit: 1_000_000_000,
    keyGenerator: (c) => c.req.header("cf-connecting-ip") ?? "",
    store: new DurableObjectStore({ namespace: c.env.COUNTERS }),
  })(c, next),
);

export class Limiter extends DurableObjectRateLimiter {
  #calls = 0;

  override update(...args: Parameters<DurableObjectRateLimiter["update"]>) {
    this.#calls++;
    return super.update(...args);
  }

  status(): { readonly calls: number } {
    return { calls: this.#calls };
  }
}
