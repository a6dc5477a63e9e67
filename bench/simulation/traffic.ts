import type { Fleet } from "./fleet.ts";
import { type Random, weighted } from "./random.ts";

/** How many requests come, and where. */
export interface Traffic {
  readonly name: string;
  /** As a multiple of the limit's rate, `t` seconds after the start. */
  readonly load: (t: number) => number;
  /** The most that `load` ever is. */
  readonly peak: number;
  /** The isolate that a request at `t` comes to. */
  readonly pick: (t: number, random: Random) => number;
}

/** Made for a fleet and for how long it runs, in seconds. */
export type TrafficOf = (fleet: Fleet, seconds: number) => Traffic;

/** Always so many times the limit, evenly over all isolates. */
export const steady =
  (times: number, name = `steady, ${times} ×`): TrafficOf =>
  (fleet) => ({ name, load: () => times, peak: times, pick: evenly(fleet) });

export const flood = (times: number): TrafficOf => steady(times, `flood, ${times} ×`);

/** Everywhere at once: four times the limit for half a second of every two, then nothing. */
export const together: TrafficOf = (fleet) => ({
  name: "bursts together, 4 × or nothing",
  load: (t) => (t % 2 < 0.5 ? 4 : 0),
  peak: 4,
  pick: evenly(fleet),
});

/** Twice the limit; every isolate has its part of it in one second of every two, each in another one. */
export const apart: TrafficOf = ({ isolates: { length } }) => ({
  name: "bursts apart, 2 ×",
  load: () => 2,
  peak: 2,
  // Half of the isolates are awake at any time; which ones goes round in two seconds.
  pick: (t, random) => {
    const turn = Math.floor(((t % 2) / 2) * length);
    return (turn + random.below(Math.ceil(length / 2))) % length;
  },
});

/** Nine tenths come to one isolate. */
export const one =
  (times: number): TrafficOf =>
  (fleet) => {
    const even = evenly(fleet);
    return {
      name: `one isolate has 90 %, ${times} ×`,
      load: () => times,
      peak: times,
      pick: (t, random) => (random.next() < 0.9 ? 0 : even(t, random)),
    };
  };

/** The busiest place has twice as many as the second, three times as many as the third, and so on. */
export const zipf =
  (times: number): TrafficOf =>
  ({ isolates }) => {
    const pick = weighted(isolates.map(({ place }) => 1 / (place + 1)));
    return {
      name: `skewed (Zipf), ${times} ×`,
      load: () => times,
      peak: times,
      pick: (_, random) => pick(random),
    };
  };

/** From nothing to three times the limit. */
export const growing: TrafficOf = (fleet, seconds) => ({
  name: "growing, 0 to 3 ×",
  load: (t) => (3 * t) / seconds,
  peak: 3,
  pick: evenly(fleet),
});

/** Until so many seconds after the start: so many times the limit, in one half of the isolates. */
export interface Phase {
  readonly until: number;
  readonly times: number;
  readonly half: 0 | 1;
}

/** One phase after the other. */
export const course =
  (name: string, phases: readonly [Phase, ...Phase[]]): TrafficOf =>
  ({ isolates: { length } }) => {
    const phaseAt = (t: number): Phase => phases.find(({ until }) => t < until) ?? phases[0];
    const size = Math.floor(length / 2);
    return {
      name,
      load: (t) => phaseAt(t).times,
      peak: Math.max(...phases.map(({ times }) => times)),
      pick: (t, random) => phaseAt(t).half * size + random.below(size),
    };
  };

const evenly =
  ({ isolates: { length } }: Fleet): Traffic["pick"] =>
  (_, random) =>
    random.below(length);
