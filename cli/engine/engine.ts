import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { convertV4MiniflareOptions, getDirectSocketName, Miniflare } from "miniflare";
import type { Bundle } from "./bundle.ts";
import { Failure } from "./failure.ts";
import { endEngine, watchEngine } from "./spawn.ts";
import { workerOptions } from "./worker-options.ts";

export interface EngineOptions {
  /** The folder with wrangler.toml. */
  readonly root: string;
  readonly bundle: Bundle;
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Where KV and Durable Objects are kept, in wrangler's own layout. */
  readonly data: string;
  /** Replaces variables of wrangler.toml. */
  readonly vars: Readonly<Record<string, string>>;
  readonly onLog: (level: string, message: string) => void;
}

export interface Engine {
  readonly port: number;
  /** The engine's own process, for those who measure it. */
  readonly pid: number;
  readonly config: LocalKv;
  /** The script's bindings, from outside. */
  bindings<Env>(): Promise<Env>;
  stop(): Promise<void>;
}

/** The part of a KV namespace that the command line uses. */
export interface LocalKv {
  list(options: { prefix: string; cursor?: string }): Promise<{
    keys: { name: string; metadata?: unknown }[];
    list_complete: boolean;
    cursor?: string;
  }>;
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options?: { metadata?: unknown }): Promise<void>;
  delete(key: string): Promise<void>;
}

const WORKER = "portico";

/**
 * Starts the engine with the script on a socket of its own, so that requests pass nothing
 * of miniflare's, and with origins called without a detour.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const port = await freePort(options.host, options.port);
  const watch = watchEngine(getDirectSocketName(0, "default"));
  const configured = workerOptions(options.root);
  const state = join(options.data, "v3");
  await mkdir(state, { recursive: true });
  const converted = convertV4MiniflareOptions({
    ...configured,
    name: WORKER,
    rootPath: options.root,
    // The public network is what production's flag allows; here origins are on this machine too.
    compatibilityFlags: (configured.compatibilityFlags ?? []).filter(
      (flag) => flag !== "global_fetch_strictly_public",
    ),
    modules: options.bundle.modules.map((module) => ({ ...module })),
    bindings: { ...configured.bindings, ...options.vars },
    serviceBindings: {
      ...configured.serviceBindings,
      ORIGIN: { network: { allow: ["public", "private"] } },
    },
    unsafeDirectSockets: [{ host: options.host, port }],
    resourcePersistencePath: state,
    handleStructuredLogs: ({ level, message }) => options.onLog(level, message),
    logRequests: false,
  });
  const miniflare = withoutSignalHandlers(() => new Miniflare(converted));
  try {
    await miniflare.ready;
  } catch (error) {
    await miniflare.dispose().catch(() => undefined);
    throw watch.failure ?? engineFailure(error, port);
  }
  const { engine } = watch;
  if (engine?.pid === undefined) throw new Error("the engine was started past the launcher");
  const config = await miniflare.getKVNamespace("CONFIG", WORKER);
  const stop = async (): Promise<void> => {
    await endEngine(engine);
    await miniflare.dispose();
  };
  return { port, pid: engine.pid, config, bindings: () => miniflare.getBindings(WORKER), stop };
}

/**
 * miniflare ends the whole process on a signal, and the log's last lines with it; stopping is
 * the launcher's business.
 */
function withoutSignalHandlers<T>(create: () => T): T {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]));
  const created = create();
  for (const [signal, known] of before) {
    for (const listener of process.listeners(signal)) {
      if (!known.has(listener)) process.removeListener(signal, listener);
    }
  }
  return created;
}

function engineFailure(error: unknown, port: number): Error {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /No such module "(node:[^"]+)"/.exec(message)?.[1];
  if (missing !== undefined) {
    return new Failure(
      `a function under routes/ needs ${missing}`,
      'add "nodejs_compat" to compatibility_flags in wrangler.toml',
    );
  }
  if (/address already in use/i.test(message)) return portTaken(port);
  return new Failure(`the engine did not start: ${message.trim().split("\n").at(-1) ?? message}`);
}

function portTaken(port: number): Failure {
  return new Failure(`port ${port} is taken`, "choose another with --port, or stop what listens there");
}

/** Asks the operating system first: the engine's own message comes late and long. */
function freePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(portTaken(port));
      else if (error.code === "EACCES")
        reject(new Failure(`port ${port} needs more rights than this user has`));
      else reject(new Failure(`cannot listen on ${host}:${port}: ${error.message}`));
    });
    probe.listen(port, host, () => {
      const address = probe.address();
      const chosen = typeof address === "object" && address ? address.port : port;
      probe.close(() => resolve(chosen));
    });
  });
}
