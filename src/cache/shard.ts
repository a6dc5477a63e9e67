import { DurableObject } from "cloudflare:workers";
import { Arrival } from "./arrival.ts";
import { CHUNK_BYTES } from "./chunks.ts";
import { Duty } from "./duty.ts";
import { CUT_OFF } from "./failure.ts";
import { type CacheRequest, fieldValue, listMembers, type ResponseHead, type Times } from "./http/fields.ts";
import { selectRange } from "./http/range.ts";
import { decideReuse, onlyIfCached, type Reuse } from "./http/reuse.ts";
import { sha256 } from "./http/sha256.ts";
import { invalidated, type StoredResponse } from "./http/stored-response.ts";
import type { StoringOptions } from "./http/storing.ts";
import { freshenByHead } from "./http/validation.ts";
import { matches, selectStored } from "./http/vary.ts";
import { type Pending, pendingFor, slotOf, Waiting } from "./pending.ts";
import type { CacheAsk, CachedBody, CacheKey, Found, Fwd, Keep, Kept, Selector, Stored } from "./protocol.ts";
import { type Item, Shelf, type ShelfDraft } from "./shelf.ts";

/** Bodies up to this are handed over as bytes, in bytes. */
const INLINE_BYTES = CHUNK_BYTES;
/** All bodies of one shard, in bytes. */
const ROOM_BYTES = 256 * 1024 * 1024;
/** Responses to one URL that vary; the oldest go first. */
const MOST_VARIANTS = 64;
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
    this.#shelf = new Shelf(ctx.storage, ROOM_BYTES);
  }

  async lookup(ask: CacheAsk): Promise<Found> {
    const key = placeOf(ask.key);
    const request = { method: ask.method, url: ask.key.url, headers: headersOf(ask) };
    const waiting = new Waiting(ask, Date.now());
    for (;;) {
      const now = Date.now();
      const candidates = this.#candidates(key);
      const chosen = selectStored(candidates, request.headers);
      const reuse = chosen && decideReuse(chosen, request, now);
      const slot = slotOf(key, candidates, request.headers);
      if (chosen && reuse?.verdict === "serve") return this.#stored(chosen, request, waiting.wasKept, now);
      if (chosen && reuse?.verdict === "serve-and-revalidate") {
        const fill =
          ask.fills && !this.#pending.has(slot) ? this.#begin(slot, ask.key, request, chosen) : undefined;
        return { ...this.#stored(chosen, request, false, now), fill };
      }
      if (reuse ? reuse.verdict === "gateway-timeout" : onlyIfCached(request))
        return { kind: "gateway-timeout" };
      // Whoever fetched it got an error.
      if (chosen && waiting.failure && reuse?.onError) return this.#stored(chosen, request, true, now);
      const fwd: Fwd = reuse?.fwd ?? (candidates.length > 0 ? "vary-miss" : "uri-miss");
      const failure = waiting.failed(now);
      if (failure) return { kind: "failed", fwd, failure };
      const why = waiting.passes(chosen !== undefined, now);
      if (why !== undefined) return { kind: "pass", fwd, detail: why === "" ? undefined : why };
      const pending = this.#pending.get(slot);
      if (!pending) return this.#missing(slot, ask.key, request, fwd, chosen, reuse);
      if (!(await waiting.for(pending, now))) return { kind: "pass", fwd, detail: "waited" };
    }
  }

  /** A response to HEAD says whether what is stored is as good as new (RFC 9111 section 4.3.5). */
  async head(
    ask: CacheAsk,
    update: { readonly status: number; readonly headers: CacheAsk["headers"] },
    times: Times,
    options: StoringOptions,
  ) {
    const request = { method: "HEAD", url: ask.key.url, headers: headersOf(ask) };
    const response: ResponseHead = { status: update.status, headers: headersOf(update) };
    for (const { id, head, length } of this.#shelf.find(placeOf(ask.key))) {
      if (!matches(head, request.headers)) continue;
      const updated = freshenByHead(head, length, request, response, times, options);
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
    if ("id" in from) this.#shelf.use(from, now);
    return {
      kind: "stored",
      head,
      length: "id" in from ? from.length : undefined,
      body: this.#body(chosen, request),
      collapsed,
      fill: undefined,
    };
  }

  /** Of many bytes those only that the request's Range asks for. */
  #body({ from, ...head }: Candidate, { method, headers }: CacheRequest): CachedBody {
    if (method === "HEAD") return null;
    if (!("id" in from)) return from.arrival.stream();
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
    const pending = pendingFor(key, () => {
      if (this.#pending.get(slot) === pending) this.#pending.delete(slot);
    });
    this.#pending.set(slot, pending);
    let kept: Item | undefined;
    return new Duty({
      end: pending.end,
      keep: async (keep, body) => {
        const outcome = await this.#keep(pending, request, keep, body);
        if (typeof outcome === "string") return outcome;
        kept = outcome;
        return "kept";
      },
      rest: (offset) => kept && this.#stream(kept.id, offset, kept.length - offset),
      update: (head) => this.#update(pending, chosen, request, head),
      body: () => (chosen ? this.#body(chosen, request) : null),
    });
  }

  async #keep(
    pending: Pending,
    request: CacheRequest,
    keep: Keep,
    body: Uint8Array | ReadableStream<Uint8Array>,
  ): Promise<Item | Exclude<Kept, "kept">> {
    const { head, tags, length, maxBytes } = keep;
    const name = placeOf(pending.key);
    const draft = this.#shelf.draft();
    const arrival = new Arrival(draft, maxBytes);
    if (isPurged(pending, tags)) pending.doomed = true;
    const arriving: Candidate = { ...head, from: { arrival, pending, tags } };
    // Of one whose length is not known nobody can say whether it is going to be kept.
    if (length !== undefined && !pending.doomed && !(body instanceof Uint8Array)) {
      this.#arrive(name, arriving);
      pending.end("kept");
    }
    const arrived = await arrival.receive(body, length);
    this.#arrivals.get(name)?.delete(arriving);
    if (this.#arrivals.get(name)?.size === 0) this.#arrivals.delete(name);
    if (arrived === "whole" && !pending.doomed) {
      const item = this.#put(pending.key, request, keep, draft, arrival);
      pending.end("kept");
      return item;
    }
    arrival.discard();
    // Of what was purged meanwhile one more has to be fetched, not one for each who waits.
    if (arrived === "whole") pending.end("dropped");
    else pending.end(arrived === "too-large" ? "passed" : CUT_OFF);
    return arrived === "too-large" ? "too-large" : "lost";
  }

  #put(
    key: CacheKey,
    request: CacheRequest,
    { head, tags }: Keep,
    draft: ShelfDraft,
    { tail, size: length }: Arrival,
  ): Item {
    const place = { key: placeOf(key), route: key.route };
    const stored = this.#shelf.find(place.key);
    const same = stored.filter((item) => matches(item.head, request.headers));
    const others = stored.filter((item) => !same.includes(item));
    // Callers choose what responses vary by.
    const surplus = others.slice(0, Math.max(0, others.length + 1 - MOST_VARIANTS));
    const ids = [...same, ...surplus].map(({ id }) => id);
    return this.#shelf.put(place, head, tags, { draft, tail, length }, ids, Date.now());
  }

  #arrive(name: string, arriving: Candidate): void {
    const others = this.#arrivals.get(name);
    if (others) others.add(arriving);
    else this.#arrivals.set(name, new Set([arriving]));
  }

  #update(
    pending: Pending,
    chosen: Candidate | undefined,
    request: CacheRequest,
    head: StoredResponse | undefined,
  ): CachedBody {
    const body = chosen ? this.#body(chosen, request) : null;
    if (!chosen || !("id" in chosen.from)) pending.end("passed");
    else if (!head) {
      this.#shelf.remove(chosen.from.id);
      pending.end("passed");
    } else if (isPurged(pending, listMembers(fieldValue(chosen.headers, "cache-tag") ?? ""))) {
      // The origin said so before the purge: the next one asks it again.
      pending.end("dropped");
    } else {
      this.#shelf.renew(placeOf(pending.key), chosen.from.id, head);
      pending.end("kept");
    }
    return body;
  }
}

/** Whether it was purged since it began. */
const isPurged = ({ doomed, purgedTags }: Pending, tags: readonly string[]): boolean =>
  doomed || tags.some((tag) => purgedTags.has(tag));

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

/** All that a shard has is of one stage. Who a response belongs to is not to be read from what is stored. */
const placeOf = ({ url, owner }: CacheKey): string => `${url}\n${owner === "" ? "" : sha256(owner)}`;

const headersOf = ({ headers }: { readonly headers: CacheAsk["headers"] }): Headers =>
  new Headers(headers.map(([name, value]): [string, string] => [name, value]));

function broken(): never {
  throw new Error("a stored response has lost its body");
}
