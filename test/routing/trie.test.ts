import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRouteKey, type RouteKey } from "../../src/config/route-key.ts";
import { type Protocol, RouteTrie } from "../../src/routing/trie.ts";
import { naiveMatch } from "./naive-match.ts";

function route(key: string): RouteKey {
  const parsed = parseRouteKey(key);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

function trieOf(protocol: Protocol, keys: Iterable<string>): RouteTrie<string> {
  const trie = new RouteTrie<string>(protocol);
  for (const key of keys) trie.add(route(key), key);
  return trie;
}

/** [routes, request, the route that takes it, what its variables hold] */
type Row = [
  keys: readonly string[],
  request: string,
  expected: string | undefined,
  values?: readonly string[],
];

const BOTH: readonly Row[] = [
  [["GET /a"], "GET /a", "GET /a"],
  [["GET /a"], "POST /a", undefined],
  [["GET /a"], "HEAD /a", undefined],
  [["ANY /a"], "HEAD /a", "ANY /a"],
  [["ANY /a"], "PROPFIND /a", undefined],
  [["GET /"], "GET /", "GET /"],
  [["GET /a/{id}"], "GET /a/1", "GET /a/{id}", ["1"]],
  [["GET /a/{id}", "GET /a/b"], "GET /a/b", "GET /a/b"],
  [["ANY /a", "GET /a"], "GET /a", "GET /a"],
  [["GET /{x}/b", "GET /a/{y}"], "GET /a/b", "GET /a/{y}", ["b"]],
  [["GET /a/b/c", "GET /a/{x}/d"], "GET /a/b/d", "GET /a/{x}/d", ["b"]],
  [["ANY /{proxy+}", "POST /a"], "GET /a", "ANY /{proxy+}", ["a"]],
  [["GET /a/{p+}"], "GET /a", undefined],
  [["GET /a/{p+}"], "GET /a/b//c", "GET /a/{p+}", ["b//c"]],
  [["GET /a/{p+}", "ANY /{p+}"], "GET /a/b/c", "GET /a/{p+}", ["b/c"]],
  [["GET /a/b"], "GET /a//b", "GET /a/b"],
  [["GET /a"], "GET /A", undefined],
  [["GET /a%2Fb"], "GET /a/b", undefined],
  [["GET /café"], "GET /caf%C3%A9", "GET /café"],
  [["GET /%61b"], "GET /ab", "GET /%61b"],
];

const REST: readonly Row[] = [
  [["GET /a"], "GET /a/", "GET /a"],
  [["GET /a/{id}"], "GET /a/1/", "GET /a/{id}", ["1"]],
  [["GET /{p+}"], "GET /a/b/", "GET /{p+}", ["a/b"]],
  [["GET /a/{p+}"], "GET /a/", undefined],
  // Per level: a greedy route below a fixed segment beats a variable above it.
  [["GET /{x}/{y}", "GET /a/{p+}"], "GET /a/b", "GET /a/{p+}", ["b"]],
];

const HTTP: readonly Row[] = [
  [["GET /a"], "GET /a/", undefined],
  [["GET /a", "ANY /{p+}"], "GET /a/", "ANY /{p+}", ["a/"]],
  [["GET /a", "$default"], "GET /a/", "$default"],
  [["GET /a", "$default"], "PROPFIND /x", "$default"],
  // A full match anywhere beats every greedy one.
  [["GET /{x}/{y}", "GET /a/{p+}"], "GET /a/b", "GET /{x}/{y}", ["a", "b"]],
  [["GET /a/{p+}"], "GET /a/b/", "GET /a/{p+}", ["b/"]],
];

function check(protocol: Protocol, ...[keys, request, expected, values = []]: Row): void {
  const [method = "", path = ""] = request.split(" ");
  const match = trieOf(protocol, keys).match(method, path);
  expect(match).toEqual(expected === undefined ? undefined : { route: expected, values });
}

describe("REST APIs", () => {
  test.each<Row>([...BOTH, ...REST])("%j: %s goes to %s", (...row) => check("REST", ...row));
});

describe("HTTP APIs", () => {
  test.each<Row>([...BOTH, ...HTTP])("%j: %s goes to %s", (...row) => check("HTTP", ...row));
});

const name = fc.constantFrom("a", "b", "c");
const segment = fc.oneof(name, fc.constant("{}"));
const template = fc
  .tuple(
    fc.constantFrom("GET", "POST", "ANY"),
    fc.array(segment, { maxLength: 4 }),
    fc.constantFrom("", "", "{p+}"),
  )
  .map(([method, segments, last]) => {
    const parts = [...segments.map((part, depth) => (part === "{}" ? `{v${depth}}` : part)), last];
    return `${method} /${parts.filter((part) => part !== "").join("/")}`;
  });
const requestPath = fc
  .tuple(fc.array(fc.oneof(name, fc.constant("")), { maxLength: 6 }), fc.boolean())
  .map(([parts, slash]) => `/${parts.join("/")}${slash ? "/" : ""}`.replace(/^\/+/, "/"));

describe.each(["REST", "HTTP"] as const)(
  "%s APIs: the trie agrees with the rules read literally",
  (protocol) => {
    test("for any routes and any request", () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.oneof(template, fc.constant("$default")), { maxLength: 10 }),
          fc.constantFrom("GET", "POST", "PUT"),
          requestPath,
          (keys, method, path) => {
            const trie = trieOf(protocol, keys);
            const expected = naiveMatch(protocol, keys.map(route), method, path);
            expect(trie.match(method, path)?.route).toBe(expected);
          },
        ),
        { numRuns: 4000 },
      );
    });
  },
);

describe("10,000 routes", () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `GET /v${i % 10}/items${i}/{id}/parts/{part}`);

  test.each(["REST", "HTTP"] as const)("are all found, each with its own values (%s)", (protocol) => {
    const trie = trieOf(protocol, keys);
    for (const [i, key] of keys.entries()) {
      const match = trie.match("GET", `/v${i % 10}/items${i}/${i}/parts/x`);
      if (match?.route !== key || match.values[0] !== String(i)) expect(match?.route).toBe(key);
    }
    expect(trie.match("GET", "/v0/items1/1/parts/x")).toBeUndefined();
  });
});

test("R-21 8 KB of slashes and segments are matched", () => {
  const trie = trieOf("REST", ["GET /{p+}", "GET /{a}/{b}/{c}", "GET /a/a/a/{d}"]);
  for (const path of [`${"/".repeat(8191)}a`, "/a".repeat(4096), `/a${"/".repeat(8190)}`])
    expect(trie.match("GET", path)?.route).toBe("GET /{p+}");
});
