import type { GatewayResponseType, Reason } from "../gateway-responses/gateway-error.ts";
import type { CacheStatus } from "./http/cache-status.ts";
import type { HeaderLines } from "./http/fields.ts";
import type { StoredResponse } from "./http/stored-response.ts";

/**
 * What the gateway and a store of responses say to each other. A Durable Object is the store
 * here; whatever else can do this may stand in for it.
 */

/** What identifies stored responses; all of one URL are in one shard. */
export interface CacheKey {
  /** `{api}/{stage}`: what is purged together, and never mixed. */
  readonly space: string;
  /** Route key, for purges: `GET /users/{id}`. */
  readonly route: string;
  /** The URL, canonical: scheme, host, path, query sorted. */
  readonly url: string;
  /** Whose responses, or what else tells them apart; empty for everybody's. */
  readonly owner: string;
}

/** The request as far as a choice among stored responses depends on it. */
export interface CacheAsk {
  readonly key: CacheKey;
  readonly method: "GET" | "HEAD";
  readonly headers: HeaderLines;
  /** Whether the asker would fetch a response that can be stored. */
  readonly fills: boolean;
  /** For how long it waits for somebody else's response, in ms. */
  readonly waitMs: number;
}

/** Bytes where they are few, a stream where they are many or still arrive; null for a HEAD. */
export type CachedBody = Uint8Array | ReadableStream<Uint8Array> | null;

/** What is put into the store beside the body. */
export interface Keep {
  readonly head: StoredResponse;
  readonly tags: readonly string[];
  /** The body's length where it is known beforehand, in bytes. */
  readonly length: number | undefined;
  readonly maxBytes: number;
}

/** What came of a body: `lost` if it broke off, or was purged before it was whole. */
export type Kept = "kept" | "too-large" | "lost";

/** How the integration failed, as far as it is the same for all who wait: nothing that it said. */
export interface Failure {
  readonly type: GatewayResponseType;
  readonly reason: Reason;
  /** Where it answered, and what it said about when to come again, in seconds. */
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  /** It may have been due to the request: another one is to try before all of them fail. */
  readonly isDoubtful: boolean;
}

/** The duty to fetch a response for all who wait. Whoever drops it without a word hands it over. */
export interface Fill {
  /** Stores a response; those who wait get it as it arrives. */
  keep(keep: Keep, body: Uint8Array | ReadableStream<Uint8Array>): Promise<Kept>;
  /** What was kept, from an offset on, in bytes; undefined if it was not. */
  rest(offset: number): Promise<ReadableStream<Uint8Array> | undefined>;
  /** The stored response is as good as new, with these headers; or may not be kept any longer. */
  update(head: StoredResponse | undefined): Promise<CachedBody>;
  /** The stored response as it is, since nothing better is to be had; those who wait get it too, where they may. */
  stale(failure: Failure): Promise<CachedBody>;
  /** There is no response, for nobody who waits. */
  fail(failure: Failure): Promise<void>;
  /** The response is for the one who fetched it alone: the others fetch their own. */
  pass(): Promise<void>;
}

export type Fwd = Extract<CacheStatus, { readonly fwd: unknown }>["fwd"];

export interface Stored {
  readonly kind: "stored";
  readonly head: StoredResponse;
  /** In bytes; undefined while it still arrives. */
  readonly length: number | undefined;
  /** A stream has the part only that the request's Range asks for. */
  readonly body: CachedBody;
  /** Somebody else has just fetched it. */
  readonly collapsed: boolean;
  /** It is stale, and this asker is to fetch another one behind its request. */
  readonly fill: (Fill & Disposable) | undefined;
}

export interface Missing {
  readonly kind: "fill";
  readonly fwd: Fwd;
  /** To be validated; and whether it may be served where the origin fails. */
  readonly stale: StoredResponse | undefined;
  readonly onError: boolean;
  readonly fill: Fill & Disposable;
}

/** To be fetched by the asker for itself. */
export interface Passed {
  readonly kind: "pass";
  readonly fwd: Fwd;
  readonly detail: string | undefined;
}

/** The one who fetched it for all got none. */
export interface Failed {
  readonly kind: "failed";
  readonly fwd: Fwd;
  readonly failure: Failure;
}

/** The client wants no request to the origin, and nothing is stored. */
export interface NotCached {
  readonly kind: "gateway-timeout";
}

export type Found = Stored | Missing | Passed | Failed | NotCached;

/** What is to be forgotten: everything of the space, or what a route, a tag, a URL or the beginning of URLs names. */
export type Selector =
  | { readonly kind: "all" }
  | { readonly kind: "route" | "tag" | "url" | "prefix"; readonly value: string };
