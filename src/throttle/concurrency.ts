import type { Call, Guard } from "../call.ts";
import type { Concurrency } from "../config/throttle-schema.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import { CLOCK, sleep } from "../lib/clock.ts";
import { callerKey } from "./caller-key.ts";
import { type CounterLink, type CounterLinks, PATIENCE_MS } from "./links.ts";
import { LocalSlots } from "./local-slots.ts";
import { unavailable } from "./refusal.ts";
import { sharedCounter } from "./rule.ts";

/** How many buckets an isolate keeps in mind. */
const CAPACITY = 10_000;
/** How often slots that are held are looked after, in ms. */
const BEAT_MS = 2_000;
/** Slots that nobody uses are looked after so many times more, and then given back. */
const IDLE_BEATS = 1;
const LOOK_AGAIN_MS = 5;

interface Slots {
  readonly link: CounterLink;
  readonly local: LocalSlots;
  /** When somebody last looked after them; none while nobody does. */
  beatAt: number | undefined;
}

/** The isolate's slots, by bucket; they outlive every configuration. */
export class SlotTable {
  readonly links: CounterLinks;
  #made = 0;
  readonly #slots = new BoundedMap<string, Slots>(CAPACITY);

  constructor(links: CounterLinks) {
    this.links = links;
  }

