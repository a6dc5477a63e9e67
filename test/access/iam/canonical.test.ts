import { describe, expect, test } from "vitest";
import { canonicalPaths } from "../../../src/access/iam/canonical-path.ts";
import { canonicalQuery, queryParameters } from "../../../src/access/iam/canonical-query.ts";

describe("canonical paths", () => {
  test.each<[string, readonly string[]]>([
    ["/", ["/"]],
    ["/a/b", ["/a/b"]],
    ["/a%20b", ["/a%2520b"]],
    ["/caf%C3%A9", ["/caf%25C3%25A9"]],
    ["/é ", ["/%C3%A9%20"]],
    ["/a+b!'()*", ["/a%2Bb%21%27%28%29%2A"]],
    ["/a%2Fb", ["/a%252Fb"]],
    ["/\ud800", ["/%EF%BF%BD"]],
    ["//", ["/", "//"]],
    ["//a//b//", ["/a/b/", "//a//b//"]],
    ["/./a/../b", ["/b", "/./a/../b"]],
    ["/.hidden", ["/.hidden"]],
    ["/a/..", ["/", "/a/.."]],
    // Encoded dots are letters to signers; to the router both of these are /b.
    ["/a/%2e%2e//b", ["/a/%252e%252e/b", "/a/%252e%252e//b"]],
  ])("%j may have been signed as %j", (path, expected) => {
    expect(canonicalPaths(path)).toEqual(expected);
  });

  test.each(["/a//../b", "/a/b/..", "/a//./../b", "/a//%2e%2e/b"])(
    "R-01 %j counts as it is sent only: a signer's reading is not the router's",
    (path) => {
      expect(canonicalPaths(path)).toEqual([path.replaceAll("%", "%25")]);
    },
  );
});

describe("canonical queries", () => {
  test.each([
    ["", ""],
    ["&&", ""],
    ["a", "a="],
    ["b=2&a=1", "a=1&b=2"],
    ["a=b=c", "a=b%3Dc"],
    ["a=2&a=10&a=1", "a=1&a=10&a=2"],
    ["a-b=1&a=2", "a=2&a-b=1"],
    ["a=~&a=%7E", "a=~&a=~"],
    ["B=1&a=2&%41=3", "A=3&B=1&a=2"],
    ["a=x+y%20z", "a=x%20y%20z"],
    ["a=%2b%2B", "a=%2B%2B"],
    ["a=%ff%zz%", "a=%FF%25zz%25"],
    ["é=ü", "%C3%A9=%C3%BC"],
    ["a=!'()*", "a=%21%27%28%29%2A"],
    ["=x", "=x"],
    ["%E1%88%B4=1&Param=2&Param-3=3", "%E1%88%B4=1&Param=2&Param-3=3"],
  ])("%j is signed as %j", (query, expected) => {
    expect(canonicalQuery(queryParameters(query))).toBe(expected);
  });
});
