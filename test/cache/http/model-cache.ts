import { answerFrom } from "../../../src/cache/http/answer.ts";
import type { CacheRequest, Times } from "../../../src/cache/http/fields.ts";
import { invalidatedUrls } from "../../../src/cache/http/invalidation.ts";
import { decideReuse, mustForward, onlyIfCached } from "../../../src/cache/http/reuse.ts";
import { invalidated, type StoredResponse } from "../../../src/cache/http/stored-response.ts";
import { decideStoring, type StoringOptions } from "../../../src/cache/http/storing.ts";
import { freshen, freshenByHead, originHeaders, updatedBy304 } from "../../../src/cache/http/validation.ts";
import { matches, selectStored } from "../../../src/cache/http/vary.ts";

interface Entry extends StoredResponse {
  readonly body: Uint8Array;
}

/** The smallest cache that the rules make: a map, one request at a time. Requests are plain objects. */
export class ModelCache {
  readonly #entries = new Map<string, readonly Entry[]>();
  readonly #origin: (request: CacheRequest) => Promise<Response>;
  readonly #now: () => number;
  readonly #options: StoringOptions;

  constructor(
    origin: (request: CacheRequest) => Promise<Response>,
    now: () => number,
    options: StoringOptions = {},
  ) {
    this.#origin = origin;
    this.#now = now;
    this.#options = options;
  }

  async fetch(request: CacheRequest): Promise<Response> {
    if (mustForward(request)) return this.#forward(request);
    const selected = selectStored(this.#of(request.url), request.headers);
    if (selected === undefined) {
      return onlyIfCached(request) ? new Response(null, { status: 504 }) : this.#fill(request);
    }
    const { verdict, onError } = decideReuse(selected, request, this.#now());
    if (verdict === "gateway-timeout") return new Response(null, { status: 504 });
    if (verdict === "serve") return this.#answer(selected, request);
    if (verdict === "serve-and-revalidate") {
      const response = this.#answer(selected, request);
      await this.#validate(selected, request);
      return response;
    }
    try {
      const response = await this.#validate(selected, request);
      return onError && response.status >= 500 ? this.#answer(selected, request) : response;
    } catch (error) {
      if (onError) return this.#answer(selected, request);
      throw error;
    }
  }

  async #forward(request: CacheRequest): Promise<Response> {
    const sent = this.#now();
    const response = await this.#origin(request);
    for (const url of invalidatedUrls(request, response)) {
      this.#entries.set(url, this.#of(url).map(invalidated));
    }
    return this.#keep(request, response, { request: sent, response: this.#now() });
  }

  async #fill(request: CacheRequest): Promise<Response> {
    if (request.method === "HEAD") return this.#head(request);
    if (request.headers.has("range")) return this.#origin(request);
    const sent = this.#now();
    const response = await this.#origin({ ...request, headers: originHeaders(request.headers) });
    return this.#keep(request, response, { request: sent, response: this.#now() });
  }

  async #validate(selected: Entry, request: CacheRequest): Promise<Response> {
    if (request.method === "HEAD") return this.#head(request);
    const sent = this.#now();
    const headers = originHeaders(request.headers, selected);
    const response = await this.#origin({ ...request, headers });
    const times = { request: sent, response: this.#now() };
    if (response.status !== 304) return this.#keep(request, response, times);
    const [entry] = updatedBy304([selected], response.headers);
    if (entry === undefined) return this.#fill(request);
    const { response: updated, refusal } = freshen(entry, request, response, times, this.#options);
    const fresh = { ...updated, body: entry.body };
    this.#replace(request.url, entry, refusal ? undefined : fresh);
    return this.#answer(fresh, request);
  }

  async #head(request: CacheRequest): Promise<Response> {
    const sent = this.#now();
    const response = await this.#origin(request);
    const times = { request: sent, response: this.#now() };
    if (response.status !== 200) return response;
    for (const entry of this.#of(request.url).filter((stored) => matches(stored, request.headers))) {
      const updated = freshenByHead(entry, entry.body.length, request, response, times, this.#options);
      const next = updated ? { ...updated.response, body: entry.body } : invalidated(entry);
      this.#replace(request.url, entry, updated?.refusal ? undefined : next);
    }
    return response;
  }

  async #keep(request: CacheRequest, response: Response, times: Times): Promise<Response> {
    const storing = decideStoring(request, response, times, this.#options);
    if (!storing.store) return response;
    const entry = { ...storing.response, body: new Uint8Array(await response.arrayBuffer()) };
    const others = this.#of(request.url).filter((stored) => !matches(stored, request.headers));
    this.#entries.set(request.url, [...others, entry]);
    return this.#answer(entry, request);
  }

  #answer(entry: Entry, request: CacheRequest): Response {
    const { status, headers, body } = answerFrom(entry, request, this.#now(), entry.body.length);
    if (body === "none" || entry.body.length === 0) return new Response(null, { status, headers });
    const bytes = body === "whole" ? entry.body : entry.body.slice(body.offset, body.offset + body.length);
    return new Response(bytes, { status, headers });
  }

  #of(url: string): readonly Entry[] {
    return this.#entries.get(url) ?? [];
  }

  #replace(url: string, entry: Entry, next: Entry | undefined): void {
    const others = this.#of(url).filter((stored) => stored !== entry);
    this.#entries.set(url, next ? [...others, next] : others);
  }
}
