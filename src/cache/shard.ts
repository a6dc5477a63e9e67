import { DurableObject, RpcTarget } from "cloudflare:workers";
import { Arrival } from "./arrival.ts";
import { type CacheRequest, fieldValue, type ResponseHead, type Times } from "./http/fields.ts";
import { selectRange } from "./http/range.ts";
import { decideReuse, onlyIfCached, type Reuse } from "./http/reuse.ts";
import { invalidated, type StoredResponse } from "./http/stored-response.ts";
import { freshenByHead } from "./http/validation.ts";
import { matches, selectStored } from "./http/vary.ts";
import type { CacheAsk, CachedBody, CacheKey, Fill, Found, Fwd, Keep, Selector, Stored } from "./protocol.ts";
import { CHUNK_BYTES, type Item, Shelf } from "./shelf.ts";

/** Bodies up to this are handed over as bytes, in bytes. */
const INLINE_BYTES = CHUNK_BYTES;
/** All bodies of one shard, in bytes. */
const ROOM_BYTES = 256 * 1024 * 1024;
/** Responses to one URL that vary; the oldest go first. */
const MOST_VARIANTS = 64;
/** So often a request waits for others before it goes by itself. */
const TURNS = 3;

/** How a fill ended: `dropped` by whoever had it, so that another one takes it over. */
type Ending = "kept" | "passed" | "failed" | "dropped";

interface Pending {
  readonly ended: Promise<Ending>;
  readonly end: (ending: Ending) => void;
  readonly key: CacheKey;
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** It was purged since it began: what it brings is not kept. */
  doomed: boolean;
  /** Tags that were purged since it began: nobody knows yet which it has. */
  readonly purgedTags: Set<string>;
}

/** A stored response, or one that arrives. */
type Candidate = StoredResponse & { readonly from: Item | Arrived };

interface Arrived {
  readonly arrival: Arrival;
  readonly pending: Pending;
  readonly tags: readonly string[];
}

/**
 * The Durable Object that keeps responses, and the place where requests wait for each other: of
 * all that miss together one fetches the response, and the others get it as it arrives.
 */
