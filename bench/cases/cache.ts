import type { BenchRequest, BenchRequests, Case, Contestant } from "../case.ts";

const KB = 1_000;
const MB = 1_000_000;

/** Enough to start all objects of a stage, which share its URLs out among them. */
const FIRST = { uncounted: 100 };
/** Contestants that take long at each request are sent fewer. */
const SLOW = { portion: 1 / 3 };
const LARGE = { portion: 1 / 5 };
const LARGEST = { portion: 1 / 25, uncounted: 4 };

const BARE = "bare Worker";
const BARE_100_KB = "bare Worker, 100 kB";
const BARE_5_MB = "bare Worker, 5 MB";
const OBJECT_CALL = "one object call a request";

/** An isolate does not trust its memory for longer. */
const FORGOTTEN_MS = 1_100;
/** More URLs than an isolate's memory has room for: asked for in turn, each is forgotten when it comes back. */
const FORGOTTEN_1_KB = 5_000;
const FORGOTTEN_100_KB = 500;

const one: BenchRequest = { path: "/items/0" };
const saying = (says: string): readonly BenchRequest[] => [{ ...one, says }];
const many = (count: number, says: string): readonly BenchRequest[] =>
  Array.from({ length: count }, (_, number) => ({ path: `/items/${number}`, says }));
const fresh =
  (says: string): BenchRequests =>
  (number) => ({ path: `/items/${number}`, says });

const HIT = "cache-status: portico; hit;";
const PLATFORM_HIT = "cf-cache-status: hit";

/** What responses cost that are remembered, and those that are not yet, or may not be. */
export const cache: Case = {
  name: "cache",
  contestants: [
    bare(BARE, 1 * KB),
    { ...bare(BARE_100_KB, 100 * KB), ...LARGE },
    { ...bare(BARE_5_MB, 5 * MB), ...LARGEST },
    { ...FIRST, name: "static Worker", script: "static", requests: [one] },
    { ...remembering("memory", "fresh", 1 * KB, saying(HIT)), budget: 0.4 },
    {
      ...remembering("memory, 100 kB", "fresh", 100 * KB, saying(HIT)),
      ...LARGE,
      budget: 0.4,
      against: BARE_100_KB,
    },
    {
      ...remembering("memory, 304", "fresh", 1 * KB, [
        { ...one, headers: { "if-none-match": '"42"' }, status: 304, says: HIT },
      ]),
      budget: 0.4,
    },
    {
      ...remembering("object", "fresh", 1 * KB, many(FORGOTTEN_1_KB, HIT)),
      ...SLOW,
      rehearsedMs: FORGOTTEN_MS,
      budget: 1,
    },
    {
      ...remembering("object, 100 kB", "fresh", 100 * KB, many(FORGOTTEN_100_KB, HIT)),
      ...LARGE,
      rehearsedMs: FORGOTTEN_MS,
      budget: 1,
      against: BARE_100_KB,
    },
    {
      // No isolate keeps so large a body in its memory.
      ...remembering("object, 5 MB", "fresh", 5 * MB, saying(HIT)),
      ...LARGEST,
      budget: 1,
      against: BARE_5_MB,
    },
    {
      ...remembering("miss", "fresh", 1 * KB, fresh("portico; fwd=uri-miss; stored;")),
      ...SLOW,
      budget: 1.25,
      plus: OBJECT_CALL,
    },
    {
      // Nothing of the route is ever stored: one request in sixteen asks an object all the same.
      ...remembering("not storable", "no-store", 1 * KB, fresh("cache-status: portico; fwd=")),
      ...SLOW,
      budget: 1.25,
      plus: OBJECT_CALL,
    },
    remembering("not storable, known", "no-store", 1 * KB, saying("cache-status: portico; fwd=")),
    {
      ...remembering(
        "validated",
        "stale",
        1 * KB,
        many(FORGOTTEN_1_KB, "portico; fwd=stale; fwd-status=304;"),
      ),
      ...SLOW,
    },
    { ...FIRST, name: OBJECT_CALL, script: "durable-object", originPath: `/fresh/${KB}`, requests: [one] },
    platform("caches.default, hit", 1 * KB, saying(PLATFORM_HIT)),
    { ...platform("caches.default, hit, 100 kB", 100 * KB, saying(PLATFORM_HIT)), ...LARGE },
    { ...platform("caches.default, hit, 5 MB", 5 * MB, saying(PLATFORM_HIT)), ...LARGEST },
    { ...platform("caches.default, miss", 1 * KB, fresh("")), ...SLOW },
  ],
};

function bare(name: string, bytes: number): Contestant {
  return { ...FIRST, name, script: "bare", originPath: `/fresh/${bytes}`, requests: [one] };
}

function platform(name: string, bytes: number, requests: BenchRequests): Contestant {
  return { ...FIRST, name, script: "platform-cache", originPath: `/fresh/${bytes}`, requests };
}

/** @param kind as the origin's paths name it (`origin/server.ts`) */
function remembering(name: string, kind: string, bytes: number, requests: BenchRequests): Contestant {
  return {
    ...FIRST,
    name: `gateway, ${name}`,
    script: "gateway",
    vars: { ACCESS_LOG: "off" },
    entries: (origin) => ({
      "apis/default/routes/GET /items/{id}": {
        integration: { type: "http_proxy", uri: `${origin}/${kind}/${bytes}` },
        cache: { mode: "http" },
      },
    }),
    requests,
  };
}
