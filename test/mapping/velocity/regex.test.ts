import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, type Pattern } from "../../../src/mapping/velocity/regex/pattern.ts";
import { Run } from "../../../src/mapping/velocity/run.ts";
import { Scope } from "../../../src/mapping/velocity/scope.ts";

const run = (): Run => new Run(new Scope(), new Map(), new Map(), () => ({ line: 1, column: 1 }));

function pattern(source: string): Pattern {
  const compiled = compilePattern(source);
  if ("fault" in compiled) throw new Error(compiled.fault);
  return compiled;
}

const replaced = (source: string, text: string, by: string): string =>
  pattern(source).replace(run(), text, by, { all: true });

/** An empty round of a repeated group ends it in Java, and is undone in JavaScript. */
const canBeEmpty = (atom: string): boolean =>
  new RegExp(`^(?:${atom.replace(/\\b|\^(?!a\])|\$/g, "")})$`).test("");

/** Patterns that Java and JavaScript read alike. */
const { regex } = fc.letrec<{ regex: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "\\.") },
    fc.constantFrom("^", "$", "\\b"),
    tie("regex").map((inner) => `(${inner})`),
    tie("regex").map((inner) => `(?:${inner})`),
  ),
  regex: fc
    .array(fc.tuple(tie("atom"), fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?")), {
      minLength: 1,
      maxLength: 4,
    })
    .chain((parts) => {
      const one = parts.map(([atom, times]) => (canBeEmpty(atom) ? atom : atom + times)).join("");
      return fc.constantFrom(one, `${one}|b`, `a|${one}`);
    }),
}));

describe("Java's regular expressions", () => {
  test("find what JavaScript's matcher finds", () => {
    fc.assert(
      fc.property(
        regex,
        fc.array(fc.constantFrom("a", "b", "c", "1", " ", "."), { maxLength: 12 }),
        (source, letters) => {
          const text = letters.join("");
          expect(replaced(source, text, "<$0>")).toBe(text.replace(new RegExp(source, "g"), "<$&>"));
          expect(pattern(source).matches(run(), text)).toBe(new RegExp(`^(?:${source})$`).test(text));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["(?i)abc", "xABCx", "-", "x-x"],
    ["[a-c&&[^b]]", "abcd", "-", "-b-d"],
    ["[^\\w\\s]", "a-b c.", "", "ab c"],
    ["\\p{Lu}", "aBÄ", "-", "a--"],
    ["\\p{Upper}", "aBÄ", "-", "a-Ä"],
    ["\\Qa.b\\E", "a.b axb", "-", "- axb"],
    ["\\x41|\\u0042", "ABC", "-", "--C"],
    ["(?s)a.b", "a\nb", "-", "-"],
    ["a.b", "a\nb", "-", "a\nb"],
    ["(?m)^x$", "x\ny\nx", "-", "-\ny\n-"],
    ["(\\w+)@(?<host>\\w+)", "me@here", "${host} at $1", "here at me"],
    ["(a)(b)?", "a", "[$1$2]", "[a]"],
    ["(.)", "ab", "$12", "a2b2"],
    [".", "😀", "-", "-"],
    ["x*", "axb", "-", "-a--b-"],
    ["\\\\'", "it\\'s", "'", "it's"],
    ["\\s+$", "a b  ", "", "a b"],
    ["$", "a\n", "-", "a-\n-"],
    ["a", "a$a", "\\$", "$$$"],
  ])("%s in %j", (source, text, by, expected) => {
    expect(replaced(source, text, by)).toBe(expected);
  });

  test.each([
    "(",
    ")",
    "[",
    "a**",
    "*",
    "+a",
    "a{2,1}",
    "{",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?>a)",
    "a*+",
    "(a)\\1",
    "\\k<x>",
    "[b-a]",
    "\\y",
    "(?<n>a)(?<n>b)",
    "\\p{Nope}",
    "(?x)a",
    "(a{1000}){1000}",
    "((){1000}){1000}",
    "(".repeat(60),
    "a\\",
    "x".repeat(2_001),
  ])("%s is refused", (source) => {
    expect(compilePattern(source)).toHaveProperty("fault");
  });
});

describe("every pattern takes linear time (R-21)", () => {
  const long = "a".repeat(20_000);
  test.each([
    ["(a*)*b", long],
    ["(a|a)*b", long],
    ["(a+)+$", `${long}!`],
    ["a*a*a*a*b", long],
    ["(.*)(.*)(.*)x", long],
    ["(a?){50}b", long],
    ["<[^>]*>", "<".repeat(20_000)],
    ["\\s+$", `${" ".repeat(20_000)}x`],
    ["(?:a|aa)+c", long],
  ])("%s", (source, text) => {
    expect(replaced(source, text, "")).toBe(text);
    expect(pattern(source).matches(run(), text)).toBe(false);
  });
});
