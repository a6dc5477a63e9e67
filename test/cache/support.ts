import { env } from "cloudflare:workers";
import type { Shard } from "../../src/cache/guard.ts";
import {
  type GatewayOptions,
  gateway,
  proxyTo,
  type RequestOptions,
  type TestGateway,
} from "../support/gateway.ts";

interface Beside extends GatewayOptions {
  /** Something between the gateway and its shards. */
  readonly around?: (shard: Shard) => Shard;
}

/** A gateway with one route behind a cache, whose shards are this test's own. */
export class CachedGateway {
  readonly gate: TestGateway;
  readonly #own: string;

  constructor(gate: TestGateway, own: string) {
    this.gate = gate;
    this.#own = own;
  }

  send(target: string, options?: RequestOptions): Promise<Response> {
    return this.gate.fetch(target, options);
  }

  /** The body's text, and what the cache said. */
  async get(target: string, options?: RequestOptions): Promise<readonly [text: string, status: string]> {
    const response = await this.send(target, options);
    return [await response.text(), wordsOf(response)];
  }

  /** How often the origin was asked. */
  get fetches(): number {
    return this.gate.sent.length;
  }

  /** Another isolate with the same configuration and the same shards. */
  async beside({ around = (shard) => shard, ...options }: Beside): Promise<CachedGateway> {
    const shards = (name: string): Shard => {
      const shard = this.shard(name);
      return around({
        lookup: (ask) => shard.lookup(ask),
        head: (ask, update, times, options) => shard.head(ask, update, times, options),
        purge: (selector, soft) => shard.purge(selector, soft),
      });
    };
    return new CachedGateway(await gateway({}, { ...options, shards }), this.#own);
  }

  shard(name: string) {
    return env.CACHE.getByName(`${this.#own} ${name}`);
  }
}

/** Without what changes from second to second. */
export const wordsOf = (response: Response): string =>
  (response.headers.get("cache-status") ?? "").replace(/; ttl=-?\d+/, "");

const shardsOf = (own: string) => (name: string) => env.CACHE.getByName(`${own} ${name}`);

export async function cached(
  cache: Readonly<Record<string, unknown>>,
  origin: NonNullable<GatewayOptions["origin"]>,
  more: GatewayOptions & {
    readonly entries?: Readonly<Record<string, unknown>>;
    readonly route?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<CachedGateway> {
  const own = crypto.randomUUID();
  const { entries = {}, route = {}, ...options } = more;
  const gate = await gateway(
    {
      "apis/default/routes/ANY /{proxy+}": {
        integration: proxyTo("https://origin.test/{proxy}"),
        cache,
        ...route,
      },
      ...entries,
    },
    { shards: shardsOf(own), origin, ...options },
  );
  return new CachedGateway(gate, own);
}

/** Numbers its answers: `answer 1`, `answer 2`. */
export function counting(headers: HeadersInit = {}, status = 200): () => Response {
  let count = 0;
  return () => new Response(`answer ${++count}`, { status, headers });
}
