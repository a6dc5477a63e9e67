import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ageAt } from "../../../src/cache/http/freshness.ts";
import { at, date, type Lines, NOW, stored } from "./exchange.ts";

const VALIDATOR: Lines = [["etag", '"a"']];

describe("freshness lifetime, RFC 9111 section 4.2.1", () => {
  test.each<[string, Lines, number]>([
    ["s-maxage before max-age", [["cache-control", "max-age=1, s-maxage=60"]], 60_000],
    [
      "s-maxage before a longer max-age, on another line",
      [
        ["cache-control", "max-age=60"],
        ["cache-control", "s-maxage=1"],
      ],
      1000,
    ],
    [
      "s-maxage before a past Expires",
      [
        ["cache-control", "s-maxage=60"],
        ["expires", date(-9)],
      ],
      60_000,
    ],
    [
      "max-age before a past Expires",
      [
        ["cache-control", "max-age=60"],
        ["expires", date(-9)],
      ],
      60_000,
    ],
    [
      "max-age=0 before a future Expires",
      [
        ["cache-control", "max-age=0"],
        ["expires", date(9)],
      ],
      0,
    ],
    [
      "max-age before an invalid Expires",
      [
        ["cache-control", "max-age=60"],
        ["expires", "0"],
      ],
      60_000,
    ],
    ["an invalid s-maxage before max-age", [["cache-control", "max-age=60, s-maxage=x"]], 0],
    ["a very large max-age (section 1.2.2)", [["cache-control", "max-age=99999999999"]], 2 ** 31 * 1000],
    ["two values for max-age", [["cache-control", "max-age=60, max-age=50"]], 0],
    [
      "the same value twice",
      [
        ["cache-control", "max-age=60"],
        ["cache-control", "max-age=60"],
      ],
      60_000,
    ],
    [
      "Expires less Date",
      [
        ["expires", date(90)],
        ["date", date(30)],
      ],
      60_000,
    ],
    [
      "Expires before Date",
      [
        ["expires", date(30)],
        ["date", date(90)],
      ],
      0,
    ],
    [
      "Expires without a valid Date",
      [
        ["expires", date(60)],
        ["date", "foo"],
      ],
      60_000,
    ],
    ["Expires: 0 (section 5.3)", [["expires", "0"]], 0],
    [
      "two Expires",
      [
        ["expires", date(60)],
        ["expires", date(60)],
      ],
      0,
    ],
    [
      "CDN-Cache-Control before Cache-Control (RFC 9213)",
      [
        ["cache-control", "max-age=1"],
        ["cdn-cache-control", "max-age=60"],
      ],
      60_000,
    ],
    [
      "a short CDN-Cache-Control",
      [
        ["cache-control", "max-age=60"],
        ["cdn-cache-control", "max-age=1"],
      ],
      1000,
    ],
    [
      "CDN-Cache-Control before Expires",
      [
        ["expires", date(60)],
        ["cdn-cache-control", "max-age=0"],
      ],
      0,
    ],
    [
      "no CDN-Cache-Control but junk",
      [
        ["cache-control", "max-age=60"],
        ["cdn-cache-control", "max-age=1;"],
      ],
      60_000,
    ],
    ["nothing", [], 0],
  ])("%s", (_, headers, lifetime) => {
    expect(stored([...VALIDATOR, ...headers]).freshness.lifetime).toBe(lifetime);
  });
});

describe("age, RFC 9111 section 4.2.3", () => {
  const initial = (headers: Lines, times = at(NOW)) =>
    stored([["cache-control", "max-age=9999999"], ...headers], { times }).freshness.initialAge;

  test.each<[string, Lines, number]>([
    ["none", [], 0],
    ["Age", [["age", "30"]], 30_000],
    ["Age with leading zeros", [["age", "0030"]], 30_000],
    ["Age, the first of a list (section 5.1)", [["age", "7200,0"]], 7_200_000],
    [
      "Age, the first of two lines",
      [
        ["age", "0"],
        ["age", "7200"],
      ],
      0,
    ],
    ["Age, too large", [["age", "99999999999"]], 2 ** 31 * 1000],
    ["Age that is no number, ignored (section 5.1)", [["age", "abc"]], 0],
    ["Age below 0, ignored", [["age", "-7200"]], 0],
    ["Age with a fraction, ignored", [["age", "7200.0"]], 0],
    ["Age with a parameter, ignored", [["age", "7200;foo=bar"]], 0],
    ["Age, empty", [["age", ""]], 0],
    ["what the clocks say", [["date", date(-50)]], 50_000],
    ["a Date ahead", [["date", date(50)]], 0],
    [
      "the larger one",
      [
        ["date", date(-50)],
        ["age", "60"],
      ],
      60_000,
    ],
  ])("%s", (_, headers, age) => {
    expect(initial(headers)).toBe(age);
  });

  test("the way here counts as age", () => {
    expect(initial([["age", "30"]], { request: NOW - 1500, response: NOW })).toBe(31_500);
  });

  test("a Date without fractions makes a new response no older than it is", () => {
    expect(initial([["date", date(0)]], at(NOW + 999))).toBe(0);
  });

  test("time passes, but never backwards", () => {
    const response = stored([
      ["cache-control", "max-age=60"],
      ["age", "5"],
    ]);
    expect(ageAt(response, NOW + 2500)).toBe(7500);
    expect(ageAt(response, NOW - 2500)).toBe(5000);
  });

  test("it is finite, never below 0, at least what every source says, and grows with the clock", () => {
    const seconds = fc.integer({ min: -10_000, max: 10_000 });
    const span = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(seconds, fc.nat(), span, span, (dated, aged, delay, later) => {
        const times = { request: NOW - delay, response: NOW };
        const headers: Lines = [
          ["cache-control", "max-age=60"],
          ["date", date(dated)],
          ["age", String(aged)],
        ];
        const response = stored(headers, { times });
        const age = ageAt(response, NOW);
        expect(age).toBe(Math.max(aged * 1000 + delay, -dated * 1000));
        expect(ageAt(response, NOW + later)).toBe(age + later);
      }),
    );
  });

  test("whatever the headers say, the numbers are numbers", () => {
    const text = fc.string({ unit: fc.constantFrom(...'0159=,"-.ax max-age GMT') });
    fc.assert(
      fc.property(text, text, text, text, (control, age, expires, dated) => {
        const headers: Lines = [
          ...VALIDATOR,
          ["cache-control", control],
          ["age", age],
          ["expires", expires],
          ["date", dated],
        ];
        const { freshness } = stored(headers);
        const { lifetime, initialAge } = freshness;
        for (const ms of [lifetime, initialAge]) expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
      }),
    );
  });
});
