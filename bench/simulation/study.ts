import type { Arrivals } from "./arrivals.ts";
import { ideal } from "./contestants/alternatives.ts";
import { portico } from "./contestants/portico.ts";
import { type Figures, figures, perSecond } from "./figures.ts";
import type { Contestant, Outcome } from "./outcome.ts";
import { arrivals, type Scenario } from "./scenario.ts";

/** Scenarios that answer one question together. */
export interface Study {
  readonly name: string;
  /** What its table shows. */
  readonly about: string;
  readonly cases: readonly Case[];
  /** As SVG, of all its cases. */
  readonly plot?: (results: readonly Result[]) => string;
}

/** One row. */
export interface Case {
  /** What tells it from the others, by the heads of its columns. */
  readonly labels: Readonly<Record<string, string>>;
  readonly scenario: Scenario;
  readonly contestant: Contestant;
  /** Where a plot shows it. */
  readonly point?: { readonly series: string; readonly x: number };
  /** Whether `--quick` runs it. */
  readonly quick?: boolean;
  /** The least share that passes. */
  readonly least?: number;
  /** Whether isolates may let in more than the limit together: by its `fail`, or since they have never heard of each other. */
  readonly mayExceed?: boolean;
}

export interface Result {
  readonly of: Case;
  readonly figures: Figures;
  /** Requests a second, in stretches of half a second. */
  readonly admitted: readonly number[];
  readonly asked: readonly number[];
}

/** How long a stretch is, in ms. */
export const STRETCH_MS = 500;
/** What sums of doubles may come to. */
const TOLERANCE = 1e-6;
/** What happens on the way has a seed of its own, that far from the one of arrivals. */
const WAY = 1_000_003;

/** Runs cases one after the other: those of one scenario have the same requests. */
export async function runCases(cases: readonly Case[], seed: number): Promise<readonly Result[]> {
  const results: Result[] = [];
  let last: Prepared | undefined;
  for (const of of cases) {
    if (last?.scenario !== of.scenario) last = await prepare(of.scenario, seed);
    const outcome = await of.contestant.run(of.scenario, last.arrivals, seed + WAY);
    const { seconds } = of.scenario;
    results.push({
      of,
      figures: figures(outcome, last.ideal, last.arrivals, of.scenario),
      admitted: perSecond(outcome.admittedAt, STRETCH_MS, seconds),
      asked: perSecond(last.arrivals.times, STRETCH_MS, seconds),
    });
  }
  return results;
}

interface Prepared {
  readonly scenario: Scenario;
  readonly arrivals: Arrivals;
  readonly ideal: Outcome;
}

async function prepare(scenario: Scenario, seed: number): Promise<Prepared> {
  const requests = arrivals(scenario, seed);
  return { scenario, arrivals: requests, ideal: await ideal.run(scenario, requests, seed) };
}

/** What Portico promised and did not keep, in sentences. */
export function broken(study: Study, results: readonly Result[]): readonly string[] {
  return results.flatMap(({ of, figures: { excess, share } }) => {
    const { contestant, labels, mayExceed = false, least = 0 } = of;
    if (contestant !== portico) return [];
    const where = `${study.name}: ${Object.values(labels).join(", ")}`;
    return [
      ...(excess > TOLERANCE && !mayExceed ? [`${where}: ${excess.toFixed(6)} requests too many`] : []),
      ...(share < least ? [`${where}: only ${share.toFixed(4)} of what is allowed, not ${least}`] : []),
    ];
  });
}
