import type { QuotaAsk, RateAsk, SlotsAsk } from "../../../src/throttle/lease.ts";

const NO_SLICE = { rate: 0, burst: 0, level: 0 };

/** An ask of an isolate that has no slice and wants nothing, but what it is given here. */
export const rateAsk = (ask: Pick<RateAsk, "rate" | "burst"> & Partial<RateAsk>): RateAsk => ({
  kind: "rate",
  instance: 0,
  bucket: "b",
  unit: 1,
  now: 0,
  demand: 0,
  lifetime: 0,
  slice: NO_SLICE,
  returned: 0,
  owed: 0,
  epoch: 0,
  local: true,
  alone: 0,
  drained: 0,
  release: false,
  ...ask,
});

export const quotaAsk = (ask: Pick<QuotaAsk, "limit"> & Partial<QuotaAsk>): QuotaAsk => ({
  kind: "quota",
  bucket: "q",
  offset: 0,
  period: "DAY",
  now: 0,
  demand: 0,
  lifetime: 0,
  returned: 0,
  epoch: 0,
  owed: 0,
  ...ask,
});

export const slotsAsk = (ask: Pick<SlotsAsk, "limit" | "need"> & Partial<SlotsAsk>): SlotsAsk => ({
  kind: "slots",
  instance: 0,
  bucket: "s",
  want: ask.need,
  waiting: false,
  held: 0,
  lifetime: 10_000,
  ...ask,
});
