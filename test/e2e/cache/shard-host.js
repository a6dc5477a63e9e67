// The script that keeps the responses of all gateways. JavaScript, since the tests around it
// are typed for Node.js and this is not.

/**
 * The real object, which can be made to restart and counts who asks.
 *
 * @param {typeof import("../../../src/cache/shard.ts").CacheShard} RealShard
 */
export function hostOf(RealShard) {
  /**
   * How often was asked for which path; outlives restarts of the objects, which share this isolate.
   *
   * @type {Map<string, number>}
   */
  const lookups = new Map();

  /** Ids of all objects that were started. @type {Set<string>} */
  const known = new Set();

  class CacheShard extends RealShard {
    /** @type {DurableObjectState} */
    #state;

    constructor(ctx, env) {
      super(ctx, env);
      this.#state = ctx;
      known.add(ctx.id.toString());
    }

    async lookup(ask) {
      const { pathname } = new URL(ask.key.url);
      lookups.set(pathname, (lookups.get(pathname) ?? 0) + 1);
      return super.lookup(ask);
    }

    /** A restart: what is in memory is lost, what was stored stays. */
    async crash() {
      this.#state.abort("made to restart");
    }
  }

  const handler = {
    /** `POST` restarts all objects; `GET` answers how often they were asked for its path. */
    async fetch(request, env) {
      if (request.method === "GET") return Response.json(lookups.get(new URL(request.url).pathname) ?? 0);
      for (const id of known) {
        const shard = env.CACHE.get(env.CACHE.idFromString(id));
        // The call breaks with the object.
        await shard.crash().catch(() => undefined);
      }
      return Response.json(known.size);
    },
  };

  return { CacheShard, handler };
}
