import type { HeaderLines } from "./fields.ts";
import type { Freshness } from "./freshness.ts";
import type { SelectingFields } from "./vary.ts";

/**
 * What is kept of a response beside its body: plain data that survives JSON. What its headers
 * say about caching is worked out once, when it is stored.
 */
export interface StoredResponse {
  readonly status: number;
  /** Without what concerns one connection only (RFC 9111 section 3.1) and without Age; always with a valid Date. */
  readonly headers: HeaderLines;
  /** When its request was sent, and when its head came, ms since the epoch. */
  readonly requestTime: number;
  readonly responseTime: number;
  /** Its Date, ms since the epoch. */
  readonly date: number;
  /** What Vary names, with the request's values; of credentials their SHA-256. */
  readonly vary: SelectingFields;
  /** Whether its request carried Authorization. */
  readonly authorization: boolean;
  readonly freshness: Freshness;
}

/** Has to be validated before it is used again: invalidated (RFC 9111 section 4.4), or purged softly. */
export function invalidated<T extends StoredResponse>(stored: T): T {
  return { ...stored, freshness: { ...stored.freshness, noCache: true } };
}
