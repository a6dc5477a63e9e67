import type { HeaderLines, Times } from "./http/fields.ts";
import type { StoringOptions } from "./http/storing.ts";
import type { MemoryCache } from "./memory.ts";
import type { CacheAsk, Found, Selector } from "./protocol.ts";

/** What the gateway calls of a shard. */
export interface Shard {
  lookup(ask: CacheAsk): Promise<Found>;
  head(
    ask: CacheAsk,
    update: { readonly status: number; readonly headers: HeaderLines },
    times: Times,
    options: StoringOptions,
  ): Promise<void>;
  purge(selector: Selector, soft: boolean): Promise<number>;
}

/** The responses that an isolate may use. */
export interface CacheStore {
  readonly memory: MemoryCache;
  open(shard: string): Shard;
  /** A shard that does not answer is no reason not to answer: the request goes to the origin. */
  report(error: unknown): void;
}
