import type { Fail } from "../config/throttle-schema.ts";
import { Demand } from "./demand.ts";
import type { Ask, Grant } from "./lease.ts";
import { PATIENCE_MS } from "./links.ts";
import { type Period, periodEnd } from "./period.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A token bucket of the configuration. */
export interface RateSpec {
  readonly kind: "rate";
  /** Its name at the counter. */
  readonly bucket: string;
  /** Tokens a second, and how many at once. */
  readonly rate: number;
  readonly burst: number;
  /** Asks the counter at every request. */
  readonly exact: boolean;
}

/** A usage plan's quota for one key. */
export interface QuotaSpec {
  readonly kind: "quota";
  readonly bucket: string;
  readonly limit: number;
  readonly offset: number;
  readonly period: Period;
  readonly exact: boolean;
}

export type Spec = RateSpec | QuotaSpec;

interface Share {
  readonly rate: number;
  readonly burst: number;
}

/**
 * What can be said of a request at once: it takes its tokens, it may not have them, the counter
 * has to be asked, or somebody is asking already and it is worth waiting for the answer.
 */
export type Verdict = "take" | "deny" | "ask" | "wait";

/** A slice is meant to last for so many requests. */
const REQUESTS_A_LEASE = 250;
/** The shortest and the longest slice that is asked for, in ms. */
const SHORTEST = 100;
const LONGEST = 10_000;
/** A slice lasts at least so many round trips to the counter. */
const ROUND_TRIPS = 4;
/** What is left of a slice's time when it is renewed. */
const RENEWAL = 0.3;
/** Who may ask for the same bucket at the same time, in this isolate. */
const ASKING_AT_ONCE = 4;
/** An ask that has not come back after so many round trips counts as lost, */
const LOST_TRIPS = 5;
/** but not before this time, in ms. */
const LOST_AT_LEAST = 100;
/** Requests that do not come for so many times their usual distance have stopped. */
const QUIET_GAPS = 10;
/** What an isolate takes for its own while it cannot ask and has never been told. */
const COLD_SHARE = 0.1;
/** What it takes if it was told that nothing is left for it. */
const LEFT_SHARE = 0.0025;
/** For so long at a time it goes on by itself, in ms. */
const ALONE = 1_000;
/** A clock that shows so much less than before was put back; one that shows less than that stood still, in ms. */
const PUT_BACK = 100;

/**
 * One bucket as an isolate sees it: its slice of it, if it has one, how much it is used, and
 * what the counter said last. Pure: times are given, in ms of the isolate's own clock; only
 * spans of time are ever compared with the counter's.
 */
export class LocalBucket {
  readonly spec: Spec;
  readonly #instance: number;
  #slice = new TokenBucket(0, 0, 0, 0);
  readonly #demand = new Demand();
  /** Until then the slice may be used, and how long it lasted when it was got. */
  #until = 0;
  #since = 0;
  #life = 0;
  /** Grows with every grant: whoever set out to give a slice back looks whether it is still the same. */
  #generation = 0;
  /** Until then it is of no use to ask; whether the last answer was that there is too little. */
  #quietUntil = 0;
  #quietSince = 0;
  #saturated = false;
  #asking = 0;
  #wantedAt = 0;
  /** What a request costs. */
  #unit = 1;
  /** When it asked for a slice, until the answer came. */
  #sliceAskedAt: number | undefined;
  #releasing = false;
  #askedAt = 0;
  #owed = 0;
  /** Requests of a quota that were handed out, and not used in time. */
  #leftOver = 0;
  #epoch = 0;
  #sliceEpoch = 0;
  /** When the slice was last given back. */
  #releasedAt = Number.NEGATIVE_INFINITY;
  /** The last slice, for when the counter is away. */
  #share: Share | undefined;
  #isLocal = true;
  #alone = false;
  #aloneSince = 0;
  /** What was left at the counter, and when that was true. */
  #remaining: number | undefined;
  #remainingAt = 0;
  /** The latest time that it has been told. */
  #latest = 0;

