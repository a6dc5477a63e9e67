import * as v from "valibot";
import type { Grant, RateAsk } from "./lease.ts";
import { LONGEST_REST_MS, PATIENCE_MS } from "./links.ts";
import { LENT, NO_SLICE, type Share, STEADY_ABOVE, steadySlice } from "./slice-size.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Who expects fewer requests than this while a slice lasts gets none: single tokens are cheaper. */
const WORTH = 2;
/** How long slices last, in ms: an isolate that died has one for that long. */
const SHORTEST = 100;
const LONGEST = 10_000;
/** A whole bucket is lent for so long at most, in ms: others find nothing meanwhile. */
const WHOLE_MS = 1_000;
/** With many isolates slices last longer, in ms for each of them: a counter answers so many a second. */
const LIFETIME_PER_HOLDER = 5;
/** Isolates that may have slices of one bucket; more than that share what is left. */
const MOST_HOLDERS = 5_000;
/** An isolate that is told to wait asks again after this part of its slice's time. */
const RENEWAL = 0.7;
/** What is written of the slices that are out is more than they are by this factor, */
const AHEAD = 1.1;
/** and holds for so much longer, in ms. */
const WRITTEN_AHEAD = 500;
/** With this part of the burst left, or tokens for this time in ms, nobody has to wait. */
const AMPLE = 0.1;
const AMPLE_MS = 50;
/** By then all isolates that went on alone have tried again, in ms. */
const RETURN_MS = LONGEST_REST_MS + PATIENCE_MS;
/** Asks that are not further apart than this are no silence, in ms. */
const SILENCE_MS = 250;
/** Who comes back later than that was idle, and is no sign of another outage, in ms. */
const OUTAGE_MS = 60_000;
/** What one wait comes to at most, in ms. */
const LONGEST_WAIT = 3_600_000;

/** What a bucket comes to when it is kept: written so that no restart gives anything away. */
export const BucketState = v.strictObject({
  kind: v.literal("rate"),
  rate: v.number(),
  burst: v.number(),
  /** What was left; up to the slack may have been granted since, below 0 what is owed. */
  level: v.number(),
  at: v.number(),
  /** All slices together, and until when the last of them may be used. */
  lentRate: v.number(),
  lentBurst: v.number(),
  lentUntil: v.number(),
});
export type BucketState = v.InferOutput<typeof BucketState>;

interface Holder {
  rate: number;
  burst: number;
  until: number;
  /** Tokens a second that its requests ask for. */
  demand: number;
  /** Until then its demand counts, though it has no slice. */
  activeUntil: number;
  /** The grant of its slice. */
  epoch: number;
  /** It was told to come back then, for so many tokens. */
  waitUntil: number;
  waitFor: number;
}

/** Part of the bucket that an isolate may still use, though its slice has become smaller. */
interface Lent {
  rate: number;
  burst: number;
  readonly until: number;
}

interface Sums {
  rate: number;
  burst: number;
  /** Of the other isolates. */
  readonly demand: number;
  /** When the next slice ends. */
  soonest: number;
}

/**
 * One bucket as its counter keeps it: what is left, and which slices are out. Pure: times are
 * given, in ms.
 *
 * It holds at every moment that the rates of all slices and of what is left add up to the
 * limit's rate at most, and their bursts to its burst; tokens move between them, and none
 * comes out of nothing. So no stretch of time sees more than `burst + rate × time`.
 */
export class SharedBucket {
  #rate: number;
  #burst: number;
  readonly #free: TokenBucket;
  readonly #holders = new Map<string, Holder>();
  #late: Lent[] = [];
  /** Slices of before a restart or of an outage, whose holders are not known. */
  #unknown: Lent | undefined;
  #askedAt: number;
  #suspectedAt = Number.NEGATIVE_INFINITY;
  /** All slices together when one was lent last. */
  #lentLast: Lent = { rate: 0, burst: 0, until: 0 };
  /** How many grants there have been. */
  #epoch: number;
  /** How many tokens may go out unwritten, and how many have. */
  #slack: number;
  #unwritten = 0;
  /** How much of a balance below 0 was really spent. */
  #owing: number;
  /** What was written of the slices that are out; while no more is, it need not be written again. */
  #written: Lent = { rate: 0, burst: 0, until: 0 };
  /** Whether it has to be written in any case: its limit is another one, or it was read after a restart. */
  #mustWrite: boolean;

