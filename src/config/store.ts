import type { ApiConfig, Domain } from "./api-config.ts";
import { checkedAccount } from "./check-limits.ts";
import { ACCOUNT_KEY, API_PREFIX, DOMAIN_PREFIX, parseEntryKey } from "./keys.ts";
import { type LoadedApi, loadApi, sameApi } from "./load-api.ts";
import { parseEntry } from "./parse.ts";
import type { Problem } from "./problem.ts";
import { getValues, listKeys } from "./read.ts";
import { DomainEntry } from "./schemas.ts";
import { AccountEntry, type Throttle } from "./throttle-schema.ts";

/** What exists, without any API's content: enough to say which API a request is for. */
interface Index {
  readonly keysByApi: ReadonlyMap<string, readonly string[]>;
  readonly domains: ReadonlyMap<string, Domain>;
  readonly account: Account;
  readonly problems: readonly Problem[];
}

/** The entry `account`. */
interface Account {
  /** As the store had it: the same text is not parsed again, and gives the same limits. */
  readonly text: string | null;
  readonly throttle: readonly Throttle[];
  readonly problems: readonly Problem[];
}

const NO_ACCOUNT: Account = { text: null, throttle: [], problems: [] };

interface Served<T> {
  readonly loaded: LoadedApi;
  readonly compiled: T;
}

export interface StoreOptions<T> {
  readonly compile: (config: ApiConfig) => T;
  /** How old the configuration may get before a request has it read again, in ms. */
  readonly refreshMs: number;
  /** Told once of each problem that appears. */
  readonly report: (problem: Problem) => void;
}

/** A cold reader that has not finished after this long no longer holds the others up, in ms. */
const PATIENCE_MS = 3000;

/** Reading again rests ten times as long as it takes, so that many routes cost no more than few. */
const REST_FACTOR = 10;

/**
 * The configuration of one isolate, compiled. The first request of an API waits for KV;
 * afterwards requests are served from memory, and one of them at a time has the entries
 * read again behind its answer. What changed replaces what was in one step; when KV fails,
 * what was stays.
 */
export class ConfigStore<T> {
  readonly #options: StoreOptions<T>;
  readonly #served = new Map<string, Served<T>>();
  /** Cold reads under way, by API (empty name: the index), with their start. */
  readonly #cold = new Map<string, number>();
  #index: Index | undefined;
  #readAt = 0;
  #refreshingSince = 0;
  /** Refreshes begun, and the latest of them that has finished. */
  #rounds = 0;
  #finished = 0;
  /** How long the last read took. */
  #costMs = 0;
  #reported = new Set<string>();

  constructor(options: StoreOptions<T>) {
    this.#options = options;
  }

  /** Milliseconds since the configuration was last read; none before the first time. */
  ageMs(now: number): number | undefined {
    return this.#readAt === 0 ? undefined : now - this.#readAt;
  }

  get isReady(): boolean {
    return this.#index !== undefined;
  }

