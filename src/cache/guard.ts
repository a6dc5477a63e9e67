import type { Call, Guard, Handler } from "../call.ts";
import type { Cache } from "../config/cache-schema.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import { Arrival } from "./arrival.ts";
import { asksAnew } from "./asks-anew.ts";
import { answerFrom } from "./http/answer.ts";
import { type CacheStatus, formatCacheStatus } from "./http/cache-status.ts";
import { type CacheRequest, fieldValue, type HeaderLines, listMembers, type Times } from "./http/fields.ts";
import { ageAt } from "./http/freshness.ts";
import { invalidatedUrls } from "./http/invalidation.ts";
import { decideReuse, mustForward } from "./http/reuse.ts";
import type { StoredResponse } from "./http/stored-response.ts";
import { freshen, updatedBy304 } from "./http/validation.ts";
import { matches, selectStored } from "./http/vary.ts";
import { canonicalUrl, keyText, shardOf, spaceOf } from "./key.ts";
import type { MemoryCache } from "./memory.ts";
import { httpPolicy, mayInvalidate, type Policy, ttlPolicy } from "./policy.ts";
import type {
  CacheAsk,
  CachedBody,
  CacheKey,
  Fill,
  Found,
  Keep,
  Missing,
  Selector,
  Stored,
} from "./protocol.ts";

/** What the gateway calls of a shard. */
export interface Shard {
  lookup(ask: CacheAsk): Promise<Found>;
  head(
    ask: CacheAsk,
    update: { readonly status: number; readonly headers: HeaderLines },
    times: Times,
  ): Promise<void>;
  purge(selector: Selector, soft: boolean): Promise<number>;
}

/** The responses that an isolate may use. */
export interface CacheStore {
  readonly memory: MemoryCache;
  open(shard: string): Shard;
  /** A shard that does not answer is no reason not to answer: the request goes to the origin. */
  report(error: unknown): void;
}

/** For so long a request waits for another one's response, in ms. */
const WAIT_MS = 5_000;
/** Bodies up to this are read whole before they are handed on, in bytes. */
const INLINE_BYTES = 65_536;
/** How this cache is called in `Cache-Status` (RFC 9211). */
const NAME = "portico";
/** At which an origin counts as failing (RFC 5861 section 4). */
const FAILING: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Remembers responses as the route says: by the rules of HTTP, or for a time. */
export function remember(cache: Cache, store: CacheStore, strict: boolean): Guard {
  if (cache.mode === "ttl") {
    if (cache.ttl === 0) return (next) => next;
    const policy = ttlPolicy(cache, strict);
    return (next) => (call) => {
      if (call.method !== "GET") return next(call);
      const refused = asksAnew(call) && !mayInvalidate(cache, call);
      if (refused && cache.invalidation === "FAIL_WITH_403") throw mayNotInvalidate(call);
      const answer = new Caching(policy, store, strict, call, next).answer();
      return refused && cache.invalidation === "SUCCEED_WITH_RESPONSE_HEADER" ? answer.then(warned) : answer;
    };
  }
  const policy = httpPolicy(cache);
  return (next) => (call) => {
    // A connection is no response.
    if (call.request.headers.has("upgrade")) return next(call);
    return new Caching(policy, store, strict, call, next).answerHttp();
  };
}

function mayNotInvalidate(call: Call): GatewayError {
  const detail = `the client asks ${call.route.key} for a response that is not cached, and may not`;
  return new GatewayError("ACCESS_DENIED", "cache.invalidation", detail);
}

/** RFC 7234 section 5.5.7, as API Gateway has it. */
function warned(response: Response): Response {
  response.headers.append("warning", '199 - "cache-control header was ignored"');
  return response;
}

/** One request and the cache. */
class Caching {
  readonly #policy: Policy;
  readonly #store: CacheStore;
  readonly #strict: boolean;
  readonly #call: Call;
  readonly #next: Handler;
  readonly #request: CacheRequest;

  constructor(policy: Policy, store: CacheStore, strict: boolean, call: Call, next: Handler) {
    this.#policy = policy;
    this.#store = store;
    this.#strict = strict;
    this.#call = call;
    this.#next = next;
    this.#request = policy.requestOf(call);
  }