  find(counter: string, bucket: string, limit: number): Slots {
    const key = `${counter}\n${bucket}\n${limit}`;
    let slots = this.#slots.get(key);
    if (!slots) {
      slots = {
        link: this.links.link(counter),
        local: new LocalSlots(bucket, limit, this.#made++),
        beatAt: undefined,
      };
      this.#slots.set(key, slots);
    }
    return slots;
  }
}

/** Where the counters of a route's limits are. */
interface RoutePlace {
  readonly counter: string;
  readonly shared: string;
  /** Tells the limits of different routes apart. */
  readonly id: string;
}

/** One limit, and whose slots a call needs. */
interface SlotRule {
  readonly limit: Concurrency;
  slotsOf(call: Call): Slots | Promise<Slots>;
}

/**
 * Lets so many requests at once through to the backend, and refuses the others with 429: a slow
 * backend dies of what is in flight. A request to an origin is in flight until the last byte of
 * its answer has been passed on, one to a function until the function has answered.
 */
export function limitConcurrency(
  limits: readonly Concurrency[],
  place: RoutePlace,
  table: SlotTable,
  { streams, strict }: { readonly streams: boolean; readonly strict: boolean },
): Guard {
  const rules = limits.map((limit, index) => slotRule(limit, index, place, table));
  return (next) => async (call) => {
    const leave = await enterAll(rules, call, table.links, strict);
    let response: Response;
    try {
      response = await next(call);
    } catch (error) {
      leave();
      throw error;
    }
    if (streams) return whenSent(response, call.ctx, leave);
    leave();
    return response;
  };
}

function slotRule(limit: Concurrency, index: number, place: RoutePlace, table: SlotTable): SlotRule {
  const keyOf = limit.per === undefined ? undefined : callerKey(limit.per);
  const id = `${place.id}#slots${index}`;
  if (!keyOf) return { limit, slotsOf: () => table.find(place.counter, id, limit.limit) };
  const slotsOf = async (call: Call): Promise<Slots> => {
    const { value, scope } = await keyOf(call);
    if (scope !== undefined) return table.find(scope, id, limit.limit);
    return table.find(sharedCounter(place.shared, value), `${id}:${value}`, limit.limit);
  };
  return { limit, slotsOf };
}

/** Takes a slot of each limit, or of none; returns what frees them. */
async function enterAll(
  rules: readonly SlotRule[],
  call: Call,
  links: CounterLinks,
  strict: boolean,
): Promise<() => void> {
  const taken: Slots[] = [];
  const free = (): void => {
    for (const { local } of taken.splice(0)) local.free();
  };
  try {
    for (const { limit, slotsOf } of rules) {
      const slots = await slotsOf(call);
      if (!(await enter(slots, limit, call, links))) throw refusal(limit, strict);
      taken.push(slots);
    }
  } catch (error) {
    free();
    throw error;
  }
  // A client that leaves would end this request, and nobody would free its slots: it is kept alive.
  const { promise, resolve } = Promise.withResolvers<void>();
  call.ctx.waitUntil(promise);
  return () => {
    free();
    resolve();
  };
}

/** Takes a slot; false when there is none. @throws GatewayError when nobody can say, and the limit is closed then */
async function enter(slots: Slots, limit: Concurrency, call: Call, links: CounterLinks): Promise<boolean> {
  const { local, link } = slots;
  const startedAt = Date.now();
  for (;;) {
    const now = Date.now();
    let verdict = local.verdict(now);
    if (link.isAway && verdict !== "take") {
      call.outcome.limiter = limit.fail;
      if (limit.fail === "closed") throw unavailable();
      if (link.isWorthATry(now)) call.ctx.waitUntil(renew(slots, links));
      if (limit.fail === "open") break;
      local.goAlone(now);
      verdict = local.verdict(now) === "take" ? "take" : "deny";
    }
    if (verdict === "take") break;
    if (verdict === "deny" || now - startedAt > 2 * PATIENCE_MS) return false;
    if (verdict === "wait") await sleep(LOOK_AGAIN_MS, CLOCK);
    else if (await ask(slots, true, links)) break;
  }
  local.take();
  if (slots.beatAt === undefined || Date.now() - slots.beatAt > 2 * BEAT_MS) {
    call.ctx.waitUntil(lookAfter(slots, links));
  }
  return true;
}

/** Whether a slot was granted. A failure leaves it to the limit's `fail`. */
async function ask({ link, local }: Slots, waiting: boolean, links: CounterLinks): Promise<boolean> {
  const sentAt = Date.now();
  try {
    const [grant] = await links.ask(link, [local.ask(waiting, sentAt)]);
    if (!grant) throw new Error("no answer");
    local.receive(grant, sentAt, Date.now());
    return grant.granted;
  } catch {
    local.failed();
    return false;
  }
}

async function renew(slots: Slots, links: CounterLinks): Promise<void> {
  await ask(slots, false, links);
}

/** Renews the slots while requests are in flight, and gives them back when there are none. */
async function lookAfter(slots: Slots, links: CounterLinks): Promise<void> {
  let idle = 0;
  while (idle <= IDLE_BEATS) {
    slots.beatAt = Date.now();
    await sleep(BEAT_MS, CLOCK);
    idle = slots.local.inUse === 0 ? idle + 1 : 0;
    if (slots.local.isDue(Date.now())) await renew(slots, links);
  }
  slots.beatAt = undefined;
  if (slots.local.isHolding && slots.local.inUse === 0) await renew(slots, links);
}

/** The response, and word of its body's end, whether it was read to it or not. */
function whenSent(response: Response, ctx: ExecutionContext, done: () => void): Response {
  const { body } = response;
  if (!body || response.webSocket) {
    done();
    return response;
  }
  // The engine's own stream: bytes do not pass through JavaScript.
  const encoded = response.headers.has("content-encoding");
  const length = response.headers.get("content-length");
  // What is encoded the engine hands on decoded, and encodes it again on the way out.
  const isKnown = !encoded && length !== null && /^\d{1,15}$/.test(length);
  const { readable, writable } = isKnown
    ? new FixedLengthStream(BigInt(length))
    : new IdentityTransformStream();
  ctx.waitUntil(body.pipeTo(writable).then(done, done));
  return new Response(readable, response);
}

function refusal({ limit }: Concurrency, strict: boolean): GatewayError {
  return new GatewayError(
    "THROTTLED",
    "throttle.concurrency",
    `${limit} requests are in flight, as many as may be at a time`,
    strict ? {} : { headers: { "retry-after": "1" } },
  );
}
