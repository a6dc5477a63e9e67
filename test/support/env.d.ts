declare namespace Cloudflare {
  interface Env {
    readonly CONFIG: KVNamespace;
    readonly CACHE: DurableObjectNamespace<import("../../src/cache/shard.ts").CacheShard>;
    readonly COUNTERS: DurableObjectNamespace<import("../../src/throttle/counter.ts").Counter>;
    readonly ORIGIN: Fetcher;
    readonly CANARY: string;
  }
  interface GlobalProps {
    mainModule: typeof import("../../src/worker.ts");
  }
}
