import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatHttpDate, parseHttpDate } from "../../../src/cache/http/http-date.ts";
import { HOSTILE, NOW } from "./exchange.ts";

const AUGUST = Date.UTC(2050, 7, 18, 2, 1, 18);

describe("HTTP-date, RFC 9110 section 5.6.7", () => {
  test.each([
    ["IMF-fixdate", "Thu, 18 Aug 2050 02:01:18 GMT", AUGUST],
    ["RFC 850", "Thursday, 18-Aug-50 02:01:18 GMT", AUGUST],
    ["asctime", "Thu Aug 18 02:01:18 2050", AUGUST],
    ["asctime with a day of one digit", "Thu Aug  8 02:01:18 2050", Date.UTC(2050, 7, 8, 2, 1, 18)],
    ["a leap second", "Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
    ["a leap day", "Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
    ["before the epoch", "Wed, 31 Dec 1969 23:59:59 GMT", -1000],
    ["far ahead", "Fri, 31 Dec 9999 23:59:59 GMT", Date.UTC(9999, 11, 31, 23, 59, 59)],
    ["the first century", "Thu, 01 Jan 0050 00:00:00 GMT", Date.parse("0050-01-01T00:00:00Z")],
  ])("%s", (_, text, ms) => {
    expect(parseHttpDate(text, NOW)).toBe(ms);
  });

  test.each([
    ["weekday", "THU, 18 Aug 2050 02:01:18 GMT"],
    ["month", "Thu, 18 AUG 2050 02:01:18 GMT"],
    ["zone", "Thu, 18 Aug 2050 02:01:18 gMT"],
    ["UTC", "Thu, 18 Aug 2050 02:01:18 UTC"],
  ])("caches are lenient about case, and about UTC (RFC 9111 section 4.2): %s", (_, text) => {
    expect(parseHttpDate(text, NOW)).toBe(AUGUST);
  });

  test.each([
    "",
    "0",
    "-1",
    "now",
    "Thu, 18 Aug 2050 02:01:18 AEST",
    "Thu, 18 Aug 2050 02:01:18 +0000",
    "Thu, 18 Aug 2050 02:01:18",
    "Thu, 18 Aug 50 02:01:18 GMT",
    "Thu 18 Aug 2050 02:01:18 GMT",
    "Thu, 18  Aug  2050 02:01:18 GMT",
    "Thu, 18-Aug-2050 02:01:18 GMT",
    "Thu, 18 Aug 2050 02.01.18 GMT",
    "Thu, 18 Aug 2050 2:01:18 GMT",
    "Thu, 18 Aug 2050 24:01:18 GMT",
    "Thu, 18 Aug 2050 23:60:18 GMT",
    "Thu, 18 Aug 2050 23:01:61 GMT",
    "Thu, 30 Feb 2050 02:01:18 GMT",
    "Thu, 29 Feb 2023 02:01:18 GMT",
    "Thu, 00 Aug 2050 02:01:18 GMT",
    "Thu, 18 Aux 2050 02:01:18 GMT",
    "Thu, 18 anf 2050 02:01:18 GMT",
    "Foo, 18 Aug 2050 02:01:18 GMT",
    "2050-08-18T02:01:18Z",
    "Thu, 18 Aug 2050 02:01:18 GMT, Thu, 18 Aug 2050 02:01:19 GMT",
  ])("no date: %s", (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });

  test("a year of two digits is at most 50 years ahead", () => {
    expect(parseHttpDate("Saturday, 21-Nov-76 12:00:00 GMT", NOW)).toBe(Date.UTC(2076, 10, 21, 12));
    expect(parseHttpDate("Sunday, 21-Nov-76 12:00:01 GMT", NOW)).toBe(Date.UTC(1976, 10, 21, 12, 0, 1));
    expect(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", NOW)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
    expect(parseHttpDate("Sunday, 06-Nov-05 08:49:37 GMT", Date.UTC(2099, 0))).toBe(
      Date.UTC(2105, 10, 6, 8, 49, 37),
    );
  });

  test("what is written is read, to the second", () => {
    const times = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
    fc.assert(
      fc.property(times, (seconds) => {
        expect(parseHttpDate(formatHttpDate(seconds * 1000), NOW)).toBe(seconds * 1000);
      }),
    );
  });

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseHttpDate(text, NOW)));
    for (const text of HOSTILE) expect(parseHttpDate(text, NOW)).toBeUndefined();
  });
});
