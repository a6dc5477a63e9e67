import * as v from "valibot";
import type { Grant, SlotsAsk } from "./lease.ts";

/** An isolate that does not come back within this time has no requests in flight any more, in ms. */
const LIFETIME = 10_000;
/** Nobody knows when a slow backend answers: whoever found no room looks again after this time, in ms. */
const WAIT = 50;

export const SlotsState = v.strictObject({
  kind: v.literal("slots"),
  limit: v.number(),
  /** All that were out, and until when. */
  lent: v.number(),
  until: v.number(),
});
export type SlotsState = v.InferOutput<typeof SlotsState>;

interface Holder {
  slots: number;
  until: number;
}

/** Room for requests in flight, shared by all isolates. Pure: times are given, in ms. */
export class SharedSlots {
  #limit: number;
  readonly #holders = new Map<string, Holder>();
  /** Slots of before a restart, whose holders are not known. */
  #unknown: Holder | undefined;
  #changed = false;

  /** The state in which nobody knows what is in flight. */
  static full(limit: number, now: number): SlotsState {
    return { kind: "slots", limit, lent: limit, until: now + LIFETIME };
  }

  constructor(limit: number, now: number, state?: SlotsState) {
    this.#limit = limit;
    if (state && state.until > now && state.lent > 0)
      // Not for longer than that, where the clock was put back.
      this.#unknown = { slots: state.lent, until: Math.min(state.until, now + LIFETIME) };
  }

  lease(id: string, ask: SlotsAsk, now: number): Grant {
    this.#limit = ask.limit;
    const before = this.#holders.get(id)?.slots ?? this.#adopt(ask);
    const free = this.#limit - this.#others(id, now);
    const granted = ask.need <= free;
    // The one that waits is not in flight; the others are, whatever the limit has become.
    const inFlight = ask.need - Number(ask.waiting);
    const slots = granted ? Math.max(ask.need, Math.min(ask.want, free)) : inFlight;
    if (slots > 0) this.#holders.set(id, { slots, until: now + LIFETIME });
    else this.#holders.delete(id);
    if (slots !== before || slots > 0) this.#changed = true;
    return {
      granted,
      tokens: slots,
      rate: 0,
      burst: 0,
      lifetime: LIFETIME,
      wait: granted ? 0 : WAIT,
      remaining: Math.max(0, free - slots),
      epoch: 0,
    };
  }

  isUnwritten(): boolean {
    return this.#changed;
  }

  state(): SlotsState {
    this.#changed = false;
    let lent = this.#unknown?.slots ?? 0;
    let until = this.#unknown?.until ?? 0;
    for (const holder of this.#holders.values()) {
      lent += holder.slots;
      until = Math.max(until, holder.until);
    }
    return { kind: "slots", limit: this.#limit, lent, until };
  }

  /** When nobody has a slot any more, if nobody asks until then. */
  fullAt(now: number): number {
    return Math.max(now, this.state().until);
  }

  #adopt({ held }: SlotsAsk): number {
    if (!this.#unknown) return 0;
    const slots = Math.min(held, this.#unknown.slots);
    this.#unknown.slots -= slots;
    return slots;
  }

  #others(id: string, now: number): number {
    let slots = 0;
    for (const [name, holder] of this.#holders) {
      if (holder.until <= now) this.#holders.delete(name);
      else if (name !== id) slots += holder.slots;
    }
    if (this.#unknown && this.#unknown.until <= now) this.#unknown = undefined;
    return slots + (this.#unknown?.slots ?? 0);
  }
}