export class CacheShard extends DurableObject<unknown> {
  readonly #shelf: Shelf;
  readonly #pending = new Map<string, Pending>();
  readonly #arrivals = new Map<string, Set<Candidate>>();

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    this.#shelf = new Shelf(ctx.storage);
  }

  async lookup(ask: CacheAsk): Promise<Found> {
    const key = textOf(ask.key);
    const request = { method: ask.method, url: ask.key.url, headers: headersOf(ask) };
    const until = Date.now() + ask.waitMs;
    let ending: Ending | undefined;
    for (let turn = 0; ; turn++) {
      const now = Date.now();
      const candidates = this.#candidates(key);
      const chosen = selectStored(candidates, request.headers);
      const reuse = chosen && decideReuse(chosen, request, now);
      const slot = slotOf(key, candidates, request.headers);
      if (chosen && reuse?.verdict === "serve") return this.#stored(chosen, request, ending === "kept", now);
      if (chosen && reuse?.verdict === "serve-and-revalidate") {
        const fill =
          ask.fills && !this.#pending.has(slot) ? this.#begin(slot, ask.key, request, chosen) : undefined;
        return { ...this.#stored(chosen, request, false, now), fill };
      }
      if (reuse ? reuse.verdict === "gateway-timeout" : onlyIfCached(request))
        return { kind: "gateway-timeout" };
      // Whoever fetched it got an error.
      if (chosen && ending === "failed" && reuse?.onError) return this.#stored(chosen, request, true, now);
      const fwd: Fwd = reuse?.fwd ?? (candidates.length > 0 ? "vary-miss" : "uri-miss");
      const why = passReason(ask, ending, chosen !== undefined, turn, until - now);
      if (why !== undefined) return { kind: "pass", fwd, detail: why === "" ? undefined : why };
      const pending = this.#pending.get(slot);
      if (!pending) return this.#missing(slot, ask.key, request, fwd, chosen, reuse);
      // Whoever takes that long is not waited for by anybody any more.
      const left = Math.min(until, pending.since + ask.waitMs) - now;
      if (left <= 0) return { kind: "pass", fwd, detail: "waited" };
      ending = await within(pending.ended, left);
    }
  }

  /** A response to HEAD says whether what is stored is as good as new (RFC 9111 section 4.3.5). */
  async head(
    ask: CacheAsk,
    update: { readonly status: number; readonly headers: CacheAsk["headers"] },
    times: Times,
  ) {
    const request = { method: "HEAD", url: ask.key.url, headers: headersOf(ask) };
    const response: ResponseHead = { status: update.status, headers: headersOf(update) };
    for (const { id, head, length } of this.#shelf.find(textOf(ask.key))) {
      if (!matches(head, request.headers)) continue;
      const updated = freshenByHead(head, length, request, response, times);
      if (updated?.refusal) this.#shelf.remove(id);
      else this.#shelf.setHead(id, updated ? updated.response : invalidated(head));
    }
  }

  /**
   * Forgets responses, or marks them as stale with `soft`.
   *
   * @returns how many
   */
  async purge(selector: Selector, soft: boolean): Promise<number> {
    for (const pending of this.#pending.values()) {
      if (selector.kind === "tag") pending.purgedTags.add(selector.value);
      else if (isNamed(selector, pending.key, [])) pending.doomed = true;
    }
    for (const arriving of this.#arrivals.values()) {
      for (const candidate of arriving) {
        const { from } = candidate;
        if ("id" in from || !isNamed(selector, from.pending.key, from.tags)) continue;
        from.pending.doomed = true;
        arriving.delete(candidate);
      }
    }
    const ids = this.#shelf.select(selector);
    for (const id of ids) {
      const head = soft ? this.#shelf.head(id) : undefined;
      if (head) this.#shelf.setHead(id, invalidated(head));
      else this.#shelf.remove(id);
    }
    return ids.length;
  }

  /** How many responses there are, all their bodies together in bytes, and how many are being fetched. */
  async status(): Promise<{ readonly responses: number; readonly bytes: number; readonly pending: number }> {
    return { responses: this.#shelf.count, bytes: this.#shelf.bytes, pending: this.#pending.size };
  }

  #candidates(key: string): readonly Candidate[] {
    const stored = this.#shelf.find(key).map((item): Candidate => ({ ...item.head, from: item }));
    return [...stored, ...(this.#arrivals.get(key) ?? [])];
  }

  #stored(chosen: Candidate, request: CacheRequest, collapsed: boolean, now: number): Stored {
    const { from, ...head } = chosen;
    const whole = "id" in from ? from.length : from.arrival.isWhole ? from.arrival.size : undefined;
    if ("id" in from) this.#shelf.use(from, now);
    return {
      kind: "stored",
      head,
      length: whole,
      body: this.#body(chosen, request),
      collapsed,
      fill: undefined,
    };
  }

  /** Of many bytes those only that the request's Range asks for. */
  #body({ from, ...head }: Candidate, { method, headers }: CacheRequest): CachedBody {
    if (method === "HEAD") return null;
    if (!("id" in from)) return from.arrival.isWhole ? from.arrival.bytes() : from.arrival.stream();
    if (from.length <= INLINE_BYTES) return this.#shelf.whole(from) ?? broken();
    // Ranges are of the encoded bytes, and these are not.
    const isEncoded = fieldValue(head.headers, "content-encoding") !== undefined;
    const range = isEncoded ? undefined : selectRange(head, from.length, headers);
    if (range === "unsatisfiable") return null;
    return this.#stream(from.id, range?.offset ?? 0, range?.length ?? from.length);
  }

  /** Reads as the reader does; what was evicted meanwhile breaks off. */
  #stream(id: number, offset: number, length: number): ReadableStream<Uint8Array> {
    let at = offset;
    const end = offset + length;
    return new ReadableStream({
      type: "bytes",
      pull: (controller) => {
        if (at >= end) return controller.close();
        const size = Math.min(CHUNK_BYTES - (at % CHUNK_BYTES), end - at);
        const bytes = this.#shelf.body(id, at, size);
        if (!bytes) return controller.error(new Error("the response is not stored any more"));
        at += size;
        controller.enqueue(bytes);
      },
    });
  }

  #missing(
    slot: string,
    key: CacheKey,
    request: CacheRequest,
    fwd: Fwd,
    chosen: Candidate | undefined,
    reuse: Reuse | undefined,
  ): Found {
    const fill = this.#begin(slot, key, request, chosen);
    let stale: StoredResponse | undefined;
    if (chosen) {
      const { from: _, ...head } = chosen;
      stale = head;
    }
    return { kind: "fill", fwd, stale, onError: reuse?.onError ?? false, fill };
  }

  #begin(slot: string, key: CacheKey, request: CacheRequest, chosen: Candidate | undefined): Duty {
    const { promise: ended, resolve } = Promise.withResolvers<Ending>();
    const pending: Pending = {
      ended,
      key,
      since: Date.now(),
      doomed: false,
      purgedTags: new Set(),
      end: (ending) => {
        if (this.#pending.get(slot) === pending) this.#pending.delete(slot);
        resolve(ending);
      },
    };
    this.#pending.set(slot, pending);
    return new Duty({
      end: pending.end,
      keep: (keep, body) => this.#keep(pending, request, keep, body),
      update: (head) => this.#update(chosen, request, head),
      body: () => (chosen ? this.#body(chosen, request) : null),
    });
  }

  async #keep(
    pending: Pending,
    request: CacheRequest,
    { head, tags, length, maxBytes }: Keep,
    body: Uint8Array | ReadableStream<Uint8Array>,
  ): Promise<boolean> {
    const { key } = pending;
    const name = textOf(key);
    const arrival = new Arrival(maxBytes);
    if (tags.some((tag) => pending.purgedTags.has(tag))) pending.doomed = true;
    const arriving: Candidate = { ...head, from: { arrival, pending, tags } };
    // Of one whose length is not known nobody can say whether it is going to be kept.
    if (length !== undefined && !pending.doomed && !(body instanceof Uint8Array)) {
      this.#arrive(name, arriving);
      pending.end("kept");
    }
    const whole = await arrival.receive(body, length);
    this.#arrivals.get(name)?.delete(arriving);
    if (this.#arrivals.get(name)?.size === 0) this.#arrivals.delete(name);
    const isKept = whole && !pending.doomed;
    if (isKept) {
      const stored = this.#shelf.find(name);
      const same = stored.filter((item) => matches(item.head, request.headers));
      const others = stored.filter((item) => !same.includes(item));
      // Callers choose what responses vary by.
      const surplus = others.slice(0, Math.max(0, others.length + 1 - MOST_VARIANTS));
      const ids = [...same, ...surplus].map(({ id }) => id);
      const { url, route } = key;
      this.#shelf.put({ key: name, url, route }, head, tags, arrival.chunks(), ids, ROOM_BYTES, Date.now());
    }
    pending.end(isKept ? "kept" : "passed");
    return isKept;
  }

  #arrive(name: string, arriving: Candidate): void {
    const others = this.#arrivals.get(name);
    if (others) others.add(arriving);
    else this.#arrivals.set(name, new Set([arriving]));
  }

  #update(
    chosen: Candidate | undefined,
    request: CacheRequest,
    head: StoredResponse | undefined,
  ): CachedBody {
    const body = chosen ? this.#body(chosen, request) : null;
    if (chosen && "id" in chosen.from) {
      if (head) this.#shelf.setHead(chosen.from.id, head);
      else this.#shelf.remove(chosen.from.id);
    }
    return body;
  }
}

