import { Buckets } from "../../../src/throttle/buckets.ts";
import type { Grant } from "../../../src/throttle/lease.ts";
import { LocalSlots } from "../../../src/throttle/local-slots.ts";
import { KeptMap } from "./kept.ts";
import { Random } from "./random.ts";

export interface SlotsScenario {
  readonly limit: number;
  readonly isolates: number;
  readonly seconds: number;
  /** Requests a second that come to all isolates together, while any come. */
  readonly requests: number;
  /** How long isolates are busy, and then idle, on an average, in ms; 0 for always busy. */
  readonly busy: number;
  readonly idle: number;
  /** How long a request is in flight at most, in ms. */
  readonly longest: number;
  /** One way to the counter or back, in ms. */
  readonly latency: readonly [least: number, most: number];
  /** How often an ask or its answer is lost. */
  readonly lost: number;
  /** In a second: restarts of the counter, and deaths of isolates. */
  readonly restarts: number;
  readonly deaths: number;
}

/** As the guard has them, in ms. */
const PATIENCE = 1_000;
const BEAT = 2_000;
const LOOK_AGAIN = 5;
/** Whoever has not renewed for so long has lost its slots, in ms. */
const LIFETIME = 10_000;

interface Isolate {
  readonly name: string;
  readonly offset: number;
  readonly local: LocalSlots;
  alive: boolean;
  beating: boolean;
  /** Until then its slots are its own, if it does not renew them. */
  coveredUntil: number;
  /** It came too late with a renewal: what was in flight then is not counted any more by anybody. */
  lapsed: boolean;
  busyUntil: number;
  idleUntil: number;
}

export interface SlotsOutcome {
  /** The most that were ever in flight at once, of isolates that live and have renewed in time. */
  readonly most: number;
  readonly mostAt: number;
  readonly requests: number;
  readonly admitted: number;
  readonly asks: number;
}

/** Isolates and a counter of slots in virtual time, in whole ms; clocks run evenly. */
export class SlotsWorld {
  readonly #scenario: SlotsScenario;
  readonly #random: Random;
  readonly #keep = new KeptMap();
  readonly #agenda = new Map<number, (() => void)[]>();
  readonly #isolates: Isolate[] = [];
  #buckets: Buckets;
  #now = 1;
  #born = 0;
  #most = 0;
  #mostAt = 0;
  readonly #sum = { requests: 0, admitted: 0, asks: 0 };

  constructor(scenario: SlotsScenario, seed: number) {
    this.#scenario = scenario;
    this.#random = new Random(seed);
    this.#buckets = new Buckets(this.#keep, this.#now);
    for (let i = 0; i < scenario.isolates; i++) this.#isolates.push(this.#newIsolate());
  }