  /** Requests that no cache answers pass it by; those that change something end what is stored. */
  async answerHttp(): Promise<Response> {
    const why = mustForward(this.#request);
    if (why === undefined) return this.answer();
    const response = await this.#next(this.#call);
    if (why === "method") await this.#invalidate(response);
    return this.#say(response, { fwd: why });
  }

  async answer(): Promise<Response> {
    const now = Date.now();
    const key = this.#policy.keyOf(this.#call);
    const name = keyText(key);
    const { memory } = this.#store;
    const selected = selectStored(memory.get(name, now), this.#request.headers);
    if (selected && decideReuse(selected, this.#request, now).verdict === "serve") {
      return this.#answerWith(selected, selected.body, selected.body.byteLength, { hit: true }, now);
    }
    if (memory.isAlone(name, now)) return this.#forward({ fwd: "miss" });
    const ask = this.#ask(key);
    const found = await this.#lookup(ask);
    switch (found?.kind) {
      case undefined:
        return this.#forward({ fwd: "bypass", detail: "unavailable" });
      case "stored":
        return this.#hit(found, name, ask);
      case "fill":
        return this.#fill(found, key, name);
      case "pass":
        return this.#pass(ask, found.fwd, found.detail);
      case "gateway-timeout":
        return this.#say(new Response(null, { status: 504 }), { fwd: "miss", detail: "only-if-cached" });
    }
  }

  #ask(key: CacheKey): CacheAsk {
    const { method, headers } = this.#request;
    const isHead = method === "HEAD";
    return {
      key,
      method: isHead ? "HEAD" : "GET",
      headers: [...headers],
      // A part is no response to store.
      fills: !isHead && !headers.has("range"),
      waitMs: WAIT_MS,
    };
  }

  async #lookup(ask: CacheAsk): Promise<Found | undefined> {
    try {
      return await this.#store.open(shardOf(ask.key)).lookup(ask);
    } catch (error) {
      this.#store.report(error);
      return undefined;
    }
  }

  #hit(found: Stored, name: string, { key }: CacheAsk): Response {
    const { head, body, length, collapsed, fill } = found;
    const now = Date.now();
    if (fill) this.#call.ctx.waitUntil(this.#revalidate(head, fill, key, name));
    else if (body instanceof Uint8Array && length === body.byteLength) this.#remember(name, head, body, now);
    const status = collapsed ? ({ fwd: "uri-miss", collapsed } as const) : ({ hit: true } as const);
    return this.#answerWith(head, body, length, status, now);
  }

