import { readFile } from "node:fs/promises";
import type { ClientRequest } from "node:http";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptionsShape } from "miniflare";
import { type Bundle, bundle, type Module } from "../../../cli/engine/bundle.ts";
import { workerOptions } from "../../../cli/engine/worker-options.ts";
import { type Answer, bodyOf, headOf, open } from "../support/client.ts";
import { copyRepository, tempFolder } from "../support/root.ts";
import { bounded, until } from "../support/wait.ts";
import type { Outcome } from "./answers.ts";

export interface ClusterOptions {
  /** How many gateways. */
  readonly size: number;
  /** KV entries by key; there before the first request. */
  readonly entries: Readonly<Record<string, unknown>>;
  /** Function modules under `routes/`. */
  readonly routes?: Readonly<Record<string, string>>;
}

type WorkerOptions = ReturnType<typeof gatewayWorker> | ReturnType<typeof hostWorker>;

type Headers = Readonly<Record<string, string>>;

interface Engine {
  readonly ports: readonly number[];
  readonly control: URL;
  readonly config: { put(key: string, value: string): Promise<void> };
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const SHARDS = "shards";
const SOCKETS = [{ host: HOST, port: 0 }];

/**
 * Several gateways, each an isolate of its own with a socket of its own: one engine, one CONFIG
 * namespace, one cache. Its shards live in one more script, which can make them restart; all
 * else is what is deployed.
 */
export class Cluster {
  readonly #boot: () => Promise<Engine>;
  readonly #cleanUp: () => void;
  #engine: Engine;

  private constructor(engine: Engine, boot: () => Promise<Engine>, cleanUp: () => void) {
    this.#engine = engine;
    this.#boot = boot;
    this.#cleanUp = cleanUp;
  }

  static async start({ size, entries, routes = {} }: ClusterOptions): Promise<Cluster> {
    const root = copyRepository(routes);
    const data = tempFolder();
    const cleanUp = (): void => {
      root.remove();
      data.remove();
    };
    try {
      const gateway = await bundle(root.path, join(data.path, "gateway"));
      const host = await hostModules(gateway);
      const configured = workerOptions(root.path);
      const names = Array.from({ length: size }, (_, index) => `gateway-${index}`);
      const workers = [
        ...names.map((name) => gatewayWorker(name, gateway, configured)),
        hostWorker(host, configured),
      ];
      const boot = () => startEngine(names, workers, join(data.path, "state"));
      const engine = await boot();
      const cluster = new Cluster(engine, boot, cleanUp);
      try {
        for (const [key, value] of Object.entries(entries))
          await engine.config.put(key, JSON.stringify(value));
        await cluster.#warmUp();
      } catch (error) {
        await engine.stop();
        throw error;
      }
      return cluster;
    } catch (error) {
      cleanUp();
      throw error;
    }
  }

  /** Sends a GET, or a HEAD, to a gateway; they are counted in a circle. All of them have one host. */
  send(gateway: number, path: string, headers: Headers = {}, method = "GET"): ClientRequest {
    const { ports } = this.#engine;
    const port = ports[gateway % ports.length] ?? 0;
    return open(port, path, { method, headers: { host: "localhost", ...headers } }).end();
  }

  async get(gateway: number, path: string, headers?: Headers, method?: string): Promise<Answer> {
    return bodyOf(await headOf(this.send(gateway, path, headers, method)));
  }

  /** A request whose connection may break. */
  async attempt(gateway: number, path: string): Promise<Outcome> {
    const sent = this.send(gateway, path);
    const response = await headOf(sent).catch(() => undefined);
    sent.on("error", () => undefined);
    return response ? bodyOf(response) : "broken";
  }

  /** Ends the engine as it is, and starts another one with what the first has stored. */
  async restart(): Promise<void> {
    await this.#engine.stop();
    this.#engine = await this.#boot();
    await this.#warmUp();
  }

  /** Restarts every shard: what it has in memory is lost, what it stored stays. */
  async crashShards(): Promise<void> {
    const response = await fetch(this.#engine.control, { method: "POST" });
    if (!response.ok) throw new Error(`the shards' script answers ${response.status}`);
  }

  /** Waits until the shards were asked so often for a path. */
  async asked(path: string, count: number): Promise<void> {
    await until(`the shards were asked ${count} times for ${path}`, async () => {
      const response = await fetch(new URL(path, this.#engine.control));
      return Number(await response.text()) >= count;
    });
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
    this.#cleanUp();
  }

  /** The configuration is read at the first request. */
  async #warmUp(): Promise<void> {
    await Promise.all(this.#engine.ports.map((_, gateway) => this.get(gateway, "/warm-up")));
  }
}

async function startEngine(
  names: readonly string[],
  workers: readonly WorkerOptions[],
  state: string,
): Promise<Engine> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      resourcePersistencePath: state,
      logRequests: false,
      handleStructuredLogs: () => undefined,
      workers: [...workers],
    }),
  );
  const stop = () => bounded("the engine's end", miniflare.dispose());
  try {
    const config = await miniflare.getKVNamespace("CONFIG", "gateway-0");
    const urls = await Promise.all(names.map((name) => miniflare.unsafeGetDirectURL(name)));
    const control = await miniflare.unsafeGetDirectURL(SHARDS);
    return { ports: urls.map(({ port }) => Number(port)), control, config, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The shards are those of the gateway's own bundle. */
async function hostModules({ modules }: Bundle): Promise<Module[]> {
  const file = new URL("./shard-host.js", import.meta.url);
  const main = `
    import { CacheShard as RealShard } from "./worker.js";
    import { hostOf } from "./shard-host.js";
    export const { CacheShard, handler } = hostOf(RealShard);
    export default handler;
  `;
  return [
    { type: "ESModule", path: "main.js", contents: main },
    { type: "ESModule", path: "shard-host.js", contents: await readFile(file, "utf8") },
    ...modules,
  ];
}

function gatewayWorker(name: string, { modules }: Bundle, configured: V4WorkerOptionsShape) {
  return {
    ...configured,
    name,
    modules: modules.map((module) => ({ ...module })),
    bindings: { ...configured.bindings, ACCESS_LOG: "off" },
    durableObjects: {
      ...configured.durableObjects,
      CACHE: { className: "CacheShard", scriptName: SHARDS, useSQLite: true },
    },
    // Origins are on this machine, and called without a detour, as `npm start` does.
    compatibilityFlags: (configured.compatibilityFlags ?? []).filter(
      (flag) => flag !== "global_fetch_strictly_public",
    ),
    serviceBindings: {
      ...configured.serviceBindings,
      ORIGIN: { network: { allow: ["public", "private"] } },
    },
    unsafeDirectSockets: SOCKETS,
  };
}

function hostWorker(modules: readonly Module[], { compatibilityDate }: V4WorkerOptionsShape) {
  return {
    name: SHARDS,
    ...(compatibilityDate === undefined ? {} : { compatibilityDate }),
    modules: modules.map((module) => ({ ...module })),
    durableObjects: { CACHE: { className: "CacheShard", useSQLite: true } },
    unsafeDirectSockets: SOCKETS,
  };
}
