import { describe, expect, test } from "vitest";
import { matches, selectStored } from "../../../src/cache/http/vary.ts";
import { at, date, get, type Lines, NOW, stored } from "./exchange.ts";

const FRESH: Lines = [["cache-control", "max-age=60"]];

/** Whether what is stored for one request matches another. */
function reused(vary: string | Lines, first: Lines, second: Lines): boolean {
  const lines: Lines = typeof vary === "string" ? [["vary", vary]] : vary;
  const response = stored([["cache-control", "public, max-age=60"], ...lines], { request: get(first) });
  return matches(response, get(second).headers);
}

describe("Vary, RFC 9111 section 4.1", () => {
  test.each<[string, string | Lines, Lines, Lines, boolean]>([
    ["no Vary", [], [["foo", "1"]], [["foo", "2"]], true],
    ["an empty Vary", "", [["foo", "1"]], [["foo", "2"]], true],
    ["the same value", "Foo", [["foo", "1"]], [["FOO", "1"]], true],
    ["another value", "Foo", [["foo", "1"]], [["foo", "2"]], false],
    ["a value in another case", "Foo", [["foo", "a"]], [["foo", "A"]], false],
    ["absent then, present now", "Foo", [], [["foo", "1"]], false],
    ["present then, absent now", "Foo", [["foo", "1"]], [], false],
    ["absent both times", "Foo", [], [], true],
    ["absent and empty", "Foo", [], [["foo", ""]], false],
    ["empty both times", "Foo", [["foo", ""]], [["foo", ""]], true],
    [
      "fields that Vary does not name",
      "Foo",
      [
        ["foo", "1"],
        ["bar", "2"],
      ],
      [
        ["foo", "1"],
        ["bar", "3"],
      ],
      true,
    ],
    [
      "two of three the same",
      "Foo, Bar, Baz",
      [
        ["foo", "1"],
        ["bar", "2"],
      ],
      [
        ["foo", "1"],
        ["bar", "3"],
      ],
      false,
    ],
    [
      "all of three the same",
      "Foo,Bar ,, Baz",
      [
        ["foo", "1"],
        ["bar", "2"],
      ],
      [
        ["bar", "2"],
        ["foo", "1"],
      ],
      true,
    ],
    [
      "Vary on two lines",
      [
        ["vary", "foo"],
        ["vary", "bar"],
      ],
      [["bar", "2"]],
      [["bar", "3"]],
      false,
    ],
    [
      "lines that are joined",
      "Foo",
      [["foo", "1, 2"]],
      [
        ["foo", "1"],
        ["foo", "2"],
      ],
      true,
    ],
    [
      "lines in another order",
      "Foo",
      [
        ["foo", "1"],
        ["foo", "2"],
      ],
      [
        ["foo", "2"],
        ["foo", "1"],
      ],
      false,
    ],
    ["whitespace about commas", "Foo", [["foo", "1,2"]], [["foo", " 1 , 2 "]], true],
    ["whitespace within a member", "Foo", [["foo", "1 2"]], [["foo", "1  2"]], false],
    ["a comma within quotes", "Foo", [["foo", '"1,2"']], [["foo", '"1, 2"']], false],
    [
      "languages in another order",
      "Accept-Language",
      [["accept-language", "en, de"]],
      [["accept-language", "de, en"]],
      true,
    ],
    [
      "languages in another case",
      "Accept-Language",
      [["accept-language", "en, de"]],
      [["accept-language", "eN, De"]],
      true,
    ],
    [
      "languages with spaces",
      "Accept-Language",
      [["accept-language", "en,de;q=0.5"]],
      [["accept-language", " en ,  de ; q=0.5"]],
      true,
    ],
    [
      "languages with other weights",
      "Accept-Language",
      [["accept-language", "en, de;q=0.5"]],
      [["accept-language", "en;q=0.5, de"]],
      false,
    ],
    [
      "codings in another order",
      "Accept-Encoding",
      [["accept-encoding", "gzip, br"]],
      [["accept-encoding", "br,gzip"]],
      true,
    ],
    [
      "fewer codings",
      "Accept-Encoding",
      [["accept-encoding", "gzip, br"]],
      [["accept-encoding", "gzip"]],
      false,
    ],
    [
      "tokens (R-18)",
      "Authorization",
      [["authorization", "Bearer a"]],
      [["authorization", "Bearer b"]],
      false,
    ],
    [
      "tokens are taken as they are",
      "Authorization",
      [["authorization", "X a,b"]],
      [["authorization", "X a, b"]],
      false,
    ],
    ["cookies (R-18)", "Cookie", [["cookie", "a=1"]], [["cookie", "a=2"]], false],
    ["cookies are taken as they are", "Cookie", [["cookie", "a=1,2"]], [["cookie", "a=1, 2"]], false],
  ])("%s", (_, vary, first, second, expected) => {
    expect(reused(vary, first, second)).toBe(expected);
  });
});

