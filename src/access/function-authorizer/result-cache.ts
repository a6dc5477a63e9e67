import { BoundedMap } from "../../lib/bounded-map.ts";
import { withDeadline } from "../../lib/deadline.ts";
import type { AuthorizerResult } from "./result.ts";

/** How many results an authorizer keeps in memory. */
const CAPACITY = 1_000;
/** Longer answers are not kept, in characters; API Gateway's own limit for them (aws-semantics 9.3). */
const MAX_RESULT = 8_192;
/** Identities longer than this are kept by their digest, so that memory stays bounded, in characters. */
const MAX_KEY = 2_048;

/**
 * The platform's cache shares results between the isolates of one location, but a look into
 * it costs more CPU than a bundled function's usual answer, and a write five times that. So it
 * is asked only about results that live for a while, from functions that take a while, and
 * told only about callers that came back.
 */
const SHARED_TTL_MS = 60_000;
const SLOW_MS = 10;
/** How long a look into it may take, in ms. */
const PATIENCE_MS = 250;

const encoder = new TextEncoder();

export interface Kept {
  readonly result: AuthorizerResult;
  /** The answer, as long as the location may want it. */
  text: string | undefined;
  /** The method ARN that the function was asked about. */
  readonly arn: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/**
 * The cache that the isolates of one location share. Other Workers of the same zone may have
 * the same one, so its entries carry a name that no other deployment has: what a test system's
 * function lets in must not get into production.
 */
export interface SharedResults {
  readonly deployment: string;
  readonly open: () => Promise<Pick<Cache, "match" | "put">>;
}

/** A function's answer: checked, as text, and how long it took, in ms. */
interface Fresh {
  readonly result: AuthorizerResult;
  readonly text: string;
  readonly latency: number;
}

export interface ResultCacheOptions {
  readonly ttlMs: number;
  /** Tells this authorizer's entries from every other's in the shared cache; JSON. */
  readonly scope: string;
  readonly now: () => number;
  readonly shared: SharedResults | undefined;
  /** Checks again what the shared cache has; none for what is no good answer. */
  readonly read: (text: string) => AuthorizerResult | undefined;
}

/** An authorizer's results by identity: in memory, and behind it in the platform's cache. */
export class ResultCache {
  readonly #options: ResultCacheOptions;
  readonly #kept = new BoundedMap<string, Kept>(CAPACITY);
  /** What the function took last; an isolate that has not asked it yet looks first. */
  #latency = Number.POSITIVE_INFINITY;

  constructor(options: ResultCacheOptions) {
    this.#options = options;
  }

  /** What memory has, at once. Promises the location a copy of what is used again. */
  known(key: string, ctx: ExecutionContext): Kept | undefined {
    return key.length > MAX_KEY ? undefined : this.#inMemory(key, ctx);
  }

  /** What memory or the location has. */
  async find(key: string, ctx: ExecutionContext): Promise<Kept | undefined> {
    const short = await shortKey(key);
    const known = this.#inMemory(short, ctx);
    const shared = known ? undefined : this.#sharing();
    if (!shared) return known;
    const found = await this.#lookUp(shared, short);
    if (found) this.#kept.set(short, found);
    return found;
  }

  async keep(key: string, { result, text, latency }: Fresh, arn: string): Promise<void> {
    this.#latency = latency;
    if (text.length > MAX_RESULT) return;
    const { ttlMs, now } = this.#options;
    const kept = { result, arn, expiresAt: now() + ttlMs, text: this.#sharing() ? text : undefined };
    this.#kept.set(await shortKey(key), kept);
  }

  #inMemory(key: string, ctx: ExecutionContext): Kept | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    if (kept.expiresAt <= this.#options.now()) {
      this.#kept.delete(key);
      return undefined;
    }
    const { text } = kept;
    if (text !== undefined) {
      kept.text = undefined;
      ctx.waitUntil(this.#share(key, kept, text));
    }
    return kept;
  }

  /** The location's cache, where it is worth its cost. */
  #sharing(): SharedResults | undefined {
    const { ttlMs, shared } = this.#options;
    return ttlMs >= SHARED_TTL_MS && this.#latency >= SLOW_MS ? shared : undefined;
  }

  async #share(key: string, { arn, expiresAt }: Kept, text: string): Promise<void> {
    const { shared } = this.#options;
    if (!shared) return;
    try {
      const seconds = Math.floor((expiresAt - this.#options.now()) / 1000);
      if (seconds < 1) return;
      const cache = await shared.open();
      const response = new Response(JSON.stringify({ text, arn, expiresAt }), {
        headers: { "content-type": "application/json", "cache-control": `max-age=${seconds}` },
      });
      await cache.put(await this.#address(key), response);
    } catch {
      // The platform's cache is a convenience: without it every isolate asks for itself.
    }
  }

  async #lookUp(shared: SharedResults, key: string): Promise<Kept | undefined> {
    try {
      return await withDeadline(this.#ask(shared, key), PATIENCE_MS, () => new Error("too slow"));
    } catch {
      return undefined;
    }
  }

  async #ask(shared: SharedResults, key: string): Promise<Kept | undefined> {
    const cache = await shared.open();
    const response = await cache.match(await this.#address(key));
    return response && this.#readShared(await response.json());
  }

  #readShared(value: unknown): Kept | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    if (!("text" in value && "arn" in value && "expiresAt" in value)) return undefined;
    const { text, arn, expiresAt } = value;
    if (typeof text !== "string" || typeof arn !== "string" || typeof expiresAt !== "number")
      return undefined;
    const { now, ttlMs, read } = this.#options;
    const left = expiresAt - now();
    if (left <= 0 || left > ttlMs) return undefined;
    const result = read(text);
    return result && { result, arn, expiresAt, text: undefined };
  }

  /** No name that resolves, and nothing of the identity in it but its digest. */
  async #address(key: string): Promise<string> {
    return `https://authorizers.portico.invalid/${await digest(this.#options.scope + key)}`;
  }
}

/** The key, or its digest: a digest is no JSON list, so the two never meet. */
async function shortKey(key: string): Promise<string> {
  return key.length > MAX_KEY ? digest(key) : key;
}

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
