import * as v from "valibot";
import { type Fetch, fetchJson } from "./fetch-json.ts";
import { type KeySet, parseKeySet } from "./key-set.ts";

/** Where the keys of one issuer come from. */
export interface KeySource {
  /** The keys in memory, when they can be believed. Owes their refresh behind the request to `ctx`. */
  known(ctx: ExecutionContext): KeySet | undefined;
  /** Waits for keys when `known` has none; none when they cannot be had. Never throws. */
  load(ctx: ExecutionContext): Promise<KeySet | undefined>;
  /** Asks the issuer again, as far as its turn has come, since a token names a key that is not there. Never throws. */
  newer(ctx: ExecutionContext): Promise<KeySet | undefined>;
}

export interface KeySourceOptions {
  readonly fetch: Fetch;
  /** ms since the epoch. */
  readonly now: () => number;
  /** From this age on keys are fetched again behind requests; from twice this age in front of them. In ms. */
  readonly refreshMs: number;
  /** Time for the discovery document and time for the key set, in ms each. */
  readonly timeoutMs: number;
  /** Told of each attempt that fails; there is one per cooldown at most. */
  readonly report: (issuer: string, message: string) => void;
}

/** Time between two attempts while there are keys: for unknown kids and while the issuer fails. */
const COOLDOWN_MS = 30_000;

/** Time between two attempts while there are no keys and every call is refused. */
const EMPTY_COOLDOWN_MS = 5000;

/** Beyond the time that both documents may take: an attempt of this age died with its request. */
const SLACK_MS = 500;

/** The longest pause of those that wait for another request's attempt. */
const MAX_PAUSE_MS = 50;

/** A fetch of the keys under way. */
interface Attempt {
  /** 1 is the first. */
  readonly number: number;
  /** ms since the epoch. */
  readonly since: number;
}

