import { Buckets } from "../../../src/throttle/buckets.ts";
import type { Ask, Grant } from "../../../src/throttle/lease.ts";
import { LocalBucket, type QuotaSpec, type RateSpec } from "../../../src/throttle/local-bucket.ts";
import { QuotaBound, RateBound, type Watch } from "./bound.ts";
import { KeptMap } from "./kept.ts";
import { Random } from "./random.ts";

/** What goes wrong, each with its probability or how often it happens in a second; 0 for never. */
export interface Faults {
  /** One way to the counter or back, in ms. */
  readonly latency: readonly [least: number, most: number];
  /** How often a way takes up to 900 ms. */
  readonly late: number;
  /** How often an ask is lost, and how often an answer. */
  readonly lostAsks: number;
  readonly lostAnswers: number;
  /** How often an ask arrives, its answer breaks off, and it is sent once more. */
  readonly repeats: number;
  /** How often a request that was let in is refused by another limit a little later. */
  readonly refusals: number;
  /** In a second: restarts of the counter, and how often it deletes what is full. */
  readonly restarts: number;
  readonly sweeps: number;
  /** In a second: deaths of isolates, clocks of isolates that are put back. */
  readonly deaths: number;
  readonly putBacks: number;
  /** In a second: how often isolates forget a bucket, as the least recently used are. */
  readonly forgets: number;
  /** How often the rate and the burst are changed, once in a run: 0 or 1. */
  readonly changes: number;
}

export const NO_FAULTS: Faults = {
  latency: [0, 5],
  late: 0,
  lostAsks: 0,
  lostAnswers: 0,
  repeats: 0,
  refusals: 0,
  restarts: 0,
  sweeps: 0,
  deaths: 0,
  putBacks: 0,
  forgets: 0,
  changes: 0,
};

export type Limit =
  | Pick<RateSpec, "kind" | "rate" | "burst" | "exact">
  | Pick<QuotaSpec, "kind" | "limit" | "offset" | "period" | "exact">;

export interface Scenario {
  readonly limit: Limit;
  readonly isolates: number;
  /** When it begins, in ms since the epoch. */
  readonly start: number;
  readonly seconds: number;
  /** Requests a second that come to all isolates together, while any come. */
  readonly requests: number;
  /** The most that a request costs, in tokens. */
  readonly cost: number;
  /** How long isolates are busy, and then idle, on an average, in ms; 0 for always busy. */
  readonly busy: number;
  readonly idle: number;
  /** How often in a second all isolates at once take whatever there is, a few times in a row. */
  readonly rushes: number;
  readonly faults: Faults;
}

/** As the limiter has them, in ms. */
const PATIENCE = 1_000;
const GIVE_BACK = 0.9;
const LOOK_AGAIN = 5;
/** How many requests come to each isolate in a rush at most, and how long the next may be off, in ms. */
const RUSH = 5_000;
const RUSHES_WITHIN = 300;
/** How long isolates may take to hear of a new limit, in ms; */
const HEARD = 2_000;
/** requests that wait go on by the old one, which may get a slice, and the slice's return is late. */
const CHANGED = HEARD + 2 * PATIENCE + 10_000 + PATIENCE;

interface Isolate {
  readonly name: string;
  /** By how much its clock is wrong, in ms. */
  offset: number;
  local: LocalBucket;
  alive: boolean;
  busyUntil: number;
  idleUntil: number;
}

export interface Outcome {
  readonly worst: number;
  /** In ms since the beginning. */
  readonly worstAt: number;
  readonly requests: number;
  readonly admitted: number;
  readonly asks: number;
  readonly slices: number;
}

/**
 * Isolates and a counter in virtual time, in whole ms. The counter's own tokens are spent when
 * it grants them, whether the answer arrives or not; those of slices when requests take them.
 * Clocks run evenly and show whole ms at the same moments, each isolate's wrong by an offset of
 * its own, so that spans of time are exact and the bound needs no allowance.
 */
export class LeaseWorld {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #watch: Watch;
  readonly #keep = new KeptMap();
  readonly #agenda = new Map<number, (() => void)[]>();
  #buckets: Buckets;
  #limit: Limit;
  readonly #isolates: Isolate[] = [];
  #now: number;
  #born = 0;
  #made = 0;
  readonly #sum = { requests: 0, admitted: 0, asks: 0, slices: 0 };

  constructor(scenario: Scenario, seed: number) {
    const { limit, start } = scenario;
    this.#scenario = scenario;
    this.#random = new Random(seed);
    this.#limit = limit;
    this.#now = start;
    this.#watch =
      limit.kind === "rate"
        ? new RateBound(limit.rate, limit.burst, start)
        : new QuotaBound(limit.limit, limit.offset, limit.period, start);
    this.#buckets = new Buckets(this.#keep, start);
    for (let i = 0; i < scenario.isolates; i++) this.#isolates.push(this.#newIsolate());
  }

