import type { Contestant } from "./case.ts";
import type { Measured, Round } from "./rounds.ts";

export interface Figure {
  readonly median: number;
  /** The median of each round's ratio to the baseline of the same round. */
  readonly ratio: number;
}

/**
 * CPU time is summed over the rounds: a major garbage collection comes every 8,000 requests or
 * so and costs what 500 requests do. Most rounds have none, so a median would leave out what
 * a contestant's garbage costs.
 */
export interface CpuFigure {
  readonly mean: number;
  /** Of the sums, what budgets are held against. */
  readonly ratio: number;
  /** For comparison: the median of each round's ratio. */
  readonly medianRatio: number;
}

export interface Budget {
  /** The most that `ratio` may be, with what is allowed on top. */
  readonly limit: number;
  /** The contestant that it refers to; none for the baseline. */
  readonly against: string | undefined;
  /** Of the sums of CPU time, as in `CpuFigure`, to that contestant. */
  readonly ratio: number;
}

export interface Row {
  readonly name: string;
  readonly cpuMicrosPerRequest: CpuFigure;
  readonly requestsPerSecond: Figure;
  readonly p50Micros: Figure;
  readonly p99Micros: Figure;
  readonly peakBytes: number;
  readonly peakRatio: number;
  readonly budget: Budget | undefined;
  /** Calls of Durable Objects per 100 requests; none where they are not counted. */
  readonly callsPer100: number | undefined;
  readonly rounds: readonly Round[];
}

/**
 * @param measured the baseline first
 * @throws RangeError for a budget that refers to a contestant that is none of these
 */
export function summarise(measured: readonly Measured[]): readonly Row[] {
  const [baseline] = measured;
  if (!baseline) return [];
  return measured.map(({ contestant, rounds, peakBytes, callsPerRequest }) => {
    const figure = (of: (round: Round) => number): Figure => ({
      median: median(rounds.map(of)),
      ratio: median(
        rounds.flatMap((round, index) => {
          const same = baseline.rounds[index];
          return same ? [of(round) / of(same)] : [];
        }),
      ),
    });
    return {
      name: contestant.name,
      cpuMicrosPerRequest: {
        mean: mean(rounds.map(cpu)),
        ratio: cpuRatio(rounds, baseline.rounds),
        medianRatio: figure(cpu).ratio,
      },
      requestsPerSecond: figure((round) => round.requestsPerSecond),
      p50Micros: figure((round) => round.p50Micros),
      p99Micros: figure((round) => round.p99Micros),
      peakBytes,
      peakRatio: peakBytes / baseline.peakBytes,
      budget: budgetOf(contestant, rounds, measured),
      callsPer100: callsPerRequest === undefined ? undefined : callsPerRequest * 100,
      rounds,
    };
  });
}

function budgetOf(
  { name, budget, against, plus }: Contestant,
  rounds: readonly Round[],
  measured: readonly Measured[],
): Budget | undefined {
  if (budget === undefined) return undefined;
  const [baseline] = measured;
  const roundsOf = (reference: string | undefined): readonly Round[] => {
    const found =
      reference === undefined ? baseline : measured.find((other) => other.contestant.name === reference);
    if (!found) throw new RangeError(`${name}: its budget refers to ${reference}, which is not in the case`);
    return found.rounds;
  };
  const reference = roundsOf(against);
  const onTop =
    plus === undefined ? 0 : cpuRatio(roundsOf(plus), reference) - cpuRatio(roundsOf(undefined), reference);
  return { limit: budget + onTop, against, ratio: cpuRatio(rounds, reference) };
}

const cpu = (round: Round): number => round.cpuMicrosPerRequest;

function cpuRatio(rounds: readonly Round[], reference: readonly Round[]): number {
  return mean(rounds.map(cpu)) / mean(reference.map(cpu));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
