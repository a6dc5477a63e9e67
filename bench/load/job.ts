/** A request as it goes over the wire, and the answer to it. */
export interface WireRequest<Bytes> {
  readonly bytes: Bytes;
  readonly status: number;
  /** What status line and headers have to contain, in lower case; empty for anything. */
  readonly says: string;
}

/** What the generator is told to send. */
export interface Job {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly WireRequest<string>[];
  readonly count: number;
  readonly connections: number;
}

/** What the generator saw. */
export interface Outcome {
  readonly seconds: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** Answers that were not as expected, and connections that broke. */
  readonly errors: number;
  readonly firstError: string | undefined;
}
