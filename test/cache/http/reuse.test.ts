import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideReuse, mustForward, onlyIfCached } from "../../../src/cache/http/reuse.ts";
import { invalidated } from "../../../src/cache/http/stored-response.ts";
import { get, type Lines, NOW, stored } from "./exchange.ts";

/** What becomes of a response with an ETag after so many seconds. */
function reuse(control: string, seconds: number, asked?: string, more: Lines = []) {
  const response = stored([["cache-control", control], ["etag", '"a"'], ...more]);
  return decideReuse(
    response,
    get(asked === undefined ? [] : [["cache-control", asked]]),
    NOW + seconds * 1000,
  );
}

describe("reuse without a word from the client, RFC 9111 section 4.2", () => {
  test.each([
    ["max-age=60", 0, "serve"],
    ["max-age=60", 59, "serve"],
    // Fresh as long as its lifetime is greater than its age.
    ["max-age=60", 60, "validate"],
    ["max-age=60, must-revalidate", 59, "serve"],
    ["max-age=60, must-revalidate", 61, "validate"],
    ["max-age=60, no-cache", 0, "validate"],
    ['max-age=60, no-cache="a"', 0, "serve"],
    ["max-age=60, stale-while-revalidate=10", 70, "serve-and-revalidate"],
    ["max-age=60, stale-while-revalidate=10", 71, "validate"],
    ["max-age=60, stale-while-revalidate", 61, "validate"],
    ["max-age=60, stale-while-revalidate=10, must-revalidate", 61, "validate"],
    ["max-age=60, stale-while-revalidate=10, proxy-revalidate", 61, "validate"],
    ["s-maxage=60, stale-while-revalidate=10", 61, "validate"],
    ["max-age=60, stale-while-revalidate=10, no-cache", 1, "validate"],
    ["max-age=60, stale-if-error=10", 61, "validate"],
  ])("%s after %i s: %s", (control, seconds, verdict) => {
    expect(reuse(control, seconds).verdict).toBe(verdict);
  });

  test("CDN-Cache-Control allows stale responses though s-maxage beside it does not (RFC 9213)", () => {
    const targeted: Lines = [["cdn-cache-control", "max-age=60, stale-while-revalidate=10"]];
    expect(reuse("s-maxage=60", 61, undefined, targeted).verdict).toBe("serve-and-revalidate");
  });

  test("it says how old it is, how long it is fresh, and why it is not just served", () => {
    expect(reuse("max-age=60", 20)).toEqual({
      verdict: "serve",
      fwd: "request",
      onError: false,
      age: 20_000,
      ttl: 40_000,
    });
    expect(reuse("max-age=60", 90)).toEqual({
      verdict: "validate",
      fwd: "stale",
      onError: false,
      age: 90_000,
      ttl: -30_000,
    });
    expect(reuse("max-age=60", 20, "no-cache").fwd).toBe("request");
    expect(reuse("max-age=60, no-cache", 20, "no-cache").fwd).toBe("stale");
  });

  test("what was invalidated is validated first (section 4.4)", () => {
    const response = stored([["cache-control", "max-age=60, stale-if-error=60, stale-while-revalidate=60"]]);
    expect(decideReuse(invalidated(response), get(), NOW)).toMatchObject({
      verdict: "validate",
      fwd: "stale",
      onError: false,
    });
  });
});

describe("what the origin's failure allows, RFC 5861 section 4", () => {
  test.each<[string, number, string | undefined, boolean]>([
    ["max-age=60", 61, undefined, false],
    ["max-age=60, stale-if-error=10", 70, undefined, true],
    ["max-age=60, stale-if-error=10", 71, undefined, false],
    ["max-age=60, stale-if-error=10, must-revalidate", 61, undefined, false],
    ["s-maxage=60, stale-if-error=10", 61, undefined, false],
    ["max-age=60, stale-if-error=10, no-cache", 1, undefined, false],
    ["max-age=60, stale-if-error=10", 5, "max-age=1", true],
    ["max-age=60, stale-if-error=10, must-revalidate", 5, "max-age=1", true],
    ["max-age=60, stale-if-error=10", 5, "no-cache", false],
    ["max-age=60", 65, "stale-if-error=10", true],
    ["max-age=60, must-revalidate", 65, "stale-if-error=10", false],
  ])("%s after %i s, asked for %s: %s", (control, seconds, asked, onError) => {
    expect(reuse(control, seconds, asked)).toMatchObject({ verdict: "validate", onError });
  });
});

