import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFault } from "../../../src/lib/json/json-fault.ts";
import { DUPLICATES, INVALID, READ_DIFFERENTLY, VALID } from "./json-texts.ts";

const LIMITS = { depth: 100, values: 10_000 };

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("R-20 JSON that every reader reads alike", () => {
  it.each(Object.entries(VALID))("%s", (_, text) => {
    expect(isJson(text)).toBe(true);
    expect(jsonFault(text, LIMITS)).toBeUndefined();
  });
});

describe("R-20 what is no JSON", () => {
  it.each(Object.entries(INVALID))("%s", (_, text) => {
    expect(isJson(text)).toBe(false);
    expect(jsonFault(text, LIMITS)).toMatchObject({ kind: "syntax" });
  });
});

describe("R-20 what readers read differently", () => {
  it.each(Object.entries(READ_DIFFERENTLY))("%s", (_, text) => {
    expect(isJson(text)).toBe(true);
    expect(jsonFault(text, LIMITS)).toMatchObject({
      kind: "syntax",
      detail: "half of a surrogate pair stands alone",
    });
  });

  it.each(Object.entries(DUPLICATES))("a key that is there twice: %s", (_, text) => {
    expect(isJson(text)).toBe(true);
    expect(jsonFault(text, LIMITS)).toMatchObject({ kind: "duplicate_key" });
  });

  it.each([
    ["in objects beside each other", '[{"a":1},{"a":1}]'],
    ["in an object and the one around it", '{"a":{"a":{"a":1}}}'],
    ["in an object and the next", '{"x":{"a":1},"y":{"a":1},"a":1}'],
    ["that differ in case", '{"a":1,"A":2}'],
    ["that look alike", '{"\u00e9":1,"e\u0301":2}'],
    ["that differ behind many characters", `{"${"x".repeat(80)}a":1,"${"x".repeat(80)}b":2}`],
    ["that differ in an escaped backslash", '{"a":1,"\\\\u0061":2}'],
    ["that are values too", '{"a":"b","b":"a"}'],
  ])("but not keys %s", (_, text) => {
    expect(jsonFault(text, LIMITS)).toBeUndefined();
  });
});

describe("a fault says what is wrong, and where", () => {
  it.each([
    ["", "the text ends too early", 0],
    ["\ufeff{}", "a byte order mark stands in front", 0],
    ['{"a":1,}', "a member's name is missing", 7],
    ["[1,]", "a value is missing", 3],
    ["[1 2]", '"," or "]" is missing', 3],
    ['{"a":1 "b":2}', '"," or "}" is missing', 7],
    ['{"a" 1}', '":" is missing', 5],
    ["[1] x", "something follows the value", 4],
    ["[01]", "a number starts with 0", 1],
    ["[1.]", "a digit is missing", 3],
    ["[-]", "a digit is missing", 2],
    ["[NaN]", "a value is missing", 1],
    ['["a\tb"]', "a control character in a string is not escaped", 3],
    ['["a\\xb"]', "a backslash escapes nothing", 4],
    ['["\\u12"]', "\\u needs four hexadecimal digits", 3],
    ['["ab', "the text ends too early", 4],
    ['["a\\ud800"]', "half of a surrogate pair stands alone", 3],
    ['["a\ud800"]', "half of a surrogate pair stands alone", 3],
  ])("%j", (text, detail, offset) => {
    expect(jsonFault(text, LIMITS)).toEqual({ kind: "syntax", detail, offset });
  });

  it("for a key that is there twice, a long one cut", () => {
    expect(jsonFault('{"a":1, "\\u0061":2}', LIMITS)).toEqual({
      kind: "duplicate_key",
      detail: 'the member "\\u0061" is there twice',
      offset: 8,
    });
    const long = "k".repeat(1_000);
    expect(jsonFault(`{"${long}":1,"${long}":2}`, LIMITS)?.detail).toBe(
      `the member "${"k".repeat(59)}..." is there twice`,
    );
  });
});

describe("R-19 limits", () => {
  it("levels", () => {
    const limits = { depth: 3, values: 10 };
    expect(jsonFault('[{"a":[1]}]', limits)).toBeUndefined();
    expect(jsonFault('[{"a":[{}]}]', limits)).toEqual({
      kind: "too_deep",
      detail: "nested deeper than 3 levels",
      offset: 7,
    });
    expect(jsonFault("1", { depth: 0, values: 1 })).toBeUndefined();
    expect(jsonFault("[]", { depth: 0, values: 1 })).toMatchObject({ kind: "too_deep" });
  });

  it.each([
    ['[{"a":1,"b":2},{"a":1}]', 6, 20],
    ["[[],[],[]]", 4, 7],
    ["[{},{},{}]", 4, 7],
    ["[[[0]]]", 4, 3],
    ['["a",true,null]', 4, 10],
    ["1", 1, 0],
  ])("values of all kinds together: %s has %i", (text, values, last) => {
    expect(jsonFault(text, { depth: 3, values })).toBeUndefined();
    expect(jsonFault(text, { depth: 3, values: values - 1 })).toEqual({
      kind: "too_many",
      detail: `more than ${values - 1} values`,
      offset: last,
    });
  });
});

