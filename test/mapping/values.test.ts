import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readValues } from "../../src/mapping/read-values.ts";
import { Double, javaText, jsonText, type Value, ValueLimit } from "../../src/mapping/values.ts";
import printed from "./json-path/oracle/printed.json";

function body(text: string): Value {
  const value = readValues(text);
  if (value === undefined) throw new Error(`no JSON: ${text}`);
  return value;
}

describe("values print as in Java", () => {
  it("as recorded from json-smart and Jayway", () => {
    const ours = printed.map(([document = ""]) => [
      document,
      javaText(body(document)),
      jsonText(body(document)),
    ]);
    expect(ours).toEqual(printed);
    expect(printed.length).toBeGreaterThan(150);
  });

  it.each([
    [1, "1.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [100, "100.0"],
    [0.001, "0.001"],
    [0.00099, "9.9E-4"],
    [9999999, "9999999.0"],
    [1e7, "1.0E7"],
    [12345678.9, "1.23456789E7"],
    [1e10, "1.0E10"],
    [1e-5, "1.0E-5"],
    [-2.5e-8, "-2.5E-8"],
    [1e21, "1.0E21"],
    [Number.MAX_VALUE, "1.7976931348623157E308"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
    // The shortest digits that mean the number, as Java prints it from version 19 on.
    [1e23, "1.0E23"],
    [2 ** -44, "5.684341886080802E-14"],
  ])("the double %s", (value, text) => {
    expect(javaText(new Double(value))).toBe(text);
  });

  it("a double's text means the double", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const text = new Double(value).toString();
        expect(Number(text)).toBe(value);
        if (Number.isFinite(value)) expect(text).toMatch(/^-?\d+\.\d+(?:E-?\d+)?$/);
      }),
    );
  });

  it("a double that is not finite is null in JSON", () => {
    expect(jsonText([new Double(Number.NaN), new Double(Number.POSITIVE_INFINITY)])).toBe("[null,null]");
  });

  it("a list inside a map as JSON, a map inside a list too", () => {
    const value = body('{"a":{"b":[{"c":"d/e"},"f"],"g":"h/i"},"j":null}');
    expect(javaText(value)).toBe('{a={b=[{"c":"d\\/e"},"f"], g=h/i}, j=null}');
    expect(jsonText(value)).toBe('{"a":{"b":[{"c":"d/e"},"f"],"g":"h/i"},"j":null}');
  });

  it.each<[Value, string, string]>([
    ['it\'s "x"', 'it\'s "x"', '"it\'s \\"x\\""'],
    [true, "true", "true"],
    [null, "null", "null"],
    [-7, "-7", "-7"],
    [12345678901234567890n, "12345678901234567890", "12345678901234567890"],
  ])("%s", (value, java, json) => {
    expect([javaText(value), jsonText(value)]).toEqual([java, json]);
  });

  it("JSON that JSON.parse reads back", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        expect(JSON.parse(jsonText(body(JSON.stringify(value))))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("printing is bounded", () => {
  const knot: Value[] = [];
  knot.push(knot);
  const ring = new Map<string, Value>();
  ring.set("self", ring);
  const leaf = "x".repeat(1_000);
  let tree: Value = leaf;
  for (let level = 0; level < 60; level++) tree = [tree, tree];
  let names: Value = leaf;
  for (let level = 0; level < 60; level++)
    names = new Map([
      ["a", names],
      ["b", names],
    ]);

  it.each<[string, Value]>([
    ["a list that holds itself", knot],
    ["a map that holds itself", ring],
    ["a list that holds the same lists again and again", tree],
    ["a map that holds the same maps again and again", names],
  ])("%s", (_, value) => {
    expect(() => javaText(value)).toThrow(ValueLimit);
    expect(() => jsonText(value)).toThrow(ValueLimit);
  });
});
