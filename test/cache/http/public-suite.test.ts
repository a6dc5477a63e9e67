import { beforeAll, describe, expect, test, vi } from "vitest";
import type { StoringOptions } from "../../../src/cache/http/storing.ts";
import { ModelCache } from "./model-cache.ts";
import { BASE, SuiteOrigin, type Test } from "./public-suite.ts";

/**
 * http-tests/cache-tests, the suite behind cache-tests.fyi, against a cache made of nothing
 * but these rules. What does not pass is listed with its reason.
 */

/** RFC 9111 section 5.1 has an invalid Age ignored and the first of several used; later versions of the suite do, too. */
const AGE = [
  "age-parse-dup-0",
  "age-parse-dup-0-twoline",
  "age-parse-dup-old",
  "age-parse-float",
  "age-parse-negative",
  "age-parse-nonnumeric",
  "age-parse-numeric-parameter",
  "age-parse-parameter",
  "age-parse-prefix-twoline",
];
/** They look for the origin's count in a response that the origin never made; later versions do not. */
const NO_ORIGIN = [
  "stale-close-must-revalidate",
  "stale-close-no-cache",
  "stale-close-proxy-revalidate",
  "stale-close-s-maxage=2",
];
/** RFC 9111 section 4.3.4: a 304 with another strong validator must not update what is stored. */
const OTHER_VALIDATOR = ["304-etag-update-response-ETag"];
const SET_COOKIE = ["304-etag-update-response-Set-Cookie", "headers-store-Set-Cookie"];
const HEURISTIC = [200, 203, 204, 404, 405, 410, 414, 501, 599].map((status) => `heuristic-${status}-cached`);
const OPTIONAL = [
  // RFC 9111 section 4.3.2: without Last-Modified, Date is compared, and it is later here.
  "conditional-lm-fresh-no-lm",
  // Partial responses are not stored.
  "partial-store-partial-complete",
  "partial-store-partial-reuse-partial",
  "partial-store-partial-reuse-partial-absent",
  "partial-store-partial-reuse-partial-byterange",
  "partial-store-partial-reuse-partial-suffix",
  // Content-Language is not looked for among what a client prefers.
  "vary-normalise-lang-select",
];

describe.each<[string, StoringOptions, string[], string[]]>([
  ["as they are by default", {}, SET_COOKIE, [...HEURISTIC, ...OPTIONAL, "other-set-cookie"]],
  ["with all that options allow", { heuristicFraction: 0.1, storeSetCookie: true }, [], OPTIONAL],
])("the public suite, with the rules %s", (_, options, required, optional) => {
  const failed: Record<string, string[]> = { required: [], optimal: [] };

  beforeAll(async () => {
    const { tests, results } = await runSuite(options);
    for (const { id, kind = "required" } of tests) if (results[id] !== true) failed[kind]?.push(id);
  });

  test("what it requires is done, but for what the RFCs or this house forbid", () => {
    expect(failed["required"]?.sort()).toEqual(
      [...AGE, ...NO_ORIGIN, ...OTHER_VALIDATOR, ...required].sort(),
    );
  });

  test("what it calls optimal is done, but for what is listed", () => {
    expect(failed["optimal"]?.sort()).toEqual([...optional].sort());
  });
});

async function runSuite(options: StoringOptions) {
  // Its modules keep their results for good.
  vi.resetModules();
  const { default: suites } = await import("http-cache-tests/tests/index.mjs");
  const { getResults, runTests } = await import("http-cache-tests/client/runner.mjs");
  let now = Date.UTC(2026, 10, 21, 12, 0, 0, 250);
  const origin = new SuiteOrigin(() => now);
  const cache = new ModelCache(
    (request) => origin.answer(request),
    () => now,
    options,
  );
  const fetch = async (url: string, init: RequestInit = {}) => {
    now += 5;
    const [, kind, uuid = ""] = new URL(url).pathname.split("/");
    if (kind === "config") origin.configure(uuid, JSON.parse(String(init.body)));
    if (kind === "config") return new Response("OK", { status: 201 });
    if (kind === "state") return Response.json(origin.seen(uuid));
    const { method = "GET", headers = [] } = init;
    return cache.fetch({ method, url, headers: new Headers(headers) }).catch(badGateway);
  };
  // It waits 3 s between some requests; here they pass at once.
  vi.stubGlobal("setTimeout", (then: () => void) => {
    now += 3000;
    queueMicrotask(then);
  });
  await runTests(suites, fetch, false, BASE, 1).finally(() => vi.unstubAllGlobals());
  const tests: Test[] = suites.flatMap((suite) => suite.tests.filter((one) => !one.browser_only));
  return { tests, results: getResults() };
}

function badGateway(): Response {
  return new Response(null, { status: 502 });
}
