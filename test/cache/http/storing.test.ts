import { describe, expect, test } from "vitest";
import { decideStoring, type StoringOptions } from "../../../src/cache/http/storing.ts";
import { at, date, get, head, type Lines, NOW, stored, URL_OF_ALL } from "./exchange.ts";

const FRESH: Lines = [["cache-control", "max-age=60"]];

/** The reason, or "stored". */
function decision(headers: Lines, { status = 200, request = get(), options = {} as StoringOptions } = {}) {
  const storing = decideStoring(request, head(headers, status), at(NOW), options);
  return storing.store ? "stored" : storing.reason;
}

describe("what a shared cache may store, RFC 9111 section 3", () => {
  test.each<[string, Lines, string]>([
    ["max-age", FRESH, "stored"],
    ["s-maxage", [["cache-control", "s-maxage=60"]], "stored"],
    ["Expires", [["expires", date(60)]], "stored"],
    ["only an ETag, for validation", [["etag", '"a"']], "stored"],
    ["only Last-Modified, for validation", [["last-modified", date(-60)]], "stored"],
    [
      "no-cache with a validator (5.2.2.4)",
      [
        ["cache-control", "no-cache"],
        ["etag", '"a"'],
      ],
      "stored",
    ],
    ["stale-while-revalidate", [["cache-control", "max-age=0, stale-while-revalidate=9"]], "stored"],
    ["stale-if-error", [["cache-control", "max-age=0, stale-if-error=9"]], "stored"],
    ["nothing", [], "no-freshness"],
    ["public alone", [["cache-control", "public"]], "no-freshness"],
    ["max-age=0 without a validator", [["cache-control", "max-age=0"]], "no-freshness"],
    ["an invalid Expires without one", [["expires", "0"]], "no-freshness"],
    [
      "an invalid max-age beside Expires (4.2.1)",
      [
        ["cache-control", "max-age=x"],
        ["expires", date(9)],
      ],
      "no-freshness",
    ],
    ["no-cache without a validator", [["cache-control", "max-age=60, no-cache"]], "no-freshness"],
    [
      "stale-while-revalidate that must-revalidate forbids (4.2.4)",
      [["cache-control", "max-age=0, must-revalidate, stale-while-revalidate=9"]],
      "no-freshness",
    ],
    [
      "no-store (5.2.2.5)",
      [
        ["cache-control", "max-age=60, No-StOrE"],
        ["expires", date(60)],
      ],
      "no-store",
    ],
    ["private (5.2.2.7)", [["cache-control", "private, max-age=60"]], "private"],
    ["private for some header fields", [["cache-control", 'private="x-user", max-age=60']], "stored"],
    ["private for nothing that has a name", [["cache-control", 'private="", max-age=60']], "private"],
    ["Set-Cookie (R-18)", [...FRESH, ["set-cookie", "a=b"]], "set-cookie"],
    [
      "Set-Cookie that no-cache leaves out (R-18)",
      [
        ["cache-control", 'max-age=60, no-cache="set-cookie"'],
        ["set-cookie", "a=b"],
      ],
      "set-cookie",
    ],
    ["Vary: * (4.1)", [...FRESH, ["vary", "*"]], "vary"],
    ["Vary with * somewhere", [...FRESH, ["vary", "accept, *"]], "vary"],
    ["Vary: *, *", [...FRESH, ["vary", "*"], ["vary", "*"]], "vary"],
    ["Vary with * behind an empty member", [...FRESH, ["vary", ""], ["vary", "*"]], "vary"],
    ["Vary with what is no field name", [...FRESH, ["vary", "a b"]], "vary"],
    ["Vary", [...FRESH, ["vary", "accept"]], "stored"],
    [
      "CDN-Cache-Control before no-store (RFC 9213 2.2)",
      [
        ["cache-control", "no-store"],
        ["cdn-cache-control", "max-age=9"],
      ],
      "stored",
    ],
    ["CDN-Cache-Control: no-store", [...FRESH, ["cdn-cache-control", "no-store"]], "no-store"],
    ["CDN-Cache-Control: private", [...FRESH, ["cdn-cache-control", "private"]], "private"],
    [
      "CDN-Cache-Control without a lifetime, before Expires",
      [
        ["expires", date(9)],
        ["cdn-cache-control", "public"],
      ],
      "no-freshness",
    ],
    [
      "an invalid CDN-Cache-Control",
      [
        ["cache-control", "no-store"],
        ["cdn-cache-control", "max-age=9, &"],
      ],
      "no-store",
    ],
  ])("%s", (_, headers, expected) => {
    expect(decision(headers)).toBe(expected);
  });

  test.each([
    200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 403, 404, 410, 416, 499, 500, 502, 503, 504, 599,
  ])("any final status with a lifetime: %i", (status) => {
    expect(decision(FRESH, { status })).toBe("stored");
    expect(decision([["expires", date(60)]], { status })).toBe("stored");
  });

  test.each([
    [206, "partial"],
    [304, "status"],
  ])("status %i: %s", (status, reason) => {
    // No `Response` has such a status; a head may.
    expect(decision(FRESH, { status })).toBe(reason);
  });

  test("a validator alone is of use for successful responses only (RFC 9110 section 13.2.1)", () => {
    expect(decision([["etag", '"a"']], { status: 404 })).toBe("no-freshness");
    expect(decision([["etag", '"a"']], { status: 201 })).toBe("no-freshness");
    expect(
      decision(
        [
          ["etag", '"a"'],
          ["cache-control", "public"],
        ],
        { status: 201 },
      ),
    ).toBe("stored");
  });

  test.each([
    [200, "max-age=60, must-understand", "stored"],
    [200, "max-age=60, must-understand, no-store", "stored"],
    [599, "max-age=60, must-understand", "status"],
    [599, "max-age=60, must-understand, no-store", "status"],
    [418, "max-age=60, must-understand", "status"],
    [422, "max-age=60, must-understand", "stored"],
  ])("must-understand, section 5.2.2.3: %i %s", (status, control, expected) => {
    expect(decision([["cache-control", control]], { status })).toBe(expected);
  });

  test.each([
    ["max-age=60", "authorization"],
    ["max-age=60, private", "private"],
    ["max-age=60, proxy-revalidate", "authorization"],
    ["max-age=60, public", "stored"],
    ["max-age=60, must-revalidate", "stored"],
    ["s-maxage=60", "stored"],
  ])("a request with Authorization, section 3.5: %s", (control, expected) => {
    const request = get([["authorization", "Bearer a"]]);
    expect(decision([["cache-control", control]], { request })).toBe(expected);
  });

  test("a request with no-store, section 5.2.1.5", () => {
    expect(decision(FRESH, { request: get([["cache-control", "no-store"]]) })).toBe("no-store");
  });

  test.each(["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get"])("method %s", (method) => {
    expect(decision(FRESH, { request: get([], method) })).toBe("method");
  });

  test.each<[string, Lines, string]>([
    ["with its own URL and a lifetime", [...FRESH, ["content-location", URL_OF_ALL]], "stored"],
    ["with its own URL, relative", [...FRESH, ["content-location", "?page=2"]], "stored"],
    [
      "with its own URL only",
      [
        ["content-location", URL_OF_ALL],
        ["etag", '"a"'],
      ],
      "method",
    ],
    ["with another URL", [...FRESH, ["content-location", "/items/1"]], "method"],
    ["with no URL", [...FRESH, ["content-location", "https://"]], "method"],
    ["without Content-Location", FRESH, "method"],
  ])("POST %s, RFC 9110 section 9.3.3", (_, headers, expected) => {
    expect(decision(headers, { request: get([], "POST") })).toBe(expected);
  });

  test.each([
    [200, "max-age=60", 60_000],
    [200, "", 100_000],
    [404, "", 100_000],
    [599, "public", 100_000],
  ])("heuristics only if asked for, section 4.2.2: %i %s", (status, control, lifetime) => {
    const headers: Lines = [
      ["last-modified", date(-1000)],
      ["date", date(0)],
      ["cache-control", control],
    ];
    const options = { heuristicFraction: 0.1 };
    expect(stored(headers, { status, options }).freshness.lifetime).toBe(lifetime);
  });

  test("a heuristic lifetime is a day at most", () => {
    const headers: Lines = [
      ["last-modified", date(-86_400 * 365)],
      ["date", date(0)],
    ];
    expect(stored(headers, { options: { heuristicFraction: 0.5 } }).freshness.lifetime).toBe(86_400_000);
  });

  test.each([201, 202, 403, 502, 503, 504, 599])(
    "no heuristics for status %i (RFC 9110 section 15.1)",
    (status) => {
      const headers: Lines = [["last-modified", date(-1000)]];
      expect(decision(headers, { status, options: { heuristicFraction: 0.1 } })).toBe("no-freshness");
    },
  );

  test("responses with Set-Cookie are stored if an option says so", () => {
    const { headers } = stored([...FRESH, ["set-cookie", "a=1"], ["set-cookie", "b=2"]], {
      options: { storeSetCookie: true },
    });
    expect(headers.filter(([name]) => name === "set-cookie")).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
  });
});

