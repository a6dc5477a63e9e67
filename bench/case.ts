/** The Worker scripts of `contestants/`, and the gateway itself. */
export type ScriptName = "bare" | "static" | "hono" | "gateway";

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
  /** Sent in turn. */
  readonly requests: readonly BenchRequest[];
  /** DESIGN.md section 7: the most CPU that a request may cost, as a ratio to the baseline. */
  readonly budget?: number;
}

/** What is compared in the same rounds: the baseline first, then those measured against it. */
export interface Case {
  /** A word or two in lower case; `--only` takes it. */
  readonly name: string;
  readonly contestants: readonly [Contestant, ...Contestant[]];
}
