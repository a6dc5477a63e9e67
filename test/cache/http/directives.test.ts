import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  deltaSeconds,
  directiveMs,
  limitedTo,
  parseDirectives,
  requestDirectives,
  responseControl,
} from "../../../src/cache/http/directives.ts";
import { quotedMembers } from "../../../src/cache/http/fields.ts";
import { HOSTILE } from "./exchange.ts";

const INVALID = ",";

describe("Cache-Control, RFC 9111 section 5.2", () => {
  test.each([
    ["names in any case", "MaX-aGe=3600, No-StOrE", { "max-age": "3600", "no-store": "" }],
    ["an argument as quoted string", 'max-age="3600"', { "max-age": "3600" }],
    ["escapes in it", 'x="a\\"b\\\\"', { x: 'a"b\\' }],
    ["a comma in it", 'no-cache="a, b",  public', { "no-cache": "a, b", public: "" }],
    ["a directive in it", 'x="max-age=3600", max-age=1', { x: "max-age=3600", "max-age": "1" }],
    ["empty members", ", ,max-age=1,,", { "max-age": "1" }],
    ["an unknown directive", "foobar, max-age=1", { foobar: "", "max-age": "1" }],
    ["single quotes", "max-age='1'", { "max-age": "'1'" }],
    ["nothing", "", {}],
  ])("%s", (_, text, expected) => {
    expect(Object.fromEntries(parseDirectives(text))).toEqual(expected);
  });

  test.each([
    ["whitespace before =", "max-age =1"],
    ["whitespace after =", "max-age= 1"],
    ["no argument after =", "max-age="],
    ["a quote that is not closed", 'max-age="1'],
    ["text behind a quoted string", 'max-age="1"0'],
    ["repeated with another argument (section 4.2.1)", "max-age=1, max-age=2"],
    ["repeated without one", "max-age=1, max-age"],
  ])("the directive counts, its argument does not: %s", (_, text) => {
    expect(parseDirectives(text).get("max-age")).toBe(INVALID);
  });

  test("a directive that is repeated as it was counts once", () => {
    expect(parseDirectives('max-age=60, max-age="60"').get("max-age")).toBe("60");
  });

  test("a quote that is not closed hides no directive behind it", () => {
    expect(parseDirectives('x="a, no-store').has("no-store")).toBe(true);
  });

  test.each([
    ["0", 0],
    ["003600", 3600],
    ["2147483647", 2147483647],
    ["2147483648", 2147483648],
    ["2147483649", 2147483648],
    ["99999999999999999999", 2147483648],
    ["-1", undefined],
    ["+1", undefined],
    ["1.0", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["a1", undefined],
    ["1a", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("delta-seconds %s (section 1.2.2)", (text, seconds) => {
    expect(deltaSeconds(text)).toBe(seconds);
  });

  test("invalid seconds are none left, not none stated", () => {
    const directives = parseDirectives("max-age=abc, s-maxage=2");
    expect(directiveMs(directives, "max-age")).toBe(0);
    expect(directiveMs(directives, "s-maxage")).toBe(2000);
    expect(directiveMs(directives, "min-fresh")).toBeUndefined();
  });

  test.each([
    ['private="Set-Cookie, X-User"', ["set-cookie", "x-user"]],
    ["private=x-user", ["x-user"]],
    ["private", undefined],
    ['private=""', undefined],
    ['private="a b"', undefined],
    ['private="a", private="b"', undefined],
    ['private="a", private', undefined],
    ["public", undefined],
  ])("limited to header fields, or not (sections 5.2.2.4, 5.2.2.7): %s", (text, names) => {
    expect(limitedTo(parseDirectives(text), "private")).toEqual(names);
  });
});

describe("CDN-Cache-Control, RFC 9213 section 2.2", () => {
  const of = (cdn: string) =>
    responseControl([
      ["cache-control", "no-store"],
      ["cdn-cache-control", cdn],
    ]);

  test.each([
    ["max-age=60", { "max-age": "60" }],
    ["max-age=60, no-cache;x=1", { "max-age": "60", "no-cache": "" }],
    ["max-age=1, max-age=2", { "max-age": "2" }],
    ["max-age=abc", { "max-age": "abc" }],
    ['max-age="60"', { "max-age": '"60' }],
  ])("it stands for Cache-Control: %s", (text, expected) => {
    const { directives, targeted } = of(text);
    expect(targeted).toBe(true);
    expect(Object.fromEntries(directives)).toEqual(expected);
  });

  test.each(["", "max-age=60, &&&&&", "MaX-aGe=60", "max-age =60", "max-age= 60", "max-age=60,"])(
    "empty or no dictionary, it is ignored: %j",
    (text) => {
      const { directives, targeted } = of(text);
      expect(targeted).toBe(false);
      expect(Object.fromEntries(directives)).toEqual({ "no-store": "" });
    },
  );

  test("a member of the wrong type is no valid number of seconds", () => {
    for (const text of [
      "max-age=abc",
      'max-age="60"',
      "max-age=6.5",
      "max-age=-6",
      "max-age",
      "max-age=(1)",
    ]) {
      expect(directiveMs(of(text).directives, "max-age")).toBe(0);
    }
    expect(limitedTo(of('no-cache="a, b"').directives, "no-cache")).toEqual(["a", "b"]);
    expect(limitedTo(of("no-cache=?0").directives, "no-cache")).toBeUndefined();
  });
});

describe("what a request asks of caches", () => {
  const asked = (headers: Record<string, string>) => {
    const directives = requestDirectives(new Headers(headers));
    return directives && Object.fromEntries(directives);
  };

  test.each([
    [{}, undefined],
    [{ "cache-control": "max-age=0" }, { "max-age": "0" }],
    [{ pragma: "No-Cache" }, { "no-cache": "" }],
    [{ pragma: "only-if-cached" }, undefined],
    [{ pragma: "no-cache", "cache-control": "max-stale" }, { "max-stale": "" }],
  ])("%j (RFC 9111 sections 5.2.1, 5.4)", (headers, expected) => {
    expect(asked(headers)).toEqual(expected);
  });
});

describe("parsers of lists", () => {
  test("no text makes them throw, and members are what stands between commas", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=,"\\ \t') }), (text) => {
        parseDirectives(text);
        const members = quotedMembers(text);
        expect(members.every((member) => member !== "" && member === member.trim())).toBe(true);
        expect(quotedMembers(members.join(","))).toEqual(members);
      }),
    );
  });

  test("64 KB of whatever are read in one go", () => {
    for (const text of HOSTILE) {
      parseDirectives(text);
      expect(quotedMembers(text).join("").length).toBeLessThanOrEqual(text.length);
    }
  });
});