  #remember(name: string, head: StoredResponse, body: Uint8Array, now: number): void {
    const { headers } = this.#request;
    this.#store.memory.put(name, { ...head, body }, (other) => matches(other, headers), now);
  }

  /** To the origin and back, without the cache. */
  async #forward(status: Extract<CacheStatus, { readonly fwd: unknown }>): Promise<Response> {
    return this.#say(await this.#next(this.#call), status);
  }

  async #pass(ask: CacheAsk, fwd: Missing["fwd"], detail: string | undefined): Promise<Response> {
    const sent = Date.now();
    const response = await this.#next(this.#call);
    if (ask.method === "HEAD" && response.status === 200) {
      const update = { status: response.status, headers: [...response.headers] };
      const times = { request: sent, response: Date.now() };
      this.#behind(this.#store.open(shardOf(ask.key)).head(ask, update, times));
      this.#store.memory.delete(keyText(ask.key));
    }
    return this.#say(response, { fwd, ...(detail === undefined ? {} : { detail }) });
  }

  /** Fetches a response for this request and all that wait for it. */
  async #fill(found: Missing, key: CacheKey, name: string): Promise<Response> {
    const { fwd, stale, onError, fill } = found;
    let fetched: Fetched;
    try {
      fetched = await this.#fetch(stale);
    } catch (error) {
      if (stale && onError && isOriginsFault(error)) return this.#serveStale(stale, fill, "error");
      this.#behind(ended(fill, fill.pass()));
      throw error;
    }
    const { response, times } = fetched;
    if (stale && onError && FAILING.has(response.status)) {
      await response.body?.cancel();
      return this.#serveStale(stale, fill, String(response.status));
    }
    if (stale && response.status === 304) return this.#freshened(fetched, stale, fwd, fill, key, name);
    return this.#keep(response, times, fwd, fill, name);
  }

  async #serveStale(stale: StoredResponse, fill: Fill & Disposable, detail: string): Promise<Response> {
    const body = await ended(fill, fill.stale());
    const length = body instanceof Uint8Array ? body.byteLength : undefined;
    return this.#answerWith(stale, body, length, { hit: true, detail }, Date.now());
  }

  async #fetch(stale: StoredResponse | undefined): Promise<Fetched> {
    const headers = this.#policy.headersFor(this.#call, stale);
    const request = new Request(this.#call.request, { headers });
    const sent = Date.now();
    const response = await this.#next({ ...this.#call, request });
    return { response, times: { request: sent, response: Date.now() } };
  }

  async #freshened(
    { response, times }: Fetched,
    stale: StoredResponse,
    fwd: Missing["fwd"],
    fill: Fill & Disposable,
    key: CacheKey,
    name: string,
  ): Promise<Response> {
    const [same] = updatedBy304([stale], response.headers);
    // It speaks of a response that we do not have.
    if (!same) return this.#fill({ kind: "fill", fwd, stale: undefined, onError: false, fill }, key, name);
    const { response: head, refusal } = freshen(stale, this.#request, response, times);
    const body = await ended(fill, fill.update(refusal === undefined ? head : undefined));
    this.#store.memory.delete(name);
    const length = body instanceof Uint8Array ? body.byteLength : undefined;
    return this.#answerWith(
      head,
      body,
      length,
      { fwd, fwdStatus: 304, stored: refusal === undefined },
      Date.now(),
    );
  }

  async #keep(
    response: Response,
    times: Times,
    fwd: Missing["fwd"],
    fill: Fill & Disposable,
    name: string,
  ): Promise<Response> {
    const head = this.#policy.storing(this.#call, response, times);
    const encoded = response.headers.has("content-encoding");
    const stated = response.headers.get("content-length");
    const length = stated === null || encoded ? undefined : Number(stated);
    if (typeof head === "string" || (length ?? 0) > this.#policy.maxBytes) {
      this.#behind(ended(fill, fill.pass()));
      this.#store.memory.passAlone(name, Date.now());
      return this.#say(response, { fwd, detail: typeof head === "string" ? head : "too-large" });
    }
    const keep = {
      head,
      tags: listMembers(fieldValue(head.headers, "cache-tag") ?? ""),
      length,
      maxBytes: this.#policy.maxBytes,
    };
    const status = { fwd, stored: true } as const;
    if (response.body === null || (length !== undefined && length <= INLINE_BYTES)) {
      const bytes = await this.#read(response, fill);
      this.#behind(ended(fill, this.#keepWhole(keep, bytes, fill, name)));
      return this.#answerWith(head, bytes, bytes.byteLength, status, Date.now());
    }
    const arrival = new Arrival(length ?? 0);
    if (length !== undefined && this.#store.memory.readAhead(length, arrival.unused)) {
      // Read as fast as it comes: others wait for it, however slowly this client reads.
      this.#behind(arrival.receive(response.body, length));
      this.#behind(ended(fill, fill.keep(keep, arrival.stream())));
      return this.#answerWith(head, arrival.stream(), length, status, Date.now());
    }
    const [own, stored] = response.body.tee();
    this.#behind(ended(fill, this.#keepUnlessTooLarge(keep, stored, fill, name)));
    return this.#answerWith(head, own, undefined, status, Date.now());
  }

  /** What was purged meanwhile is not remembered here either. */
  async #keepWhole(keep: Keep, bytes: Uint8Array, fill: Fill, name: string): Promise<void> {
    const now = Date.now();
    if (await fill.keep(keep, bytes)) this.#remember(name, keep.head, bytes, now);
  }

  /** Nobody waits a second time for a body that turned out not to fit. */
  async #keepUnlessTooLarge(keep: Keep, body: ReadableStream, fill: Fill, name: string): Promise<void> {
    if (!(await fill.keep(keep, body))) this.#store.memory.passAlone(name, Date.now());
  }

  /** @throws GatewayError for a body that breaks off */
  async #read(response: Response, fill: Fill & Disposable): Promise<Uint8Array> {
    if (response.body === null) return new Uint8Array();
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      this.#behind(ended(fill, fill.pass()));
      const detail = `the response of ${this.#call.route.key} broke off`;
      throw new GatewayError("INTEGRATION_FAILURE", "integration.network", detail, { cause: error });
    }
  }

  /** Behind a request that was served a stale response. */
  async #revalidate(
    stale: StoredResponse,
    fill: Fill & Disposable,
    key: CacheKey,
    name: string,
  ): Promise<void> {
    try {
      const found = { kind: "fill", fwd: "stale", stale, onError: false, fill } as const;
      const response = await this.#fill(found, key, name);
      await response.body?.cancel();
    } catch {
      // It is served stale as long as it may be.
    }
  }

  /** What an unsafe request changed is not served any more (RFC 9111 section 4.4). */
  async #invalidate(response: Response): Promise<void> {
    const { stage } = this.#call;
    const space = spaceOf(stage.api, stage.stage);
    const urls = invalidatedUrls(this.#request, response).map(canonicalUrl);
    await Promise.all(
      urls.map(async (url) => {
        try {
          await this.#store.open(shardOf({ space, url })).purge({ kind: "url", value: url }, true);
        } catch (error) {
          this.#store.report(error);
        }
      }),
    );
    this.#store.memory.deleteUrls(space, urls);
  }

  #answerWith(
    head: StoredResponse,
    body: CachedBody,
    length: number | undefined,
    status: CacheStatus,
    now: number,
  ): Response {
    const encoded = fieldValue(head.headers, "content-encoding") !== undefined;
    // Ranges are of the bytes that are sent, which the engine has yet to make of these.
    const answer = answerFrom(head, this.#request, now, encoded ? undefined : length);
    const { headers } = answer;
    if (encoded || (body instanceof ReadableStream && length === undefined)) headers.delete("content-length");
    else if (this.#request.method === "HEAD" && length !== undefined)
      headers.set("content-length", String(length));
    const part = partOf(body, answer.body);
    const known = encoded ? undefined : lengthOf(answer.body, length);
    const sent = part instanceof ReadableStream ? ofLength(part, known) : part;
    const response = new Response(sent, { status: answer.status, headers });
    return this.#say(response, { ...status, ttl: head.freshness.lifetime - ageAt(head, now) });
  }

  #say(response: Response, status: CacheStatus): Response {
    this.#call.outcome.cache = outcomeOf(status);
    if (!this.#strict && !response.webSocket)
      response.headers.append("cache-status", formatCacheStatus(NAME, status));
    return response;
  }

  #behind(work: Promise<unknown>): void {
    this.#call.ctx.waitUntil(work.catch((error: unknown) => this.#store.report(error)));
  }
}

