import type { Fail } from "../../src/config/throttle-schema.ts";
import { type Arrivals, arrivalsOf } from "./arrivals.ts";
import type { Faults } from "./faults.ts";
import type { Fleet } from "./fleet.ts";
import { Random } from "./random.ts";
import type { TrafficOf } from "./traffic.ts";

export interface Limit {
  /** Requests a second. */
  readonly rate: number;
  readonly burst: number;
  /** Asks the counter at every request; false by default. */
  readonly exact?: boolean;
  /** What holds while the counter is away; `local` by default. */
  readonly fail?: Fail;
}

export interface Scenario {
  readonly limit: Limit;
  readonly fleet: Fleet;
  readonly traffic: TrafficOf;
  /** For how long requests come. */
  readonly seconds: number;
  readonly faults?: Faults;
}

/** The same whoever limits them. */
export function arrivals({ traffic, fleet, limit, seconds }: Scenario, seed: number): Arrivals {
  return arrivalsOf(traffic(fleet, seconds), limit.rate, seconds, new Random(seed));
}

/** `1,000/s, burst 500` */
export const limitName = ({ rate, burst }: Limit): string =>
  `${rate.toLocaleString("en")}/s, burst ${burst.toLocaleString("en")}`;

/** Requests that wait at the end are answered within this time, in ms. */
export const AFTERMATH = 3_000;
