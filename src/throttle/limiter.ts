import type { Fail } from "../config/throttle-schema.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Ask, Grant } from "./lease.ts";
import { type CounterLink, CounterLinks, type LinksOptions, PATIENCE_MS } from "./links.ts";
import { LocalBucket, type Spec, type Verdict } from "./local-bucket.ts";

/** A slice is renewed together with another one when this part of its time is left. */
const SOON = 0.7;
/** How many buckets an isolate keeps in mind; the least recently used go first. */
const CAPACITY = 20_000;
/** Who waits for another's answer looks for it after this time, in ms; longer where counters are far away. */
const LOOK_AGAIN = 2;
const LOOK_AGAIN_AT_MOST = 50;
/** A slice that nobody has renewed is given back after this part of its time at the latest. */
const GIVE_BACK = 0.9;

/** Where work goes that goes on behind a request. */
export interface Background {
  waitUntil(promise: Promise<unknown>): void;
}

/** A bucket together with the counter that keeps it. */
export interface Place {
  readonly link: CounterLink;
  readonly bucket: LocalBucket;
}

/** One limit as it applies to one request. */
export interface Check {
  readonly place: Place;
  /** Tokens that the request takes. */
  readonly cost: number;
  /** What holds while the counter is away. */
  readonly fail: Fail;
}

export interface Decision {
  /** The first of the checks that does not let the request in; none when all do. */
  readonly denied: number | undefined;
  /** When it is worth trying again, in ms; 0 when it is let in. */
  readonly retryAfterMs: number;
  /** Whether it is refused only because that limit's counter does not answer. */
  readonly closed: boolean;
  /** What was gone by, where a counter did not answer. */
  readonly without: Fail | undefined;
  /** Of each check the quota's period that it was taken from; none where no quota is among them. */
  readonly epochs: readonly number[] | undefined;
}

const ADMITTED: Decision = {
  denied: undefined,
  retryAfterMs: 0,
  closed: false,
  without: undefined,
  epochs: undefined,
};

type Answer = Verdict | "without" | "closed";

/**
 * Decides whether requests of this isolate may pass, by all their limits at once: nothing is
 * taken from any of them when one denies. It answers from memory where it can, asks the
 * counters where it must, and renews behind requests.
 *
 * What it remembers are numbers: no request ever waits for another's promise.
 */
export class Limiter {
  readonly links: CounterLinks;
  readonly #clock: Clock;
  #made = 0;
  readonly #buckets = new BoundedMap<string, Place>(CAPACITY);

  constructor(options: LinksOptions) {
    this.links = new CounterLinks(options);
    this.#clock = options.clock;
  }