test("credentials cannot be read from what is stored, and nobody gets it by what is", () => {
  const secrets: Lines = [
    ["authorization", "Bearer secret-1"],
    ["cookie", "session=secret-2"],
    ["x-api-key", "secret-3"],
  ];
  const names = secrets.map(([name]) => name).join(", ");
  const kept = stored(
    [
      ["cache-control", "public, max-age=60"],
      ["vary", names],
    ],
    { request: get(secrets) },
  );
  expect(JSON.stringify(kept)).not.toContain("secret");
  expect(matches(kept, get(secrets).headers)).toBe(true);
  const digests = kept.vary.map(([name, value]): [string, string] => [name, value ?? ""]);
  expect(digests.map(([, value]) => value)).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));
  expect(matches(kept, get(digests).headers)).toBe(false);
});

describe("choosing among what is stored for a URL", () => {
  const kept = (name: string, seconds: number, headers: Lines, request: Lines = []) => ({
    name,
    ...stored([...FRESH, ["date", date(seconds)], ...headers], {
      request: get(request),
      times: at(NOW + seconds * 1000),
    }),
  });
  const chosen = (all: ReturnType<typeof kept>[], request: Lines = []) =>
    selectStored(all, get(request).headers)?.name;

  const one = kept("one", 0, [["vary", "foo"]], [["foo", "1"]]);
  const two = kept("two", 5, [["vary", "foo"]], [["foo", "2"]]);
  const bar = kept(
    "bar",
    9,
    [["vary", "bar"]],
    [
      ["foo", "1"],
      ["bar", "1"],
    ],
  );

  test("the one that matches", () => {
    expect(chosen([one, two], [["foo", "1"]])).toBe("one");
    expect(chosen([one, two], [["foo", "2"]])).toBe("two");
    expect(chosen([one, two], [["foo", "3"]])).toBeUndefined();
    expect(chosen([])).toBeUndefined();
  });

  test("the most recent of those that match, where Vary changed in between", () => {
    const both: Lines = [
      ["foo", "1"],
      ["bar", "1"],
    ];
    expect(chosen([one, bar], both)).toBe("bar");
    expect(chosen([bar, one], both)).toBe("bar");
    expect(chosen([one, bar], [["foo", "1"]])).toBe("one");
  });

  test("by Date, then by arrival, then the last", () => {
    const early = { ...kept("early", 0, []), responseTime: NOW };
    const late = { ...kept("late", 0, []), responseTime: NOW + 1 };
    expect(chosen([late, early])).toBe("late");
    expect(chosen([early, late])).toBe("late");
    expect(chosen([early, { ...early, name: "again" }])).toBe("again");
  });

  test("one with Vary before a later one without", () => {
    const plain = kept("plain", 30, []);
    expect(chosen([one, plain], [["foo", "1"]])).toBe("one");
    expect(chosen([one, plain], [["foo", "9"]])).toBe("plain");
  });

  test("one without Vary is nobody's any more once the resource varies", () => {
    const plain = kept("plain", -30, []);
    expect(chosen([plain])).toBe("plain");
    expect(chosen([plain, one], [["foo", "9"]])).toBeUndefined();
  });
});
