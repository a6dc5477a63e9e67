import { version } from "../package.json";
import { type CompiledApi, compileApi } from "./compile.ts";
import { ConfigStore } from "./config/store.ts";
import { type Gateway, serve } from "./gateway.ts";
import { managementApp } from "./management/management.ts";
import { AccessLog } from "./observability/access-log.ts";
import { isHost } from "./routing/path.ts";

/** The bindings and variables of wrangler.toml; functions see all others. */
export interface Env {
  readonly CONFIG: KVNamespace;
  /** Calls origins without the detour of the global `fetch`; present under `npm start`. */
  readonly ORIGIN?: Fetcher;
  /** How old the configuration may get, in seconds; 30 by default. */
  readonly CONFIG_REFRESH_SECONDS?: string;
  /** `off` turns the access log off. */
  readonly ACCESS_LOG?: string;
  /** `on` shows clients why they were refused (`x-portico-reason`): for developers' machines. */
  readonly SHOW_REASONS?: string;
}

const OWN_BINDINGS = new Set(["CONFIG", "ORIGIN", "CONFIG_REFRESH_SECONDS", "ACCESS_LOG", "SHOW_REASONS"]);
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
  const store = new ConfigStore<CompiledApi>({
    compile: compileApi,
    refreshMs: refreshMs(env.CONFIG_REFRESH_SECONDS),
    report: (problem) =>
      console.warn(JSON.stringify({ level: "warn", reason: "config.invalid", ...problem })),
  });
  const origin = env.ORIGIN;
  const log = env.ACCESS_LOG === "off" ? undefined : new AccessLog((lines) => console.log(lines));
  return {
    gateway: {
      store,
      kv: env.CONFIG,
      log,
      runtime: {
        fetchOrigin: origin ? (url, init) => origin.fetch(url, init) : (url, init) => fetch(url, init),
        loadFunction: (name) => import(`../routes/${name}.ts`),
        functionEnv: Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_BINDINGS.has(name))),
        showReasons: env.SHOW_REASONS === "on",
      },
    },
    management: managementApp({
      version,
      configAgeMs: () => store.ageMs(Date.now()),
      problems: () => store.problems.length,
      probeConfig: async () => {
        await env.CONFIG.list({ limit: 1 });
      },
      flushLog: () => log?.flush(),
    }),
  };
}

function refreshMs(seconds: string | undefined): number {
  const value = Number(seconds ?? "30");
  return Number.isFinite(value) && value > 0 ? value * 1000 : 30_000;
}
