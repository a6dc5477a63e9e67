import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalPath, splitTarget } from "../../src/routing/path.ts";

const canonical = (path: string): string | undefined => {
  const result = canonicalPath(path);
  return result.ok ? result.path : undefined;
};

describe("R-01 one canonical path", () => {
  test.each([
    ["/a/b", "/a/b"],
    ["/", "/"],
    ["/a/", "/a/"],
    ["//a", "/a"],
    ["///a//b", "/a//b"],
    ["/./a", "/a"],
    ["/a/./b", "/a/b"],
    ["/a/../b", "/b"],
    ["/a/b/..", "/a/"],
    ["/../../a", "/a"],
    ["/..", "/"],
    ["/a/%2e/b", "/a/b"],
    ["/a/%2E%2e/b", "/b"],
    ["/a/.%2e/b", "/b"],
    ["/%61dmin", "/admin"],
    ["/%41DMIN", "/ADMIN"],
    ["/a%7Eb", "/a~b"],
    ["/caf%c3%a9", "/caf%C3%A9"],
    ["/café", "/caf%C3%A9"],
    ["/a b", "/a%20b"],
    ["/a%20b", "/a%20b"],
    ["/a+b", "/a+b"],
    ["/%252e%252e/a", "/%252e%252e/a"],
    ["/a%23b", "/a%23b"],
    ["/a%3Fb", "/a%3Fb"],
    ["/test%2Balias@gmail.com", "/test%2Balias@gmail.com"],
    ["/{id}", "/%7Bid%7D"],
    ["/.well-known/x", "/.well-known/x"],
    ["/a/...", "/a/..."],
    ["/a;v=1/b", "/a;v=1/b"],
  ])("%j is %j", (path, expected) => {
    expect(canonical(path)).toBe(expected);
  });

  test.each([
    ["/a\\b", "a backslash"],
    ["/a/..\\b", "a backslash"],
    ["/a%00", "an encoded control character"],
    ["/a\tb", "an encoded control character"],
    ["/a%09b", "an encoded control character"],
    ["/a%0d%0ab", "an encoded control character"],
    ["/a%7f", "an encoded control character"],
    ["/a%", "a malformed percent-encoding"],
    ["/a%2", "a malformed percent-encoding"],
    ["/a%zz", "a malformed percent-encoding"],
    ["/a/..;/b", "dots before a semicolon"],
    ["/a%2F..;/b", "dots before a semicolon"],
    ["/a%5c.;/b", "dots before a semicolon"],
    ["/a/.;x/b", "dots before a semicolon"],
    ["/a/%2e%2e;/b", "dots before a semicolon"],
    ["/a/..%3b/b", "dots before a semicolon"],
    ["/..%2fadmin", "dots beside an encoded slash"],
    ["/a/..%5Cadmin", "dots beside an encoded slash"],
    ["/a/.%2Fb", "dots beside an encoded slash"],
    ["/a%2F..", "dots beside an encoded slash"],
    ["/a%2F../b", "dots beside an encoded slash"],
    ["/a%5c.%5cb", "dots beside an encoded slash"],
    ["/a/%2e%2e%2fb", "dots beside an encoded slash"],
  ])("%j is refused for %s", (path, refusal) => {
    expect(canonicalPath(path)).toEqual({ ok: false, refusal });
  });

  test.each(["/a%2fb", "/a%2Fb", "/a%5cb", "/a%3bx", "/a..%2fb", "/a%2f..b", "/a%2f.b"])(
    "%j is told apart",
    (path) => {
      expect(canonicalPath(path)).toMatchObject({ ok: true, encodedSlash: true });
    },
  );
});

/** Text that is made of what normalisation is about, more often than of anything else. */
const piece = fc.oneof(
  fc.constantFrom("/", "//", ".", "..", ";", "%2e", "%2E", "%2f", "%5c", "%00", "%25", "%3b", "%", "\\", "a"),
  fc.string({ maxLength: 4 }),
  fc.string({ maxLength: 3, unit: "grapheme" }),
);
const path = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`);

describe("R-01 properties of every canonical path", () => {
  test("canonical of canonical is itself", () => {
    fc.assert(
      fc.property(path, (text) => {
        const once = canonicalPath(text);
        if (once.ok) expect(canonical(once.path)).toBe(once.path);
      }),
      { numRuns: 3000 },
    );
  });

  test("no dot segment, backslash, control character or double leading slash survives", () => {
    fc.assert(
      fc.property(path, (text) => {
        const result = canonical(text);
        if (result === undefined) return;
        expect(result.startsWith("/")).toBe(true);
        expect(result.startsWith("//")).toBe(false);
        expect(result.split("/")).not.toContain(".");
        expect(result.split("/")).not.toContain("..");
        expect(result).toMatch(/^[\x21-\x7e]*$/);
        expect(result).not.toContain("\\");
      }),
      { numRuns: 3000 },
    );
  });

  test("nor a dot segment for who takes encoded slashes for slashes", () => {
    fc.assert(
      fc.property(path, (text) => {
        const result = canonical(text);
        if (result === undefined) return;
        const climbed = result.replace(/%(?:2F|5C)/g, "/").split("/");
        expect(climbed).not.toContain(".");
        expect(climbed).not.toContain("..");
      }),
      { numRuns: 3000 },
    );
  });

  test("no URL parser changes it any more", () => {
    fc.assert(
      fc.property(path, (text) => {
        const result = canonical(text.replaceAll(/[?#]/g, ""));
        if (result !== undefined) expect(new URL(`http://h${result}`).pathname).toBe(result);
      }),
      { numRuns: 3000 },
    );
  });

  // Quadratic or worse would run into the runner's own time limit.
  test("R-21 64 KB of anything is decided, and again as itself", () => {
    for (const part of ["/", "/.", "/..;", "%2e", "%", "é", "/a/..", "..;/", "\ud800"]) {
      const canonical = canonicalPath(`/${part.repeat(65_536 / part.length)}`);
      if (canonical.ok) expect(canonicalPath(canonical.path)).toEqual(canonical);
    }
  });
});

describe("a request's target", () => {
  test.each([
    ["https://Api.Test/a/../b?x=1", { host: "api.test", path: "/a/../b", query: "x=1", scheme: "https" }],
    ["http://h:8787", { host: "h:8787", path: "/", query: "", scheme: "http" }],
    ["http://h?x", { host: "h", path: "/", query: "x", scheme: "http" }],
    ["http://h/a?b?c", { host: "h", path: "/a", query: "b?c", scheme: "http" }],
    ["http://h/a#b?c", { host: "h", path: "/a", query: "", scheme: "http" }],
    ["http://h/a?b=/c", { host: "h", path: "/a", query: "b=/c", scheme: "http" }],
    ["http://[::1]:80/a", { host: "[::1]:80", path: "/a", query: "", scheme: "http" }],
    ["http://h//a//", { host: "h", path: "//a//", query: "", scheme: "http" }],
  ])("%j is cut as it was sent", (url, expected) => {
    expect(splitTarget(url)).toEqual(expected);
  });
});
