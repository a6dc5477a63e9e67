import type { Random } from "./random.ts";
import type { Traffic } from "./traffic.ts";

/** Requests in the order of time: when each comes, in ms since the start, and to which isolate. */
export interface Arrivals {
  readonly times: Float64Array;
  readonly isolates: Uint16Array;
}

/**
 * Requests that come independently of each other (a Poisson process), so many as the traffic
 * says at each moment.
 *
 * @param rate the limit's, in requests a second: traffic is a multiple of it
 */
export function arrivalsOf(traffic: Traffic, rate: number, seconds: number, random: Random): Arrivals {
  const times: number[] = [];
  const isolates: number[] = [];
  const { peak, load, pick } = traffic;
  for (let t = random.gap(peak * rate); t < seconds; t += random.gap(peak * rate)) {
    if (random.next() * peak >= load(t)) continue;
    times.push(t * 1000);
    isolates.push(pick(t, random));
  }
  return { times: Float64Array.from(times), isolates: Uint16Array.from(isolates) };
}
