import type { Call, Handler } from "../call.ts";
import { type CachedRoute, Exchange } from "./exchange.ts";
import { failed } from "./failure.ts";
import { Filling } from "./filling.ts";
import { invalidatedUrls } from "./http/invalidation.ts";
import { decideReuse, mustForward } from "./http/reuse.ts";
import { selectStored } from "./http/vary.ts";
import { canonicalUrl, keyText, shardOf, spaceOf } from "./key.ts";
import type { CacheAsk, CacheKey, Found, Missing, Stored } from "./protocol.ts";

/** For so long a request waits for another one's response, in ms. */
const WAIT_MS = 5_000;

/** Requests that no cache answers pass it by; those that change something end what is stored (RFC 9111). */
export async function answerHttp(route: CachedRoute, call: Call, next: Handler): Promise<Response> {
  const exchange = new Exchange(route, call, next);
  const why = mustForward(exchange.request);
  if (why === undefined) return answerFor(exchange);
  const response = await exchange.ask();
  if (why === "method") await invalidate(exchange, response);
  return exchange.say(response, { fwd: why });
}

export function answer(route: CachedRoute, call: Call, next: Handler): Promise<Response> {
  return answerFor(new Exchange(route, call, next));
}

async function answerFor(exchange: Exchange): Promise<Response> {
  const { request, call } = exchange;
  const { policy, store, strict, usefulness } = exchange.route;
  const { memory } = store;
  const now = Date.now();
  const key = policy.keyOf(call);
  const name = keyText(key);
  const selected = selectStored(memory.get(name, now), request.headers);
  if (selected && decideReuse(selected, request, now).verdict === "serve") {
    usefulness.proved();
    return exchange.answerWith(selected, selected.body, selected.body.byteLength, { hit: true }, now);
  }
  if (memory.isAlone(name, now)) return exchange.forward({ fwd: "miss" });
  if (usefulness.passes(now)) return exchange.forward({ fwd: "miss", detail: "never-stored" });
  const ask = askFor(key, exchange);
  const found = await exchange.reported<Found>(store.open(shardOf(key)).lookup(ask));
  switch (found?.kind) {
    case undefined:
      return exchange.forward({ fwd: "bypass", detail: "unavailable" });
    case "stored":
      return hit(exchange, found, name);
    case "fill":
      return new Filling(exchange, name, found.fill).answer(found);
    case "failed":
      call.outcome.cache = "collapsed";
      throw failed(found.failure, found.fwd, call, strict);
    case "pass":
      return pass(exchange, ask, found.fwd, found.detail);
    case "gateway-timeout":
      return exchange.say(new Response(null, { status: 504 }), { fwd: "miss", detail: "only-if-cached" });
  }
}

function askFor(key: CacheKey, { request: { method, headers } }: Exchange): CacheAsk {
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

function hit(exchange: Exchange, found: Stored, name: string): Response {
  const { head, body, length, collapsed, fill } = found;
  const now = Date.now();
  exchange.route.usefulness.proved();
  if (fill) exchange.call.ctx.waitUntil(revalidate(new Filling(exchange, name, fill), found));
  else if (body instanceof Uint8Array && length === body.byteLength) exchange.remember(name, head, body, now);
  const status = collapsed ? ({ fwd: "uri-miss", collapsed } as const) : ({ hit: true } as const);
  return exchange.answerWith(head, body, length, status, now);
}

/** Behind a request that was served a stale response. */
async function revalidate(filling: Filling, { head }: Stored): Promise<void> {
  try {
    const response = await filling.answer({ fwd: "stale", stale: head, onError: false });
    await response.body?.cancel();
  } catch {
    // It is served stale as long as it may be.
  }
}

async function pass(
  exchange: Exchange,
  ask: CacheAsk,
  fwd: Missing["fwd"],
  detail: string | undefined,
): Promise<Response> {
  const { store, policy } = exchange.route;
  const sent = Date.now();
  const response = await exchange.ask();
  if (ask.method === "HEAD" && response.status === 200) {
    const update = { status: response.status, headers: [...response.headers] };
    const times = { request: sent, response: Date.now() };
    exchange.behind(
      store.open(shardOf(ask.key)).head(ask, update, times, policy.optionsFor(exchange.request)),
    );
    store.memory.delete(keyText(ask.key));
  }
  return exchange.say(response, { fwd, ...(detail === undefined ? {} : { detail }) });
}

/** What an unsafe request changed is not served any more (RFC 9111 section 4.4). */
async function invalidate(exchange: Exchange, response: Response): Promise<void> {
  const { stage } = exchange.call;
  const { store } = exchange.route;
  const space = spaceOf(stage.api, stage.stage);
  const urls = invalidatedUrls(exchange.request, response).map(canonicalUrl);
  await Promise.all(
    urls.map((url) =>
      exchange.reported(store.open(shardOf({ space, url })).purge({ kind: "url", value: url }, true)),
    ),
  );
  store.memory.deleteUrls(space, urls);
}
