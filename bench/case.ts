/** The Worker scripts of `contestants/`, and the gateway itself. */
export type ScriptName =
  | "bare"
  | "static"
  | "hono"
  | "hono-memory-store"
  | "hono-durable-object-store"
  | "durable-object"
  | "gateway";

export interface BenchRequest {
  /** GET by default. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** 200 by default. An answer with another status fails the run. */
  readonly status?: number;
}

export interface Contestant {
  readonly name: string;
  readonly script: ScriptName;
  /** Entries of the CONFIG namespace; `origin` is the origin's URL without a path. */
  readonly entries?: (origin: string) => Readonly<Record<string, unknown>>;
  /** Variables beside those of wrangler.toml. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Sent once before all others: `requests` are answered as they say only after these. */
  readonly opening?: readonly BenchRequest[];
  /** Sent in turn. */
  readonly requests: readonly BenchRequest[];
  /** The most CPU that a request may cost, as a ratio to the baseline (DESIGN.md section 7) or to `against`. */
  readonly budget?: number;
  /** The name of the contestant of this case that the budget refers to; the baseline by default. */
  readonly against?: string;
  /**
   * The Durable Objects whose calls are counted: their names in the namespace `COUNTERS`. Their
   * class has a method `status()` that says how many `calls` the object has had.
   */
  readonly counters?: readonly string[];
}

/** What is compared in the same rounds: the baseline first, then those measured against it. */
export interface Case {
  /** A word or two in lower case; `--only` takes it. */
  readonly name: string;
  readonly contestants: readonly [Contestant, ...Contestant[]];
}