  run(): Outcome {
    const { start, seconds, faults } = this.#scenario;
    const end = start + seconds * 1000;
    if (faults.changes > 0)
      this.#at(this.#random.between(start + 500, end - CHANGED - 2_000), () => this.#change());
    for (; this.#now < end; this.#now++) {
      this.#befall();
      const due = this.#agenda.get(this.#now) ?? [];
      for (const happen of due) happen();
      this.#agenda.delete(this.#now);
      for (const isolate of this.#isolates) this.#traffic(isolate);
      if (this.#happens(this.#scenario.rushes)) this.#rush(this.#random.between(0, 3));
    }
    const { worst, worstAt } = this.#watch;
    return { worst, worstAt: worstAt - start, ...this.#sum };
  }

  #newIsolate(): Isolate {
    return {
      name: `isolate ${this.#born++}`,
      offset: this.#random.between(-1_000_000, 1_000_000),
      local: this.#newLocal(),
      alive: true,
      busyUntil: 0,
      idleUntil: 0,
    };
  }

  #newLocal(): LocalBucket {
    return new LocalBucket({ bucket: "b", ...this.#limit }, this.#made++);
  }

  #clock({ offset }: Isolate): number {
    return this.#now + offset;
  }

  #at(time: number, happen: () => void): void {
    const at = Math.max(this.#now + 1, Math.round(time));
    const others = this.#agenda.get(at);
    if (others) others.push(happen);
    else this.#agenda.set(at, [happen]);
  }

  /** Whether something that comes so many times a second comes now. */
  #happens(perSecond: number): boolean {
    return perSecond > 0 && this.#random.chance(perSecond / 1000);
  }

  #befall(): void {
    const { restarts, sweeps, deaths, putBacks, forgets } = this.#scenario.faults;
    if (this.#happens(restarts)) this.#buckets = new Buckets(this.#keep, this.#now);
    if (this.#happens(sweeps)) this.#buckets.sweep(this.#now);
    if (this.#happens(deaths)) {
      const index = this.#random.between(0, this.#isolates.length - 1);
      const isolate = this.#isolates[index];
      if (isolate) isolate.alive = false;
      this.#isolates[index] = this.#newIsolate();
    }
    if (this.#happens(putBacks)) {
      const isolate = this.#isolates[this.#random.between(0, this.#isolates.length - 1)];
      if (isolate) isolate.offset -= this.#random.between(1, 5_000);
    }
    if (this.#happens(forgets)) {
      const isolate = this.#isolates[this.#random.between(0, this.#isolates.length - 1)];
      if (isolate) isolate.local = this.#newLocal();
    }
  }

  /** Isolates hear of a new limit one after the other; until the last slice of the old one is over, both hold. */
  #change(): void {
    const before = this.#limit;
    const watch = this.#watch;
    if (before.kind !== "rate" || !(watch instanceof RateBound)) return;
    const factor = this.#random.of([0.5, 0.9, 1.1, 2]);
    const burst = Math.max(1, this.#scenario.cost, Math.round(before.burst * factor));
    const after = { ...before, rate: before.rate * factor, burst };
    this.#limit = after;
    watch.set(Math.max(before.rate, after.rate), Math.max(before.burst, burst), this.#now);
    this.#at(this.#now + CHANGED, () => watch.set(after.rate, burst, this.#now));
    for (const isolate of this.#isolates) {
      this.#at(this.#now + this.#random.between(0, HEARD), () => {
        isolate.local = this.#newLocal();
      });
    }
  }

  #traffic(isolate: Isolate): void {
    const { requests, isolates, busy, idle, cost } = this.#scenario;
    if (busy > 0 && this.#now >= isolate.busyUntil && this.#now >= isolate.idleUntil) {
      isolate.idleUntil = this.#now + this.#random.between(0, 2 * idle);
      isolate.busyUntil = isolate.idleUntil + this.#random.between(0, 2 * busy);
    }
    if (busy > 0 && this.#now < isolate.idleUntil) return;
    for (let i = this.#random.count(requests / isolates / 1000); i > 0; i--) {
      this.#sum.requests++;
      isolate.local.want(1, this.#clock(isolate));
      this.#request(isolate, isolate.local, this.#random.between(1, cost), this.#now);
    }
  }

  /** Slices are spent to the last token, and somebody beside the counter takes what is left there. */
  #rush(more: number): void {
    for (const isolate of this.#isolates) {
      const { local } = isolate;
      const now = this.#clock(isolate);
      for (let i = 0; i < RUSH && local.verdict(1, now, 0) === "take"; i++) {
        local.take(1, now);
        this.#watch.spend(1, this.#now);
      }
    }
    const local = this.#newLocal();
    const { remaining } = this.#lease("near", local.ask(0, this.#now, 0));
    if (remaining >= 1) this.#lease("near", local.ask(Math.floor(remaining), this.#now, 0));
    if (more > 0) this.#at(this.#now + this.#random.between(1, RUSHES_WITHIN), () => this.#rush(more - 1));
  }

  #request(isolate: Isolate, local: LocalBucket, cost: number, since: number): void {
    if (!isolate.alive || this.#now - since > 2 * PATIENCE) return;
    const now = this.#clock(isolate);
    const roundTrip = 2 * this.#scenario.faults.latency[1];
    const verdict = local.verdict(cost, now, roundTrip);
    if (verdict === "take") {
      local.take(cost, now);
      this.#watch.spend(cost, this.#now);
      this.#admitted(isolate, local, cost, this.#now);
      if (local.isDue(now, roundTrip)) this.#send(isolate, local, local.ask(0, now, roundTrip), () => {});
    } else if (verdict === "ask") {
      this.#send(isolate, local, local.ask(cost, now, roundTrip), (grantedAt) => {
        if (grantedAt !== undefined) this.#admitted(isolate, local, cost, grantedAt);
        else this.#request(isolate, local, cost, since);
      });
    } else if (verdict === "wait") {
      this.#at(this.#now + LOOK_AGAIN, () => this.#request(isolate, local, cost, since));
    }
  }

  #admitted(isolate: Isolate, local: LocalBucket, cost: number, takenAt: number): void {
    this.#sum.admitted++;
    const { epoch } = local;
    if (!this.#random.chance(this.#scenario.faults.refusals)) return;
    this.#at(this.#now + this.#random.between(1, 100), () => {
      const now = this.#clock(isolate);
      if (!isolate.alive) return;
      const left = local.putBack(cost, now, epoch);
      if (left < cost) this.#watch.refund(cost - left, takenAt, this.#now);
      if (left === 0) return;
      const ask = local.ask(0, now, 2 * this.#scenario.faults.latency[1]);
      if (ask.kind === "slots") return;
      const refund = { tokens: left, takenAt };
      this.#send(isolate, local, { ...ask, returned: ask.returned + left }, () => {}, refund);
    });
  }

  /** One ask, there and back, or not. */
  #send(
    isolate: Isolate,
    local: LocalBucket,
    ask: Ask,
    done: (grantedAt: number | undefined) => void,
    refund?: { readonly tokens: number; readonly takenAt: number },
  ): void {
    const { faults } = this.#scenario;
    const sentAt = this.#now;
    const sent = this.#clock(isolate);
    let isOpen = true;
    this.#at(sentAt + PATIENCE, () => {
      if (!isOpen || !isolate.alive) return;
      isOpen = false;
      local.failed(ask);
      done(undefined);
    });
    const answered = (grant: Grant, at: number) => {
      if (!isOpen || !isolate.alive) return;
      isOpen = false;
      local.receive(ask, grant, sent, this.#clock(isolate));
      if (ask.lifetime > 0 && grant.burst > 0) {
        this.#sum.slices++;
        this.#giveBack(isolate, local, sent + grant.lifetime * GIVE_BACK);
      }
      done(grant.granted ? at : undefined);
    };
    this.#travel(() => {
      if (this.#random.chance(faults.lostAsks)) return;
      if (refund) this.#watch.refund(refund.tokens, refund.takenAt, this.#now);
      const grant = this.#lease(isolate.name, ask);
      const at = this.#now;
      this.#travel(() => {
        if (this.#random.chance(faults.lostAnswers)) return;
        if (!this.#random.chance(faults.repeats)) return answered(grant, at);
        if (this.#now - sentAt > PATIENCE / 4) return;
        this.#travel(() => {
          // Nothing is given back twice.
          const again = this.#lease(isolate.name, ask.kind === "slots" ? ask : { ...ask, returned: 0 });
          const at = this.#now;
          this.#travel(() => answered(again, at));
        });
      });
    });
  }

  #travel(arrive: () => void): void {
    const { latency, late } = this.#scenario.faults;
    const [least, most] = this.#random.chance(late) ? [latency[1], 900] : latency;
    const way = this.#random.between(least, most);
    if (way === 0) arrive();
    else this.#at(this.#now + way, arrive);
  }

  #lease(holder: string, ask: Ask): Grant {
    this.#sum.asks++;
    const [grant] = this.#buckets.lease(holder, [structuredClone(ask)], this.#now);
    if (!grant) throw new Error("no answer");
    if (grant.granted && ask.kind !== "slots" && ask.now > 0) this.#watch.spend(ask.now, this.#now);
    return structuredClone(grant);
  }

  /** As the limiter does it. */
  #giveBack(isolate: Isolate, local: LocalBucket, until: number): void {
    const { generation } = local;
    const look = () => {
      const before = this.#clock(isolate);
      const wait = Math.max(1, Math.min(local.patience(before), until - before));
      this.#at(this.#now + Math.ceil(wait), () => {
        const now = this.#clock(isolate);
        if (!isolate.alive || !local.isIdle(generation)) return;
        if (now < until && local.quietFor(now) < local.patience(now)) look();
        else this.#send(isolate, local, local.release(now), () => {});
      });
    };
    look();
  }
}
