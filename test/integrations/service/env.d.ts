declare namespace Cloudflare {
  interface Env {
    readonly PROFILES: KVNamespace;
    /** The queue's messages by id, as the consumer saw them. */
    readonly CONSUMED: KVNamespace;
    readonly FILES: R2Bucket;
    readonly DB: D1Database;
    readonly JOBS: Queue;
    readonly ROOMS: DurableObjectNamespace;
  }
}
