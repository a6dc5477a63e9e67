import * as v from "valibot";
import type { Ask, Grant } from "./lease.ts";
import { BucketState, SharedBucket, slackOf } from "./shared-bucket.ts";
import { DAYS_KEPT, QuotaState, SharedQuota } from "./shared-quota.ts";
import { SharedSlots, SlotsState } from "./shared-slots.ts";

/** How many buckets are kept in memory; the least recently used are written down and let go. */
const CAPACITY = 100_000;
/** How many at once, so that not every newcomer writes. */
const LET_GO_AT_ONCE = 1_000;
const DAY_MS = 86_400_000;
/** Says that this object has kept anything, and when it was made. */
const MARK = "made";
const BUCKET = "bucket/";

type Shared = SharedBucket | SharedQuota | SharedSlots;

const State = v.variant("kind", [BucketState, QuotaState, SlotsState]);
/** What is kept of a bucket; other versions are not understood. */
const Kept = v.strictObject({ version: v.literal(1), state: State });
type State = v.InferOutput<typeof State>;

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
 * tokens too few, never one too many.
 */
export class Buckets {
  readonly #keep: Keep;
  readonly #buckets = new Map<string, Shared>();
  /** Whether buckets that are not in memory may be in storage, or may have been forgotten. */
  #hasStored: boolean;
  readonly #startedAt: number;
  #isMarked: boolean;

  constructor(keep: Keep, now: number) {
    this.#keep = keep;
    this.#startedAt = now;
    this.#isMarked = keep.get(MARK) !== undefined;
    this.#hasStored = this.#isMarked;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** @throws Error for a bucket whose kept state is not understood */
  lease(holder: string, asks: readonly Ask[], now: number): readonly Grant[] {
    if (!this.#isMarked) {
      this.#keep.put(MARK, now);
      this.#isMarked = true;
    }
    const grants = asks.map((ask) => this.#lease(holder, ask, now));
    if (this.#buckets.size > CAPACITY) this.#letGo(now);
    return grants;
  }

  /** Days with their used and remaining requests, by bucket; for quotas. */
  usage(now: number): Readonly<Record<string, QuotaState["days"]>> {
    const usage: Record<string, QuotaState["days"]> = {};
    for (const [key] of this.#keep.list({ prefix: BUCKET })) {
      const name = key.slice(BUCKET.length);
      const shared = this.#buckets.get(name) ?? this.#load(name, now);
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
    let next = Number.POSITIVE_INFINITY;
    for (const [key] of [...this.#keep.list({ prefix: BUCKET })]) {
      const name = key.slice(BUCKET.length);
      const endsAt = this.#endOf(name, now);
      if (endsAt <= now) {
        this.#keep.delete(key);
        this.#buckets.delete(name);
      } else next = Math.min(next, endsAt);
    }
    for (const [name, shared] of this.#buckets) {
      const endsAt = endOf(shared, now);
      if (endsAt <= now) this.#buckets.delete(name);
      else next = Math.min(next, endsAt);
    }
    return next;
  }

  /** Everything that was kept is gone: whoever comes now is the first. */
  forget(): void {
    this.#isMarked = false;
    this.#hasStored = false;
  }

  #lease(holder: string, ask: Ask, now: number): Grant {
    const { bucket: name } = ask;
    const found = this.#buckets.get(name) ?? this.#load(name, now);
    // The most recently used are last.
    if (this.#buckets.size > CAPACITY / 2) this.#buckets.delete(name);
    const { shared, grant } = this.#answer(found, holder, ask, now);
    this.#buckets.set(name, shared);
    if (shared instanceof SharedQuota || shared.isUnwritten) this.#write(name, shared, now);
    return grant;
  }

  #answer(
    found: Shared | undefined,
    holder: string,
    ask: Ask,
    now: number,
  ): { readonly shared: Shared; readonly grant: Grant } {
    switch (ask.kind) {
      case "rate": {
        const shared = found instanceof SharedBucket ? found : this.#newBucket(ask.rate, ask.burst, now);
        return { shared, grant: shared.lease(holder, ask, now) };
      }
      case "quota": {
        const shared = found instanceof SharedQuota ? found : new SharedQuota(now, ask);
        return { shared, grant: shared.lease(ask, now) };
      }
      case "slots": {
        const shared = found instanceof SharedSlots ? found : new SharedSlots(ask.limit, now);
        return { shared, grant: shared.lease(holder, ask, now) };
      }
    }
  }

  /** After a restart a bucket that was never written may lack what may go out unwritten. */
  #newBucket(rate: number, burst: number, now: number): SharedBucket {
    if (!this.#hasStored) return new SharedBucket(rate, burst, now);
    const gained = (Math.max(0, now - this.#startedAt) * rate) / 1000;
    return new SharedBucket(rate, burst, now, Math.max(0, slackOf(burst) - gained));
  }

  #load(name: string, now: number): Shared | undefined {
    if (!this.#hasStored) return undefined;
    const kept = this.#keep.get(BUCKET + name);
    if (kept === undefined) return undefined;
    const parsed = v.safeParse(Kept, kept);
    if (!parsed.success) {
      throw new Error(`what is kept of ${JSON.stringify(name)} is of another version or damaged`);
    }
    return revive(parsed.output.state, now);
  }

  #write(name: string, shared: Shared, now: number): void {
    this.#keep.put(BUCKET + name, { version: 1, state: shared.state(now) });
  }

  #endOf(name: string, now: number): number {
    try {
      const shared = this.#buckets.get(name) ?? this.#load(name, now);
      return shared ? endOf(shared, now) : now;
    } catch {
      // Nobody can use it; it is kept for as long as anything is.
      return now + DAYS_KEPT * DAY_MS;
    }
  }

  #letGo(now: number): void {
    let left = LET_GO_AT_ONCE;
    for (const [name, shared] of this.#buckets) {
      if (left-- === 0) break;
      if (endOf(shared, now) > now) {
        this.#write(name, shared, now);
        this.#hasStored = true;
      }
      this.#buckets.delete(name);
    }
  }
}

function revive(state: State, now: number): Shared {
  switch (state.kind) {
    case "rate":
      return new SharedBucket(state.rate, state.burst, now, 0, state);
    case "quota":
      return new SharedQuota(now, { period: "DAY" }, state);
    case "slots":
      return new SharedSlots(state.limit, now, state);
  }
}

/** When nothing of it has to be remembered any more, in ms since the epoch. */
function endOf(shared: Shared, now: number): number {
  if (!(shared instanceof SharedQuota)) return shared.fullAt(now);
  const [last] = Object.keys(shared.days).sort().reverse();
  return last === undefined ? now : Date.parse(last) + DAYS_KEPT * DAY_MS;
}