describe("what is kept, RFC 9111 section 3.1", () => {
  test("not what concerns one connection, nor Age", () => {
    const { headers } = stored([
      ...FRESH,
      ["date", date(0)],
      ["connection", "a, B"],
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
      ["age", "3"],
      ["keep-alive", "timeout=1"],
      ["proxy-authenticate", "Basic"],
      ["proxy-authentication-info", "x"],
      ["proxy-authorization", "x"],
      ["proxy-connection", "x"],
      ["te", "trailers"],
      ["trailer", "x"],
      ["transfer-encoding", "chunked"],
      ["upgrade", "x"],
    ]);
    expect(headers).toEqual([
      ["c", "3"],
      ["cache-control", "max-age=60"],
      ["date", date(0)],
    ]);
  });

  test.each(["no-cache", "private"])("not what %s names (sections 5.2.2.4, 5.2.2.7)", (directive) => {
    const kept = stored([
      ["cache-control", `max-age=60, ${directive}="A, b"`],
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
    ]);
    expect(kept.headers.map(([name]) => name)).toEqual(["c", "cache-control", "date"].sort());
    expect(kept.freshness.noCache).toBe(false);
  });

  test("the time of arrival where there is no valid Date (RFC 9110 section 6.6.1)", () => {
    for (const invalid of [[], [["date", "foo"]], [["cache-control", 'no-cache="date"']]] as Lines[]) {
      const kept = stored([...FRESH, ...invalid], { times: at(NOW + 700) });
      expect(kept.headers.filter(([name]) => name === "date")).toEqual([["date", date(0)]]);
      expect(kept.date).toBe(NOW);
    }
  });

  test("all of it survives JSON", () => {
    const request = get([
      ["authorization", "Bearer a"],
      ["accept", "a,b"],
    ]);
    const times = { request: NOW - 40, response: NOW };
    const kept = stored(
      [
        ["cache-control", "public, max-age=60, stale-while-revalidate=5"],
        ["vary", "Accept, x"],
        ["date", date(-2)],
      ],
      { request, times },
    );
    expect(kept).toEqual({
      status: 200,
      headers: [
        ["cache-control", "public, max-age=60, stale-while-revalidate=5"],
        ["date", date(-2)],
        ["vary", "Accept, x"],
      ],
      requestTime: NOW - 40,
      responseTime: NOW,
      date: NOW - 2000,
      vary: [
        ["accept", "a,b"],
        ["x", null],
      ],
      authorization: true,
      freshness: {
        lifetime: 60_000,
        initialAge: 2000,
        staleWhileRevalidate: 5000,
        staleIfError: 0,
        noCache: false,
        mustRevalidate: false,
      },
    });
    expect(JSON.parse(JSON.stringify(kept))).toEqual(kept);
  });
});
