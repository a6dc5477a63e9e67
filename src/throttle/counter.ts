import { DurableObject } from "cloudflare:workers";
import { Buckets } from "./buckets.ts";
import type { Ask, CounterStub, Grant } from "./lease.ts";
import type { QuotaState } from "./shared-quota.ts";

/** Storage is looked through for what may go no more often than this, in ms. */
const SWEEP_MS = 60_000;

/**
 * The Durable Object around `Buckets`. The platform holds an answer back until what was
 * written before it is durable, so that no restart gives away what was granted already. What
 * is idle deletes itself by an alarm.
 */
export class Counter extends DurableObject<unknown> implements CounterStub {
  readonly #buckets: Buckets;
  #sweepAt: number | undefined;
  #calls = 0;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    this.#buckets = new Buckets(ctx.storage.kv, Date.now());
  }

  /** @throws Error for a bucket whose kept state is not understood */
  async lease(holder: string, asks: readonly Ask[]): Promise<readonly Grant[]> {
    this.#calls++;
    const now = Date.now();
    const grants = this.#buckets.lease(holder, asks, now);
    // An alarm that is late by more than its time is lost: another one is set.
    if (this.#sweepAt === undefined || now > this.#sweepAt + SWEEP_MS) await this.#sweepLater(now + SWEEP_MS);
    return grants;
  }

  /** Days with their used and remaining requests, by bucket; for quotas. */
  async usage(): Promise<Readonly<Record<string, QuotaState["days"]>>> {
    return this.#buckets.usage(Date.now());
  }

  /** How many buckets are in memory, and how often leases were asked for since the object started. */
  async status(): Promise<{ readonly buckets: number; readonly calls: number }> {
    return { buckets: this.#buckets.size, calls: this.#calls };
  }

  /** Deletes what nothing has to be remembered of, and in the end the object itself. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const next = this.#buckets.sweep(now);
    if (Number.isFinite(next)) return this.#sweepLater(Math.max(now + SWEEP_MS, next));
    this.#sweepAt = undefined;
    this.#buckets.forget();
    await this.ctx.storage.deleteAll();
  }

  async #sweepLater(at: number): Promise<void> {
    this.#sweepAt = at;
    await this.ctx.storage.setAlarm(at);
  }
}
