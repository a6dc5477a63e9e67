import { describe, expect, it } from "vitest";
import { compileBodyPath } from "../../../src/mapping/json-path/body-path.ts";
import { readValues } from "../../../src/mapping/read-values.ts";
import type { Value } from "../../../src/mapping/values.ts";

const BODY = '{"order":{"id":7,"lines":[{"sku":"a"},{"sku":"b"}]},"a..b":1,"[?(x)]":2,"it\'s":{"x":3}}';

function read(path: string): Value | undefined {
  const compiled = compileBodyPath(path);
  if ("fault" in compiled) throw new Error(compiled.fault);
  return compiled.read(readValues(BODY) ?? null);
}

describe("a path into the body of an HTTP API's request", () => {
  it.each([
    ["$.order.id", 7],
    ["$.order.lines[1].sku", "b"],
    ["$.order.lines[*].sku", ["a", "b"]],
    ["$.order.lines[-1:].sku", ["b"]],
    ["$['a..b']", 1],
    ["$['[?(x)]']", 2],
    ["$['it\\'s'].x", 3],
    ["$.gone", undefined],
  ])("%s", (path, expected) => {
    expect(read(path)).toEqual(expected);
  });

  it.each([
    ["$..sku", '".."'],
    ["$.order..sku", '".."'],
    ["$['a..b']..x", '".."'],
    ["$.order.lines[?(@.sku == 'a')]", "a filter"],
    ["$.order.lines[ ?(@.sku)]", "a filter"],
    ["$['it\\'s'][?(@.x)]", "a filter"],
  ])("refuses %s", (path, what) => {
    expect(compileBodyPath(path)).toEqual({
      fault: `"${path}": ${what} is not possible in a path into the body of an HTTP API`,
    });
  });

  it("refuses what is no path", () => {
    expect(compileBodyPath("$.a b")).toHaveProperty("fault");
    expect(compileBodyPath("$['..")).toHaveProperty("fault");
  });
});
