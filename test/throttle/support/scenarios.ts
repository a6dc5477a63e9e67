import { type Faults, NO_FAULTS, type Scenario } from "./lease-world.ts";
import { Random } from "./random.ts";

const DISTANCES: readonly [readonly [number, number], ...(readonly [number, number])[]] = [
  [0, 0],
  [0, 5],
  [5, 40],
  [20, 150],
];

/** When isolates are busy: always, or by turns of all lengths. */
function turns(random: Random): Pick<Scenario, "busy" | "idle"> {
  if (random.chance(0.3)) return { busy: 0, idle: 0 };
  return { busy: random.of([100, 500, 3000]), idle: random.of([100, 1000, 5000]) };
}

/** A rate, who uses it and how: of all sizes, near and far, with too few requests and too many. */
export function rateScenario(seed: number, faults: Partial<Faults>): Scenario {
  const random = new Random(seed * 7919 + 1);
  const rate = random.of([0.5, 2, 10, 50, 200]);
  const burst = Math.max(1, Math.round(random.of([0, 0.1, 0.5, 1, 2, 5]) * rate));
  return {
    limit: { kind: "rate", rate, burst, exact: random.chance(0.15) },
    isolates: random.between(1, 6),
    start: Date.UTC(2026, 10, 21),
    seconds: faults.changes ? 35 : 25,
    requests: random.of([0.3, 0.8, 1.2, 3]) * rate,
    cost: burst > 2 ? random.of([1, 1, 2]) : 1,
    ...turns(random),
    rushes: random.of([0, 0.3, 1]),
    faults: { ...NO_FAULTS, latency: random.of(DISTANCES), ...faults },
  };
}

/** A quota around midnight, when one of its periods may end. */
export function quotaScenario(seed: number, faults: Partial<Faults>): Scenario {
  const random = new Random(seed * 7919 + 1);
  const limit = random.of([10, 100, 1000, 3000]);
  return {
    limit: {
      kind: "quota",
      limit,
      offset: random.of([0, 0, 5]),
      period: random.of(["DAY", "DAY", "WEEK"]),
      exact: random.chance(0.15),
    },
    isolates: random.between(1, 6),
    start: Date.UTC(2026, 10, 22) - random.between(0, 15_000),
    seconds: 20,
    requests: (random.of([0.3, 0.8, 1.2, 3]) * limit) / 10,
    cost: 1,
    ...turns(random),
    rushes: random.of([0, 0, 0.05]),
    faults: { ...NO_FAULTS, latency: random.of(DISTANCES), ...faults },
  };
}
