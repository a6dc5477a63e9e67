import { bounded, pause } from "../support/wait.ts";
import { type Exchange, Pool } from "./connection.ts";

/** How often the generator looks what is due, in ms. */
const TICK_MS = 4;
/** What could not be sent for longer than this is not made up for, in ms: nobody means such a burst. */
const LATEST_MS = 50;

/** Requests a second to each isolate, at a time since the beginning, in ms. */
export type Demand = (elapsedMs: number) => readonly number[];

/** Sends requests to all isolates, over connections that are kept. */
export class Traffic {
  readonly #pools: readonly Pool[];
  #seed = 0;

  constructor(ports: readonly number[]) {
    this.#pools = ports.map((port, isolate) => new Pool(isolate, port));
  }

  close(): void {
    for (const pool of this.#pools) pool.close();
  }

  /** Sends what comes, answered or not: callers who know nothing of each other (Poisson). */
  async open(path: string, demand: Demand, durationMs: number): Promise<readonly Exchange[]> {
    const random = mulberry32(++this.#seed);
    const wait = this.#pools.map(() => exponential(random));
    const sent: Promise<Exchange>[] = [];
    const startedAt = performance.now();
    for (let then = startedAt; then - startedAt < durationMs; ) {
      await pause(TICK_MS);
      const now = performance.now();
      const seconds = Math.min(LATEST_MS, now - then) / 1000;
      const rates = demand(now - startedAt);
      then = now;
      this.#pools.forEach((pool, isolate) => {
        // In units of the mean distance between two requests.
        let left = (wait[isolate] ?? 0) - seconds * (rates[isolate] ?? 0);
        for (; left <= 0; left += exponential(random)) sent.push(pool.get(path));
        wait[isolate] = left;
      });
    }
    return bounded("the last answer", Promise.all(sent));
  }

  /** As fast as it goes: each isolate has so many callers, who ask again as soon as they are answered. */
  async flood(path: string, callers: number, durationMs: number): Promise<readonly Exchange[]> {
    const exchanges: Exchange[] = [];
    const end = performance.now() + durationMs;
    const call = async (pool: Pool): Promise<void> => {
      while (performance.now() < end) exchanges.push(await pool.get(path));
    };
    const all = this.#pools.flatMap((pool) => Array.from({ length: callers }, () => call(pool)));
    await bounded("the last answer", Promise.all(all), durationMs + 30_000);
    return exchanges;
  }
}

const exponential = (random: () => number): number => -Math.log(1 - random());

/** Numbers from 0 to 1, the same ones for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
