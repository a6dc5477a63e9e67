import type { Engine } from "../cli/engine/engine.ts";
import type { BenchRequest, Case, Contestant } from "./case.ts";
import { countedCalls } from "./engines.ts";
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
  /** Calls of Durable Objects per request; none where they are not counted. */
  readonly callsPerRequest: number | undefined;
}

/** Warming up is not measured, so it may saturate the engine: that is quicker. */
const WARM_UP_CONNECTIONS = 32;

export interface Runner {
  readonly contestant: Contestant;
  readonly engine: Engine;
}

/** All contestants in turn, as often as there are rounds: A B C A B C … Then calls are counted. */
export async function interleave(
  { name }: Case,
  runners: readonly Runner[],
  load: Load,
  { rounds, requests, connections, warmUp }: Effort,
): Promise<readonly Measured[]> {
  const sent = new Map<Runner, number>();
  const send = async (runner: Runner, count: number, over: number): Promise<Outcome> => {
    const { contestant, engine } = runner;
    const before = sent.get(runner) ?? 0;
    sent.set(runner, before + count);
    const wire = inTurn(contestant.requests, before, count).map((request) =>
      wireRequest(request, engine.port),
    );
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
  const results: Measured[] = [];
  for (const { runner, rounds: own } of measured) {
    const peak = peakBytes(runner.engine.pid);
    const count = rounds * requests;
    const calls = await callsDuring(runner, () => send(runner, count, connections));
    results.push({
      contestant: runner.contestant,
      rounds: own,
      peakBytes: peak,
      callsPerRequest: calls === undefined ? undefined : calls / count,
    });
  }
  return results;
}

/** Those that come next after so many, and no more of them than will be sent. */
function inTurn(requests: readonly BenchRequest[], sent: number, count: number): readonly BenchRequest[] {
  const start = sent % requests.length;
  return [...requests.slice(start), ...requests.slice(0, start)].slice(0, count);
}

/**
 * Calls that the contestant's counters had meanwhile. An object that is asked is started if it
 * was not, which costs time: so rounds are left alone. One that nobody calls for ten seconds is
 * stopped and begins again at 0.
 */
async function callsDuring(
  { contestant, engine }: Runner,
  run: () => Promise<unknown>,
): Promise<number | undefined> {
  const before = await countedCalls(engine, contestant);
  if (before === undefined) return undefined;
  await run();
  const after = (await countedCalls(engine, contestant)) ?? 0;
  return after < before ? after : after - before;
}
