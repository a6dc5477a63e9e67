import { describe, expect, it } from "vitest";
import { compileJsonPath } from "../../../src/mapping/json-path/json-path.ts";
import { readValues } from "../../../src/mapping/read-values.ts";
import { jsonText } from "../../../src/mapping/values.ts";

const STORE = `{"items":[
  {"id":1,"name":"a","tags":["x","y"],"size":"S"},
  {"id":2,"name":"it's","tags":[],"size":"M"},
  {"id":3,"name":"]","tags":["y"],"note":null},
  {"id":4,"name":"a || b","tags":"xyz"}
],"ids":[1,3],"a'b":1,"c\\"d":2,"sizes":["S"]}`;

function read(path: string, document = STORE): string {
  const compiled = compileJsonPath(path);
  if ("fault" in compiled) return compiled.fault;
  const value = compiled.read(readValues(document) ?? null);
  return value === undefined ? "nothing" : jsonText(value);
}

const filtered = (condition: string): string => read(`$.items[?(${condition})].id`);

describe("what Jayway 2.0 refuses or misreads is read as by its later versions", () => {
  it.each([
    ['$["ids"]', "[1,3]"],
    ["$['ids',\"sizes\"]", '{"ids":[1,3],"sizes":["S"]}'],
    ["$['a\\'b']", "1"],
    ['$["a\'b"]', "1"],
    ["$['c\"d']", "2"],
    ['$["c\\"d"]', "2"],
    ["$.ids[-1]", "3"],
    ["$.ids[-2]", "1"],
    ["$.ids[-3]", "nothing"],
    ["$.ids[0,-1]", "[1,3]"],
    ["$.items[-3:-1].id", "[2,3]"],
    ["$.items[-3:3].id", "[2,3]"],
    ["$.ids[ * ]", "[1,3]"],
  ])("%s", (path, expected) => {
    expect(read(path)).toBe(expected);
  });

  it.each([
    ["@.id == 1 || @.id == 2 && @.size == 'M'", "[1,2]"],
    ["(@.id == 1 || @.id == 2) && @.size == 'M'", "[2]"],
    ["@.size && (@.id == 2 || (@.id == 1 && @.name == 'b'))", "[2]"],
    ["!(@.id == 1)", "[2,3,4]"],
    ["!(@.id == 1 || @.size)", "[3,4]"],
    ["! @.size", "[3,4]"],
    ["!@.note", "[1,2,3,4]"],
    ['@.name == "a"', "[1]"],
    ["@.name == 'it\\'s'", "[2]"],
    ['@.name == "it\'s"', "[2]"],
    ["@.name == ']'", "[3]"],
    ["@.name == 'a || b'", "[4]"],
    ["@.name != 'a==b' && @.id < 2", "[1]"],
    ["$.ids[0] == @.id", "[1]"],
    ["$.ids", "[1,2,3,4]"],
    ["$.gone", "[]"],
    ["@.id in [1, 3]", "[1,3]"],
    ["@.id in $.ids", "[1,3]"],
    ["@.size in ['S', \"M\"]", "[1,2]"],
    ["@.id IN []", "[]"],
    ["@.id nin [1, 3]", "[2,4]"],
    ["@.size nin ['S']", "[2]"],
    ["@.tags contains 'x'", "[1,4]"],
    ["@.tags contains $.items[2].tags[0]", "[1,3,4]"],
    ["@.tags all ['x','y']", "[1]"],
    ["@.tags all $.items[2].tags", "[1,3]"],
    ["@.tags size 2", "[1]"],
    ["@.tags size 3", "[4]"],
    ["@.id size 1", "[]"],
    ["@.tags empty true", "[2]"],
    ["@.tags empty false", "[1,3,4]"],
    ["@.size exists true", "[1,2]"],
    ["@.name =~ /A|B/i", "[1]"],
    ["@.name =~ /it's/", "[2]"],
    ["@.name =~ /[A-C] \\|\\| B/i", "[4]"],
  ])("filter %s", (condition, expected) => {
    expect(filtered(condition)).toBe(expected);
  });

  it("a comparison that cannot be made in one item does not keep the operators that are words from the others", () => {
    expect(read("$[?(@.a in ['x', 1])].a", '[{"a":"x"},{"a":1},{"a":[1]},{"a":null},{}]')).toBe('["x",1]');
  });
});

describe("faults say what is wrong", () => {
  it.each([
    ["$.a b", "a name with spaces is written in brackets"],
    ["$.a]", '"]" starts no step here'],
    ["$['a']]", '"]" starts no step here'],
    ["$[0]$", '"$" starts no step here'],
    ["$.a.", 'a path does not end with "."'],
    ["$.a..", 'a path does not end with ".."'],
    ["$a", '"." or "[" has to follow $'],
    ["$[a]", "brackets hold quoted names, indexes, a slice, * or a filter"],
    ["$['a]", "a quote ' is not closed"],
    ["$['a'b]", 'has to end with "]"'],
    ["$['a',b]", "a name in brackets is quoted"],
    ["$[:]", "a slice has a start or an end"],
    ["$[1,2:3]", 'has to end with "]"'],
    ["$[99999999999]", "99999999999 is too large"],
    ["$[?(@.a]", "an operator is missing"],
    ["$[?(@.a == 1]", 'has to end with ")"'],
    ["$[?@.a]", "a filter is written [?(...)]"],
    ["$[?(@.a = 1)]", "an operator is missing"],
    ["$[?(@.a === 1)]", "an operator is missing"],
    ["$[?(@.a == )]", "a value is missing at character 12"],
    ["$[?(@..a)]", "a path in a filter leads to one value"],
    ["$[?(@.a[?(@.b)])]", "a path in a filter leads to one value"],
    ["$[?(!@.a == 1)]", '"!" stands before a path or a parenthesis'],
    ["$[?(!'a')]", '"!" stands before a path or a parenthesis'],
    ["$[?(@.a == [1])]", "a list stands on the right of in, nin and all"],
    ["$[?(@.a == /b/)]", "a /pattern/ goes with =~"],
    ["$[?(@.a =~ 'b')]", "=~ compares with one /pattern/"],
    ["$[?(@.a =~ /b)]", "a pattern is written /between slashes/"],
    ["$[?(@.a =~ /(b/)]", "no regular expression"],
    ["$[?(@.a =~ /(a+)+/)]", "in too many ways"],
    ["$[?(@.a =~ /(a|A)*/i)]", "in too many ways"],
    ["$[?(@.a =~ /\\Qa\\E/)]", '"\\Q" in a pattern is not supported'],
    ["$[?(@.a =~ /[A-z]/i)]", "leaves open which case is meant"],
    ["$[?(@.a =~ /[!-Z]/i)]", "leaves open which case is meant"],
    ["$[?(@.a =~ /[0-_]/i)]", "leaves open which case is meant"],
  ])("%s", (path, message) => {
    expect(compileJsonPath(path)).toEqual({ fault: expect.stringContaining(message) });
  });
});
