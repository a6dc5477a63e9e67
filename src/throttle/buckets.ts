import * as v from "valibot";
import type { Ask, Grant, RateAsk } from "./lease.ts";
import { BucketState, SharedBucket, slackOf } from "./shared-bucket.ts";
import { DAYS_KEPT, QuotaState, SharedQuota } from "./shared-quota.ts";
import { SharedSlots, SlotsState } from "./shared-slots.ts";

/** How many buckets are kept in memory; the least recently used are written down and let go. */
const CAPACITY = 50_000;
/** How many at once, so that not every newcomer writes. */
const LET_GO_AT_ONCE = 1_000;
const DAY_MS = 86_400_000;
/** A clock that shows so much less than before was put back: buckets go on from where they were. */
const PUT_BACK_MS = 60_000;
/** Says that this object has kept anything, and when it was made. */
const MARK = "made";
const BUCKET = "bucket/";

type Shared = SharedBucket | SharedQuota | SharedSlots;

const State = v.variant("kind", [BucketState, QuotaState, SlotsState]);
/** What is kept of a bucket; other versions are not understood. */
const Kept = v.strictObject({ version: v.literal(1), state: State });

/** What a counter keeps outlives it here. */
export interface Keep {
  get(key: string): unknown;
  put(key: string, value: unknown): void;
  delete(key: string): void;
  list(options: { readonly prefix: string }): Iterable<readonly [string, unknown]>;
}

/**
 * Keeps buckets: one that the configuration names, or many that callers name by their
 * addresses and headers. It decides in memory, and writes down what a restart must not
 * forget before it answers.
 *
 * Single tokens of large buckets may go out unwritten, up to a small part of the burst; the
 * state that is written has that part taken off, so that after a restart there are a few
 * tokens too few, never one too many. A bucket whose state is of another version, or damaged,
 * begins empty; a quota's is refused.
 */
export class Buckets {
  readonly #keep: Keep;
  readonly #buckets = new Map<string, Shared>();
  /** Whether buckets that are not in memory may be in storage, or may have been forgotten. */
  #hasStored: boolean;
  readonly #startedAt: number;
  #isMarked: boolean;
  /** By how much the clock was put back, and the latest time with that added. */
  #ahead = 0;
  #latest = 0;

  constructor(keep: Keep, now: number) {
    this.#keep = keep;
    this.#startedAt = now;
    this.#isMarked = keep.get(MARK) !== undefined;
    this.#hasStored = this.#isMarked;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** @throws Error for a quota whose kept count is not understood: nobody can say what is left of it */
  lease(holder: string, asks: readonly Ask[], now: number): readonly Grant[] {
    if (!this.#isMarked) {
      this.#keep.put(MARK, now);
      this.#isMarked = true;
    }
    // Before anything is taken.
    for (const { kind, bucket } of asks) {
      if (kind === "quota" && this.#find(bucket, now) === DAMAGED) throw damaged(bucket);
    }
    this.#settle(now);
    const grants = asks.map((ask) => this.#lease(holder, ask, this.#timeFor(ask.kind === "quota", now)));
    if (this.#buckets.size > CAPACITY) this.#letGo(now);
    return grants;
  }

  /** Days with their used and remaining requests, by bucket; for quotas. */
  usage(now: number): Readonly<Record<string, QuotaState["days"]>> {
    const usage: Record<string, QuotaState["days"]> = {};
    for (const [key] of this.#keep.list({ prefix: BUCKET })) {
      const name = key.slice(BUCKET.length);
      const shared = this.#find(name, now);
      if (shared === DAMAGED) throw damaged(name);
      if (shared instanceof SharedQuota) usage[name] = shared.days;
    }
    return usage;
  }

  /**
   * Deletes what is as if it had never been used.
   *
   * @returns when there may be more to delete, in ms since the epoch; Infinity when nothing is left
   */
  sweep(now: number): number {
    this.#settle(now);
    let next = Number.POSITIVE_INFINITY;
    const ended: string[] = [];
    for (const [key, kept] of this.#keep.list({ prefix: BUCKET })) {
      const name = key.slice(BUCKET.length);
      const shared = this.#buckets.get(name) ?? revive(kept, now + this.#ahead);
      // What nobody understands may be somebody's quota.
      const left = shared === DAMAGED ? DAYS_KEPT * DAY_MS : this.#left(shared, now);
      if (left <= 0) ended.push(name);
      else next = Math.min(next, now + left);
    }
    for (const name of ended) {
      this.#keep.delete(BUCKET + name);
      this.#buckets.delete(name);
    }
    for (const [name, shared] of this.#buckets) {
      const left = this.#left(shared, now);
      if (left <= 0) this.#buckets.delete(name);
      else next = Math.min(next, now + left);
    }
    return next;
  }

  /** Everything that was kept is gone: whoever comes now is the first. */
  forget(): void {
    this.#isMarked = false;
    this.#hasStored = false;
  }

  #settle(now: number): void {
    if (now + this.#ahead < this.#latest - PUT_BACK_MS) this.#ahead = this.#latest - now;
    this.#latest = Math.max(this.#latest, now + this.#ahead);
  }

  /** The periods of quotas are of the calendar; for all others time goes on from where it was. */
  #timeFor(isQuota: boolean, now: number): number {
    return isQuota ? now : now + this.#ahead;
  }

  /** For how long there is something of it to remember, in ms. */
  #left(shared: Shared, now: number): number {
    const time = this.#timeFor(shared instanceof SharedQuota, now);
    return endOf(shared, time) - time;
  }

  #find(name: string, now: number): Shared | typeof DAMAGED | undefined {
    return this.#buckets.get(name) ?? this.#load(name, now);
  }

  #lease(holder: string, ask: Ask, now: number): Grant {
    const { bucket: name } = ask;
    const found = this.#find(name, now);
    // The most recently used are last.
    if (this.#buckets.size > CAPACITY / 2) this.#buckets.delete(name);
    const { shared, grant } = this.#answer(found, holder, ask, now);
    this.#buckets.set(name, shared);
    // After a restart the first grant is written: another restart would take it for not made.
    const isNew = !(found instanceof SharedBucket) && this.#hasStored;
    const isDue = shared instanceof SharedQuota || isNew || shared.isUnwritten(now);
    if (isDue) this.#write(name, shared, now);
    return grant;
  }

  #answer(
    found: Shared | typeof DAMAGED | undefined,
    holder: string,
    ask: Ask,
    now: number,
  ): { readonly shared: Shared; readonly grant: Grant } {
    switch (ask.kind) {
      case "rate": {
        const missing = found === DAMAGED ? ask.burst : this.#missing(ask, now);
        const shared =
          found instanceof SharedBucket ? found : new SharedBucket(ask.rate, ask.burst, now, missing);
        return { shared, grant: shared.lease(`${holder}/${ask.instance}`, ask, now) };
      }
      case "quota": {
        if (found === DAMAGED) throw damaged(ask.bucket);
        const shared = found instanceof SharedQuota ? found : new SharedQuota(now, ask);
        return { shared, grant: shared.lease(ask, now) };
      }
      case "slots": {
        const taken = found === DAMAGED ? SharedSlots.full(ask.limit, now) : undefined;
        const shared = found instanceof SharedSlots ? found : new SharedSlots(ask.limit, now, taken);
        return { shared, grant: shared.lease(`${holder}/${ask.instance}`, ask, now) };
      }
    }
  }

