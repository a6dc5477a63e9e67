import { GatewayError } from "../gateway-responses/gateway-error.ts";
import type { Exchange } from "./exchange.ts";
import { CUT_OFF, failureOf, failureOfAnswer, isFailing } from "./failure.ts";
import { fieldValue, listMembers, type Times } from "./http/fields.ts";
import type { StoredResponse } from "./http/stored-response.ts";
import { freshen, updatedBy304 } from "./http/validation.ts";
import type { Failure, Fill, Keep, Kept, Missing } from "./protocol.ts";
import { Relay } from "./relay.ts";

/** Bodies up to this are read whole before they are handed on, in bytes. */
const INLINE_BYTES = 65_536;

/** The duty to fetch a response for one request, and for all that wait for it. */
export class Filling {
  readonly #exchange: Exchange;
  /** Of the key, in the isolate's memory. */
  readonly #name: string;
  readonly #fill: Fill & Disposable;

  constructor(exchange: Exchange, name: string, fill: Fill & Disposable) {
    this.#exchange = exchange;
    this.#name = name;
    this.#fill = fill;
  }

  async answer({ fwd, stale, onError }: Omit<Missing, "kind" | "fill">): Promise<Response> {
    let fetched: Fetched;
    try {
      fetched = await this.#fetch(stale);
    } catch (error) {
      const failure = failureOf(error);
      const served = failure && stale && onError && (await this.#serveStale(stale, failure));
      if (served) return served;
      this.#end((fill) => (failure ? fill.fail(failure) : fill.pass()));
      throw error;
    }
    const { response } = fetched;
    if (stale && onError && isFailing(response.status)) {
      const served = await this.#serveStale(stale, failureOfAnswer(response));
      if (served) {
        await response.body?.cancel();
        return served;
      }
    }
    if (stale && response.status === 304) return this.#freshened(fetched, stale, fwd);
    return this.#keep(fetched, fwd);
  }

  /** @returns undefined where the shard has ended since */
  async #serveStale(stale: StoredResponse, failure: Failure): Promise<Response | undefined> {
    const body = await this.#exchange.reported(this.#fill.stale(failure));
    if (body === undefined) return undefined;
    this.#fill[Symbol.dispose]();
    const length = body instanceof Uint8Array ? body.byteLength : undefined;
    const detail = String(failure.status ?? "error");
    return this.#exchange.answerWith(stale, body, length, { hit: true, detail }, Date.now());
  }