  /** The isolate's part of a bucket. A limit that was changed is another one here. */
  place(counter: string, spec: Spec): Place {
    const size = spec.kind === "rate" ? `${spec.rate} ${spec.burst}` : `${spec.limit} ${spec.period}`;
    const key = `${counter}\n${spec.bucket}\n${size}`;
    let place = this.#buckets.get(key);
    if (!place) {
      place = { link: this.links.link(counter), bucket: new LocalBucket(spec, this.#made++) };
      this.#buckets.set(key, place);
    }
    return place;
  }

  /** Answers at once where nothing has to be asked, which is nearly always. */
  decide(checks: readonly Check[], ctx: Background): Decision | Promise<Decision> {
    const now = this.#clock.now();
    for (const { place, cost, fail } of checks) place.bucket.want(cost, now, fail);
    const answers = checks.map((check) => this.#answer(check, now));
    return this.#conclude(checks, answers, IN_NO_HAND, ctx, now) ?? this.#inquire(checks, ctx);
  }

  /**
   * Puts back what a request took that another limit refused after all.
   *
   * @param epochs as its decision said
   */
  putBack(checks: readonly Check[], epochs: Decision["epochs"], ctx: Background): void {
    const now = this.#clock.now();
    const left = checks
      .map((check, index) => ({
        ...check,
        cost: check.place.bucket.putBack(check.cost, now, epochs?.[index]),
      }))
      .filter(({ cost }) => cost > 0);
    if (left.length > 0) ctx.waitUntil(this.#return(left));
  }

  /** Takes what a request turned out to cost beyond what it took. */
  charge({ place }: Check, tokens: number, ctx: Background): void {
    const now = this.#clock.now();
    place.bucket.charge(tokens, now);
    if (place.bucket.isDue(now, place.link.roundTrip)) ctx.waitUntil(this.#renew([place], ctx));
  }

  /** @param late whether it has been waited for as long as may be */
  #answer({ place: { link, bucket }, cost, fail }: Check, now: number, late = false): Answer {
    const verdict = bucket.verdict(cost, now, link.roundTrip);
    if (verdict === "take" || verdict === "deny" || !(link.isAway || late)) return verdict;
    if (fail === "closed") return "closed";
    if (fail === "open") return "without";
    bucket.goAlone(now);
    return bucket.verdict(cost, now, link.roundTrip) === "take" ? "take" : "deny";
  }

  /** The decision, if the answers make one; otherwise somebody has to be asked. */
  #conclude(
    checks: readonly Check[],
    answers: readonly Answer[],
    inHand: InHand,
    ctx: Background,
    now: number,
  ): Decision | undefined {
    const without = checks.find(({ place }) => place.link.isAway)?.fail;
    const denied = answers.findIndex((answer) => answer === "deny" || answer === "closed");
    const check = checks[denied];
    if (check) {
      this.#tryAgain(checks, ctx, now);
      const closed = answers[denied] === "closed";
      const retryAfterMs = closed ? 0 : retryAfter(checks, answers, now);
      return { denied, retryAfterMs, closed, without: closed ? "closed" : without, epochs: undefined };
    }
    if (answers.some((answer) => answer === "ask" || answer === "wait")) return undefined;
    checks.forEach(({ place, cost }, index) => {
      if (inHand.has(index)) return;
      if (answers[index] !== "without") place.bucket.take(cost, now);
      // A rate is of the moment; a quota counts what got in meanwhile.
      else if (place.bucket.spec.kind === "quota") place.bucket.charge(cost, now);
    });
    if (without !== undefined) this.#tryAgain(checks, ctx, now);
    else this.#renewDue(checks, ctx, now);
    const epochs = epochsOf(checks, inHand);
    return without === undefined && !epochs ? ADMITTED : { ...ADMITTED, without, epochs };
  }

  /** Asks and waits until everything is known, or for as long as a counter may take. */
  async #inquire(checks: readonly Check[], ctx: Background): Promise<Decision> {
    const inHand = new Map<number, number>();
    const startedAt = this.#clock.now();
    for (let looks = 0; ; looks++) {
      const now = this.#clock.now();
      const late = now - startedAt > 2 * PATIENCE_MS || now < startedAt;
      const answers = checks.map((check, index) => {
        return inHand.has(index) ? "take" : this.#answer(check, now, late);
      });
      const decision = this.#conclude(checks, answers, inHand, ctx, now);
      if (decision) {
        if (decision.denied !== undefined && inHand.size > 0) {
          const granted = [...inHand.keys()].flatMap((index) => checks[index] ?? []);
          this.putBack(granted, [...inHand.values()], ctx);
        }
        return decision;
      }
      const asking = checks.map((_, index) => index).filter((index) => answers[index] === "ask");
      if (asking.length > 0) await this.#askFor(checks, asking, inHand, ctx, now);
      else await sleep(lookAgainAfter(checks, looks), this.#clock);
    }
  }

  /** Asks every counter that it takes, side by side. */
  async #askFor(
    checks: readonly Check[],
    asking: readonly number[],
    inHand: Map<number, number>,
    ctx: Background,
    now: number,
  ): Promise<void> {
    const byCounter = new Map<CounterLink, number[]>();
    for (const index of asking) {
      const link = checks[index]?.place.link;
      if (!link) continue;
      const same = byCounter.get(link);
      if (same) same.push(index);
      else byCounter.set(link, [index]);
    }
    await Promise.all(
      [...byCounter.values()].map(async (indexes) => {
        const places = indexes.flatMap((index) => checks[index]?.place ?? []);
        const granted = await this.#ask(
          places,
          indexes.map((index) => checks[index]?.cost ?? 0),
          ctx,
          now,
        );
        indexes.forEach((index, at) => {
          const grant = granted[at];
          if (grant?.granted) inHand.set(index, grant.epoch);
        });
      }),
    );
  }

  /** Asks one counter about several of its buckets. */
  async #ask(
    places: readonly Place[],
    tokens: readonly number[],
    ctx: Background,
    now: number,
  ): Promise<readonly Grant[]> {
    const [first] = places;
    if (!first) return [];
    const { link } = first;
    const asks = places.map(({ bucket }, index) => bucket.ask(tokens[index] ?? 0, now, link.roundTrip));
    try {
      const grants = await this.links.ask(link, asks);
      const after = this.#clock.now();
      places.forEach((place, index) => {
        const [ask, grant] = [asks[index], grants[index]];
        if (!ask || !grant) return;
        place.bucket.receive(ask, grant, now, after);
        if (ask.lifetime > 0 && grant.burst > 0) {
          ctx.waitUntil(this.#giveBack(place, now + grant.lifetime * GIVE_BACK));
        }
      });
      return grants;
    } catch {
      // Reported by the link; each limit says what to do without.
      places.forEach(({ bucket }, index) => {
        const ask = asks[index];
        if (ask) bucket.failed(ask);
      });
      return [];
    }
  }

  #renewDue(checks: readonly Check[], ctx: Background, now: number): void {
    let due: Set<CounterLink> | undefined;
    for (const { place } of checks) {
      if (!place.bucket.isDue(now, place.link.roundTrip)) continue;
      due ??= new Set();
      due.add(place.link);
    }
    if (!due) return;
    const asked = due;
    // One call for all that will be due at the same counter before long.
    const places = checks.map(({ place }) => place);
    const soon = places.filter(
      ({ link, bucket }) => asked.has(link) && bucket.isDue(now, link.roundTrip, SOON),
    );
    ctx.waitUntil(this.#renew(soon, ctx));
  }

  /** One request at a time sees whether a counter is back, behind itself. */
  #tryAgain(checks: readonly Check[], ctx: Background, now: number): void {
    const away = checks.map(({ place }) => place).filter(({ link }) => link.isAway && link.isWorthATry(now));
    if (away.length > 0) ctx.waitUntil(this.#renew(away, ctx));
  }

  async #renew(places: readonly Place[], ctx: Background): Promise<void> {
    const byCounter = Map.groupBy(places, ({ link }) => link);
    const now = this.#clock.now();
    await Promise.all(
      [...byCounter.values()].map((same) =>
        this.#ask(
          same,
          same.map(() => 0),
          ctx,
          now,
        ),
      ),
    );
  }

  /** Gives back a slice when its requests stop coming, or when nobody has renewed it in time. */
  async #giveBack(place: Place, until: number): Promise<void> {
    const { bucket } = place;
    const { generation } = bucket;
    let now = this.#clock.now();
    do {
      await sleep(Math.max(1, Math.min(bucket.patience(now), until - now)), this.#clock);
      now = this.#clock.now();
      if (!bucket.isIdle(generation) || place.link.isAway) return;
    } while (now < until && bucket.quietFor(now) < bucket.patience(now));
    await this.#tell(place, bucket.release(now), now);
  }

  /** Tokens that a counter granted to a request that did not get in. */
  async #return(checks: readonly Check[]): Promise<void> {
    const now = this.#clock.now();
    await Promise.all(
      checks.map(({ place, cost }) => {
        const ask = place.bucket.ask(0, now, place.link.roundTrip);
        return this.#tell(place, ask.kind === "slots" ? ask : { ...ask, returned: ask.returned + cost }, now);
      }),
    );
  }

  async #tell({ link, bucket }: Place, ask: Ask, now: number): Promise<void> {
    try {
      const [grant] = await this.links.ask(link, [ask]);
      if (grant) bucket.receive(ask, grant, now, this.#clock.now());
    } catch {
      bucket.failed(ask);
    }
  }
}

/** When all limits that refuse let it in again. */
function retryAfter(checks: readonly Check[], answers: readonly Answer[], now: number): number {
  const waits = checks.map(({ place, cost }, index) =>
    answers[index] === "deny" ? place.bucket.retryAfter(cost, now) : 0,
  );
  return Math.max(...waits);
}

/** Which checks a counter has granted, each with the epoch of its grant. */
type InHand = ReadonlyMap<number, number>;
const IN_NO_HAND: InHand = new Map();

function epochsOf(checks: readonly Check[], inHand: InHand): Decision["epochs"] {
  if (!checks.some(({ place }) => place.bucket.spec.kind === "quota")) return undefined;
  return checks.map(({ place }, index) => inHand.get(index) ?? place.bucket.epoch);
}

/** The longer it takes already, the later. */
function lookAgainAfter(checks: readonly Check[], looks: number): number {
  const trip = Math.max(...checks.map(({ place }) => place.link.roundTrip));
  return Math.min(LOOK_AGAIN_AT_MOST, Math.max(LOOK_AGAIN, trip / 4) * 1.2 ** looks);
}