  /** @param instance tells it from others of the same isolate for the same bucket */
  constructor(spec: Spec, instance: number) {
    this.spec = spec;
    this.#instance = instance;
  }

  /** Counts a request that wants so many tokens. @param fail what holds while the counter is away */
  want(tokens: number, now: number, fail: Fail = "local"): void {
    this.#isLocal = fail === "local";
    this.#demand.add(tokens, now);
    this.#wantedAt = now;
    this.#unit = tokens;
  }

  /** @param roundTrip how long the counter takes to answer, in ms */
  verdict(tokens: number, now: number, roundTrip: number): Verdict {
    // API Gateway's way to close a door: a rate or a burst of 0.
    if (this.spec.kind === "rate" && (this.spec.burst < tokens || this.spec.rate === 0)) return "deny";
    this.#settle(now);
    if (this.#slice.has(tokens, now) && this.#slice.burst > 0) return "take";
    if (this.#isQuiet(now)) return "deny";
    const asking = this.#askers(now, roundTrip);
    if (asking === 0) return "ask";
    // While more is asked for than there is, whoever comes meanwhile is in excess.
    if (this.#saturated && now < this.#quietUntil + Math.max(2 * roundTrip, this.#life * RENEWAL))
      return "deny";
    return asking < ASKING_AT_ONCE && this.#sliceAskedAt === undefined ? "ask" : "wait";
  }

  /** Takes the tokens out of the slice; only after the verdict was to take them. */
  take(tokens: number, now: number): void {
    this.#slice.take(tokens, now);
    if (this.#alone && this.spec.kind === "quota") this.#owed += tokens;
  }

  /** Which period of a quota requests are taken from at present, as ms since the epoch. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Puts tokens back that were not used after all; those that its slice has no room for are returned.
   *
   * @param epoch the quota's period that they were taken from: what is over is not given back
   */
  putBack(tokens: number, now: number, epoch = this.#epoch): number {
    this.#settle(now);
    if (this.spec.kind === "quota" && epoch !== this.#epoch) return 0;
    const fitting = Math.min(tokens, Math.max(0, this.#slice.burst - this.#slice.level(now)));
    if (fitting > 0) this.#slice.add(fitting, now);
    if (this.#alone && this.spec.kind === "quota") this.#owed -= fitting;
    const rest = tokens - fitting;
    return rest > CRUMB ? rest : 0;
  }

  /** Takes tokens for something that has happened already: what the slice lacks is owed. */
  charge(tokens: number, now: number): void {
    this.#settle(now);
    const there = Math.min(tokens, this.#slice.level(now));
    this.#slice.take(there, now);
    this.#owed += tokens - there;
  }

  /** Whether to ask behind this request, so that none has to wait. */
  isDue(now: number, roundTrip: number, part = RENEWAL): boolean {
    if (this.spec.exact || this.#isQuiet(now) || this.#askers(now, roundTrip) > 0) return false;
    if (this.#alone) return true;
    if (this.#owed > 0) return true;
    if (!this.#isLive(now)) return false;
    if (this.#until - now < Math.max(this.#life * part, 1.5 * roundTrip)) return true;
    const demand = this.#demand.rate(0, now);
    return this.#slice.rate < demand && this.#slice.level(now) < demand * (Math.max(roundTrip, 5) / 500);
  }

  /** How long nobody may come before the slice counts as not needed any more, in ms. */
  patience(now: number): number {
    return Math.max(SHORTEST, (QUIET_GAPS * 1000) / Math.max(this.#demand.rate(0, now), 0.001));
  }

  /** For how long nobody has come, in ms. */
  quietFor(now: number): number {
    return now - this.#wantedAt;
  }

  /** Whether there is anything to give back, if the slice is still the one of `generation`. */
  isIdle(generation: number): boolean {
    const same = this.#generation === generation && this.#sliceAskedAt === undefined;
    return same && this.#slice.burst > 0 && !this.#alone;
  }

  get generation(): number {
    return this.#generation;
  }

  /** What to ask the counter. @param tokens what the request that waits for the answer needs; 0 behind requests */
  ask(tokens: number, now: number, roundTrip: number): Ask {
    this.#settle(now);
    this.#asking = this.#askers(now, roundTrip) + 1;
    this.#askedAt = now;
    const unit = this.#unit;
    const demand = this.#demand.rate(unit, now);
    // One ask at a time is about the slice.
    const busy = this.#sliceAskedAt !== undefined || this.#releasing;
    const single = this.spec.exact || demand === 0 || busy;
    const lifetime = single ? 0 : this.#lifetime(demand, now, roundTrip);
    if (!single) this.#sliceAskedAt = now;
    const common = { now: tokens, demand, lifetime, returned: this.#leftOver, owed: this.#owed };
    this.#owed = 0;
    this.#leftOver = 0;
    const { spec } = this;
    if (spec.kind === "quota") {
      const { bucket, limit, offset, period } = spec;
      return { kind: "quota", bucket, limit, offset, period, epoch: this.#epoch, ...common };
    }
    const { rate: own, burst: most } = this.#slice;
    // What it allowed itself is over when the answer comes.
    const level = this.#alone ? 0 : this.#slice.level(now);
    const slice = this.#alone || this.#isLive(now) ? { rate: own, burst: most, level } : NO_SLICE;
    const { bucket, rate, burst } = spec;
    return {
      kind: "rate",
      local: this.#isLocal,
      alone: this.#alone ? Math.max(1, now - this.#aloneSince) : 0,
      drained: this.#alone && !this.#share ? most - this.#slice.level(now) : 0,
      epoch: this.#sliceEpoch,
      instance: this.#instance,
      bucket,
      rate,
      burst,
      unit,
      slice,
      release: false,
      ...common,
    };
  }

  /** Gives the slice up: from now on it is empty. */
  release(now: number): Ask {
    this.#releasing = this.spec.kind === "rate";
    const returned = this.#leftOver + this.#slice.level(now);
    this.#leftOver = 0;
    this.#slice.reshape(0, 0, now);
    this.#until = 0;
    this.#releasedAt = now;
    this.#asking++;
    this.#askedAt = now;
    const common = { now: 0, demand: 0, lifetime: 0, returned, owed: this.#owed };
    this.#owed = 0;
    const { spec } = this;
    if (spec.kind === "quota") {
      const { bucket, limit, offset, period } = spec;
      return { kind: "quota", bucket, limit, offset, period, epoch: this.#epoch, ...common };
    }
    const { bucket, rate, burst } = spec;
    const instance = this.#instance;
    return {
      kind: "rate",
      instance,
      bucket,
      rate,
      burst,
      unit: 1,
      slice: NO_SLICE,
      local: this.#isLocal,
      alone: 0,
      drained: 0,
      epoch: this.#sliceEpoch,
      release: true,
      ...common,
    };
  }

  /** What the counter answered. @param sentAt when it was asked */
  receive(ask: Ask, grant: Grant, sentAt: number, now: number): void {
    this.#asking = Math.max(0, this.#asking - 1);
    // What it allowed itself meanwhile is over.
    if (this.#alone) this.#slice.reshape(0, 0, now);
    this.#alone = false;
    if (this.spec.kind === "quota" && grant.epoch !== this.#epoch) {
      this.#slice.reshape(0, 0, now);
      this.#leftOver = 0;
    }
    this.#epoch = grant.epoch;
    this.#remaining = grant.remaining;
    this.#remainingAt = now;
    this.#saturated = !grant.granted || grant.wait > 0;
    // An ask that leaves then arrives when it is of use again.
    this.#quietUntil = sentAt + grant.wait;
    this.#quietSince = sentAt;
    if (ask.kind === "rate" && ask.release) {
      this.#releasing = false;
      // Others may have it from now on.
      if (this.#share) this.#share = lesser(this.#share, part(this.spec, COLD_SHARE));
    }
    if (ask.lifetime === 0) return;
    this.#sliceAskedAt = undefined;
    // The counter has that slice back.
    if (ask.kind === "rate" && sentAt <= this.#releasedAt) return;
    this.#generation++;
    this.#sliceEpoch = grant.epoch;
    // A clock that was put back meanwhile makes nothing last longer.
    const until = Math.min(sentAt, now) + grant.lifetime;
    if (this.spec.kind === "quota") {
      // Requests keep, within their period: those of an earlier grant stay usable with the new one's time.
      if (grant.tokens > 0) {
        this.#slice.reshape(0, grant.burst, now);
        this.#slice.add(grant.tokens, now);
      }
      if (grant.tokens > 0 || this.#slice.level(now) > 0) {
        this.#until = until;
        this.#since = sentAt;
        this.#life = grant.lifetime;
      }
      return;
    }
    if (grant.rate > 0 && until > now) {
      // As if the tokens had come when they were asked for: what the slice gained since takes their room.
      const { rate, level } = ask.kind === "rate" ? ask.slice : NO_SLICE;
      const gained = (Math.max(0, now - sentAt) * rate) / 1000;
      const fitting = Math.min(grant.tokens, Math.max(0, grant.burst - level - gained));
      this.#slice.reshape(grant.rate, grant.burst, now);
      this.#slice.add(fitting, now);
      this.#until = until;
      this.#since = sentAt;
      this.#life = grant.lifetime;
      this.#share = { rate: grant.rate, burst: grant.burst };
    } else if (grant.rate === 0) {
      this.#slice.reshape(0, 0, now);
      this.#until = 0;
      // Others have it all: without the counter this one lives on what is never lent.
      if (this.#saturated) this.#share = part(this.spec, LEFT_SHARE);
    }
  }

  /** The counter did not answer; what it was told is still to be told. */
  failed(ask: Ask): void {
    this.#asking = Math.max(0, this.#asking - 1);
    if (ask.lifetime > 0) this.#sliceAskedAt = undefined;
    if (ask.kind === "rate" && ask.release) this.#releasing = false;
    if (ask.kind !== "slots") this.#owed += ask.owed;
  }

  /**
   * Goes on without the counter, with the last slice, or with a tenth of the limit if there was
   * none. A quota goes on with what was left of it when the counter said so last.
   */
  goAlone(now: number): void {
    this.#settle(now);
    const { spec } = this;
    if (this.#isLive(now)) return;
    const first = !this.#alone;
    // Whoever was not asked anything meanwhile has saved nothing up.
    const saved = Math.max(ALONE, 2_000 / Math.max(this.#slice.rate, 1e-3));
    if (!first && spec.kind === "rate" && now - this.#until > saved)
      this.#slice = new TokenBucket(0, 0, 0, now);
    this.#alone = true;
    if (first) this.#aloneSince = now;
    this.#until = now + ALONE;
    this.#since = now;
    if (spec.kind === "quota") {
      if (!first) return;
      const left = this.#remaining ?? Math.ceil(spec.limit * COLD_SHARE);
      this.#slice.reshape(0, Number.MAX_SAFE_INTEGER, now);
      this.#slice.add(left, now);
      return;
    }
    const share = this.#share ?? part(spec, COLD_SHARE);
    const burst = Math.max(1, share.burst);
    this.#slice.reshape(share.rate, burst, now);
    // Who has been told nothing begins with what its share holds; the others go on from nothing.
    if (first && !this.#share) this.#slice.add(burst, now);
  }

  /** Ms until a request for so many tokens may be let in, as far as is known here; more than 0. */
  retryAfter(tokens: number, now: number): number {
    const { spec } = this;
    if (spec.kind === "quota") return Math.max(1, periodEnd(spec.period, now) - now);
    if (spec.rate === 0 || spec.burst < tokens) return LONGEST_RETRY;
    const own = this.#isLive(now) ? this.#slice.msUntil(tokens, now) : Number.POSITIVE_INFINITY;
    const wait = Number.isFinite(own) ? own : this.#quietUntil - now;
    return Math.min(LONGEST_RETRY, Math.max(1, wait));
  }

  /** Tokens that are there, as far as is known here: in the slice, and at the counter when it was asked last. */
  remaining(now: number): number {
    const { spec } = this;
    const own = this.#leftOver + (this.#isLive(now) ? this.#slice.level(now) : 0);
    if (spec.kind === "quota") return Math.floor(own + (this.#alone ? 0 : (this.#remaining ?? 0)));
    if (this.#alone || this.#remaining === undefined) return Math.floor(own + ROUNDING);
    const rate = Math.max(0, spec.rate - this.#slice.rate);
    const gained = (Math.max(0, now - this.#remainingAt) * rate) / 1000;
    return Math.floor(Math.min(spec.burst, own + this.#remaining + gained) + ROUNDING);
  }

  /** Whether the slice may be used; with a clock that was put back nobody knows for how long. */
  #isLive(now: number): boolean {
    return now < this.#until && now >= this.#since;
  }

  /** A clock that was put back says nothing of how long. */
  #isQuiet(now: number): boolean {
    return now < this.#quietUntil && now >= this.#quietSince;
  }

  /** How many ask at present; those that are late are not waited for. */
  #askers(now: number, roundTrip: number): number {
    // Nobody knows how far away a counter is that has never answered.
    const late = roundTrip === 0 ? PATIENCE_MS : Math.max(LOST_AT_LEAST, LOST_TRIPS * roundTrip);
    if (this.#sliceAskedAt !== undefined && now - this.#sliceAskedAt > late) this.#sliceAskedAt = undefined;
    if (this.#asking > 0 && now - this.#askedAt > late) {
      this.#asking = 0;
      this.#releasing = false;
    }
    return this.#asking;
  }

  #lifetime(demand: number, now: number, roundTrip: number): number {
    const enough = (REQUESTS_A_LEASE * 1000) / demand;
    // What has been seen for a moment only is trusted for a moment only.
    const proven = 2 * this.#demand.age(now) + 2 * SHORTEST;
    const shortest = Math.max(SHORTEST, ROUND_TRIPS * roundTrip);
    return Math.min(LONGEST, Math.max(shortest, Math.min(enough, proven)));
  }

  /** Ends a slice that is over: of a quota what is left is to be given back, of a rate it is lost. */
  #settle(now: number): void {
    const isPutBack = now < this.#latest - PUT_BACK;
    this.#latest = isPutBack ? now : Math.max(this.#latest, now);
    if (this.#slice.burst === 0 || (this.#alone && !isPutBack)) return;
    if (!isPutBack && this.#isLive(this.#latest)) return;
    if (this.spec.kind === "quota" && !this.#alone) this.#leftOver += this.#slice.level(this.#until);
    this.#slice = new TokenBucket(0, 0, 0, now);
    this.#until = 0;
  }
}

/** So little of a token is not worth a call. */
const CRUMB = 0.01;
/** What sums of doubles may miss of a whole token. */
const ROUNDING = 1e-9;
const NO_SLICE = { rate: 0, burst: 0, level: 0 };

/** A part of a limit; a quota has no share. */
const part = (spec: Spec, share: number): Share =>
  spec.kind === "rate" ? { rate: spec.rate * share, burst: spec.burst * share } : { rate: 0, burst: 0 };

const lesser = (a: Share, b: Share): Share => (a.rate < b.rate ? a : b);

/** The longest wait that is ever told, in ms. */
const LONGEST_RETRY = 3_600_000;