  async #fetch(stale: StoredResponse | undefined): Promise<Fetched> {
    const { call, route } = this.#exchange;
    const headers = route.policy.headersFor(call, stale);
    const sent = Date.now();
    const response = await this.#exchange.ask(new Request(call.request, { headers }));
    return { response, times: { request: sent, response: Date.now() } };
  }

  async #freshened(
    { response, times }: Fetched,
    stale: StoredResponse,
    fwd: Missing["fwd"],
  ): Promise<Response> {
    const exchange = this.#exchange;
    const [same] = updatedBy304([stale], response.headers);
    // It speaks of a response that we do not have.
    if (!same) return this.answer({ fwd, stale: undefined, onError: false });
    const options = exchange.route.policy.optionsFor(exchange.request);
    const { response: head, refusal } = freshen(stale, exchange.request, response, times, options);
    const kept = refusal === undefined ? head : undefined;
    const body = await exchange.reported(ended(this.#fill, this.#fill.update(kept)));
    exchange.route.store.memory.delete(this.#name);
    // The shard has ended since, and what was validated is there.
    if (body === undefined) return exchange.forward({ fwd: "bypass", detail: "unavailable" });
    const length = body instanceof Uint8Array ? body.byteLength : undefined;
    const status = { fwd, fwdStatus: 304, stored: kept !== undefined } as const;
    return exchange.answerWith(head, body, length, status, Date.now());
  }

  async #keep({ response, times }: Fetched, fwd: Missing["fwd"]): Promise<Response> {
    const exchange = this.#exchange;
    const { policy, store, usefulness } = exchange.route;
    const head = policy.storing(exchange.call, response, times);
    const length = statedLength(response);
    if (typeof head === "string" && isFailing(response.status)) {
      this.#end((fill) => fill.fail(failureOfAnswer(response)));
      return exchange.say(response, { fwd, detail: head });
    }
    if (typeof head === "string" || (length ?? 0) > policy.maxBytes) {
      this.#end((fill) => fill.pass());
      store.memory.passAlone(this.#name, Date.now());
      const detail = typeof head === "string" ? head : "too-large";
      if (this.#isOfRoute(response, detail)) usefulness.refused(Date.now());
      return exchange.say(response, { fwd, detail });
    }
    usefulness.proved();
    const tags = listMembers(fieldValue(head.headers, "cache-tag") ?? "");
    const keep = { head, tags, length, maxBytes: policy.maxBytes };
    const status = { fwd, stored: true } as const;
    if (response.body && (length === undefined || length > INLINE_BYTES)) {
      const own = this.#relay(keep, response.body);
      return exchange.answerWith(head, own, length, status, Date.now());
    }
    const bytes = await this.#read(response);
    this.#end(() => this.#keepWhole(keep, bytes));
    return exchange.answerWith(head, bytes, bytes.byteLength, status, Date.now());
  }

  #relay(keep: Keep, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    let kept: Promise<Kept | undefined> | undefined;
    const relay = new Relay(body, this.#exchange.route.store.memory.ahead, async (offset) =>
      (await kept) === "kept" ? this.#fill.rest(offset) : undefined,
    );
    kept = this.#keepUnlessTooLarge(keep, relay);
    this.#exchange.behind(kept);
    // A client that is let go of needs the duty as long as it reads.
    void Promise.all([kept, relay.delivered]).finally(() => this.#fill[Symbol.dispose]());
    return relay.own();
  }

  /** Whether a refusal is the route's, not this request's: nobody can talk a route out of its cache. */
  #isOfRoute({ status }: Response, refusal: string): boolean {
    const asks = this.#exchange.request.headers.has("cache-control");
    return status < 400 && refusal !== "authorization" && !asks;
  }

  /** What was purged meanwhile is not remembered here either. */
  async #keepWhole(keep: Keep, bytes: Uint8Array): Promise<void> {
    const now = Date.now();
    if ((await this.#fill.keep(keep, bytes)) !== "kept") return;
    this.#exchange.remember(this.#name, keep.head, bytes, now);
  }

  /** Nobody waits a second time for a body that turned out not to fit. */
  async #keepUnlessTooLarge(keep: Keep, relay: Relay): Promise<Kept | undefined> {
    const { memory } = this.#exchange.route.store;
    const kept = await this.#exchange.reported(this.#fill.keep(keep, relay.stored()));
    relay.endStoring();
    if (kept === "too-large") memory.passAlone(this.#name, Date.now());
    return kept;
  }

  /** @throws GatewayError for a body that breaks off */
  async #read(response: Response): Promise<Uint8Array> {
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      this.#end((fill) => fill.fail(CUT_OFF));
      const detail = `the response of ${this.#exchange.call.route.key} broke off`;
      throw new GatewayError("INTEGRATION_FAILURE", "integration.network", detail, { cause: error });
    }
  }

  /** After the answer. */
  #end(how: (fill: Fill) => Promise<unknown>): void {
    this.#exchange.behind(ended(this.#fill, how(this.#fill)));
  }
}

/** In bytes; undefined where it is not known, or of other bytes than those that are read. */
function statedLength({ headers }: Response): number | undefined {
  const stated = headers.get("content-length") ?? "";
  return headers.has("content-encoding") || !/^\d+$/.test(stated) ? undefined : Number(stated);
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
