import * as v from "valibot";

/**
 * What routes, stages, APIs and the account may say about how often and how many at once.
 * Each `throttle` is a token bucket: it holds `burst` tokens at most, gains `rate` tokens an
 * `interval`, and a request takes `cost` of them.
 */

/** The largest rate and burst, in tokens: far more than any gateway serves, and exact in a double. */
const MOST = 1_000_000_000;
const TOO_MANY = "at most 1,000,000,000";

const INTERVALS = ["second", "minute", "hour", "day"] as const;

/** So many ms has an interval. */
export const INTERVAL_MS: Readonly<Record<(typeof INTERVALS)[number], number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** A header's name as HTTP has it (RFC 9110, 5.6.2), in lower case. */
const headerName = v.pipe(
  v.string(),
  v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, "not a header's name"),
  v.toLowerCase(),
);

/**
 * Whom a bucket belongs to: `ip` (a client's address, IPv6 by /64), `apiKey`, `jwt.CLAIM`,
 * `authorizer.NAME` (what a function authorizer gave; `authorizer.principalId`),
 * `header.NAME`, `querystring.NAME`; or one bucket for all callers of the `route` (the
 * default), the `stage`, the `api` or the `account`.
 */
const Per = v.pipe(
  v.string(),
  v.regex(
    /^(?:ip|apiKey|route|stage|api|account|(?:jwt|authorizer|querystring)\.[^\p{Cc}]{1,256}|header\.[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256})$/u,
    "write ip, apiKey, route, stage, api, account, jwt.CLAIM, authorizer.NAME, header.NAME or querystring.NAME",
  ),
);

const wholeTokens = (least: string) =>
  v.pipe(
    v.number(),
    v.safeInteger("a whole number of tokens"),
    v.minValue(1, least),
    v.maxValue(MOST, TOO_MANY),
  );

const fixedCost = wholeTokens("a request costs at least 1 token");
const costOfAnswer = v.strictObject({
  /** A header of the response that says what its request cost; the client gets it too. */
  header: headerName,
  /** What is taken before the answer is known, and all of it where the answer does not say; 1 by default. */
  default: v.optional(fixedCost, 1),
});

// A union would say of a bad one only that it is none of the two.
export const Cost = v.lazy((cost): typeof fixedCost | typeof costOfAnswer =>
  typeof cost === "object" ? costOfAnswer : fixedCost,
);

/** What holds while the counter cannot be asked. */
export const Fail = v.picklist(["local", "open", "closed"]);

export const Throttle = v.pipe(
  v.strictObject(
    {
      /** Tokens an interval; fractions are fine. */
      rate: v.pipe(v.number(), v.gtValue(0, "a rate is more than 0"), v.maxValue(MOST, TOO_MANY)),
      /** How many tokens the bucket holds; the rate, rounded up, by default. */
      burst: v.optional(wholeTokens("a burst is at least 1 request")),
      interval: v.optional(v.picklist(INTERVALS), "second"),
      per: v.optional(Per),
      cost: v.optional(Cost, 1),
      fail: v.optional(Fail, "local"),
      /** Asks the counter at every request. */
      exact: v.optional(v.boolean(), false),
    },
    'a limit is an object, as { "rate": 10 }',
  ),
  v.transform((limit) => ({ ...limit, burst: limit.burst ?? Math.ceil(limit.rate) })),
  v.forward(
    v.check(
      ({ burst, cost }) => (typeof cost === "number" ? cost : cost.default) <= burst,
      "a request costs more than the burst: none would ever get in",
    ),
    ["cost"],
  ),
);

/** Requests in flight at the same time. */
export const Concurrency = v.strictObject(
  {
    limit: v.pipe(
      v.number(),
      v.safeInteger("a whole number of requests"),
      v.minValue(1, "at least 1 request at a time"),
      v.maxValue(1_000_000, "at most 1,000,000 at a time"),
    ),
    per: v.optional(Per),
    fail: v.optional(Fail, "local"),
  },
  'a limit is an object, as { "limit": 5 }',
);

/** One limit or several, all of which have to let a request through. */
const oneOrSeveral = <const S extends v.GenericSchema>(limit: S) => {
  const several = v.pipe(v.array(limit), v.maxLength(10, "at most 10 limits at one place"));
  const one = v.pipe(
    limit,
    v.transform((only) => [only]),
  );
  return v.lazy((limits): typeof several | typeof one => (Array.isArray(limits) ? several : one));
};

export const Throttles = oneOrSeveral(Throttle);
export const Concurrencies = oneOrSeveral(Concurrency);

/** Requests a second, as API Gateway has it; with 0 nothing gets in. */
export const rateLimit = v.pipe(
  v.number(),
  v.minValue(0, "a rate is a number of requests a second, 0 or more"),
  v.maxValue(MOST, TOO_MANY),
);
/** The bucket's size, as API Gateway has it; with 0 nothing gets in. */
export const burstLimit = v.pipe(
  v.number(),
  v.safeInteger("a burst is a whole number of requests"),
  v.minValue(0, "a burst is 0 requests or more"),
  v.maxValue(MOST, TOO_MANY),
);

/** API Gateway's settings of a stage for each of its routes; each route has a bucket of its own. */
export const RouteSettings = v.strictObject({
  throttlingRateLimit: rateLimit,
  throttlingBurstLimit: burstLimit,
});

/** The entry `account`: what all APIs share, as API Gateway's account limit. */
export const AccountEntry = v.strictObject({ throttle: v.optional(Throttles, []) });

export type Throttle = v.InferOutput<typeof Throttle>;
export type Concurrency = v.InferOutput<typeof Concurrency>;
export type RouteSettings = v.InferOutput<typeof RouteSettings>;
export type AccountEntry = v.InferOutput<typeof AccountEntry>;
export type Cost = v.InferOutput<typeof Cost>;
export type Fail = v.InferOutput<typeof Fail>;
