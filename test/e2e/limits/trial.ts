import type { Fail } from "../../../src/config/throttle-schema.ts";
import { answerWith } from "../support/gateway.ts";
import { pause } from "../support/wait.ts";
import { Cluster, type CounterControl } from "./cluster.ts";
import type { Exchange } from "./connection.ts";
import { type Figures, figures, type Limit, latencyMs } from "./figures.ts";
import { type Demand, Traffic } from "./traffic.ts";

/** One limit, the traffic against it, and what happens to its counter meanwhile. */
export interface Scenario {
  readonly limit: Limit;
  readonly fail?: Fail;
  readonly durationMs: number;
  /** How many requests come; or how many callers each isolate has that ask as fast as they are answered. */
  readonly traffic: Demand | number;
  readonly before?: (counter: CounterControl) => Promise<void>;
  /** Begins with the traffic. */
  readonly meanwhile?: (counter: CounterControl) => Promise<void>;
}

export type Scenarios = Readonly<Record<string, Scenario>>;

export interface Outcome extends Figures {
  readonly name: string;
  /** In the order in which they were sent. */
  readonly exchanges: readonly Exchange[];
  readonly startedAt: number;
  /** How often the counter's object was started. */
  readonly starts: number;
  /** How long the route without a limit took meanwhile, in ms. */
  readonly freeP50: number;
  readonly freeP99: number;
  /** The machine had no time: less is admitted than could be, and late requests come in bursts. */
  readonly isStarved: boolean;
}

export const ISOLATES = 8;
/** Isolates have had time to find their shares by then, in ms. */
const SETTLED_MS = 2_000;
/** Slices that nobody needs any more are given back within this time, in ms; those calls count too. */
const AFTERMATH_MS = 300;
/** How often scenarios are run at most, if the machine has no time for them. */
const ATTEMPTS = 2;
/** It has none when an answer without a limit takes longer than this in the middle, or one in a hundred, in ms. */
const STARVED_P50 = 12;
const STARVED_P99 = 200;
/** Requests a second to the route without a limit. */
const FREE_RATE = 80;
const WARM_UP_MS = 500;

const OK = answerWith("ok");

const entryOf = (path: string): string => `apis/default/routes/GET ${path}`;
const pathOf = (name: string, attempt: number): string => `/${name}/${attempt}`;

/** So many requests a second, all isolates alike. */
export const evenly = (rate: number): Demand => {
  const rates = Array.from({ length: ISOLATES }, () => rate / ISOLATES);
  return () => rates;
};

/** Runs scenarios on one cluster; each attempt has a route, a bucket and a counter of its own. */
export class Trial {
  /** Of all attempts. */
  readonly outcomes: Outcome[] = [];
  readonly #scenarios: Scenarios;
  readonly #cluster: Cluster;
  readonly #traffic: Traffic;

  private constructor(scenarios: Scenarios, cluster: Cluster) {
    this.#scenarios = scenarios;
    this.#cluster = cluster;
    this.#traffic = new Traffic(cluster.ports);
  }

  static async start(scenarios: Scenarios): Promise<Trial> {
    const entries: Record<string, unknown> = {
      [entryOf("/free")]: { integration: OK },
      [entryOf("/warm-up")]: { integration: OK, throttle: { rate: 100_000 } },
    };
    for (const [name, { limit, fail = "local" }] of Object.entries(scenarios)) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        entries[entryOf(pathOf(name, attempt))] = { integration: OK, throttle: { ...limit, fail } };
      }
    }
    const trial = new Trial(scenarios, await Cluster.start(ISOLATES, entries));
    await Promise.all(["/free", "/warm-up"].map((path) => trial.#traffic.flood(path, 2, WARM_UP_MS)));
    return trial;
  }

  async stop(): Promise<void> {
    this.#traffic.close();
    await this.#cluster.stop();
  }

  /** What the scripts warned of. */
  get complaints(): readonly string[] {
    return this.#cluster.complaints;
  }

  attempts(name: string): readonly Outcome[] {
    return this.outcomes.filter((outcome) => outcome.name === name);
  }

  /** The last attempt. */
  outcome(name: string): Outcome {
    const last = this.attempts(name).at(-1);
    if (!last) throw new Error(`${name} has not run`);
    return last;
  }

  /** Runs scenarios at the same time. */
  async run(...names: readonly string[]): Promise<void> {
    await this.#attempt(0, names);
  }

  /** Runs scenarios at the same time, and again if the machine had no time for them. */
  async measure(...names: readonly string[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const outcomes = await this.#attempt(attempt, names);
      if (outcomes.every(({ isStarved }) => !isStarved)) return;
    }
  }

  async #attempt(attempt: number, names: readonly string[]): Promise<readonly Outcome[]> {
    const longest = Math.max(...names.map((name) => this.#scenario(name).durationMs));
    const [free, ...runs] = await Promise.all([
      this.#traffic.open("/free", evenly(FREE_RATE), longest),
      ...names.map((name) => this.#run(name, attempt)),
    ]);
    const freeP50 = latencyMs(free, 0.5);
    const freeP99 = latencyMs(free, 0.99);
    const of = { freeP50, freeP99, isStarved: freeP50 > STARVED_P50 || freeP99 > STARVED_P99 };
    const outcomes = runs.map((run) => ({ ...run, ...of, ...figures({ ...run, free }) }));
    this.outcomes.push(...outcomes);
    return outcomes;
  }

  #scenario(name: string): Scenario {
    const scenario = this.#scenarios[name];
    if (!scenario) throw new Error(`there is no scenario ${name}`);
    return scenario;
  }

  async #run(name: string, attempt: number) {
    const scenario = this.#scenario(name);
    const { limit, traffic, durationMs } = scenario;
    const path = pathOf(name, attempt);
    const counter = this.#cluster.counter(`route/default/$default/GET ${path}`);
    await scenario.before?.(counter);
    const startedAt = performance.now();
    const [exchanges, atSettled] = await Promise.all([
      typeof traffic === "number"
        ? this.#traffic.flood(path, traffic, durationMs)
        : this.#traffic.open(path, traffic, durationMs),
      pause(SETTLED_MS).then(() => counter.facts()),
      scenario.meanwhile?.(counter),
    ]);
    const atEnd = await counter.facts();
    await pause(AFTERMATH_MS);
    const { calls, starts } = await counter.facts();
    const settledAt = startedAt + SETTLED_MS;
    const settledCalls = atEnd.calls - atSettled.calls;
    return { name, limit, exchanges, startedAt, settledAt, calls, settledCalls, starts };
  }
}
