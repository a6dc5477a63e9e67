import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileJsonPath, type JsonPath, JsonPathLimit } from "../../../src/mapping/json-path/json-path.ts";
import { readValues } from "../../../src/mapping/read-values.ts";
import type { Value } from "../../../src/mapping/values.ts";

function compiled(path: string): JsonPath {
  const result = compileJsonPath(path);
  if ("fault" in result) throw new Error(result.fault);
  return result;
}

function body(text: string): Value {
  const value = readValues(text);
  if (value === undefined) throw new Error("no JSON");
  return value;
}

describe("a path is bounded", () => {
  it("in its length", () => {
    expect(compileJsonPath(`$.${"a".repeat(4_094)}`)).not.toHaveProperty("fault");
    expect(compileJsonPath(`$.${"a".repeat(4_095)}`)).toEqual({
      fault: expect.stringContaining("at most 4096 characters"),
    });
  });

  it("in its steps", () => {
    expect(compileJsonPath(`$${".a".repeat(256)}`)).not.toHaveProperty("fault");
    expect(compileJsonPath(`$${".a".repeat(257)}`)).toEqual({ fault: expect.stringContaining("256 steps") });
  });

  it("in its parentheses", () => {
    const nested = (depth: number) => `$[?(${"(".repeat(depth)}@.a${")".repeat(depth)})]`;
    expect(compileJsonPath(nested(32))).not.toHaveProperty("fault");
    expect(compileJsonPath(nested(33))).toEqual({ fault: expect.stringContaining("deeper than 32") });
  });

  it.each(["[", "(", "['", "[?(", "..", "[0,", "[?(!", "[?('a'==", "*", "\\", "'", "a ", "@.", "[:", "0"])(
    "also when it is %s over and over",
    (part) => {
      expect(compileJsonPath(`$${part.repeat(1_300)}`)).toHaveProperty("fault");
    },
  );
});

it("any text is a path or has a fault, and no path fails on a document by anything but a limit", () => {
  const part = fc.constantFrom(..."$@.*[]()?'\"/\\,:-01ab =!<>~&|i");
  const document = body('{"a":[{"b":1},["a"],"1",null],"b":{"a":"a"},"0":{"1":true}}');
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 24 }),
      fc.constantFrom("", "$", "$[?(", "$..", "$['"),
      (parts, start) => {
        const path = compileJsonPath(start + parts.join(""));
        if ("fault" in path) expect(path.fault).toContain(":");
        else if (!path.definite) expect(path.read(document) ?? []).toBeInstanceOf(Array);
        else path.read(document);
      },
    ),
    { numRuns: 2_000 },
  );
});

describe("a search is bounded", () => {
  it("in the nodes that it visits", () => {
    const wide = Array.from({ length: 999_991 }, () => 1);
    expect(compiled("$[*]").read(wide)).toHaveLength(999_991);
    expect(() => compiled("$..[*]").read(wide)).toThrow(JsonPathLimit);
  });

  it("with scans within each other", () => {
    const deep = body(`${'{"a":'.repeat(450)}1${"}".repeat(450)}`);
    expect(compiled("$..a").read(deep)).toHaveLength(450);
    expect(() => compiled("$..a..a..a..a").read(deep)).toThrow(JsonPathLimit);
  });

  it("with a list that a filter goes through for every item", () => {
    const square = body(`{"a":[${"1,".repeat(4_999)}1],"b":[${"2,".repeat(4_999)}2]}`);
    expect(() => compiled("$.a[?(@ in $.b)]").read(square)).toThrow(JsonPathLimit);
  });

  it("with a text that a filter looks for in texts", () => {
    const texts = body(`{"a":["${"a".repeat(20_000)}b"],"b":"${"a".repeat(10_000)}"}`);
    expect(() => compiled("$.a[?(@ contains $.b)]").read(texts)).toThrow(JsonPathLimit);
  });

  it("with levels that are printed for a pattern again and again", () => {
    const deep = body(`${`{"b":"${"x".repeat(1_000)}","a":`.repeat(450)}1${"}".repeat(450)}`);
    expect(() => compiled("$..[?(@ =~ /[a-z]+/)]").read(deep)).toThrow(JsonPathLimit);
  });

  it.each([
    ["numbers with texts", "9".repeat(1_000), "$.a[?(@ == '1.5')]"],
    [
      "long texts with one that starts alike",
      `"${"x".repeat(1_000)}"`,
      `$.a[?(@ < '${"x".repeat(1_000)}y')]`,
    ],
    ["an item with a text, which has no step on its way", '"a"', "$.a[?(@ == 'x' || @ == 'y' || @ == 'z')]"],
    [
      "texts with a text that is nearly in them",
      `"${"a".repeat(1_000)}"`,
      `$.a[?(@ contains '${"a".repeat(500)}b')]`,
    ],
  ])("in what it compares: %s", (_, item, path) => {
    const spent = (items: number): number => {
      let sum = 0;
      const document = body(`{"a":[${Array.from({ length: items }, () => item).join(",")}]}`);
      compiled(path).read(document, { spend: (visits) => (sum += visits) });
      return sum;
    };
    // A visit is worth some 64 characters.
    expect(spent(200) - spent(100)).toBeGreaterThanOrEqual(100 * Math.max(4, item.length >> 6));
  });

  it("together with other searches that share its budget", () => {
    const list = body("[1,2,3]");
    let left = 15;
    const spend = (visits: number) => {
      left -= visits;
      if (left < 0) throw new Error("spent");
    };
    const path = compiled("$[*]");
    const read = () => path.read(list, { spend });
    expect([read(), read(), read()]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(() => [read(), read()]).toThrow("spent");
  });

  it("in a value that holds itself", () => {
    const knot: Value[] = [];
    knot.push(knot);
    expect(() => compiled("$..a").read(knot)).toThrow(JsonPathLimit);
  });

  it("reads a definite path however large the body is", () => {
    const wide = new Map([["list", [...Array.from({ length: 1_100_000 }, () => 1), 2]]]);
    expect(compiled("$.list[1100000]").read(wide)).toBe(2);
    expect(compiled("$.list[(@.length-1)]").read(wide)).toBe(2);
  });
});

describe("a path reaches nothing but the body", () => {
  it.each(["__proto__", "constructor", "length", "size", "toString", "get", "0", "-1"])("%s", (name) => {
    expect(compiled(`$.${name}`).read(body("{}"))).toBeUndefined();
    expect(compiled(`$['${name}']`).read(body("[]"))).toBeUndefined();
    expect(compiled(`$..${name}`).read(body('{"a":"text","b":[1.5]}'))).toEqual([]);
    expect(compiled(`$.${name}`).read(body(`{"${name}":1}`))).toBe(1);
  });
});
