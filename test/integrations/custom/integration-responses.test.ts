import { describe, expect, test } from "vitest";
import { responseChoices } from "../../../src/integrations/custom/integration-responses.ts";
import { compileSelection } from "../../../src/mapping/selection-pattern.ts";

describe("an integration response", () => {
  const choices = responseChoices(
    {
      type: "mock",
      responses: {
        ".*four hundred.*": { statusCode: 405 },
        ".+": { statusCode: 502 },
        "4\\d{2}": { statusCode: 400 },
        default: { statusCode: 200 },
      },
    },
    {},
  );
  test.each([
    ["four hundred", 405],
    ["404", 400],
    ["4040", 502],
    ["x", 502],
    ["", 200],
  ])("for %j is the first in order of status whose whole pattern fits: %i", (value, status) => {
    expect(choices.select(value)?.statusCode).toBe(status);
  });
});

describe("a selection pattern", () => {
  test.each([
    ["4\\d{2}", "404", true],
    ["4\\d{2}", "4040", false],
    [".*\\[BadRequest\\].*", "a [BadRequest] b", true],
    ["Not Found.*|.*missing.*", "it is missing", true],
    ["Not Found.*|.*missing.*", "Found", false],
    ["(?s).*late.*", "one\ntoo late", true],
    [".*late.*", "one\ntoo late", false],
    ["(?s)a\\.[.]b.", "a..b\n", true],
    ["[\\s\\S]*late[\\s\\S]*", "one\ntoo late", true],
    ["(\\n|.)+", "one\ntwo", true],
    ["(\\n|.)+", "", false],
    ["[a|b](c|d)", "|d", true],
    ["^.*late.*$", "too late", true],
    [".*", "", true],
    [".*.*", "late", true],
    [".+late", "late", false],
    ["(?i).*error.*", "An ERROR", true],
    [".*a.*b.*", "xaxbx", true],
    ["Error:.*not found.*", "Error: it was not found", true],
    ["5\\p{Digit}{2}", "503", true],
    ["\\Qa.b\\E", "a.b", true],
    ["\\Qa.b\\E", "axb", false],
    ["\\A5.*\\z", "50", true],
    ["[0-9&&[^4]]\\d\\d", "404", false],
    ["[0-9&&[^4]]\\d\\d", "504", true],
    ["[\\s\\S]*\\[400\\][\\s\\S]*", "Error:\n[400] no", true],
  ])("%j on %j: %s", (pattern, value, expected) => {
    const compiled = compileSelection(pattern);
    if ("fault" in compiled) throw new Error(compiled.fault);
    expect(compiled.test(value)).toBe(expected);
  });

  test.each([
    "(",
    "a++",
    "(?!2).*",
    "(?<=a)b",
    "(a)\\1",
    "\\y",
    "a".repeat(2001),
    `[${"\\P{L}".repeat(200)}]`,
  ])("%j is refused", (pattern) => {
    expect(compileSelection(pattern)).toHaveProperty("fault");
  });

  test.each([
    "(a+)+",
    ".*.*a.*b",
    "[\\s\\S]*.*.*a.*b",
    ".*(x+x+)+y.*",
    "(a*)*b",
    "(?s)(\\n|.)*x",
    "(.*){30}b",
  ])("R-21 %j takes linear time", (pattern) => {
    const compiled = compileSelection(pattern);
    if ("fault" in compiled) throw new Error(compiled.fault);
    expect(compiled.test(`${"a".repeat(20_000)}!`)).toBe(false);
  });

  test.each([
    `[${"\u0101\u0103\u0105".repeat(600)}]*`,
    `(?:[^${"\u0101\u0103".repeat(900)}]{0,40})*y`,
    "(?:\\b.){0,300}y",
  ])("R-21 %.20s... takes its time by the text's length, whatever is in it", (pattern) => {
    const compiled = compileSelection(pattern);
    if ("fault" in compiled) throw new Error(compiled.fault);
    const text = Array.from({ length: 30_000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + (index % 20_000)),
    );
    expect(compiled.test(text.join(""))).toBe(false);
  });

  test("R-21 what a client makes a function say is read to a bound", () => {
    const compiled = compileSelection(".*end.*");
    if ("fault" in compiled) throw new Error(compiled.fault);
    expect(compiled.test(`${"e".repeat(2000)}end`)).toBe(true);
    expect(compiled.test(`${"e".repeat(1_000_000)}end`)).toBe(false);
  });
});
