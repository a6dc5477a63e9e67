import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { accessServices } from "../../src/access/isolate-services.ts";
import type { Shard } from "../../src/cache/guard.ts";
import { MemoryCache } from "../../src/cache/memory.ts";
import type { Runtime } from "../../src/call.ts";
import { type CompiledApi, compileApi } from "../../src/compile.ts";
import type { Problem } from "../../src/config/problem.ts";
import { ConfigStore } from "../../src/config/store.ts";
import { serve } from "../../src/gateway.ts";
import { type AwsRuntime, AwsSettings } from "../../src/integrations/aws/signed/credentials.ts";
import { Circuits } from "../../src/integrations/http/resilience/circuits.ts";
import { CLOCK } from "../../src/lib/clock.ts";
import type { AccessLog } from "../../src/observability/access-log.ts";
import type { CounterStub } from "../../src/throttle/lease.ts";
import { throttling } from "../../src/throttle/route-limits.ts";

/** What an origin was sent. */
export interface Sent {
  /** As given to the engine, before any parser has seen it. */
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  readonly redirect: string | undefined;
}

export interface GatewayOptions {
  /** Modules by name, as `import("../routes/{name}.ts")` would give them. */
  readonly functions?: Readonly<Record<string, unknown>>;
  readonly loadFunction?: Runtime["loadFunction"];
  /** What origins answer; 200 with `{}` by default. */
  readonly origin?: (request: Request) => Response | Promise<Response>;
  /** Leaves the request's body unread, for origins that read it themselves. */
  readonly streamOrigin?: boolean;
  readonly kv?: KVNamespace;
  readonly refreshMs?: number;
  readonly showReasons?: boolean;
  readonly functionEnv?: Readonly<Record<string, unknown>>;
  /** The Worker's variables and secrets that concern AWS; none by default. */
  readonly aws?: Readonly<Record<string, string>>;
  readonly log?: AccessLog;
  readonly trustedHops?: number;
  /** The Worker secret for credentials, base64 of 32 bytes. */
  readonly credentialsKey?: string;
  readonly keySetRefreshMs?: number;
  /** Opens a counter; the real objects by default. */
  readonly counters?: (name: string) => CounterStub;
  /** Opens a shard of the cache; the real objects by default. */
  readonly shards?: (name: string) => Shard;
}

export interface RequestOptions extends RequestInit {
  /** The Host header; `api.test` by default. */
  readonly host?: string;
  readonly scheme?: "http" | "https";
  /** The connection's peer as the engine reports it; null where it does not. */
  readonly peer?: string | null;
  /** Further members of `request.cf`. */
  readonly cf?: Readonly<Record<string, unknown>>;
}

const NEVER = 2 ** 40;

/** The real gateway over the real config store; only what it calls is the test's own. */
export class TestGateway {
  readonly sent: Sent[] = [];
  readonly problems: Problem[] = [];
  readonly store: ConfigStore<CompiledApi>;
  readonly memory = new MemoryCache();
  /** What came of shards that did not answer. */
  readonly cacheErrors: unknown[] = [];
  readonly kv: KVNamespace;
  readonly #runtime: AwsRuntime;
  readonly #log: AccessLog | undefined;
  readonly #trustedHops: number;

