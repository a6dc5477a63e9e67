import type { Problem } from "../../../src/config/problem.ts";
import { Buckets } from "../../../src/throttle/buckets.ts";
import type { Ask, CounterStub, Grant } from "../../../src/throttle/lease.ts";
import {
  type Background,
  type Check,
  type Decision,
  Limiter,
  type Place,
} from "../../../src/throttle/limiter.ts";
import type { QuotaSpec, RateSpec } from "../../../src/throttle/local-bucket.ts";
import { KeptMap } from "./kept.ts";
import { VirtualClock } from "./virtual-clock.ts";

const START = Date.UTC(2026, 10, 21, 12);

/** How a counter behaves. */
export type Mood =
  /** It answers. */
  | "well"
  /** It throws, before it does anything. */
  | "throws"
  /** It does what it is asked, and the answer breaks off. */
  | "breaks off"
  /** It never answers. */
  | "silent";

/** Counters of one world: real buckets, whose answers take their time. */
export class Counters {
  readonly clock: VirtualClock;
  /** One way, in ms. */
  latency = 2;
  /** Of each call in turn; when there is none left, `mood`. */
  readonly moods: Mood[] = [];
  mood: Mood = "well";
  /** Asks that have arrived, with the counter that they came to. */
  readonly asked: { readonly counter: string; readonly ask: Ask; readonly grant: Grant }[] = [];
  calls = 0;
  readonly #buckets = new Map<string, Buckets>();

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  open = (name: string): CounterStub => ({
    lease: async (holder, asks) => {
      this.calls++;
      const mood = this.moods.shift() ?? this.mood;
      await this.#way();
      if (mood === "silent") return new Promise(() => {});
      if (mood === "throws") throw new Error("the counter is out of order");
      const grants = this.#bucketsOf(name).lease(holder, structuredClone(asks), this.clock.now());
      asks.forEach((ask, index) => {
        const grant = grants[index];
        if (grant) this.asked.push({ counter: name, ask, grant });
      });
      await this.#way();
      if (mood === "breaks off") throw new Error("the connection was lost");
      return structuredClone(grants);
    },
  });

  #bucketsOf(name: string): Buckets {
    let buckets = this.#buckets.get(name);
    if (!buckets) {
      buckets = new Buckets(new KeptMap(), this.clock.now());
      this.#buckets.set(name, buckets);
    }
    return buckets;
  }

  #way(): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(this.latency, resolve);
    });
  }
}

/** A limiter, as each isolate has one, with the clock and the counters of its world. */
export class Isolate {
  readonly clock: VirtualClock;
  readonly counters: Counters;
  readonly limiter: Limiter;
  readonly problems: Problem[] = [];
  readonly background: Background = { waitUntil: (promise) => void promise.catch(() => {}) };

  /** @param beside shares the world with this one */
  constructor(beside?: Isolate) {
    this.clock = beside?.clock ?? new VirtualClock(START);
    this.counters = beside?.counters ?? new Counters(this.clock);
    const name = `isolate ${born++}`;
    this.limiter = new Limiter({
      open: this.counters.open,
      report: (problem) => this.problems.push(problem),
      clock: this.clock,
      holder: () => name,
    });
  }

  rate(
    bucket: string,
    rate: number,
    burst: number,
    more: Partial<RateSpec & { counter: string }> = {},
  ): Place {
    const { counter = `counter of ${bucket}`, exact = false } = more;
    return this.limiter.place(counter, { kind: "rate", bucket, rate, burst, exact });
  }

  quota(bucket: string, limit: number, more: Partial<QuotaSpec & { counter: string }> = {}): Place {
    const { counter = `counter of ${bucket}`, offset = 0, period = "DAY", exact = false } = more;
    return this.limiter.place(counter, { kind: "quota", bucket, limit, offset, period, exact });
  }

  /** Decides a request; time goes by until it is decided. */
  async decide(...checks: readonly Check[]): Promise<Decision> {
    const decision = this.limiter.decide(checks, this.background);
    return decision instanceof Promise ? this.clock.until(decision) : decision;
  }

  async isAdmitted(...checks: readonly Check[]): Promise<boolean> {
    return (await this.decide(...checks)).denied === undefined;
  }

  /** Requests that come all at the same time; how many are let in. */
  async together(count: number, ...checks: readonly Check[]): Promise<number> {
    const decisions = Array.from({ length: count }, () => this.limiter.decide(checks, this.background));
    const decided = await this.clock.until(Promise.all(decisions));
    return decided.filter(({ denied }) => denied === undefined).length;
  }
}

let born = 0;

export const check = (place: Place, more: Partial<Check> = {}): Check => ({
  place,
  cost: 1,
  fail: "local",
  ...more,
});
