import type { Call, Guard } from "../call.ts";
import type { Cache } from "../config/cache-schema.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import { asksAnew } from "./asks-anew.ts";
import { answer, answerHttp } from "./caching.ts";
import { httpPolicy, mayInvalidate, ttlPolicy } from "./policy.ts";
import type { CacheStore } from "./store.ts";
import { Usefulness } from "./usefulness.ts";

export type { CacheStore, Shard } from "./store.ts";

/** Remembers responses as the route says: by the rules of HTTP, or for a time. */
export function remember(cache: Cache, store: CacheStore, strict: boolean): Guard {
  const usefulness = new Usefulness();
  if (cache.mode === "ttl") {
    if (cache.ttl === 0) return (next) => next;
    const route = { policy: ttlPolicy(cache, strict), store, strict, usefulness };
    return (next) => (call) => {
      if (call.method !== "GET") return next(call);
      const refused = asksAnew(call) && !mayInvalidate(cache, call);
      if (refused && cache.invalidation === "FAIL_WITH_403") throw mayNotInvalidate(call);
      const answered = answer(route, call, next);
      return refused && cache.invalidation === "SUCCEED_WITH_RESPONSE_HEADER"
        ? answered.then(warned)
        : answered;
    };
  }
  const route = { policy: httpPolicy(cache), store, strict, usefulness };
  // A connection is no response.
  return (next) => (call) =>
    call.request.headers.has("upgrade") ? next(call) : answerHttp(route, call, next);
}

function mayNotInvalidate(call: Call): GatewayError {
  const detail = `the client asks ${call.route.key} for a response that is not cached, and may not`;
  return new GatewayError("ACCESS_DENIED", "cache.invalidation", detail);
}

/** RFC 7234 section 5.5.7, as API Gateway has it. */
function warned(response: Response): Response {
  response.headers.append("warning", '199 - "cache-control header was ignored"');
  return response;
}
