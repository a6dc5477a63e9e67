import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { searchPattern } from "../../../src/validation/schema/pattern.ts";

/** What people write into models. */
const COMMON = [
  ...["", "^$", "^.*$", ".*", ".+", "\\S", "^\\s*\\S", "foo", "^foo", "foo$", "a|b", "^a|^b", "^(a|b)$"],
  ...[
    "^[a-z0-9-]{1,64}$",
    "^.{1,2000}$",
    "^[\\s\\S]{0,4096}$",
    "^[\\w .,-]{0,500}$",
    "[a-z]+",
    "\\d+",
    "^[0-9]+$",
  ],
  "^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$",
  "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
  "^[^@]+@[^@]+$",
  "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
  "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
  "^\\d{4}-\\d{2}-\\d{2}$",
  "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$",
  "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$",
  ...[
    "^\\+?[1-9]\\d{1,14}$",
    "^(\\+\\d{1,2}\\s)?\\(?\\d{3}\\)?[\\s.-]\\d{3}[\\s.-]\\d{4}$",
    "^\\d{5}(-\\d{4})?$",
  ],
  ...[
    "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$",
    "^https?://",
    "^(https?|ftp)://[^\\s/$.?#].[^\\s]*$",
    "^/[a-z/]*$",
  ],
  ...[
    "^v?\\d+\\.\\d+\\.\\d+$",
    "^[A-Z]{3}$",
    "^[a-z]+(-[a-z]+)*$",
    "^[A-Z][a-z]+$",
    "^\\p{L}[\\p{L}\\d ]{0,80}$",
  ],
  ...["^(?:[01]\\d|2[0-3]):[0-5]\\d$", "^\\d+(\\.\\d{1,2})?$", "^-?\\d+(\\.\\d+)?$", "\\.(png|jpe?g|gif)$"],
  "^arn:aws:[a-z0-9-]+:[a-z0-9-]*:\\d{12}:.+$",
  "^(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}$",
];

describe("R-21 patterns of models", () => {
  test.each(COMMON)("%s may run", (source) => {
    expect(searchPattern(source)).toMatchObject({ ok: true });
  });

  test.each([
    ["^(a+)+$", "nested"],
    ["(a|a)*$", "an ambiguous choice"],
    ["^(\\w+\\s?)*$", "nested words"],
    ["^\\S+@\\S+\\.\\S+$", "quadratic: the middle may end anywhere"],
    ["^a*a*$", "quadratic"],
    ["a+b", undefined],
    ["f.*o", "quadratic as a search: each f may be the first"],
    ["x[a-z]+$", "quadratic as a search: each x may be the first"],
    ["\\d+-[\\d-]+-x", "quadratic as a search"],
    ["\\d+-\\d+-x", undefined],
    ["x\\s+$", undefined],
    ["^a*a{1000}b", "each length of the first part is followed by a thousand steps"],
    ["(.)\\1", "a backreference"],
    ["^(?=.*[A-Z]).{8,}$", "a lookahead"],
    ["\\p{L}+x\\p{L}+", "a property in a pattern that cannot be judged"],
    ["[a-z", "no regular expression"],
  ])("%s (%s)", (source, reason) => {
    expect(searchPattern(source).ok).toBe(reason === undefined);
  });

  test("the reason names the pattern as it was written", () => {
    expect(searchPattern("f.*o")).toMatchObject({
      message: '"f.*o" can match one text in too many ways, so that a crafted one would take too long',
      hint: expect.stringContaining("anchor it"),
    });
  });

  const atom = fc.constantFrom(
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "\\w",
    "\\d",
    "(a|b)",
    "(?:ab)",
    "^",
    "$",
    "\\b",
    "|",
  );
  const quantifier = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "*?");
  const source = fc
    .array(fc.tuple(atom, quantifier), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.map(([part, sign]) => (/^[\^$|]|\\b/.test(part) ? part : part + sign)).join(""));
  const text = fc.string({ unit: fc.constantFrom("a", "b", "1", " "), maxLength: 12 });

  test("what runs finds what the pattern as written finds", () => {
    let passed = 0;
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 5, maxLength: 20 }), (written, texts) => {
        const pattern = searchPattern(written);
        if (!pattern.ok) return;
        passed += 1;
        for (const one of texts) {
          expect(pattern.regex.test(one), `${written} in ${one}`).toBe(new RegExp(written).test(one));
        }
      }),
      { numRuns: 1_000 },
    );
    expect(passed).toBeGreaterThan(200);
  });

  test("64 KB that nearly fit are read to their end by every common pattern", () => {
    const near = ["a", "0", " ", "-", ".", "a.", "a@", "0-", "x f", "a-", "é", "/"];
    for (const source of COMMON) {
      const pattern = searchPattern(source);
      if (!pattern.ok) throw new Error(source);
      for (const unit of near) {
        const hostile = `${unit.repeat(65_536 / unit.length)}\n`;
        expect(pattern.regex.test(hostile)).toBe(pattern.regex.test(hostile));
      }
    }
  });
});
