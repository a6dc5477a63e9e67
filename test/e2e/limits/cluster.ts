import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptionsShape } from "miniflare";
import { type Bundle, bundle } from "../../../cli/engine/bundle.ts";
import { workerOptions } from "../../../cli/engine/worker-options.ts";
import { copyRepository, REPOSITORY, tempFolder } from "../support/root.ts";
import { bounded } from "../support/wait.ts";

/** What is wrong with a counter. */
export type Fault =
  | { readonly kind: "none" }
  /** Each so many calls fail: 1 for all, 2 for each second one. */
  | { readonly kind: "throw"; readonly each: number }
  | { readonly kind: "hang" }
  /** Half of it before the counter decides, half of it on the way back. */
  | { readonly kind: "late"; readonly ms: number };

export interface CounterFacts {
  /** How often leases were asked for, in vain or not. */
  readonly calls: number;
  /** How often the object was started. */
  readonly starts: number;
}

const HOST = "127.0.0.1";
const COUNTERS = "counters";

/**
 * Several gateways, each an isolate of its own with a socket of its own, as many places of the
 * edge have them: one engine, one CONFIG namespace, one namespace of counters. The counters
 * live in one more script, which can make them fail; all else is what is deployed.
 */
export class Cluster {
  readonly ports: readonly number[];
  /** What the scripts warned of. */
  readonly complaints: readonly string[];
  readonly #control: URL;
  readonly #stop: () => Promise<void>;

  private constructor(
    ports: readonly number[],
    control: URL,
    complaints: readonly string[],
    stop: () => Promise<void>,
  ) {
    this.ports = ports;
    this.complaints = complaints;
    this.#control = control;
    this.#stop = stop;
  }

  /** @param entries KV entries by key; there before the first request */
  static async start(size: number, entries: Readonly<Record<string, unknown>>): Promise<Cluster> {
    const root = copyRepository({});
    const data = tempFolder();
    const cleanUp = (): void => {
      root.remove();
      data.remove();
    };
    try {
      const gateway = await bundle(root.path, join(data.path, "gateway"));
      const host = await bundleHost(join(data.path, "host"));
      const complaints: string[] = [];
      const names = Array.from({ length: size }, (_, index) => `gateway-${index}`);
      const configured = workerOptions(root.path);
      const miniflare = new Miniflare(
        convertV4MiniflareOptions({
          resourcePersistencePath: join(data.path, "state"),
          logRequests: false,
          handleStructuredLogs: ({ level, message }) => {
            if (level === "warn" || level === "error") complaints.push(message);
          },
          workers: [
            ...names.map((name) => gatewayWorker(name, gateway, configured)),
            hostWorker(host, configured),
          ],
        }),
      );
      const stop = async (): Promise<void> => {
        await bounded("the engine's end", miniflare.dispose());
        cleanUp();
      };
      try {
        const config = await miniflare.getKVNamespace("CONFIG", "gateway-0");
        await Promise.all(
          Object.entries(entries).map(([key, value]) => config.put(key, JSON.stringify(value))),
        );
        const urls = await Promise.all(names.map((name) => miniflare.unsafeGetDirectURL(name)));
        const control = await miniflare.unsafeGetDirectURL(COUNTERS);
        return new Cluster(
          urls.map(({ port }) => Number(port)),
          control,
          complaints,
          stop,
        );
      } catch (error) {
        await stop();
        throw error;
      }
    } catch (error) {
      cleanUp();
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  counter(name: string): CounterControl {
    return new CounterControl(this.#control, name);
  }
}

/** What can be done to one counter from outside. */
export class CounterControl {
  readonly #control: URL;
  readonly #name: string;

  constructor(control: URL, name: string) {
    this.#control = control;
    this.#name = name;
  }

  facts(): Promise<CounterFacts> {
    return this.#tell("nothing");
  }

  async fail(fault: Fault): Promise<void> {
    await this.#tell("fault", fault);
  }

  /** Restarts the object: what it has in memory is lost, what it stored stays. */
  async crash(): Promise<void> {
    await this.#tell("crash");
  }

  /** Whoever has asked this counter until now will never be heard of there again. */
  async bury(): Promise<void> {
    await this.#tell("bury");
  }

  async #tell(what: string, fault?: Fault): Promise<CounterFacts> {
    const body = JSON.stringify({ counter: this.#name, do: what, fault });
    const response = await fetch(this.#control, { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(`the counters' script answers ${response.status}: ${text}`);
    return JSON.parse(text);
  }
}

/** Bundled as the gateway is, with the repository's sources. */
async function bundleHost(folder: string): Promise<Bundle> {
  const { compatibilityDate } = workerOptions(REPOSITORY);
  const main = join(REPOSITORY, "test/e2e/limits/counter-host.js");
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "wrangler.toml"),
    `name = "${COUNTERS}"\nmain = ${JSON.stringify(main)}\ncompatibility_date = "${compatibilityDate}"\n`,
  );
  return bundle(folder, join(folder, "dist"));
}

const SOCKETS = [{ host: HOST, port: 0 }];

function gatewayWorker(name: string, { modules }: Bundle, configured: V4WorkerOptionsShape) {
  return {
    ...configured,
    name,
    modules: modules.map((module) => ({ ...module })),
    bindings: { ...configured.bindings, ACCESS_LOG: "off" },
    durableObjects: { COUNTERS: { className: "Counter", scriptName: COUNTERS, useSQLite: true } },
    unsafeDirectSockets: SOCKETS,
  };
}

function hostWorker({ modules }: Bundle, { compatibilityDate }: V4WorkerOptionsShape) {
  return {
    name: COUNTERS,
    ...(compatibilityDate === undefined ? {} : { compatibilityDate }),
    modules: modules.map((module) => ({ ...module })),
    durableObjects: { COUNTERS: { className: "Counter", useSQLite: true } },
    unsafeDirectSockets: SOCKETS,
  };
}
