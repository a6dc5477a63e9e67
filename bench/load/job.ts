/** What the generator is told to send. */
export interface Job {
  readonly port: number;
  /** Requests as they go over the wire, sent in turn. */
  readonly requests: readonly { readonly bytes: string; readonly status: number }[];
  readonly count: number;
  readonly connections: number;
}

/** What the generator saw. */
export interface Outcome {
  readonly seconds: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** Answers with a status that was not expected, and connections that broke. */
  readonly errors: number;
  readonly firstError: string | undefined;
}