/** For the log. */
function outcomeOf(status: CacheStatus): NonNullable<Call["outcome"]["cache"]> {
  if ("hit" in status) return (status.ttl ?? 1) > 0 ? "hit" : "stale";
  if (status.collapsed) return "collapsed";
  return status.fwd === "bypass" || status.fwd === "method" ? "bypass" : "miss";
}

/** Lets go of a duty once it is done. */
async function ended<T>(fill: Disposable, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    fill[Symbol.dispose]();
  }
}

interface Fetched {
  readonly response: Response;
  readonly times: Times;
}

/** A stream has been cut by the shard already. */
function partOf(
  body: CachedBody,
  part: ReturnType<typeof answerFrom>["body"],
): Uint8Array | ReadableStream | null {
  if (part === "none") {
    if (body instanceof ReadableStream) void body.cancel().catch(() => {});
    return null;
  }
  if (part === "whole" || !(body instanceof Uint8Array)) return body;
  return body.subarray(part.offset, part.offset + part.length);
}

function lengthOf(
  part: ReturnType<typeof answerFrom>["body"],
  whole: number | undefined,
): number | undefined {
  return typeof part === "object" ? part.length : part === "whole" ? whole : 0;
}

/** The engine says how long a body is only where it knows it. */
const ofLength = (stream: ReadableStream, length: number | undefined): ReadableStream =>
  length === undefined ? stream : stream.pipeThrough(new FixedLengthStream(length));

const isOriginsFault = (error: unknown): boolean =>
  error instanceof GatewayError &&
  (error.type === "INTEGRATION_FAILURE" || error.type === "INTEGRATION_TIMEOUT");