  /** @param missing tokens that a full bucket lacks at first */
  constructor(rate: number, burst: number, now: number, missing = 0, state?: BucketState) {
    this.#rate = rate;
    this.#burst = burst;
    this.#slack = slackOf(burst);
    this.#mustWrite = state !== undefined;
    this.#owing = Math.max(0, -(state?.level ?? 0));
    if (state) {
      this.#written = { rate: state.lentRate, burst: state.lentBurst, until: state.lentUntil };
      this.#lentLast = this.#written;
    }
    // Later than those of before a restart.
    this.#epoch = now;
    this.#askedAt = now;
    this.#free = state
      ? new TokenBucket(state.rate, state.burst, state.level, state.at)
      : new TokenBucket(rate, burst, burst - missing, now);
    if (state && state.lentUntil > state.at) {
      // While slices were out, only what was not lent has grown.
      const rate = Math.max(0, state.rate - state.lentRate);
      const burst = Math.max(0, state.burst - state.lentBurst);
      this.#free.reshape(rate, burst, state.at);
      if (state.lentUntil <= now) this.#free.reshape(state.rate, state.burst, state.lentUntil);
      else this.#unknown = { rate: state.lentRate, burst: state.lentBurst, until: state.lentUntil };
    }
    // Granted after it was written, at the latest just now.
    if (state) this.#free.charge(this.#slack, now);
  }

