import type { Grant, SlotsAsk } from "./lease.ts";

/** Slots that an isolate asks for beyond those that it needs: a quarter of them. */
const AHEAD = 4;
/** What is left of the slots' time when they are renewed. */
const RENEWAL = 0.4;
const LIFETIME = 10_000;
const LOST = 5_000;
/** What an isolate takes for its own while it cannot ask and has never been told: a tenth of the limit. */
const COLD_SHARE = 0.1;

export type SlotsVerdict = "take" | "deny" | "ask" | "wait";

/**
 * Room for requests in flight, as an isolate sees it: how many slots it holds, and how many
 * are in use. Pure: times are given, in ms of the isolate's own clock.
 */
export class LocalSlots {
  readonly bucket: string;
  readonly limit: number;
  readonly #instance: number;
  #held = 0;
  #inUse = 0;
  /** The most that were in use at once since the slots were asked for. */
  #peak = 0;
  #until = 0;
  #quietUntil = 0;
  #asking = false;
  #askedAt = 0;
  #told = false;

  constructor(bucket: string, limit: number, instance: number) {
    this.#instance = instance;
    this.bucket = bucket;
    this.limit = limit;
  }

  verdict(now: number): SlotsVerdict {
    if (this.#inUse < this.#held && now < this.#until) return "take";
    if (now < this.#quietUntil) return "deny";
    return this.#isAsking(now) ? "wait" : "ask";
  }

  take(): void {
    this.#inUse++;
    this.#peak = Math.max(this.#peak, this.#inUse);
  }

  /** A request has ended. */
  free(): void {
    this.#inUse = Math.max(0, this.#inUse - 1);
  }

  /** Whether the slots have to be renewed, or may be given back. */
  isDue(now: number): boolean {
    return this.#held > 0 && !this.#isAsking(now) && this.#until - now < LIFETIME * RENEWAL;
  }

  get isHolding(): boolean {
    return this.#held > 0;
  }

  get inUse(): number {
    return this.#inUse;
  }

  /** @param waiting whether a request waits for the answer */
  ask(waiting: boolean, now: number): SlotsAsk {
    this.#asking = true;
    this.#askedAt = now;
    const need = this.#inUse + (waiting ? 1 : 0);
    const peak = Math.max(need, this.#peak);
    this.#peak = this.#inUse;
    const want = peak <= 1 ? peak : peak + Math.ceil(peak / AHEAD);
    // What it asks to be rid of is not used any more: others may have it before the answer comes.
    this.#held = Math.min(this.#held, Math.max(want, this.#inUse));
    return {
      kind: "slots",
      instance: this.#instance,
      bucket: this.bucket,
      limit: this.limit,
      need,
      waiting,
      want,
      held: now < this.#until ? this.#held : 0,
      lifetime: LIFETIME,
    };
  }

  /** @param taken whether the request that waited takes its slot with it */
  receive(grant: Grant, sentAt: number, now: number): void {
    this.#asking = false;
    this.#told = true;
    this.#held = grant.tokens;
    this.#until = sentAt + grant.lifetime;
    this.#quietUntil = now + grant.wait;
  }

  failed(): void {
    this.#asking = false;
  }

  /** Goes on without the counter, with what was held last, or a tenth of the limit. */
  goAlone(now: number): void {
    if (now < this.#until) return;
    if (!this.#told) this.#held = Math.max(1, Math.floor(this.limit * COLD_SHARE));
    this.#until = now + 1_000;
  }

  #isAsking(now: number): boolean {
    if (this.#asking && now - this.#askedAt > LOST) this.#asking = false;
    return this.#asking;
  }
}
