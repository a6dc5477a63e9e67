import type { Engine } from "../cli/engine/engine.ts";
import type { Case, Contestant } from "./case.ts";
import type { Outcome } from "./load/job.ts";
import { type Load, wireRequest } from "./load/load.ts";
import { cpuMicros, peakBytes } from "./process-usage.ts";

export interface Effort {
  readonly rounds: number;
  /** Per contestant and round. */
  readonly requests: number;
  readonly connections: number;
  /** Requests before the first round. */
  readonly warmUp: number;
}

/** What one contestant did in one round. */
export interface Round {
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

export interface Measured {
  readonly contestant: Contestant;
  readonly rounds: readonly Round[];
  readonly peakBytes: number;
}

/** Warming up is not measured, so it may saturate the engine: that is quicker. */
const WARM_UP_CONNECTIONS = 32;

export interface Runner {
  readonly contestant: Contestant;
  readonly engine: Engine;
}

/** All contestants in turn, as often as there are rounds: A B C A B C … */
export async function interleave(
  { name }: Case,
  runners: readonly Runner[],
  load: Load,
  { rounds, requests, connections, warmUp }: Effort,
): Promise<readonly Measured[]> {
  const send = async ({ contestant, engine }: Runner, count: number, over: number): Promise<Outcome> => {
    const wire = contestant.requests.map((request) => wireRequest(request, engine.port));
    const outcome = await load.run({ port: engine.port, requests: wire, count, connections: over });
    if (outcome.errors === 0) return outcome;
    throw new Error(
      `${name}, ${contestant.name}: ${outcome.errors} of ${count} requests failed: ${outcome.firstError}`,
    );
  };
  for (const runner of runners) await send(runner, warmUp, WARM_UP_CONNECTIONS);
  const measured = runners.map((runner) => ({ runner, rounds: [] as Round[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { runner, rounds } of measured) {
      const before = cpuMicros(runner.engine.pid);
      const outcome = await send(runner, requests, connections);
      rounds.push({
        cpuMicrosPerRequest: (cpuMicros(runner.engine.pid) - before) / requests,
        requestsPerSecond: requests / outcome.seconds,
        p50Micros: outcome.p50Micros,
        p99Micros: outcome.p99Micros,
      });
    }
  }
  return measured.map(({ runner, rounds }) => ({
    contestant: runner.contestant,
    rounds,
    peakBytes: peakBytes(runner.engine.pid),
  }));
}