describe("R-21 hostile texts of 64 KB and of 2 MB", () => {
  const SIZES = [64 * 1024, 2 * 1024 * 1024];
  const FREE = { depth: 100, values: Number.POSITIVE_INFINITY };

  it.each([
    ["[", "too_deep"],
    ['{"a":', "too_deep"],
    ['[{"":', "too_deep"],
    ["[],", "syntax"],
    ["1", undefined],
    ["-", "syntax"],
    [" ", "syntax"],
    ['"', "syntax"],
    ["\\", "syntax"],
    ['"\\', "syntax"],
    ["\0", "syntax"],
  ])("%j over and over", (part, kind) => {
    for (const size of SIZES) {
      expect(jsonFault(part.repeat(size / part.length), FREE)?.kind).toBe(kind);
    }
  });

  it.each([
    ["a text of escapes", '"', "\\\\", '"'],
    ["a text of \\u escapes", '"', "\\u00e9", '"'],
    ["a list of empty texts", "[", '"",', "0]"],
    ["a list of empty lists", "[", "[],", "0]"],
    ["a list of objects with one key", "[", '{"a":{}},', "0]"],
    ["a list of objects with an escaped key", "[", '{"\\u0061":0},', "0]"],
    ["many digits", "1.", "0123456789", "e1"],
    ["white space", " ", "\n\r\t ", "0"],
  ])("%s", (_, start, part, end) => {
    for (const size of SIZES) {
      expect(jsonFault(start + part.repeat(size / part.length) + end, FREE)).toBeUndefined();
    }
  });

  it.each([
    ["different keys", (at: number) => `k${at}`],
    ["keys that look like indexes with one hash", (at: number) => String(at * 131_072)],
    ["long keys that start alike", (at: number) => "x".repeat(100) + at],
  ])("an object with %s", (_, key) => {
    const members = Array.from({ length: 30_000 }, (_, at) => `"${key(at)}":0`);
    expect(jsonFault(`{${members.join(",")}}`, FREE)).toBeUndefined();
    expect(jsonFault(`{${members.join(",")},"${key(29_999)}":0}`, FREE)?.kind).toBe("duplicate_key");
  });

  it("keys with one mark each", () => {
    // Only 24 characters are marked: these are told apart by all of them.
    const members = Array.from({ length: 16 }, (_, at) => `"${"x".repeat(60_000)}${at % 10}${at}":0`);
    expect(jsonFault(`{${members.join(",")}}`, FREE)).toBeUndefined();
  });
});

describe("what JSON.parse takes", () => {
  const name = fc.constantFrom("a", "b", "\\u0061", "\\u0062", "__proto__", "1", "");
  const { value } = fc.letrec<{ value: string; inner: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom("0", "-1.5e3", '"a"', '"\\n"', "true", "null", '""'),
      fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
      fc
        .array(fc.tuple(name, tie("value")), { maxLength: 4 })
        .map((members) => `{${members.map(([key, member]) => `"${key}" :${member}`).join(",")}}`),
    ),
    inner: fc.constant(""),
  }));

  /** By a reader that counts members before they fall together. */
  function hasDuplicates(text: string): boolean {
    let members = 0;
    JSON.parse(text, (_, read) => {
      if (typeof read === "object" && read !== null && !Array.isArray(read))
        members += Object.keys(read).length;
      return read;
    });
    return members < (text.match(/" :/g)?.length ?? 0);
  }

  it("is taken, unless a key is there twice", () => {
    fc.assert(
      fc.property(value, (text) => {
        expect(jsonFault(text, LIMITS)?.kind).toBe(hasDuplicates(text) ? "duplicate_key" : undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is taken as JSON.stringify writes it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(0, 2), (written, space) => {
        expect(jsonFault(JSON.stringify(written, undefined, space), LIMITS)).toBeUndefined();
      }),
    );
  });

  it("is taken, and nothing else, whatever the text", () => {
    const part = fc.constantFrom(
      ...'{}[]:,"\\ \n\t10-.eEbnu',
      "true",
      "null",
      "false",
      '"a"',
      '"b":',
      "\\u00",
      "\0",
      "\ufeff",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const text = parts.join("");
        const fault = jsonFault(text, LIMITS);
        if (fault?.kind !== "duplicate_key") expect(fault === undefined).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("a change of one character is seen wherever JSON.parse sees it", () => {
    const unit = fc.constantFrom(...'{}[]:,"\\ 0-.eta');
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), unit, (written, place, character) => {
        const text = JSON.stringify(written);
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const fault = jsonFault(changed, LIMITS);
        if (fault?.kind !== "duplicate_key") expect(fault === undefined).toBe(isJson(changed));
      }),
      { numRuns: 2_000 },
    );
  });
});