  constructor(options: GatewayOptions) {
    this.kv = options.kv ?? env.CONFIG;
    this.#log = options.log;
    this.#trustedHops = options.trustedHops ?? 0;
    const services = accessServices({
      kv: this.kv,
      fetch: (url, init) => this.#origin(options, url, init),
      refreshMs: options.refreshMs ?? NEVER,
      keySetRefreshMs: options.keySetRefreshMs ?? NEVER,
      credentialsKey: options.credentialsKey,
      report: (problem) => this.problems.push(problem),
    });
    const limits = throttling({
      open: options.counters ?? ((name) => env.COUNTERS.getByName(name)),
      report: (problem) => this.problems.push(problem),
      clock: CLOCK,
      holder: () => crypto.randomUUID(),
    });
    const cache = {
      memory: this.memory,
      open: options.shards ?? ((name: string) => env.CACHE.getByName(name)),
      report: (error: unknown) => this.cacheErrors.push(error),
    };
    const circuits = new Circuits();
    this.store = new ConfigStore<CompiledApi>({
      compile: (config) => compileApi(config, services, { throttling: limits, cache, circuits }),
      refreshMs: options.refreshMs ?? NEVER,
      report: (problem) => this.problems.push(problem),
    });
    const functions = options.functions ?? {};
    this.#runtime = {
      fetchOrigin: (url, init) => this.#origin(options, url, init),
      loadFunction:
        options.loadFunction ??
        ((name) =>
          name in functions
            ? Promise.resolve(functions[name])
            : Promise.reject(new Error(`Module not found in bundle: ../routes/${name}.ts`))),
      functionEnv: options.functionEnv ?? {},
      showReasons: options.showReasons ?? false,
      aws: new AwsSettings(options.aws ?? {}),
    };
  }

  async #origin(options: GatewayOptions, url: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? "GET";
    const headers = new Headers(init.headers);
    const read = !options.streamOrigin && init.body !== null && init.body !== undefined;
    const body = read ? new Uint8Array(await new Response(init.body).arrayBuffer()) : undefined;
    this.sent.push({ url, method, headers, body, redirect: init.redirect });
    if (!options.origin) return Response.json({});
    return options.origin(new Request(url, body ? { ...init, body } : init));
  }

  /** Serves one request and whatever it left for afterwards. */
  async fetch(target: string, options: RequestOptions = {}): Promise<Response> {
    const ctx = createExecutionContext();
    const response = await this.serve(buildRequest(target, options), ctx);
    await waitOnExecutionContext(ctx);
    return response;
  }

  serve(request: Request, ctx: ExecutionContext): Promise<Response> {
    const { store, kv } = this;
    const parts = { store, kv, runtime: this.#runtime, log: this.#log, trustedHops: this.#trustedHops };
    return serve(parts, request, ctx);
  }

  /** What the one origin call of a test was. */
  get lastSent(): Sent {
    const last = this.sent.at(-1);
    if (!last) throw new Error("no origin was called");
    return last;
  }
}

/** A request whose target is on the wire as given: the engine does not resolve `..` or `\` there. */
export function buildRequest(target: string, options: RequestOptions = {}): Request {
  const { host = "api.test", scheme = "https", peer = "203.0.113.7:50123", cf = {}, ...init } = options;
  const request = new Request(`${scheme}://${host}/`, {
    ...init,
    cf: peer === null ? cf : { clientIp: peer, ...cf },
  });
  if (!request.headers.has("host")) request.headers.set("host", host);
  Object.defineProperty(request, "url", { value: `${scheme}://${host}${target}` });
  return request;
}

/** Writes entries to the config store and gives a gateway over it. */
export async function gateway(
  entries: Readonly<Record<string, unknown>>,
  options: GatewayOptions = {},
): Promise<TestGateway> {
  await writeEntries(entries);
  return new TestGateway(options);
}

/** Strings are written as they are, so that they can be broken JSON. */
export async function writeEntries(entries: Readonly<Record<string, unknown>>): Promise<void> {
  await Promise.all(
    Object.entries(entries).map(([key, value]) =>
      env.CONFIG.put(key, typeof value === "string" ? value : JSON.stringify(value)),
    ),
  );
}

/** Entries of the API `default`: its settings, when any, and its routes' integrations by route key. */
export function api(
  routes: Readonly<Record<string, unknown>>,
  settings?: Readonly<Record<string, unknown>>,
  name = "default",
): Record<string, unknown> {
  const entries: Record<string, unknown> = {};
  if (settings) entries[`apis/${name}`] = settings;
  for (const [key, integration] of Object.entries(routes)) {
    entries[`apis/${name}/routes/${key}`] = { integration };
  }
  return entries;
}

export const proxyTo = (uri: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: "http_proxy",
  uri,
  ...more,
});

export const callFunction = (uri: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: "aws_proxy",
  uri,
  ...more,
});

/** A mock that answers 200 with this text. */
export const answerWith = (body: string) => ({
  type: "mock",
  requestTemplates: { "application/json": '{"statusCode": 200}', $default: '{"statusCode": 200}' },
  responses: { default: { statusCode: 200, responseTemplates: { "application/json": body } } },
});

/** A function that remembers its events and answers with the last of them. */
export function echoFunction(): { readonly events: Record<string, unknown>[]; readonly module: unknown } {
  const events: Record<string, unknown>[] = [];
  const handler = async (event: Record<string, unknown>) => {
    events.push(event);
    return { statusCode: 200, body: JSON.stringify(event) };
  };
  return { events, module: { handler } };
}