  lease(id: string, ask: RateAsk, now: number): Grant {
    if (ask.rate !== this.#rate || ask.burst !== this.#burst) {
      this.#rate = ask.rate;
      this.#burst = ask.burst;
      this.#slack = slackOf(ask.burst);
      this.#mustWrite = true;
    }
    this.#regain(now);
    const alone = ask.local ? Math.max(ask.alone, this.#silence(id, now)) : 0;
    this.#askedAt = now;
    if (alone > 0) this.#suspect(alone, now);
    const before = this.#holders.get(id);
    const known = before && (before.until > now || ask.alone === 0) ? before : this.#adopt(ask);
    const sums = this.#expire(id, now);
    const holder = known ?? before ?? this.#newHolder(ask.epoch);
    this.#shape(sums, holder, now);
    this.#epoch++;
    if (ask.release) return this.#release(id, holder, ask, sums, now);
    this.#free.add(ask.returned, now);
    this.#free.take(Math.min(ask.drained, this.#free.level(now)), now);
    this.#charge(ask.owed, now);
    const granted = ask.now === 0 || this.#free.take(ask.now, now);
    if (granted) this.#unwritten += ask.now;
    const tokens = ask.lifetime > 0 ? this.#lend(holder, ask, sums, now) : 0;
    holder.demand = ask.demand;
    if (holder.until > now || ask.demand > 0) this.#holders.set(id, holder);
    const wait = granted && !this.#isScarce(holder, ask, sums, now) ? 0 : this.#wait(holder, ask, sums, now);
    holder.waitUntil = granted ? 0 : now + wait;
    holder.waitFor = ask.now;
    return {
      granted,
      tokens,
      rate: holder.rate,
      burst: holder.burst,
      lifetime: holder.rate > 0 ? holder.until - now : 0,
      wait: Math.min(wait, LONGEST_WAIT),
      remaining: this.#free.level(now),
      epoch: this.#epoch,
    };
  }

  /** Whether what was granted since the last `state` is more than that leaves room for. */
  isUnwritten(now: number): boolean {
    if (this.#mustWrite || this.#unwritten > this.#slack) return true;
    return this.#isMore(this.#lent(now));
  }

  /** Whether more is out than was written. */
  #isMore({ rate, burst, until }: Lent): boolean {
    return rate > this.#written.rate || burst > this.#written.burst || until > this.#written.until;
  }

  /** What to keep; from then on it counts as written. */
  state(now: number): BucketState {
    const { rate, burst, until } = this.#lent(now);
    if (this.#isMore({ rate, burst, until })) {
      // A little more than is out, for a little longer: so it holds for the next renewals as well.
      this.#written = {
        rate: Math.min(rate * AHEAD, this.#rate),
        burst: Math.min(burst * AHEAD, this.#burst),
        until: until + WRITTEN_AHEAD,
      };
    } else if (until <= now) {
      this.#written = { rate: 0, burst: 0, until: 0 };
    }
    this.#unwritten = 0;
    this.#mustWrite = false;
    return {
      kind: "rate",
      rate: this.#rate,
      burst: this.#burst,
      // What an earlier restart took off for safety is not taken off once more.
      level: Math.max(this.#free.balance(now), -this.#owing),
      at: now,
      lentRate: this.#written.rate,
      lentBurst: this.#written.burst,
      lentUntil: this.#written.until,
    };
  }

  /** When it is as if it had never been used, if nobody asks until then: it may be forgotten. */
  fullAt(now: number): number {
    const { rate, burst, until } = this.#lent(now);
    const end = Math.max(now, until);
    // What was lent comes back empty.
    const gained = ((end - now) * Math.max(0, this.#rate - rate)) / 1000;
    const missing = this.#burst - Math.min(this.#burst - burst, this.#free.balance(now) + gained);
    if (missing <= 0) return end;
    return this.#rate > 0 ? end + (missing * 1000) / this.#rate : Number.POSITIVE_INFINITY;
  }

  /** @param epoch the last grant that it has heard of: none is on its way to it */
  #newHolder(epoch: number): Holder {
    return { rate: 0, burst: 0, until: 0, demand: 0, activeUntil: 0, epoch, waitUntil: 0, waitFor: 0 };
  }

  /**
   * For how long nobody has asked, in ms, if meanwhile somebody's slice ended who neither
   * renewed it nor gave it back: nobody could ask, and this isolate may not have noticed. One
   * that is new says nothing of that; it may have come in the place of one that died.
   */
  #silence(id: string, now: number): number {
    const silence = now - this.#askedAt;
    if (silence < SILENCE_MS || !this.#holders.has(id)) return 0;
    for (const [name, { rate, until }] of this.#holders) {
      if (name !== id && rate > 0 && until > this.#askedAt && until <= now) return silence;
    }
    return 0;
  }

  /**
   * After an outage all who had slices when it began may be going on with them: until they have
   * been back, those count as lent, and what was gained meanwhile as spent.
   */
  #suspect(alone: number, now: number): void {
    if (now < this.#suspectedAt + OUTAGE_MS) return;
    this.#suspectedAt = now;
    if (this.#lentLast.until < now - alone - LONGEST) return;
    this.#free.take(Math.min(this.#free.level(now), (this.#rate * alone) / 1000), now);
    const { rate, burst } = this.#lent(now);
    const unknown = this.#unknown ?? { rate: 0, burst: 0, until: 0 };
    this.#unknown = {
      rate: unknown.rate + Math.max(0, Math.min(this.#lentLast.rate, this.#rate) - rate),
      burst: unknown.burst + Math.max(0, Math.min(this.#lentLast.burst, this.#burst) - burst),
      until: Math.max(unknown.until, now + RETURN_MS),
    };
    // Nor need those whose slices have not ended yet be back by then.
    for (const holder of this.#holders.values()) {
      if (holder.until > now) holder.until = Math.max(holder.until, now + RETURN_MS);
    }
  }

  /** After a restart an isolate's slice is known by what it says, within what was lent. */
  #adopt({ slice, epoch }: RateAsk): Holder | undefined {
    const unknown = this.#unknown;
    if (!unknown || slice.rate <= 0) return undefined;
    const rate = Math.min(slice.rate, unknown.rate);
    const burst = Math.min(slice.burst, unknown.burst);
    unknown.rate -= rate;
    unknown.burst -= burst;
    return { ...this.#newHolder(epoch), rate, burst, until: unknown.until };
  }

  /** What ended meanwhile is gained by what is left, from its end on. */
  #regain(now: number): void {
    const lent: Lent[] = [
      ...this.#holders.values(),
      ...this.#late,
      ...(this.#unknown ? [this.#unknown] : []),
    ];
    const ended = lent.filter(({ burst, until }) => burst > 0 && until <= now);
    if (ended.length === 0) return;
    let rate = 0;
    let burst = 0;
    for (const part of lent) {
      rate += part.rate;
      burst += part.burst;
    }
    for (const part of ended.sort((a, b) => a.until - b.until)) {
      rate = Math.max(0, rate - part.rate);
      burst = Math.max(0, burst - part.burst);
      this.#free.reshape(Math.max(0, this.#rate - rate), Math.max(0, this.#burst - burst), part.until);
    }
  }

  /** Ends what is over, and adds up what is lent to others, late slices among them. */
  #expire(id: string, now: number): Sums {
    let rate = 0;
    let burst = 0;
    let demand = 0;
    let soonest = Number.POSITIVE_INFINITY;
    for (const [name, holder] of this.#holders) {
      if (holder.until <= now) {
        holder.rate = 0;
        holder.burst = 0;
        if (holder.activeUntil <= now && name !== id) {
          this.#holders.delete(name);
          continue;
        }
      }
      if (name === id) continue;
      rate += holder.rate;
      burst += holder.burst;
      if (holder.activeUntil > now) demand += holder.demand;
      if (holder.rate > 0) soonest = Math.min(soonest, holder.until);
    }
    if (this.#late.some(({ until }) => until <= now))
      this.#late = this.#late.filter(({ until }) => until > now);
    if (this.#unknown && this.#unknown.until <= now) this.#unknown = undefined;
    for (const lent of this.#unknown ? [...this.#late, this.#unknown] : this.#late) {
      rate += lent.rate;
      burst += lent.burst;
      soonest = Math.min(soonest, lent.until);
    }
    return { rate, burst, demand, soonest };
  }

  /** What is left is the limit without what is lent. */
  #shape(sums: Sums, holder: Share, now: number): void {
    this.#free.reshape(
      Math.max(0, this.#rate - sums.rate - holder.rate),
      Math.max(0, this.#burst - sums.burst - holder.burst),
      now,
    );
  }

  #release(id: string, holder: Holder, ask: RateAsk, sums: Sums, now: number): Grant {
    const isLive = holder.until > now && holder.epoch === ask.epoch;
    // What was lent after it was sent stays lent. It had stopped to use its slice before it said so.
    if (holder.epoch === ask.epoch) {
      this.#holders.delete(id);
      this.#shape(sums, NO_SLICE, now);
    }
    // Its part of the bucket has been gaining again from its end on: what was in it then is lost.
    if (isLive) this.#free.add(ask.returned, now);
    this.#charge(ask.owed, now);
    const remaining = this.#free.level(now);
    return {
      granted: true,
      tokens: 0,
      rate: 0,
      burst: 0,
      lifetime: 0,
      wait: 0,
      remaining,
      epoch: this.#epoch,
    };
  }

  #charge(owed: number, now: number): void {
    this.#free.charge(owed, now);
    this.#unwritten += owed;
    this.#owing = Math.max(0, Math.min(this.#owing + owed, -this.#free.balance(now)));
  }

  /** Gives the isolate its slice, larger or smaller than before, or none; the tokens to put into it. */
  #lend(holder: Holder, ask: RateAsk, sums: Sums, now: number): number {
    const { demand } = ask;
    const all = sums.demand + demand;
    const lifetime = Math.min(
      LONGEST,
      Math.max(SHORTEST, ask.lifetime, this.#holders.size * LIFETIME_PER_HOLDER),
    );
    holder.activeUntil = now + 2 * lifetime;
    const before = { rate: holder.rate, burst: holder.burst, until: holder.until };
    const wanted =
      ask.lifetime > 0 &&
      (demand * lifetime) / 1000 >= WORTH * ask.unit &&
      this.#free.balance(now) >= -this.#slack;
    const room = this.#holders.size < MOST_HOLDERS || holder.rate > 0;
    const limit = { rate: this.#rate, burst: this.#burst };
    const slice = wanted && room ? steadySlice(before, limit, ask, all, sums) : NO_SLICE;
    const { rate } = slice;
    const level = this.#free.level(now);
    const others = sums.demand > 0 ? 2 : 1;
    // What its rate will not give it in this time, it may take from what is left.
    const short = (Math.max(0, demand - rate) * lifetime) / 1000;
    const most = Math.max(slice.burst, this.#burst - sums.burst - ask.unit);
    const held = ask.slice.level + Math.min(level / others, short);
    const burst = rate > 0 ? Math.min(most, Math.max(slice.burst, held)) : 0;
    holder.rate = rate;
    holder.burst = burst;
    // Whoever does not hear of this goes on until the old end: the new one is not before it.
    const lasts = rate === this.#rate ? Math.min(lifetime, WHOLE_MS) : lifetime;
    holder.until = rate > 0 ? Math.max(before.until, now + lasts) : 0;
    if (before.until > now && (before.rate > rate || before.burst > burst)) {
      // It goes on with the larger one until it hears of this, or until that one's end.
      const late = {
        rate: Math.max(0, before.rate - rate),
        burst: Math.max(0, before.burst - burst),
        until: before.until,
      };
      this.#late.push(late);
      sums.rate += late.rate;
      sums.burst += late.burst;
      sums.soonest = Math.min(sums.soonest, late.until);
    }
    if (rate === 0 && before.rate === 0) return 0;
    if (rate > 0) this.#lentLast = { rate: sums.rate + rate, burst: sums.burst + burst, until: holder.until };
    const left = Math.max(0, this.#burst - sums.burst - burst);
    // Tokens that it has not heard of yet are on their way to the slice, or in it.
    const fits = ask.epoch === holder.epoch ? Math.max(0, burst - ask.slice.level) : 0;
    holder.epoch = this.#epoch;
    const tokens = rate === 0 ? 0 : Math.min(level, fits, Math.max(level / others, level - left));
    this.#free.take(tokens, now);
    this.#unwritten += tokens;
    this.#shape(sums, holder, now);
    return tokens;
  }

  /** Whether another ask would find nothing, for now. */
  #isScarce(holder: Holder, ask: RateAsk, sums: Sums, now: number): boolean {
    // Another call is worth what it finds: a token for a slow caller, a handful for a fast one.
    const worth = Math.min(AMPLE * this.#burst, (ask.demand * AMPLE_MS) / 1000);
    if (this.#free.has(Math.max(ask.unit, worth), now)) return false;
    if (holder.rate > 0) return holder.rate < ask.demand;
    return !this.#free.has(ask.unit, now) || (ask.lifetime > 0 && sums.rate + ask.demand > this.#rate);
  }

  /** How long asking again is of no use. */
  #wait(holder: Holder, ask: RateAsk, sums: Sums, now: number): number {
    if (holder.rate > 0) {
      const renewal = (holder.until - now) * RENEWAL;
      const fair = (ask.demand * LENT * this.#rate) / (sums.demand + ask.demand);
      if (holder.rate >= fair / STEADY_ABOVE) return renewal;
      // Others have more than their share until their slices end.
      return Math.max(renewal / 4, Math.min(renewal, sums.soonest - now));
    }
    const needed = Math.max(ask.now, ask.unit);
    let missing = needed - this.#free.balance(now);
    for (const other of this.#holders.values()) {
      if (other !== holder && other.waitUntil > now) missing += other.waitFor;
    }
    const { rate, burst } = this.#free;
    const gained = rate > 0 && burst >= needed ? (missing * 1000) / rate : Number.POSITIVE_INFINITY;
    // What is not used of a slice comes back at its end.
    return Math.max(0, Math.min(gained, Math.max(SHORTEST, sums.soonest - now)));
  }

  #lent(now: number): Lent {
    let rate = 0;
    let burst = 0;
    let until = 0;
    const add = (lent: Lent): void => {
      if (lent.until <= now) return;
      rate += lent.rate;
      burst += lent.burst;
      until = Math.max(until, lent.until);
    };
    for (const holder of this.#holders.values()) if (holder.rate > 0) add(holder);
    for (const lent of this.#late) add(lent);
    if (this.#unknown) add(this.#unknown);
    return { rate, burst, until };
  }
}

/** So many tokens may go out before a bucket is written again: none of a small one. */
export function slackOf(burst: number): number {
  return burst < 10 ? 0 : Math.min(1000, Math.floor(burst / 10));
}
