import { setTimeout } from "node:timers/promises";
import type { Engine } from "../cli/engine/engine.ts";
import type { Case, Contestant } from "./case.ts";
import { countedCalls } from "./engines.ts";
import type { Outcome } from "./load/job.ts";
import { type Load, wireRequest } from "./load/load.ts";
import { cpuMicros, peakBytes } from "./process-usage.ts";
import { nextRequests } from "./requests.ts";

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
  const send = async (runner: Runner, count: number, over: number, strictly = true): Promise<Outcome> => {
    const { contestant, engine } = runner;
    const before = sent.get(runner) ?? 0;
    sent.set(runner, before + count);
    const wire = nextRequests(contestant.requests, before, count).map((request) =>
      wireRequest(strictly ? request : { ...request, says: "" }, engine.port),
    );
    const outcome = await load.run({ port: engine.port, requests: wire, count, connections: over });
    if (outcome.errors === 0) return outcome;
    throw new Error(
      `${name}, ${contestant.name}: ${outcome.errors} of ${count} requests failed: ${outcome.firstError}`,
    );
  };
  for (const runner of runners) {
    await send(runner, partOf(warmUp, runner.contestant), WARM_UP_CONNECTIONS, false);
  }
  const measured = runners.map((runner) => ({ runner, rounds: [] as Round[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { runner, rounds } of measured) {
      const { contestant } = runner;
      if (contestant.uncounted) await send(runner, contestant.uncounted, connections);
      const count = partOf(requests, contestant);
      if (contestant.rehearsedMs !== undefined) {
        await send(runner, count, connections);
        sent.set(runner, (sent.get(runner) ?? 0) - count);
        await setTimeout(contestant.rehearsedMs);
      }
      const before = cpuMicros(runner.engine.pid);
      const outcome = await send(runner, count, connections);
      rounds.push({
        cpuMicrosPerRequest: (cpuMicros(runner.engine.pid) - before) / count,
        requestsPerSecond: count / outcome.seconds,
        p50Micros: outcome.p50Micros,
        p99Micros: outcome.p99Micros,
      });
    }
  }
  const results: Measured[] = [];
  for (const { runner, rounds: own } of measured) {
    const peak = peakBytes(runner.engine.pid);
    const count = rounds * partOf(requests, runner.contestant);
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

const partOf = (count: number, { portion = 1 }: Contestant): number => Math.ceil(count * portion);

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
