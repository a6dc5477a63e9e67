import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileWildcard, matchesAnything, matchesWildcard, type Piece } from "../../src/policy/wildcard.ts";

const matches = (pattern: string, value: string): boolean =>
  matchesWildcard(compileWildcard([pattern]), value);

/** The rule as it is said, tried in every way; only for short texts. */
function naive(pattern: string, value: string): boolean {
  if (pattern === "") return value === "";
  if (pattern[0] === "*") {
    return naive(pattern.slice(1), value) || (value !== "" && naive(pattern, value.slice(1)));
  }
  if (value === "" || (pattern[0] !== "?" && pattern[0] !== value[0])) return false;
  return naive(pattern.slice(1), value.slice(1));
}

describe("a wildcard", () => {
  test.each([
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "a/b:c", true],
    ["**", "", true],
    ["?", "", false],
    ["?", "a", true],
    ["?", "/", true],
    ["?", "ab", false],
    ["?*", "", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*ab*b", "aab", false],
    ["a*ab*b", "aabb", true],
    ["*ab*", "aab", true],
    ["*a?c*", "xabbabc", true],
    ["A", "a", false],
    ["a.c", "abc", false],
    ["[a]", "a", false],
    ["a\\*", "a\\b", true],
    ["*/GET/*", "arn:aws:execute-api:r:1:api/prod/GET/a/b", true],
    ["*/GET/*", "arn:aws:execute-api:r:1:api/prod/POST/a/b", false],
  ])("%j on %j: %j", (pattern, value, expected) => {
    expect(matches(pattern, value)).toBe(expected);
  });

  test("agrees with the rule tried in every way", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 10 });
    const value = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 14 });
    fc.assert(
      fc.property(pattern, value, (p, s) => {
        expect(matches(p, s)).toBe(naive(p, s));
      }),
      { numRuns: 3000 },
    );
  });

  test("finds long runs, with and without ?, wherever they stand", () => {
    const unit = fc.constantFrom("a", "b");
    const run = fc.string({ unit: fc.constantFrom("a", "a", "a", "b", "?"), minLength: 30, maxLength: 100 });
    const around = fc.string({ unit, maxLength: 80 });
    fc.assert(
      fc.property(run, around, around, fc.infiniteStream(unit), (text, before, after, fill) => {
        const inside = [...text].map((code) => (code === "?" ? (fill.next().value ?? "a") : code)).join("");
        expect(matches(`*${text}*`, before + inside + after)).toBe(true);
      }),
    );
  });

  test("long runs agree with a plain search", () => {
    const unit = fc.constantFrom("a", "a", "a", "b");
    const run = fc.string({ unit, minLength: 33, maxLength: 40 });
    const value = fc.string({ unit, maxLength: 400 });
    fc.assert(
      fc.property(run, value, value, fc.boolean(), (text, before, after, whole) => {
        const searched = before + (whole ? text : text.slice(1)) + after;
        expect(matches(`*${text}*`, searched)).toBe(searched.includes(text));
        expect(matches(`*?${text}*`, searched)).toBe(searched.indexOf(text, 1) > 0);
      }),
    );
  });

  test("a literal piece has no wildcards in it", () => {
    const pieces: Piece[] = ["a*", { literal: "*?" }, "?"];
    expect(matchesWildcard(compileWildcard(pieces), "axx*?b")).toBe(true);
    expect(matchesWildcard(compileWildcard(pieces), "axxyzb")).toBe(false);
  });

  test.each([
    ["*", true],
    ["***", true],
    ["*?", false],
    ["", false],
    ["a*", false],
  ])("%j matches whatever comes: %j", (pattern, expected) => {
    expect(matchesAnything(compileWildcard([pattern]))).toBe(expected);
  });
});

describe("R-21 hostile patterns and values of 64 KB are matched without trying again", () => {
  const KB64 = 65_536;
  const as = "a".repeat(KB64);
  test.each<[name: string, pattern: string, value: string, expected: boolean]>([
    ["a star before every letter", `${"*a".repeat(KB64 / 2)}b`, as, false],
    ["stars alone", "*".repeat(KB64), as, true],
    ["a long run that breaks at its end", `*${"a".repeat(KB64 / 2)}b*`, as, false],
    ["a long run that breaks at its start", `*b${"a".repeat(KB64 / 2)}*`, as, false],
    ["a long run that is there at the very end", `*${"a".repeat(KB64 / 2)}b*`, `${as}b`, true],
    ["question marks alone", "?".repeat(KB64), as, true],
    ["question marks with a star", `*${"?".repeat(KB64)}`, as, true],
    ["a run of the longest policy's length with ?", `*${"a?".repeat(4000)}b*`, as, false],
  ])("%s", (_name, pattern, value, expected) => {
    expect(matches(pattern, value)).toBe(expected);
  });
});
