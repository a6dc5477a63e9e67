import type { Period } from "./period.ts";

/**
 * What an isolate and a counter say to each other.
 *
 * A bucket of the counter may be lent out in slices: an isolate gets a rate and a burst of its
 * own for a short time, and decides by itself within them. The slices and what is left at the
 * counter never add up to more than the bucket, so that however many isolates there are, no
 * stretch of time sees more requests than `burst + rate × time`.
 */

/** Asks for tokens of a bucket. */
export interface RateAsk {
  readonly kind: "rate";
  /** The bucket's name within the counter. */
  readonly bucket: string;
  /** Which of the isolate's memories of the bucket this is: one that was forgotten may still have a slice. */
  readonly instance: number;
  /** The limit: tokens a second, and how many at once. */
  readonly rate: number;
  readonly burst: number;
  /** What a request costs here, in tokens: a slice that holds fewer is of no use. */
  readonly unit: number;
  /** Tokens for a request that waits for them; they count as spent when they are granted. 0 behind requests. */
  readonly now: number;
  /** Tokens a second that this isolate's requests have asked for lately, refused ones included. */
  readonly demand: number;
  /** How long it would like a slice to last, in ms; with 0 its slice, or that it has none, stays as it is. */
  readonly lifetime: number;
  /** The slice that it has: rate, burst, and how many tokens are in it. */
  readonly slice: Slice;
  /** Tokens that it gives back: those of a request that another limit refused, or with `release` of its slice. */
  readonly returned: number;
  /** Tokens that it spent without having them: a response cost more than was taken. */
  readonly owed: number;
  /** The last grant of a slice that it has heard of, by its `epoch`; 0 for none. */
  readonly epoch: number;
  /** Whether isolates go on by themselves while the counter is away. */
  readonly local: boolean;
  /** For how long it has gone on by itself, in ms, while the counter was away; its slice is what it allowed itself. */
  readonly alone: number;
  /** Tokens that it had never been granted and spent all the same, meanwhile. */
  readonly drained: number;
  /** Gives its slice up; what was in it is among the returned. */
  readonly release: boolean;
}

export interface Slice {
  readonly rate: number;
  readonly burst: number;
  readonly level: number;
}

/** Asks for requests of a quota; members as in `RateAsk`. */
export interface QuotaAsk {
  readonly kind: "quota";
  readonly bucket: string;
  /** Requests in a period, and how many fewer in the first one. */
  readonly limit: number;
  readonly offset: number;
  readonly period: Period;
  readonly now: number;
  readonly demand: number;
  readonly lifetime: number;
  readonly returned: number;
  /** The period that the returned were of, as their grant said. */
  readonly epoch: number;
  readonly owed: number;
}

/** Asks for room for requests in flight. */
export interface SlotsAsk {
  readonly kind: "slots";
  readonly bucket: string;
  readonly instance: number;
  readonly limit: number;
  /** Requests in flight in this isolate, with the one that waits, if one does. */
  readonly need: number;
  readonly waiting: boolean;
  /** How many slots it would like to hold. */
  readonly want: number;
  /** How many it holds, so that a counter that was restarted knows. */
  readonly held: number;
  readonly lifetime: number;
}

export type Ask = RateAsk | QuotaAsk | SlotsAsk;

export interface Grant {
  /** Whether the tokens for the waiting request are granted. */
  readonly granted: boolean;
  /** Tokens to put into the slice; the number of slots held, for slots. */
  readonly tokens: number;
  /** The slice from now on; 0 and 0 for none. */
  readonly rate: number;
  readonly burst: number;
  /** How long it lasts, in ms from when the ask was sent. */
  readonly lifetime: number;
  /** For so long asking again is of no use, in ms: 0 when it may be. */
  readonly wait: number;
  /** What is left at the counter: tokens, requests of the quota, or slots. */
  readonly remaining: number;
  /** The quota's period, as ms since the epoch; of a bucket, how many grants there have been. */
  readonly epoch: number;
}

/** What the isolates call; a `Counter` object's stub. */
export interface CounterStub {
  lease(holder: string, asks: readonly Ask[]): Promise<readonly Grant[]>;
}
