import type { Problem } from "../../config/problem.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { FETCH_TIMEOUT_MS, type Fetch } from "./fetch-json.ts";
import { FetchedKeys, type KeySource, type KeySourceOptions } from "./key-source.ts";

/** By default keys are fetched again after this long, in ms. API Gateway may keep them for two hours. */
const DEFAULT_REFRESH_MS = 300_000;

/** Issuers whose keys outlive a change of the configuration. */
const CAPACITY = 64;

export interface KeySetsOptions {
  readonly fetch: Fetch;
  /** From this age on keys are fetched again, in ms; see `KeySourceOptions`. */
  readonly refreshMs?: number;
  /** Told of each attempt to get an issuer's keys that fails. */
  readonly report?: (problem: Problem) => void;
  /** ms since the epoch; `Date.now` by default. */
  readonly now?: () => number;
  /** Time for a discovery document and time for a key set, in ms each. */
  readonly timeoutMs?: number;
}

/**
 * The issuers' keys, one source for each, for the life of the isolate: authorizers come and go
 * with the configuration, keys stay. Keys are never shared between issuers (R-10,
 * CVE-2025-46647).
 */
export class KeySets {
  readonly #options: KeySourceOptions;
  readonly #sources = new BoundedMap<string, KeySource>(CAPACITY);

  constructor(options: KeySetsOptions) {
    const { fetch, refreshMs, report, now, timeoutMs } = options;
    this.#options = {
      fetch,
      now: now ?? Date.now,
      refreshMs: refreshMs ?? DEFAULT_REFRESH_MS,
      timeoutMs: timeoutMs ?? FETCH_TIMEOUT_MS,
      report: (issuer, message) => report?.({ code: "jwks.unavailable", path: issuer, message }),
    };
  }

  get now(): () => number {
    return this.#options.now;
  }

  /** The keys of an issuer, which are at `jwksUri` or where its discovery document says. */
  of(issuer: string, jwksUri?: string): KeySource {
    const name = `${issuer} ${jwksUri ?? ""}`;
    const known = this.#sources.get(name);
    if (known) return known;
    const source = new FetchedKeys(issuer, jwksUri, this.#options);
    this.#sources.set(name, source);
    return source;
  }
}
