import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDictionary } from "../../../src/cache/http/structured.ts";
import { HOSTILE } from "./exchange.ts";

function parsed(text: string) {
  const dictionary = parseDictionary(text);
  return dictionary && [...dictionary];
}

describe("dictionaries, RFC 9651 section 4.2.2", () => {
  test.each([
    ["", []],
    ["  ", []],
    ["a", [["a", ""]]],
    [
      "a=?1, b=?0",
      [
        ["a", ""],
        ["b", "?0"],
      ],
    ],
    [
      "a=1,b=-2 ,\tc=3.5",
      [
        ["a", "1"],
        ["b", "-2"],
        ["c", "3.5"],
      ],
    ],
    ["  a=1  ", [["a", "1"]]],
    ["*a_b-c.d*=t", [["*a_b-c.d*", "t"]]],
    ['a="x, y"', [["a", '"x, y']]],
    ['a="\\"\\\\"', [["a", '"\\"\\\\']]],
    ["a=foo/bar:baz*", [["a", "foo/bar:baz*"]]],
    ["a=:aGk=:", [["a", ":aGk=:"]]],
    ["a=@1659578233", [["a", "@1659578233"]]],
    ['a=%"f%c3%bc"', [["a", '%"f%c3%bc"']]],
    [
      'a=(1 "x" );q=1, b',
      [
        ["a", ","],
        ["b", ""],
      ],
    ],
    ["a=()", [["a", ","]]],
    [
      "a;x;y=2; z=t, b=1;q",
      [
        ["a", ""],
        ["b", "1"],
      ],
    ],
    ["a=1, a=2", [["a", "2"]]],
    ["a=999999999999999", [["a", "999999999999999"]]],
  ])("%j", (text, members) => {
    expect(parsed(text)).toEqual(members);
  });

  test.each([
    "A",
    "1",
    "a=",
    "a=1,",
    "a=1, ",
    "a=1 b=2",
    "a=1;;b",
    "a=1;B",
    "a;=1",
    "a =1",
    "a= 1",
    ",a",
    "a,,b",
    "a=1.",
    "a=1.2345",
    "a=.5",
    "a=1000000000000000",
    "a=1000000000000.1",
    "a=--1",
    "a=1a",
    'a="',
    'a="\\x"',
    'a="ü"',
    "a='1'",
    "a=?2",
    "a=:a",
    "a=@1.5",
    'a=%"%C3"',
    "a=(1",
    "a=(1)(2)",
    'a=("x""y")',
    "a=(1,2)",
    "a=&",
    "\ta",
    "é",
  ])("does not parse: %j", (text) => {
    expect(parseDictionary(text)).toBeUndefined();
  });

  test("no text makes it throw", () => {
    const unit = fc.constantFrom(...'ab1*=,;()"\\?:@%-. \té');
    fc.assert(fc.property(fc.string({ unit }), (text) => void parseDictionary(text)));
  });

  test("64 KB of whatever are read in one go", () => {
    for (const text of HOSTILE) parseDictionary(text);
    const many = Array.from({ length: 10_000 }, (_, at) => `k${at}=1`).join(",");
    expect(parseDictionary(many)?.size).toBe(10_000);
  });
});