  /** What a bucket lacks at first: after a restart one that was never written may lack what goes out unwritten. */
  #missing({ rate, burst }: RateAsk, now: number): number {
    if (!this.#hasStored) return 0;
    const gained = (Math.max(0, now - this.#startedAt) * rate) / 1000;
    return Math.max(0, slackOf(burst) - gained);
  }

  #load(name: string, now: number): Shared | typeof DAMAGED | undefined {
    if (!this.#hasStored) return undefined;
    const kept = this.#keep.get(BUCKET + name);
    return kept === undefined ? undefined : revive(kept, now);
  }

  #write(name: string, shared: Shared, now: number): void {
    this.#keep.put(BUCKET + name, { version: 1, state: shared.state(now) });
  }

  #letGo(now: number): void {
    let left = LET_GO_AT_ONCE;
    for (const [name, shared] of this.#buckets) {
      if (left-- === 0) break;
      if (this.#left(shared, now) > 0) {
        this.#write(name, shared, this.#timeFor(shared instanceof SharedQuota, now));
        this.#hasStored = true;
      }
      this.#buckets.delete(name);
    }
  }
}

/** What was kept by another version, or is damaged. */
const DAMAGED = "damaged";

function revive(kept: unknown, now: number): Shared | typeof DAMAGED {
  const parsed = v.safeParse(Kept, kept);
  if (!parsed.success) return DAMAGED;
  const { state } = parsed.output;
  switch (state.kind) {
    case "rate":
      return new SharedBucket(state.rate, state.burst, now, 0, fromNow(state, now));
    case "quota":
      return new SharedQuota(now, { period: "DAY" }, state);
    case "slots":
      return new SharedSlots(state.limit, now, state);
  }
}

const damaged = (name: string): Error =>
  new Error(`what is kept of ${JSON.stringify(name)} is of another version or damaged`);

/** What was kept before the clock was put back is as old as can be. */
function fromNow(state: BucketState, now: number): BucketState {
  const ahead = state.at - now;
  return ahead > PUT_BACK_MS ? { ...state, at: now, lentUntil: state.lentUntil - ahead } : state;
}

/** When nothing of it has to be remembered any more, in ms since the epoch. */
function endOf(shared: Shared, now: number): number {
  // What never fills up again is looked at now and then, as what nobody understands.
  if (!(shared instanceof SharedQuota)) return Math.min(shared.fullAt(now), now + DAYS_KEPT * DAY_MS);
  const [last] = Object.keys(shared.days).sort().reverse();
  return last === undefined ? now : Date.parse(last) + DAYS_KEPT * DAY_MS;
}
