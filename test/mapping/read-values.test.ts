import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readValues } from "../../src/mapping/read-values.ts";
import { Double, jsonText, type Value } from "../../src/mapping/values.ts";

/** As JSON.parse gives it, where it loses nothing. */
function plain(value: Value): unknown {
  if (value instanceof Double) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return typeof value === "bigint" ? Number(value) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe("JSON is read without losing anything", () => {
  it.each<[string, Value]>([
    ["1", 1],
    ["-1", -1],
    ["-0", 0],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740993", -9007199254740993n],
    ["12345678901234567890", 12345678901234567890n],
    ["1.0", new Double(1)],
    ["1e2", new Double(100)],
    ["-0.0", new Double(-0)],
    [' "\\u0061\\n\\"\\/" ', 'a\n"/'],
    ["[]", []],
    ["{}", new Map()],
    ["[ [ ] , { } , null , true , false ]", [[], new Map(), null, true, false]],
  ])("%s", (text, value) => {
    expect(readValues(text)).toEqual(value);
  });

  it("an integer with very many digits", () => {
    expect(readValues("1".repeat(2_000))).toBe(BigInt("1".repeat(2_000)));
  });

  it("what a double does not hold keeps its digits", () => {
    expect(String(readValues("1.12345678901234567890"))).toBe("1.12345678901234567890");
    expect(String(readValues("-0.00000000000000000012e3"))).toBe("-1.2E-16");
    expect(String(readValues("1.000000000000000000e99999999999"))).toBe("Infinity");
  });

  it("keys in their order, integers and __proto__ among them; the last value of a key counts", () => {
    const value = readValues('{"b":1,"10":2,"9":3,"__proto__":{"x":4},"b":5,"\\u0062":6,"":7}');
    expect(value).toBeInstanceOf(Map);
    expect(jsonText(value ?? null)).toBe('{"b":6,"10":2,"9":3,"__proto__":{"x":4},"":7}');
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });

  it("500 levels and no more, however many there are", () => {
    const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
    expect(readValues(nested("[", "]", 500))).toHaveLength(1);
    expect(readValues(nested("[", "]", 501))).toBeUndefined();
    expect(readValues(nested("[", "]", 1_000_000))).toBeUndefined();
    expect(readValues(`${'{"a":'.repeat(501)}1${"}".repeat(501)}`)).toBeUndefined();
    expect(readValues(`${'{"a":'.repeat(500)}1${"}".repeat(500)}`)).toBeInstanceOf(Map);
  });

  it.each(["{},", "[],", "0,", '"",', "[[[]]],", '{"a":1},'])("250,000 values and no more: %s", (part) => {
    const each = (part.match(/[[{0-9]|""/g) ?? []).length;
    const times = Math.floor(249_998 / each);
    let values = 0;
    const count = (read: number) => {
      values = read;
    };
    expect(readValues(`[${part.repeat(times)}0]`, count)).toHaveLength(times + 1);
    expect(values).toBe(times * each + 2);
    expect(readValues(`[${part.repeat(times + 2)}0]`)).toBeUndefined();
  });

  it("integers of 2,000 digits and no more", () => {
    expect(readValues("1".repeat(2_001))).toBeUndefined();
    expect(readValues(`-${"1".repeat(2_001)}`)).toBeUndefined();
  });

  it("a long text with an escape near its start or its end", () => {
    const long = "x".repeat(100_000);
    expect(readValues(`"${long}\\n"`)).toBe(`${long}\n`);
    expect(readValues(`"\\n${long}"`)).toBe(`\n${long}`);
    expect(readValues(`"${long}\n"`)).toBeUndefined();
    expect(readValues(`"${long}`)).toBeUndefined();
  });
});

describe("what is JSON is what JSON.parse takes", () => {
  it("for values", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(0, 1, "\t"), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(JSON.stringify(plain(readValues(text) ?? null))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("for numbers", () => {
    const part = fc.constantFrom("-", "0", "1", "12", ".", "e", "E", "+");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const text = parts.join("");
        const value = readValues(text);
        const expected = parsed(text);
        expect(value === undefined ? undefined : plain(value)).toEqual(
          expected === 0 && !/[.e]/i.test(text) ? 0 : expected,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("for any text", () => {
    const part = fc.constantFrom(
      ...'{}[]:,"\\ \n\t10-.eEaut',
      "true",
      "null",
      "false",
      '"a"',
      "\\u00",
      "\u0000",
      "\ufeff",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const value = readValues(text);
        expect(value === undefined).toBe(parsed(text) === undefined);
      }),
      { numRuns: 3_000 },
    );
  });
});
