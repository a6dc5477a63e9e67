import { version } from "../package.json";
import { accessServices } from "./access/isolate-services.ts";
import { MemoryCache } from "./cache/memory.ts";
import type { CacheShard } from "./cache/shard.ts";
import type { Runtime } from "./call.ts";
import { type CompiledApi, compileApi } from "./compile.ts";
import { USAGE_PLAN_PREFIX } from "./config/api-key-schema.ts";
import type { Problem } from "./config/problem.ts";
import { ConfigStore } from "./config/store.ts";
import { hideFromProcess } from "./functions/process-env.ts";
import { type Gateway, serve } from "./gateway.ts";
import { type AwsRuntime, AwsSettings, isAwsSetting } from "./integrations/aws/signed/credentials.ts";
import { Circuits } from "./integrations/http/resilience/circuits.ts";
import { CLOCK } from "./lib/clock.ts";
import { managementToken } from "./management/guard.ts";
import { managementApp } from "./management/management.ts";
import { purge } from "./management/purge.ts";
import { AccessLog } from "./observability/access-log.ts";
import { isHost } from "./routing/path.ts";
import type { Counter } from "./throttle/counter.ts";
import { periodStart } from "./throttle/period.ts";
import { throttling } from "./throttle/route-limits.ts";
import { planCounter } from "./throttle/rule.ts";

export { CacheShard } from "./cache/shard.ts";
export { Counter } from "./throttle/counter.ts";

/** The bindings and variables of wrangler.toml; functions see all others. */
export interface Env {
  readonly CONFIG: KVNamespace;
  /** Counts for limits and quotas. */
  readonly COUNTERS: DurableObjectNamespace<Counter>;
  /** Keeps responses. */
  readonly CACHE: DurableObjectNamespace<CacheShard>;
  /** Calls origins without the detour of the global `fetch`; present under `npm start`. */
  readonly ORIGIN?: Fetcher;
  /** How old the configuration may get, in seconds; 30 by default. */
  readonly CONFIG_REFRESH_SECONDS?: string;
  /** `off` turns the access log off. */
  readonly ACCESS_LOG?: string;
  /** `on` shows clients why they were refused (`x-portico-reason`): for developers' machines. */
  readonly SHOW_REASONS?: string;
  /** Opens the secrets of IAM-style credentials: base64 of 32 bytes. A secret (`wrangler secret put`). */
  readonly CREDENTIALS_KEY?: string;
  /** Opens `/_portico`, which is off without it: 32 characters or more. A secret (`wrangler secret put`). */
  readonly MANAGEMENT_TOKEN?: string;
  /** How old an issuer's key set may get, in seconds; 300 by default. */
  readonly JWKS_REFRESH_SECONDS?: string;
  /** Which version of the script this is, where the platform says. */
  readonly CF_VERSION_METADATA?: { readonly id: string };
  /** How many proxies of one's own stand in front of the gateway; 0 by default. */
  readonly TRUSTED_HOPS?: string;
}

/** What functions do not get; the secrets above all. */
const OWN_BINDINGS = new Set([
  "CONFIG",
  "COUNTERS",
  "CACHE",
  "ORIGIN",
  "CONFIG_REFRESH_SECONDS",
  "ACCESS_LOG",
  "SHOW_REASONS",
  "CF_VERSION_METADATA",
  "CREDENTIALS_KEY",
  "MANAGEMENT_TOKEN",
  "JWKS_REFRESH_SECONDS",
  "TRUSTED_HOPS",
]);
const isOwnBinding = (name: string): boolean => OWN_BINDINGS.has(name) || isAwsSetting(name);

const OWN_PATH = "/_portico";

interface Isolate {
  readonly gateway: Gateway;
  readonly management: { fetch(request: Request): Response | Promise<Response> };
}

// The bindings are the same for every request of an isolate, so this is built once from them.
let isolate: Isolate | undefined;

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    isolate ??= build(env);
    if (isOwn(request.url) && isHost(request.headers.get("host"))) return isolate.management.fetch(request);
    return serve(isolate.gateway, request, ctx);
  },
} satisfies ExportedHandler<Env>;