const Discovery = v.object({ issuer: v.string(), jwks_uri: v.pipe(v.string(), v.regex(/^https?:\/\//i)) });

/** Keys that stand in the configuration. */
export function fixedKeys(jwks: unknown): KeySource {
  const set = parseKeySet(jwks, undefined);
  return { known: () => set, load: async () => set, newer: async () => set };
}

/**
 * Keys that an issuer publishes, in memory. The first request waits for them; afterwards they
 * are fetched again behind requests. What is published replaces what was; while the issuer
 * fails, the last keys stay, as long as the isolate does.
 */
export class FetchedKeys implements KeySource {
  readonly #issuer: string;
  readonly #options: KeySourceOptions;
  #jwksUri: string | undefined;
  readonly #discovers: boolean;
  #set: KeySet | undefined;
  #loadedAt = 0;
  /** The number of the attempt that brought the keys. */
  #loadedBy = 0;
  #attempts = 0;
  #attemptedAt = 0;
  /** Whether the last attempt failed. */
  #failing = false;
  /** The attempt under way. */
  #current: Attempt | undefined;

  /** @param jwksUri where the keys are; without it, the issuer's discovery document says */
  constructor(issuer: string, jwksUri: string | undefined, options: KeySourceOptions) {
    this.#issuer = issuer;
    this.#jwksUri = jwksUri;
    this.#discovers = jwksUri === undefined;
    this.#options = options;
  }

  known(ctx: ExecutionContext): KeySet | undefined {
    if (!this.#set) return undefined;
    const now = this.#options.now();
    const age = now - this.#loadedAt;
    const { refreshMs } = this.#options;
    if (age >= 0 && age < refreshMs) return this.#set;
    // Nobody asked for long, so nobody had them fetched behind a request: what has been
    // withdrawn since must not pass. While the issuer fails, waiting would bring nothing.
    const failing = this.#failing && !this.#isDue(now, refreshMs);
    if (age >= 2 * refreshMs && !failing) return undefined;
    const cooldown = this.#failing ? Math.min(COOLDOWN_MS, refreshMs) : 0;
    if (this.#isDue(now, cooldown) && !this.#isUnderWay(now)) {
      ctx.waitUntil(this.#attempt(true));
    }
    return this.#set;
  }

  async load(ctx: ExecutionContext): Promise<KeySet | undefined> {
    let current = this.#current;
    while (current) {
      await this.#outlast(current);
      if (this.#current === current) break;
      // Another may have begun in the place of one that died.
      current = this.#current;
      if (!current) return this.#set;
    }
    const cooldown = this.#failing ? EMPTY_COOLDOWN_MS : 0;
    if (current || this.#isDue(this.#options.now(), cooldown)) await this.#lead(ctx, true);
    return this.#set;
  }

  async newer(ctx: ExecutionContext): Promise<KeySet | undefined> {
    const current = this.#current;
    if (current) {
      await this.#outlast(current);
      if (this.#current !== current) return this.#set;
    }
    if (this.#isDue(this.#options.now(), COOLDOWN_MS)) await this.#lead(ctx, false);
    return this.#set;
  }

  #isDue(now: number, cooldownMs: number): boolean {
    const age = now - this.#attemptedAt;
    return age < 0 || age >= cooldownMs;
  }

  #isUnderWay(now: number): boolean {
    return this.#current !== undefined && now - this.#current.since <= this.#patienceMs;
  }

  get #patienceMs(): number {
    return 2 * this.#options.timeoutMs + SLACK_MS;
  }

  /** Makes an attempt that goes on when its request is broken off. */
  async #lead(ctx: ExecutionContext, rediscover: boolean): Promise<void> {
    const attempt = this.#attempt(rediscover);
    ctx.waitUntil(attempt);
    await attempt;
  }

  /**
   * Waits until the attempt of another request is over, or so old that it must have died,
   * looking again every few milliseconds: a request must not await a promise of another,
   * which dies with it.
   */
  async #outlast(current: Attempt): Promise<void> {
    for (let pause = 4; this.#current === current; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
      if (!this.#isUnderWay(this.#options.now())) return;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Fetches the keys and puts them in the place of those that were. Never throws. */
  async #attempt(rediscover: boolean): Promise<void> {
    const since = this.#options.now();
    const attempt: Attempt = { number: ++this.#attempts, since };
    this.#current = attempt;
    this.#attemptedAt = since;
    try {
      const set = parseKeySet(await this.#fetch(rediscover), this.#set);
      if (!set) throw new Error(`${this.#jwksUri ?? ""}: the answer is no key set`);
      // A late answer must not replace that of an attempt begun after it.
      if (attempt.number < this.#loadedBy) return;
      this.#loadedBy = attempt.number;
      this.#set = set;
      this.#loadedAt = since;
      this.#failing = false;
    } catch (error) {
      if (this.#current !== attempt) return;
      this.#failing = true;
      const message = error instanceof Error ? error.message : String(error);
      const kept = this.#set ? "those fetched before stay in use" : "there are none yet";
      this.#options.report(this.#issuer, `the keys could not be fetched, ${kept}: ${message}`);
    } finally {
      if (this.#current === attempt) this.#current = undefined;
    }
  }

  async #fetch(rediscover: boolean): Promise<unknown> {
    const { fetch } = this.#options;
    if (this.#discovers && (rediscover || this.#jwksUri === undefined)) {
      this.#jwksUri = await this.#discover();
    }
    return fetchJson(fetch, this.#jwksUri ?? "", this.#options.timeoutMs);
  }

  /** OpenID Connect Discovery 1.0 sections 4.1 and 4.3: the document has to be this issuer's own. */
  async #discover(): Promise<string> {
    const url = `${this.#issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const document = v.safeParse(
      Discovery,
      await fetchJson(this.#options.fetch, url, this.#options.timeoutMs),
    );
    if (!document.success) throw new Error(`${url}: the document lacks issuer or jwks_uri`);
    const { issuer, jwks_uri } = document.output;
    if (issuer !== this.#issuer) throw new Error(`${url}: the document is another issuer's`);
    if (url.startsWith("https:") && !/^https:/i.test(jwks_uri)) {
      throw new Error(`${url}: jwks_uri is not https, as the issuer is`);
    }
    return jwks_uri;
  }
}
