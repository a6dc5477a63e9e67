import type { Circuit as Settings } from "../../../config/resilience-schema.ts";
import { SlidingCounts } from "./sliding-counts.ts";

/** Leave to send one request; handed back with how it went. */
type Permit = number;

type State = "closed" | "open" | "half-open";

/**
 * Whether an origin is asked at all. Closed: every request goes, and is counted. Open: none
 * goes. Half-open: a few go as probes, and decide. Pure: times are given, in ms.
 */
export class Circuit {
  readonly #settings: Omit<Settings, "statuses">;
  readonly #counts: SlidingCounts;
  #state: State = "closed";
  /** What has happened before it opened, or closed, says nothing of afterwards. */
  #permit: Permit = 0;
  #inARow = 0;
  #openedAt = 0;
  /** Probes under way, with their start. */
  readonly #probes = new Map<Permit, number>();
  #passed = 0;

  constructor(settings: Omit<Settings, "statuses">) {
    this.#settings = settings;
    this.#counts = new SlidingCounts(settings.windowInMillis);
  }

  /** Whether `enter` would let a request through now. */
  admits(now: number): boolean {
    switch (this.#state) {
      case "closed":
        return true;
      case "open":
        return now - this.#openedAt >= this.#settings.openInMillis;
      default:
        return this.#probesUnderWay(now) + this.#passed < this.#settings.probes;
    }
  }

  /** Lets a request through, or not; every permit has to come back by `report` or `release`. */
  enter(now: number): Permit | undefined {
    if (!this.admits(now)) return undefined;
    if (this.#state === "closed") return this.#permit;
    this.#state = "half-open";
    this.#permit += 1;
    this.#probes.set(this.#permit, now);
    return this.#permit;
  }

  /** How the request of a permit went. */
  report(permit: Permit, ok: boolean, now: number): void {
    if (this.#state === "closed" && permit === this.#permit) this.#count(ok, now);
    else if (this.#probes.delete(permit)) this.#judge(ok, now);
  }

  /** A request that says nothing of the origin: its client broke it off. */
  release(permit: Permit): void {
    this.#probes.delete(permit);
  }

  /** After how many ms the next request may be let through; 0 while requests are. */
  waitMs(now: number): number {
    return this.#state === "open" ? Math.max(0, this.#openedAt + this.#settings.openInMillis - now) : 0;
  }

  #count(ok: boolean, now: number): void {
    const { failures, failurePercent, minimumRequests } = this.#settings;
    this.#counts.add(now, !ok);
    if (ok) {
      this.#inARow = 0;
      return;
    }
    this.#inARow += 1;
    const total = this.#counts.total(now);
    const tooMany = total >= minimumRequests && this.#counts.marked(now) * 100 >= failurePercent * total;
    if (this.#inARow >= failures || tooMany) this.#open(now);
  }

  #judge(ok: boolean, now: number): void {
    if (!ok) this.#open(now);
    else if (++this.#passed >= this.#settings.probes) this.#close();
  }

  #open(now: number): void {
    this.#leave("open");
    this.#openedAt = now;
  }

  #close(): void {
    this.#leave("closed");
    this.#counts.clear();
    this.#inARow = 0;
  }

  /** Permits given so far are worth nothing in the next state. */
  #leave(next: State): void {
    this.#state = next;
    this.#permit += 1;
    this.#probes.clear();
    this.#passed = 0;
  }

  /** A probe whose request was cut off never reports: after `openInMillis` another takes its place. */
  #probesUnderWay(now: number): number {
    for (const [permit, since] of this.#probes) {
      if (now - since >= this.#settings.openInMillis) this.#probes.delete(permit);
    }
    return this.#probes.size;
  }
}