  get problems(): readonly Problem[] {
    const apis = [...this.#served.values()].flatMap(({ loaded }) => loaded.config.problems);
    return [...(this.#index?.problems ?? []), ...apis, ...this.#waysAround()];
  }

  /** A domain's client certificates guard nothing where its API answers under any other host. */
  #waysAround(): readonly Problem[] {
    const problems: Problem[] = [];
    for (const { host, mappings, mutualTls } of this.#index?.domains.values() ?? []) {
      if (mutualTls !== "required") continue;
      for (const api of new Set(mappings.map((mapping) => mapping.api))) {
        const stages = this.#served.get(api)?.loaded.config.stages.values() ?? [];
        if ([...stages].every(({ broken, settings }) => broken || settings.disableExecuteApiEndpoint))
          continue;
        problems.push({
          code: "mutual_tls.bypass",
          path: `${DOMAIN_PREFIX}${host}#mutualTls`,
          message: `the API "${api}" is served under other hosts too, where nobody asks for a certificate`,
          hint: `"disableExecuteApiEndpoint": true on the API closes them`,
        });
      }
    }
    return problems;
  }

  hasApi(name: string): boolean {
    return this.#index?.keysByApi.has(name) ?? false;
  }

  /** The domain entry for a host name: its own, else that of the wildcard above it. */
  domain(hostname: string): Domain | undefined {
    const domains = this.#index?.domains;
    if (!domains || domains.size === 0) return undefined;
    const dot = hostname.indexOf(".");
    return domains.get(hostname) ?? (dot < 0 ? undefined : domains.get(`*${hostname.slice(dot)}`));
  }

  /** Makes `domain` and `hasApi` answer; throws when the very first read fails. */
  async ready(kv: KVNamespace): Promise<void> {
    if (this.#index) return;
    await this.#once(
      "",
      () => this.#index !== undefined,
      async () => {
        this.#index = await readIndex(kv, undefined);
        this.#readAt = Date.now();
        this.#reportNew();
      },
    );
  }

  /** An API, compiled, when it is in memory. */
  api(name: string): T | undefined {
    return this.#served.get(name)?.compiled;
  }

  /** Reads an API that is not in memory yet. */
  async loadApi(kv: KVNamespace, name: string): Promise<T | undefined> {
    if (!this.hasApi(name)) return undefined;
    await this.#once(
      name,
      () => this.#served.has(name),
      async () => {
        const keys = this.#index?.keysByApi.get(name) ?? [];
        const { throttle } = this.#index?.account ?? NO_ACCOUNT;
        const loaded = await loadApi(kv, name, keys, undefined, throttle);
        // A reader that lost its patience may have been quicker.
        if (this.#served.has(name)) return;
        this.#served.set(name, { loaded, compiled: this.#options.compile(loaded.config) });
        this.#reportNew();
      },
    );
    return this.#served.get(name)?.compiled;
  }

  /**
   * Whether what is in memory is too old to be believed: nobody asked for so long that nobody
   * had it read again. A guard that was put on a route since has to hold for the next request.
   */
  isExpired(now: number): boolean {
    return this.#index !== undefined && now - this.#readAt > 2 * this.#restMs;
  }

  /**
   * Has everything read again in front of a request; others wait for the one that does. While
   * the store fails, or takes longer than a request's patience, what was stays.
   */
  async catchUp(kv: KVNamespace, ctx: ExecutionContext): Promise<void> {
    const startedAt = Date.now();
    if (this.#refreshingSince === 0 || startedAt - this.#refreshingSince > PATIENCE_MS * 4) {
      ctx.waitUntil(this.refresh(kv));
    }
    const readAt = this.#readAt;
    while (this.#readAt === readAt && Date.now() - startedAt < PATIENCE_MS) {
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  }

  /** Whether it is time to read again and nobody does; the caller then owes a `refresh`. */
  isStale(now: number): boolean {
    if (now - this.#readAt < this.#restMs) return false;
    // A refresher whose request was cut off never reports back.
    return now - this.#refreshingSince > PATIENCE_MS * 4;
  }

  get #restMs(): number {
    return Math.max(this.#options.refreshMs, this.#costMs * REST_FACTOR);
  }

  /** Reads everything in use again. Never throws: what cannot be read stays as it was. */
  async refresh(kv: KVNamespace): Promise<void> {
    const startedAt = Date.now();
    this.#refreshingSince = startedAt;
    const round = ++this.#rounds;
    try {
      const index = await readIndex(kv, this.#index);
      const fresh = new Map<string, Served<T>>();
      for (const [name, served] of this.#served) {
        const keys = index.keysByApi.get(name);
        if (!keys) continue;
        const loaded = await loadApi(kv, name, keys, served.loaded, index.account.throttle);
        const compiled = sameApi(served.loaded, loaded)
          ? served.compiled
          : this.#options.compile(loaded.config);
        fresh.set(name, { loaded, compiled });
      }
      // One that hung must not bring back what a later one has replaced.
      if (round < this.#finished) return;
      this.#finished = round;
      this.#index = index;
      for (const name of this.#served.keys()) if (!index.keysByApi.has(name)) this.#served.delete(name);
      for (const [name, served] of fresh) this.#served.set(name, served);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.report({
        code: "config.unavailable",
        path: "CONFIG",
        message: `the configuration could not be read again and stays as it was: ${message}`,
      });
    } finally {
      if (round >= this.#finished) {
        this.#readAt = Date.now();
        this.#costMs = this.#readAt - startedAt;
        this.#refreshingSince = 0;
        this.#reportNew();
      }
    }
  }

  /**
   * One request does the work, the others look again every few milliseconds: a request
   * must not await a promise of another, which dies with it.
   */
  async #once(name: string, done: () => boolean, work: () => Promise<void>): Promise<void> {
    const startedAt = Date.now();
    while (this.#cold.has(name)) {
      await new Promise((resolve) => setTimeout(resolve, 4));
      if (done()) return;
      const now = Date.now();
      const since = this.#cold.get(name);
      if (since !== undefined && (now - since > PATIENCE_MS || now - startedAt > PATIENCE_MS)) break;
    }
    if (done()) return;
    this.#cold.set(name, Date.now());
    try {
      await work();
    } finally {
      this.#cold.delete(name);
    }
  }

  #reportNew(): void {
    const current = new Set<string>();
    for (const problem of this.problems) {
      const identity = `${problem.path} ${problem.message}`;
      current.add(identity);
      if (!this.#reported.has(identity)) this.#options.report(problem);
    }
    this.#reported = current;
  }
}

async function readIndex(kv: KVNamespace, previous: Index | undefined): Promise<Index> {
  const [apiKeys, domainKeys, accountText] = await Promise.all([
    listKeys(kv, API_PREFIX),
    listKeys(kv, DOMAIN_PREFIX),
    kv.get(ACCOUNT_KEY, "text"),
  ]);
  const account = readAccount(accountText, previous?.account ?? NO_ACCOUNT);
  const problems: Problem[] = [...account.problems];
  const keysByApi = new Map<string, string[]>();
  for (const key of apiKeys) {
    const name = parseEntryKey(key);
    if (!name) {
      problems.push({ code: "key.unknown", path: key, message: "this key names nothing that Portico reads" });
      continue;
    }
    const keys = keysByApi.get(name.api);
    if (keys) keys.push(key);
    else keysByApi.set(name.api, [key]);
  }
  const domains = new Map<string, Domain>();
  for (const [key, text] of await getValues(kv, domainKeys, undefined)) {
    const host = key.slice(DOMAIN_PREFIX.length).toLowerCase();
    const entry = parseEntry(key, text, DomainEntry);
    if (entry.ok) domains.set(host, { host, ...entry.value });
    else {
      // Without mappings the host answers 403: a broken entry must not lead to another API.
      const [problem] = entry.problems;
      const broken = { host, mappings: [], ...(problem && { problem }) };
      domains.set(host, previous?.domains.get(host) ?? broken);
      problems.push(...entry.problems);
    }
  }
  return { keysByApi, domains, account, problems };
}

/** An entry that does not parse leaves the limits that held before, or none: it takes down no API. */
function readAccount(text: string | null, previous: Account): Account {
  if (text === previous.text) return previous;
  if (text === null) return NO_ACCOUNT;
  const entry = checkedAccount(ACCOUNT_KEY, parseEntry(ACCOUNT_KEY, text, AccountEntry));
  if (!entry.ok) return { text, throttle: previous.throttle, problems: entry.problems };
  return { text, throttle: entry.value.throttle, problems: [] };
}