interface DutyOptions {
  readonly end: (ending: Ending) => void;
  readonly keep: (keep: Keep, body: Uint8Array | ReadableStream<Uint8Array>) => Promise<boolean>;
  readonly update: (head: StoredResponse | undefined) => CachedBody;
  readonly body: () => CachedBody;
}

/** The platform disposes of it when the request that has it ends, or its machine does. */
class Duty extends RpcTarget implements Fill {
  readonly #options: DutyOptions;
  #isKeeping = false;

  constructor(options: DutyOptions) {
    super();
    this.#options = options;
  }

  async keep(keep: Keep, body: Uint8Array | ReadableStream<Uint8Array>): Promise<boolean> {
    this.#isKeeping = true;
    return this.#options.keep(keep, body);
  }

  async update(head: StoredResponse | undefined): Promise<CachedBody> {
    const body = this.#options.update(head);
    this.#options.end(head ? "kept" : "passed");
    return body;
  }

  async stale(): Promise<CachedBody> {
    const body = this.#options.body();
    this.#options.end("failed");
    return body;
  }

  async pass(): Promise<void> {
    this.#options.end("passed");
  }

  [Symbol.dispose](): void {
    // A body that breaks off ends it by itself.
    if (!this.#isKeeping) this.#options.end("dropped");
  }
}

/** Whether a purge is of this response. */
function isNamed(selector: Selector, { url, route }: CacheKey, tags: readonly string[]): boolean {
  switch (selector.kind) {
    case "all":
      return true;
    case "route":
      return route === selector.value;
    case "url":
      return url === selector.value;
    case "prefix":
      return url.startsWith(selector.value);
    case "tag":
      return tags.includes(selector.value);
  }
}

/** Why a request goes by itself: what it says to the client, or nothing to say; undefined while it does not. */
function passReason(
  ask: CacheAsk,
  ending: Ending | undefined,
  found: boolean,
  turn: number,
  left: number,
): string | undefined {
  if (!ask.fills) return "";
  if (ending === "passed" || ending === "failed") return "not-stored";
  // What was fetched just now is stale already: all who waited for it need their own.
  if (ending === "kept" && found) return "not-stored";
  return turn > 0 && (turn >= TURNS || left <= 0) ? "waited" : undefined;
}

const textOf = ({ space, url, owner }: CacheKey): string => `${space}\n${url}\n${owner}`;

const headersOf = ({ headers }: { readonly headers: CacheAsk["headers"] }): Headers =>
  new Headers(headers.map(([name, value]): [string, string] => [name, value]));

/** Requests wait for each other only where they select by the same values, as far as that is known. */
function slotOf(key: string, candidates: readonly Candidate[], headers: Headers): string {
  const names = new Set(candidates.flatMap(({ vary }) => vary.map(([name]) => name)));
  return names.size === 0
    ? key
    : `${key}\n${JSON.stringify([...names].sort().map((name) => [name, headers.get(name)]))}`;
}

function broken(): never {
  throw new Error("a stored response has lost its body");
}

function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
