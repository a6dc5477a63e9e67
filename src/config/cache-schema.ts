import * as v from "valibot";

/**
 * What a route may say about what is remembered of its responses. `http`: as the origin says
 * (RFC 9111). `ttl`: as a stage of API Gateway does, for so many seconds, whatever the origin
 * says (aws-semantics 13).
 */

/** An entry's body, in bytes: what one may come to at most, and what it may come to unless the route says so. */
const MOST_BYTES = 100 * 1024 * 1024;
const HTTP_BYTES = 10 * 1024 * 1024;
const TTL_BYTES = 1_048_576;

const seconds = (most: number) =>
  v.pipe(
    v.number(),
    v.integer("a whole number of seconds"),
    v.minValue(0, "not below 0"),
    v.maxValue(most, `at most ${most} seconds`),
  );

const maxBytes = v.pipe(
  v.number(),
  v.integer("a whole number of bytes"),
  v.minValue(1, "at least 1 byte"),
  v.maxValue(MOST_BYTES, "at most 104,857,600 bytes"),
);

const keyParameter = v.pipe(
  v.string(),
  v.regex(
    /^(?:(?:path|querystring)\.[^\p{Cc}]{1,256}|header\.[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256})$/u,
    "write querystring.NAME, header.NAME or path.NAME",
  ),
);

const status = v.pipe(v.string(), v.regex(/^[3-5]\d\d$/, "a status from 300 to 599"));

const fraction = v.pipe(v.number(), v.minValue(0, "not below 0"), v.maxValue(1, "at most 1"));

const HttpCache = v.strictObject({
  mode: v.literal("http"),
  /** What callers get is the same for all of them: without it each has entries of its own where the route knows who calls. */
  shared: v.optional(v.boolean(), false),
  maxBytes: v.optional(maxBytes, HTTP_BYTES),
  /**
   * For how long a response is fresh that does not say so itself: this part of the time since
   * its Last-Modified (RFC 9111 section 4.2.2), a day at most. 0 for not at all.
   */
  heuristicFraction: v.optional(fraction, 0),
});

const TtlCache = v.strictObject({
  mode: v.literal("ttl"),
  /** In seconds; 0 for off. */
  ttl: v.optional(seconds(3600), 300),
  /** What tells entries of the route apart; nothing but the path by default, as API Gateway. */
  key: v.optional(v.pipe(v.array(keyParameter), v.maxLength(20, "at most 20 parameters")), []),
  shared: v.optional(v.boolean(), false),
  maxBytes: v.optional(maxBytes, TTL_BYTES),
  /** For how long after that a response may still be served: while it is fetched anew, and where that fails; seconds. */
  staleWhileRevalidate: v.optional(seconds(86_400), 0),
  staleIfError: v.optional(seconds(86_400), 0),
  /** Statuses other than 2xx that are kept as well, with their seconds: `{"404": 10}`. */
  errors: v.optional(v.record(status, seconds(3600)), {}),
  /**
   * Who may have an entry fetched anew by `Cache-Control: max-age=0`: anyone, or signers whose
   * policy allows `execute-api:InvalidateCache`; then it says what others get.
   */
  invalidation: v.optional(
    v.picklist([
      "ANYONE",
      "FAIL_WITH_403",
      "SUCCEED_WITH_RESPONSE_HEADER",
      "SUCCEED_WITHOUT_RESPONSE_HEADER",
    ]),
    "SUCCEED_WITHOUT_RESPONSE_HEADER",
  ),
});

export const Cache = v.variant("mode", [HttpCache, TtlCache]);
export type Cache = v.InferOutput<typeof Cache>;
export type HttpCache = v.InferOutput<typeof HttpCache>;
export type TtlCache = v.InferOutput<typeof TtlCache>;

/** A route's own. A union would say of a bad one only that it is none of the two. */
export const RouteCache = v.lazy((input) => (input === false ? v.literal(false) : Cache));