describe("what a client asks for, RFC 9111 section 5.2.1", () => {
  test.each([
    ["max-age=60", 10, "max-age=10", "serve"],
    ["max-age=60", 11, "max-age=10", "validate"],
    ["max-age=60", 1, "max-age=0", "validate"],
    ["max-age=60", 1, "max-age=x", "validate"],
    ["max-age=60", 11, "max-age=10, max-stale", "validate"],
    ["max-age=60", 50, "min-fresh=10", "serve"],
    ["max-age=60", 51, "min-fresh=10", "validate"],
    ["max-age=60", 61, "max-stale, min-fresh=0", "validate"],
    ["max-age=60", 1, "no-cache", "validate"],
    ["max-age=60", 1, "no-store", "serve"],
    ["max-age=60", 70, "max-stale=10", "serve"],
    ["max-age=60", 71, "max-stale=10", "validate"],
    ["max-age=60", 9999, "max-stale", "serve"],
    ["max-age=60", 61, "max-stale=x", "validate"],
    ["max-age=60", 61, "max-stale=1, max-stale=9", "validate"],
    ["max-age=60, must-revalidate", 61, "max-stale", "validate"],
    ["max-age=60, proxy-revalidate", 61, "max-stale", "validate"],
    ["s-maxage=60", 61, "max-stale", "validate"],
    ["max-age=60, no-cache", 1, "max-stale", "validate"],
    ["max-age=60", 1, "only-if-cached", "serve"],
    ["max-age=60", 61, "only-if-cached", "gateway-timeout"],
    ["max-age=60", 61, "only-if-cached, max-stale", "serve"],
    ["max-age=60, stale-while-revalidate=9", 61, "only-if-cached", "serve-and-revalidate"],
    ["max-age=60", 1, "only-if-cached, no-cache", "gateway-timeout"],
    ["max-age=60", 1, "nothing-to-see-here", "serve"],
  ])("%s after %i s, asked for %s: %s", (control, seconds, asked, verdict) => {
    expect(reuse(control, seconds, asked).verdict).toBe(verdict);
  });

  test("Pragma: no-cache, unless there is Cache-Control (section 5.4)", () => {
    const response = stored([["cache-control", "max-age=60"]]);
    expect(decideReuse(response, get([["pragma", "no-cache"]]), NOW).verdict).toBe("validate");
    const both = get([
      ["pragma", "no-cache"],
      ["cache-control", "max-age=60"],
    ]);
    expect(decideReuse(response, both, NOW).verdict).toBe("serve");
  });

  test("only-if-cached with nothing to select (section 5.2.1.7)", () => {
    expect(onlyIfCached(get([["cache-control", "only-if-cached"]]))).toBe(true);
    expect(onlyIfCached(get())).toBe(false);
  });
});

test("nothing stale is served without a word that allows it, and nothing at all past it", () => {
  const seconds = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(seconds, seconds, seconds, seconds, (maxAge, window, age, maxStale) => {
      const control = `max-age=${maxAge}, stale-while-revalidate=${window}`;
      const { verdict, ttl } = reuse(control, age, `max-stale=${maxStale}`);
      expect(ttl).toBe((maxAge - age) * 1000);
      const expected =
        age < maxAge || age - maxAge <= maxStale
          ? "serve"
          : age - maxAge <= window
            ? "serve-and-revalidate"
            : "validate";
      expect(verdict).toBe(expected);
    }),
  );
});

describe("requests that are none for this cache", () => {
  test.each([
    [get(), undefined],
    [get([], "HEAD"), undefined],
    [
      get([
        ["if-none-match", '"a"'],
        ["range", "bytes=0-1"],
      ]),
      undefined,
    ],
    [get([], "POST"), "method"],
    [get([], "OPTIONS"), "method"],
    [get([], "M-SEARCH"), "method"],
    [get([["if-match", '"a"']]), "bypass"],
    [get([["if-unmodified-since", "x"]]), "bypass"],
  ])("%#: %s", (request, reason) => {
    expect(mustForward(request)).toBe(reason);
  });
});
