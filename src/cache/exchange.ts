import type { Call, Handler } from "../call.ts";
import type { CacheStatus } from "./http/cache-status.ts";
import type { CacheRequest } from "./http/fields.ts";
import { ageAt } from "./http/freshness.ts";
import type { StoredResponse } from "./http/stored-response.ts";
import { matches } from "./http/vary.ts";
import type { Policy } from "./policy.ts";
import type { CachedBody } from "./protocol.ts";
import { cacheStatus, outcomeOf, replyFrom } from "./reply.ts";
import type { CacheStore } from "./store.ts";
import type { Usefulness } from "./usefulness.ts";

/** What all requests of a route have in common. */
export interface CachedRoute {
  readonly policy: Policy;
  readonly store: CacheStore;
  /** Answers as API Gateway does, which says nothing of its cache. */
  readonly strict: boolean;
  readonly usefulness: Usefulness;
}

/** One request to a route with a cache, and how it is answered. */
export class Exchange {
  readonly route: CachedRoute;
  readonly call: Call;
  /** What a stored response is chosen by. */
  readonly request: CacheRequest;
  readonly #next: Handler;

  constructor(route: CachedRoute, call: Call, next: Handler) {
    this.route = route;
    this.call = call;
    this.#next = next;
    this.request = route.policy.requestOf(call);
  }

  /** @param request in place of the client's */
  ask(request?: Request): Promise<Response> {
    return this.#next(request ? { ...this.call, request } : this.call);
  }

  /** To the origin and back, without the cache. */
  async forward(status: Extract<CacheStatus, { readonly fwd: unknown }>): Promise<Response> {
    return this.say(await this.ask(), status);
  }

  /** From what is stored. */
  answerWith(
    head: StoredResponse,
    body: CachedBody,
    length: number | undefined,
    status: CacheStatus,
    now: number,
  ): Response {
    const response = replyFrom(head, body, length, this.request, now);
    return this.say(response, { ...status, ttl: head.freshness.lifetime - ageAt(head, now) });
  }

  say(response: Response, status: CacheStatus): Response {
    this.call.outcome.cache = outcomeOf(status);
    if (!this.route.strict && !response.webSocket)
      response.headers.append("cache-status", cacheStatus(status));
    return response;
  }

  /** In the isolate's own memory. */
  remember(name: string, head: StoredResponse, body: Uint8Array, now: number): void {
    const { headers } = this.request;
    this.route.store.memory.put(name, { ...head, body }, (other) => matches(other, headers), now);
  }

  /** After the answer. */
  behind(work: Promise<unknown>): void {
    this.call.ctx.waitUntil(work.catch((error: unknown) => this.route.store.report(error)));
  }

  /** @returns undefined where the shard does not answer */
  async reported<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      this.route.store.report(error);
      return undefined;
    }
  }
}
