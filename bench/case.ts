/** The Worker scripts of `contestants/`, and the gateway itself. */
export type ScriptName =
  | "bare"
  | "static"
  | "hono"
  | "hono-memory-store"
  | "hono-durable-object-store"
  | "durable-object"
  | "platform-cache"
  | "gateway";

export interface BenchRequest {
  /** GET by default. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** 200 by default. An answer with another status fails the run. */
  readonly status?: number;
  /**
   * What the answer's status line and headers have to contain, in lower case: anything by
   * default. Another answer fails the run, but for those before the first round.
   */
  readonly says?: string;
}

/** Sent in turn; a function makes the one of each number, of which none is sent twice in the rounds. */
export type BenchRequests = readonly BenchRequest[] | ((number: number) => BenchRequest);

export interface Contestant {
  readonly name: string;
  readonly script: ScriptName;
  /** Entries of the CONFIG namespace; `origin` is the origin's URL without a path. */
  readonly entries?: (origin: string) => Readonly<Record<string, unknown>>;
  /** Variables beside those of wrangler.toml. */
  readonly vars?: Readonly<Record<string, string>>;
  /** The path at the origin that scripts of `contestants/` call: `/plain` by default. */
  readonly originPath?: string;
  /** Sent once before all others: `requests` are answered as they say only after these. */
  readonly opening?: readonly BenchRequest[];
  readonly requests: BenchRequests;
  /** The part of the requests of a round and of warming up that it gets, where each is large: 0 to 1, 1 by default. */
  readonly portion?: number;
  /** So many requests begin each round and are not counted: for objects that were stopped since the last one. */
  readonly uncounted?: number;
  /** Each round's requests are sent so long before, too, in ms, and not counted then: for what is asked for again. */
  readonly rehearsedMs?: number;
  /** The most CPU that a request may cost, as a ratio to the baseline (DESIGN.md section 7) or to `against`. */
  readonly budget?: number;
  /** The name of the contestant of this case that the budget refers to; the baseline by default. */
  readonly against?: string;
  /** The name of a contestant of this case: what it costs beyond the baseline is allowed on top of the budget. */
  readonly plus?: string;
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