  run(): SlotsOutcome {
    const { restarts, deaths } = this.#scenario;
    for (const end = this.#scenario.seconds * 1000; this.#now < end; this.#now++) {
      if (this.#random.chance(restarts / 1000)) this.#buckets = new Buckets(this.#keep, this.#now);
      if (this.#random.chance(deaths / 1000)) {
        const index = this.#random.between(0, this.#isolates.length - 1);
        const isolate = this.#isolates[index];
        if (isolate) isolate.alive = false;
        this.#isolates[index] = this.#newIsolate();
      }
      for (const happen of this.#agenda.get(this.#now) ?? []) happen();
      this.#agenda.delete(this.#now);
      for (const isolate of this.#isolates) this.#traffic(isolate);
      this.#count();
    }
    return { most: this.#most, mostAt: this.#mostAt, ...this.#sum };
  }

  #newIsolate(): Isolate {
    return {
      name: `isolate ${this.#born++}`,
      offset: this.#random.between(0, 1_000_000),
      local: new LocalSlots("s", this.#scenario.limit, 0),
      alive: true,
      beating: false,
      coveredUntil: 0,
      lapsed: false,
      busyUntil: 0,
      idleUntil: 0,
    };
  }

  #at(time: number, happen: () => void): void {
    const at = Math.max(this.#now + 1, time);
    const others = this.#agenda.get(at);
    if (others) others.push(happen);
    else this.#agenda.set(at, [happen]);
  }

  #count(): void {
    let inFlight = 0;
    for (const isolate of this.#isolates) {
      const { local, coveredUntil } = isolate;
      if (local.inUse === 0) isolate.lapsed = false;
      else if (this.#now >= coveredUntil) isolate.lapsed = true;
      if (!isolate.lapsed) inFlight += local.inUse;
    }
    if (inFlight > this.#most) {
      this.#most = inFlight;
      this.#mostAt = this.#now;
    }
  }

  #traffic(isolate: Isolate): void {
    const { requests, isolates, busy, idle } = this.#scenario;
    if (busy > 0 && this.#now >= isolate.busyUntil && this.#now >= isolate.idleUntil) {
      isolate.idleUntil = this.#now + this.#random.between(0, 2 * idle);
      isolate.busyUntil = isolate.idleUntil + this.#random.between(0, 2 * busy);
    }
    if (busy > 0 && this.#now < isolate.idleUntil) return;
    for (let i = this.#random.count(requests / isolates / 1000); i > 0; i--) {
      this.#sum.requests++;
      this.#enter(isolate, this.#now);
    }
  }

  #enter(isolate: Isolate, since: number): void {
    if (!isolate.alive || this.#now - since > 2 * PATIENCE) return;
    const verdict = isolate.local.verdict(this.#now + isolate.offset);
    if (verdict === "take") this.#take(isolate);
    else if (verdict === "wait") this.#at(this.#now + LOOK_AGAIN, () => this.#enter(isolate, since));
    else if (verdict === "ask") {
      this.#ask(isolate, true, (granted) => {
        if (granted) this.#take(isolate);
        else this.#enter(isolate, since);
      });
    }
  }

  #take(isolate: Isolate): void {
    this.#sum.admitted++;
    isolate.local.take();
    const { longest } = this.#scenario;
    const lasts = this.#random.chance(0.8) ? this.#random.between(1, 200) : this.#random.between(1, longest);
    this.#at(this.#now + lasts, () => isolate.local.free());
    if (isolate.beating) return;
    isolate.beating = true;
    this.#beat(isolate, 0);
  }

  /** As the guard does it. */
  #beat(isolate: Isolate, idle: number): void {
    this.#at(this.#now + BEAT, () => {
      if (!isolate.alive) return;
      const { local } = isolate;
      const now = local.inUse === 0 ? idle + 1 : 0;
      const next = () => {
        if (now <= 1) return this.#beat(isolate, now);
        isolate.beating = false;
        if (local.isHolding && local.inUse === 0) this.#ask(isolate, false, () => {});
      };
      if (local.isDue(this.#now + isolate.offset)) this.#ask(isolate, false, next);
      else next();
    });
  }

  #ask(isolate: Isolate, waiting: boolean, done: (granted: boolean) => void): void {
    const { lost } = this.#scenario;
    const { local, offset } = isolate;
    const sentAt = this.#now;
    const ask = local.ask(waiting, sentAt + offset);
    let isOpen = true;
    this.#at(sentAt + PATIENCE, () => {
      if (!isOpen || !isolate.alive) return;
      isOpen = false;
      local.failed();
      done(false);
    });
    this.#travel(() => {
      if (this.#random.chance(lost)) return;
      const grant = this.#lease(isolate.name, structuredClone(ask));
      this.#travel(() => {
        if (this.#random.chance(lost) || !isOpen || !isolate.alive) return;
        isOpen = false;
        isolate.coveredUntil = sentAt + LIFETIME;
        local.receive(grant, sentAt + offset, this.#now + offset);
        done(grant.granted);
      });
    });
  }

  #lease(name: string, ask: ReturnType<LocalSlots["ask"]>): Grant {
    this.#sum.asks++;
    const [grant] = this.#buckets.lease(name, [ask], this.#now);
    if (!grant) throw new Error("no answer");
    return grant;
  }

  #travel(arrive: () => void): void {
    const [least, most] = this.#scenario.latency;
    const way = this.#random.between(least, most);
    if (way === 0) arrive();
    else this.#at(this.#now + way, arrive);
  }
}