function isOwn(url: string): boolean {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  if (path < 0 || !url.startsWith(OWN_PATH, path)) return false;
  const next = url.charAt(path + OWN_PATH.length);
  return next === "" || next === "/" || next === "?";
}

function build(env: Env): Isolate {
  hideFromProcess(isOwnBinding);
  const report = (problem: Problem): void =>
    console.warn(JSON.stringify({ level: "warn", reason: reasonOf(problem), ...problem }));
  const origin = env.ORIGIN;
  const fetchOrigin: Runtime["fetchOrigin"] = origin
    ? (url, init) => origin.fetch(url, init)
    : (url, init) => fetch(url, init);
  const configRefreshMs = milliseconds(env.CONFIG_REFRESH_SECONDS, 30_000);
  const services = accessServices({
    kv: env.CONFIG,
    fetch: fetchOrigin,
    refreshMs: configRefreshMs,
    keySetRefreshMs: milliseconds(env.JWKS_REFRESH_SECONDS, 300_000),
    credentialsKey: env.CREDENTIALS_KEY,
    deployment: env.CF_VERSION_METADATA?.id,
    report,
  });
  const limits = throttling({
    open: (name) => env.COUNTERS.getByName(name),
    report,
    clock: CLOCK,
    holder: () => crypto.randomUUID(),
  });
  const cache = {
    memory: new MemoryCache(),
    open: (name: string) => env.CACHE.getByName(name),
    report: (error: unknown) => report(unavailableCache(error)),
  };
  const circuits = new Circuits();
  const store = new ConfigStore<CompiledApi>({
    compile: (config) => compileApi(config, services, { throttling: limits, cache, circuits }),
    refreshMs: configRefreshMs,
    report,
  });
  const runtime: AwsRuntime = {
    fetchOrigin,
    loadFunction: (name) => import(`../routes/${name}.ts`),
    functionEnv: Object.fromEntries(Object.entries(env).filter(([name]) => !isOwnBinding(name))),
    showReasons: env.SHOW_REASONS === "on",
    aws: new AwsSettings({ ...env }),
  };
  const log = env.ACCESS_LOG === "off" ? undefined : new AccessLog((lines) => console.log(lines));
  return {
    gateway: {
      store,
      kv: env.CONFIG,
      log,
      trustedHops: trustedHops(env.TRUSTED_HOPS, report),
      runtime,
    },
    management: managementApp({
      version,
      token: managementToken(env.MANAGEMENT_TOKEN, report),
      configAgeMs: () => store.ageMs(Date.now()),
      problems: () => store.problems.length,
      probeConfig: async () => {
        await env.CONFIG.list({ limit: 1 });
      },
      flushLog: () => log?.flush(),
      usage: {
        days: async (plan, key) =>
          (await env.COUNTERS.getByName(planCounter(plan, key)).usage())["quota"] ?? {},
        planEntry: (plan) => env.CONFIG.get(USAGE_PLAN_PREFIX + plan),
        periodStart,
      },
      purge: (request) => purge(request, cache.open),
      report,
    }),
  };
}

function unavailableCache(error: unknown): Problem {
  const why = error instanceof Error ? error.message : String(error);
  return {
    code: "cache.unavailable",
    path: "CACHE",
    message: `a shard of the cache does not answer: ${why}`,
    hint: "requests go to their origins meanwhile",
  };
}

/** What could not be fetched is no fault of the configuration's. */
function reasonOf({ code }: Problem): string {
  return code.endsWith(".unavailable") ? code : "config.invalid";
}

/** A variable in seconds, as ms; the default for what is no positive number. */
function milliseconds(seconds: string | undefined, otherwise: number): number {
  const value = Number(seconds);
  return Number.isFinite(value) && value > 0 ? value * 1000 : otherwise;
}

/** Anything but a small whole number trusts nobody. */
function trustedHops(text: string | undefined, report: (problem: Problem) => void): number {
  if (text === undefined) return 0;
  if (/^\d$/.test(text)) return Number(text);
  const message = `TRUSTED_HOPS is 0 to 9, not "${text}": no proxy is trusted`;
  report({ code: "value.invalid", path: "TRUSTED_HOPS", message });
  return 0;
}
