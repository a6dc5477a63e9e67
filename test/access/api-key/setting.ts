import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { requireApiKey } from "../../../src/access/api-key/guard.ts";
import { keyHash } from "../../../src/access/api-key/key-hash.ts";
import type { Call } from "../../../src/call.ts";
import type { StageConfig } from "../../../src/config/api-config.ts";
import { ApiKeyEntry, UsagePlanEntry } from "../../../src/config/api-key-schema.ts";
import { EntryCache } from "../../../src/config/entry-cache.ts";
import { parseEntry } from "../../../src/config/parse.ts";
import type { Problem } from "../../../src/config/problem.ts";
import { API_DEFAULTS, type ApiEntry } from "../../../src/config/schemas.ts";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import { FaultyKV } from "../../support/faulty-kv.ts";
import { writeEntries } from "../../support/gateway.ts";

export const NOW = Date.UTC(2026, 10, 21);

/** The entry of this key text, `enabled` and of the plan `gold` unless it says otherwise. */
export async function writeKey(text: string, entry: Readonly<Record<string, unknown>> | string = {}) {
  const value = typeof entry === "string" ? entry : { id: "k_one", usagePlans: ["gold"], ...entry };
  await writeEntries({ [`api-keys/${await keyHash(text)}`]: value });
}

/** A plan with these stages, as `api:stage`. */
export async function writePlan(name: string, ...stages: readonly string[]) {
  const apiStages = stages.map((covered) => {
    const [api, stage] = covered.split(":");
    return { api, stage };
  });
  await writeEntries({ [`usage-plans/${name}`]: { apiStages } });
}

export interface CallOptions {
  readonly headers?: HeadersInit;
  readonly usageIdentifierKey?: string;
}

/** The guard in front of a handler, over the real caches and the real store. */
export class Setting {
  now = NOW;
  readonly kv = new FaultyKV();
  /** The one key of the store that cannot be read. */
  failing = "";
  readonly problems: Problem[] = [];
  readonly #stage: StageConfig;
  readonly #handle: (call: Call) => Promise<Response>;
  /** The caller that the handler saw; none when it was not reached. */
  caller: Call["caller"] | undefined;

  constructor(settings: Partial<ApiEntry> = {}) {
    this.#stage = {
      api: "shop",
      stage: "prod",
      settings: { ...API_DEFAULTS, ...settings },
      variables: {},
      routes: [],
      authorizers: new Map(),
      models: new Map(),
      limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
      deployment: "auto",
      broken: false,
      problems: [],
    };
    const cache = {
      kv: this.#store(),
      refreshMs: 30_000,
      patienceMs: 50,
      capacity: 100,
      report: (problem: Problem) => void this.problems.push(problem),
      now: () => this.now,
    };
    const services = {
      apiKeys: new EntryCache<ApiKeyEntry>({
        ...cache,
        prefix: "api-keys/",
        parse: (key, text) => parseEntry(key, text, ApiKeyEntry),
      }),
      usagePlans: new EntryCache<UsagePlanEntry>({
        ...cache,
        prefix: "usage-plans/",
        parse: (key, text) => parseEntry(key, text, UsagePlanEntry),
      }),
    };
    this.#handle = requireApiKey(
      this.#stage,
      services,
    )(async (call) => {
      this.caller = call.caller;
      return new Response("in");
    });
  }

  /** `in`, or the type, reason and detail of the refusal. */
  async call(options: CallOptions = {}): Promise<string> {
    this.caller = undefined;
    const ctx = createExecutionContext();
    try {
      return await (await this.#handle(this.#build(options, ctx))).text();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const status = error.status === undefined ? "" : ` ${error.status}`;
      return `${error.type}${status} ${error.reason}: ${error.message}`;
    } finally {
      await waitOnExecutionContext(ctx);
    }
  }

  /** The same with this key in the header, without the detail. */
  async verdict(key: string): Promise<string> {
    return (await this.call({ headers: { "x-api-key": key } })).split(":")[0] ?? "";
  }

  #store(): KVNamespace {
    return new Proxy(this.kv.namespace, {
      get: (target, property) =>
        property === "get"
          ? (key: string) =>
              key === this.failing ? Promise.reject(new Error("no such shard")) : target.get(key, "text")
          : Reflect.get(target, property),
    });
  }

  #build({ headers = {}, usageIdentifierKey }: CallOptions, ctx: ExecutionContext): Call {
    return {
      request: new Request("https://shop.test/pets", { headers }),
      runtime: {
        fetchOrigin: () => Promise.reject(new Error("nothing is fetched")),
        loadFunction: () => Promise.reject(new Error("nothing is loaded")),
        functionEnv: {},
        showReasons: false,
      },
      ctx,
      method: "GET",
      scheme: "https",
      host: "shop.test",
      fullPath: "/pets",
      path: "/pets",
      query: "",
      stageNamed: false,
      basePath: undefined,
      stage: this.#stage,
      route: {
        key: "GET /pets",
        template: { method: "GET", path: "/pets", segments: [] },
        operationName: undefined,
        parameters: {},
      },
      stoppedHeaders: [],
      clientAddress: "203.0.113.7",
      requestId: "r",
      extendedRequestId: "r",
      startedAt: this.now,
      outcome: {},
      caller: usageIdentifierKey === undefined ? {} : { usageIdentifierKey },
    };
  }
}
