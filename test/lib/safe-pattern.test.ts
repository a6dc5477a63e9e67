import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unsafePattern, wholePattern } from "../../src/lib/safe-pattern.ts";

describe("R-21 patterns that may run on what clients send", () => {
  test.each([
    "",
    ".*",
    "^Bearer [-0-9a-zA-Z\\._]*$",
    "^x-[a-z]+",
    "^(Bearer )[a-zA-Z0-9\\-_]+?\\.[a-zA-Z0-9\\-_]+?\\.([a-zA-Z0-9\\-_]+)$",
    ".*@example\\.com",
    "(?:Bearer|Basic|bearer) .+",
    "(?<scheme>\\w+) \\S+",
    "\\d{3}-\\d{2,4}",
    "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "(a|ab)*c",
    "(?:[^,]+,)*[^,]+",
    "[\\u00e4-\\u00f6]+[a-z]*",
    "a{,3}",
    "[a-z]{3,900}",
    "\\bword\\b",
    "[\\]\\-\\\\]+",
  ])("%s", (pattern) => {
    expect(unsafePattern(pattern)).toBeUndefined();
  });

  test.each([
    ["nested", "(a+)+"],
    ["nested, by stars", "(a*)*"],
    ["nested, in words", "(\\w+\\s?)*"],
    ["an ambiguous choice", "(a|a)*"],
    ["an ambiguous choice of sets", "(\\w|\\d)*"],
    ["an ambiguous nothing", "((a?)?b)*c"],
    ["quadratic", "a*a*b"],
    ["quadratic, by overlapping sets", "[a-z]+[a-z0-9]+x"],
    ["quadratic, beyond ASCII", "[ä-ö]+ö*"],
    ["quadratic, by escapes", "[\\u00e4-\\u00f6]+\\xf6*"],
    ["quadratic, by blanks beyond ASCII", "\\s+\\u2003*x"],
    ["exponential in the pattern", "(a?){30}a{30}"],
    ["the e-mail pattern of CVE lists", "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+$"],
    ["of some JWT examples", "^[A-Za-z0-9-_=]+\\.[A-Za-z0-9-_=]+\\.?[A-Za-z0-9-_.+/=]*$"],
    ["two searches", ".*foo.*"],
  ])("not: %s (%s)", (_, pattern) => {
    expect(unsafePattern(pattern)).toMatch(/too many ways/);
  });

  test.each([
    ["a backreference", "(.)\\1", /refers back/],
    ["a named backreference", "(?<a>.)\\k<a>", /refers back/],
    ["a lookahead", "(?=a)b", /looks around/],
    ["a lookbehind", "(?<!a)b", /looks around/],
    ["an inline flag", "(?i:a)", /looks around or changes flags/],
    ["a property, which it is not", "\\p{L}+", /means the letter p/],
    ["an open set", "[a-z", /no regular expression/],
    ["an open group", "(a", /no regular expression/],
    ["an octal escape, another spelling of 1", "(?:\\061|1)*", /octal escape/],
    ["a short one", "(?:\\01|\\x01)*", /octal escape/],
    ["a \\c that is a backslash and a c", "(?:\\c|\\\\c)*", /without a letter/],
    ["millions of copies of nothing", "(?:){3000000}", /repeats too much/],
    ["copies of copies of nothing", "((?:){999}){999}", /repeats too much/],
    ["thousands of copies", "[a-z]{3,2000}", /repeats too much/],
    ["copies of copies", "((a{40}){40}){40}", /repeats too much/],
    ["a crowd of situations", ".{0,50}abc.{0,50}", /too complex|too many ways/],
    ["a long one", "a".repeat(2_001), /longer than/],
    ["a deep one", `${"(".repeat(999)}a${")".repeat(999)}`, undefined],
  ])("not: %s", (_, pattern, reason) => {
    const why = unsafePattern(pattern);
    if (reason) expect(why).toMatch(reason);
    else expect(why).toBeUndefined();
  });

  /** Patterns of the syntax's parts, wild enough to be ambiguous half the time. */
  const { pattern } = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
    atom: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\d"),
      tie("pattern").map((inner) => `(${inner})`),
    ),
    pattern: fc
      .array(
        fc.tuple(tie("atom"), fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "*?", "|")),
        { minLength: 1, maxLength: 4 },
      )
      .map((parts) => parts.map(([atom, suffix]) => atom + suffix).join("")),
  }));

  test("whatever passes takes as many steps as the text is long, by a matcher that counts them", () => {
    let passed = 0;
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom("a", "b", "1"), minLength: 1, maxLength: 3 }),
        (source, word) => {
          if (unsafePattern(source) !== undefined) return;
          passed += 1;
          // A text that fits for long and fails at its end, which makes a matcher try everything.
          const text = `${word.repeat(30)}!`;
          const steps = backtrackingSteps(source, text);
          expect(steps, `${source} on ${text}`).toBeLessThan(text.length * 2_000);
        },
      ),
      { numRuns: 500 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});

test.each([
  ["a|b", "a", true],
  ["a|b", "ab", false],
  ["^a$", "a", true],
  ["a", "ba", false],
  ["a", "a\n", false],
])("the whole of a text: %s on %j is %s", (pattern, text, held) => {
  expect(wholePattern(pattern).test(text)).toBe(held);
});

/** A naive matcher of the same syntax: how often does it look at a character? Stops at a million. */
function backtrackingSteps(source: string, text: string): number {
  let steps = 0;
  let at = 0;
  type Next = (index: number) => boolean;
  type Match = (index: number, next: Next) => boolean;
  const one = (token: string): Match => {
    const takes = new RegExp(`^${token}$`);
    return (index, next) => {
      steps += 1;
      if (steps > 1_000_000) throw new Error("too many steps");
      return index < text.length && takes.test(text.charAt(index)) && next(index + 1);
    };
  };
  const choice = (): Match => {
    const items = [sequence()];
    while (source[at] === "|") {
      at += 1;
      items.push(sequence());
    }
    return (index, next) => items.some((item) => item(index, next));
  };
  const sequence = (): Match => {
    const items: Match[] = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") items.push(quantified());
    return items.reduceRight<Match>(
      (rest, item) => (index, next) => item(index, (after) => rest(after, next)),
      (index, next) => next(index),
    );
  };
  const quantified = (): Match => {
    const item = atom();
    const [token = "", low, comma, high] = /^(?:[*+?]|\{(\d)(,)?(\d?)\})\??/.exec(source.slice(at)) ?? [];
    if (token === "") return item;
    at += token.length;
    const min = low === undefined ? (token[0] === "+" ? 1 : 0) : Number(low);
    const max =
      low === undefined ? (token[0] === "?" ? 1 : 1e9) : comma === undefined ? min : Number(high || 1e9);
    const lazy = token.length > 1 && token.endsWith("?");
    const repeat =
      (count: number): Match =>
      (index, next) => {
        const more = () =>
          count < max &&
          item(index, (after) => (after > index || count < min) && repeat(count + 1)(after, next));
        const enough = () => count >= min && next(index);
        return lazy ? enough() || more() : more() || enough();
      };
    return repeat(0);
  };
  const atom = (): Match => {
    if (source[at] === "(") {
      at += 1;
      const inner = choice();
      at += 1;
      return inner;
    }
    const [token = ""] = /^(?:\\.|\[[^\]]*\]|.)/.exec(source.slice(at)) ?? [];
    at += token.length;
    return one(token);
  };
  choice()(0, (index) => index === text.length);
  return steps;
}
