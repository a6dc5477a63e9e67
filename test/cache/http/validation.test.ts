import { describe, expect, test } from "vitest";
import { fieldValue } from "../../../src/cache/http/fields.ts";
import { freshen, freshenByHead, originHeaders, updatedBy304 } from "../../../src/cache/http/validation.ts";
import { at, date, get, head, type Lines, NOW, stored } from "./exchange.ts";

const FRESH: Lines = [["cache-control", "max-age=60"]];

describe("the request to the origin, RFC 9111 section 4.3.1", () => {
  const client: Lines = [
    ["accept", "a"],
    ["if-modified-since", date(-5)],
    ["if-none-match", '"client"'],
    ["if-range", '"client"'],
    ["range", "bytes=0-1"],
  ];

  test.each<[string, Lines | undefined, number, Lines]>([
    ["nothing stored: unconditional", undefined, 200, [["accept", "a"]]],
    [
      "an entity tag",
      [["etag", 'W/"a"']],
      200,
      [
        ["accept", "a"],
        ["if-none-match", 'W/"a"'],
      ],
    ],
    [
      "Last-Modified",
      [["last-modified", date(-9)]],
      200,
      [
        ["accept", "a"],
        ["if-modified-since", date(-9)],
      ],
    ],
    [
      "both",
      [
        ["last-modified", date(-9)],
        ["etag", '"a"'],
      ],
      200,
      [
        ["accept", "a"],
        ["if-modified-since", date(-9)],
        ["if-none-match", '"a"'],
      ],
    ],
    ["no validator", FRESH, 200, [["accept", "a"]]],
    ["an error that is stored", [["etag", '"a"'], ...FRESH], 404, [["accept", "a"]]],
  ])("%s", (_, headers, status, expected) => {
    const asked = get(client).headers;
    const response = headers && stored(headers, { status });
    expect([...originHeaders(asked, response)]).toEqual(expected);
    expect(asked.get("range")).toBe("bytes=0-1");
  });

  test("what Vary names goes along (section 4.3.1)", () => {
    const response = stored(
      [
        ["etag", '"a"'],
        ["vary", "accept"],
      ],
      { request: get(client) },
    );
    expect(originHeaders(get(client).headers, response).get("accept")).toBe("a");
  });
});

describe("what a 304 is about, RFC 9111 section 4.3.4", () => {
  const a = stored([
    ["etag", '"a"'],
    ["date", date(-9)],
  ]);
  const b = stored([
    ["etag", '"b"'],
    ["date", date(-5)],
  ]);
  const weak = stored([
    ["etag", 'W/"a"'],
    ["date", date(-3)],
  ]);
  const modified = stored([
    ["last-modified", date(-99)],
    ["date", date(-8)],
  ]);
  const later = stored([
    ["last-modified", date(-99)],
    ["date", date(-7)],
  ]);
  const neither = stored(FRESH);

  test.each([
    ["a strong validator", [a, b], [["etag", '"a"']], [a]],
    ["all with that strong validator", [a, b, { ...a }], [["etag", '"a"']], [a, { ...a }]],
    ["a strong validator that nothing stored has", [a, b], [["etag", '"c"']], []],
    ["a strong validator against a weak one", [weak], [["etag", '"a"']], []],
    [
      "a strong validator before Last-Modified",
      [modified],
      [
        ["etag", '"a"'],
        ["last-modified", date(-99)],
      ],
      [],
    ],
    ["a weak validator: the most recent", [a, weak, b], [["etag", 'W/"a"']], [weak]],
    ["a weak validator against a strong one", [a, b], [["etag", 'W/"a"']], [a]],
    ["a weak validator that nothing stored has", [a], [["etag", 'W/"c"']], []],
    ["Last-Modified: the most recent", [later, modified, a], [["last-modified", date(-99)]], [later]],
    ["another Last-Modified", [modified], [["last-modified", date(-98)]], []],
    ["no validator, and one stored", [a], [], [a]],
    ["no validator, neither stored", [neither], [], [neither]],
    ["no validator, and two stored", [a, b], [], []],
    ["nothing stored", [], [["etag", '"a"']], []],
  ] as [string, (typeof a)[], Lines, (typeof a)[]][])("%s", (_, candidates, headers, expected) => {
    expect(updatedBy304(candidates, new Headers(headers))).toEqual(expected);
  });
});

describe("freshening, RFC 9111 sections 3.2 and 4.3.4", () => {
  const LATER = NOW + 100_000;
  const update = (first: Lines, second: Lines, request = get(), options = {}) =>
    freshen(
      stored([...FRESH, ["date", date(0)], ...first], { options }),
      request,
      head(second, 304),
      at(LATER),
      options,
    );
  const value = (first: Lines, second: Lines, name: string) =>
    fieldValue(update(first, second).response.headers, name);

  test.each([
    "test-header",
    "x-content-foo",
    "content-foo",
    "content-location",
    "content-security-policy",
    "content-type",
    "content-language",
    "etag",
    "last-modified",
    "x-frame-options",
  ])("%s is replaced, and kept if the 304 has none", (name) => {
    expect(value([[name, "a"]], [[name, "b"]], name)).toBe("b");
    expect(value([[name, "a"]], [], name)).toBe("a");
    expect(value([], [[name, "b"]], name)).toBe("b");
  });

  test("all lines of a field are replaced", () => {
    expect(
      value(
        [
          ["link", "a"],
          ["link", "b"],
        ],
        [["link", "c"]],
        "link",
      ),
    ).toBe("c");
    expect(
      value(
        [["link", "a"]],
        [
          ["link", "b"],
          ["link", "c"],
        ],
        "link",
      ),
    ).toBe("b, c");
  });

  test.each(["content-length", "content-encoding", "content-range", "content-md5"])(
    "%s belongs to the bytes that are stored",
    (name) => {
      expect(value([[name, "1"]], [[name, "2"]], name)).toBe("1");
      expect(value([], [[name, "2"]], name)).toBeUndefined();
    },
  );

  test.each<[string, Lines]>([
    ["keep-alive", [["keep-alive", "b"]]],
    ["transfer-encoding", [["transfer-encoding", "chunked"]]],
    [
      "x",
      [
        ["connection", "x"],
        ["x", "b"],
      ],
    ],
    [
      "x",
      [
        ["cache-control", 'max-age=60, private="x"'],
        ["x", "b"],
      ],
    ],
    [
      "x",
      [
        ["cache-control", 'max-age=60, no-cache="x"'],
        ["x", "b"],
      ],
    ],
  ])("%s of the 304 is not stored (section 3.1): %j", (name, second) => {
    expect(value([], second, name)).toBeUndefined();
  });

  test("a Set-Cookie of the 304 is for its client alone (R-18)", () => {
    const updated = update([], [["set-cookie", "a=1"]]);
    expect(fieldValue(updated.response.headers, "set-cookie")).toBeUndefined();
    expect(updated.refusal).toBeUndefined();
    const allowed = update([], [["set-cookie", "a=1"]], get(), { storeSetCookie: true });
    expect(fieldValue(allowed.response.headers, "set-cookie")).toBe("a=1");
  });

  test("it is as fresh as the 304 says, from its time on", () => {
    const { response } = update(
      [["age", "30"]],
      [
        ["cache-control", "max-age=5"],
        ["date", date(98)],
        ["age", "3"],
      ],
    );
    expect(response).toMatchObject({
      status: 200,
      date: NOW + 98_000,
      responseTime: LATER,
      requestTime: LATER,
      freshness: { lifetime: 5000, initialAge: 3000 },
    });
    expect(fieldValue(response.headers, "age")).toBeUndefined();
  });

  test("a 304 without a Date is from when it came", () => {
    for (const second of [[], [["date", "foo"]]] as Lines[]) {
      const { response } = update([], second);
      expect(response.date).toBe(LATER);
      expect(fieldValue(response.headers, "date")).toBe(date(100));
      expect(response.freshness).toMatchObject({ lifetime: 60_000, initialAge: 0 });
    }
  });

  test("what is there already may be used, but what must not be stored any more is said", () => {
    expect(update([], [["cache-control", "no-store"]]).refusal).toBe("no-store");
    expect(update([], [["cache-control", "private"]]).refusal).toBe("private");
    expect(update([], [["vary", "*"]]).refusal).toBe("vary");
    expect(update([], []).refusal).toBeUndefined();
  });

  test("a request with Authorization validates for all only what all may have (section 3.5)", () => {
    const signed = get([["authorization", "Bearer a"]]);
    expect(update([], [], signed)).toMatchObject({
      refusal: "authorization",
      response: { authorization: true },
    });
    expect(update([], [["cache-control", "public, max-age=1"]], signed).refusal).toBeUndefined();
    const first = stored([["cache-control", "public, max-age=1"]], { request: signed });
    expect(freshen(first, get(), head(FRESH, 304), at(LATER)).refusal).toBe("authorization");
  });

  test("the request that validated is what Vary selects by from now on", () => {
    const { response } = update([], [["vary", "accept"]], get([["accept", "a"]]));
    expect(response.vary).toEqual([["accept", "a"]]);
  });

  test("a stored POST is freshened by a GET", () => {
    const request = get([], "POST");
    const posted = stored([...FRESH, ["content-location", request.url]], { request });
    expect(freshen(posted, get(), head(FRESH, 304), at(LATER)).refusal).toBeUndefined();
  });
});

describe("a 200 to HEAD, RFC 9111 section 4.3.5", () => {
  const KEPT: Lines = [...FRESH, ["etag", '"a"'], ["last-modified", date(-9)], ["x", "1"]];
  const byHead = (headers: Lines, kept = KEPT) =>
    freshenByHead(stored(kept), 10, get([], "HEAD"), head(headers), at(NOW + 5000));

  test.each<[string, Lines]>([
    [
      "the same validators and length",
      [
        ["etag", '"a"'],
        ["last-modified", date(-9)],
        ["content-length", "10"],
      ],
    ],
    ["one of them", [["etag", '"a"']]],
    ["none of them", []],
  ])("%s: it is updated", (_, headers) => {
    const updated = byHead([...headers, ["x", "2"], ["cache-control", "max-age=1000"]]);
    expect(updated?.refusal).toBeUndefined();
    expect(updated?.response).toMatchObject({ responseTime: NOW + 5000, freshness: { lifetime: 1_000_000 } });
    expect(fieldValue(updated?.response.headers ?? [], "x")).toBe("2");
    expect(fieldValue(updated?.response.headers ?? [], "etag")).toBe('"a"');
  });

  test.each<[string, Lines]>([
    ["another entity tag", [["etag", '"b"']]],
    ["a weak one", [["etag", 'W/"a"']]],
    [
      "another Last-Modified",
      [
        ["etag", '"a"'],
        ["last-modified", date(-8)],
      ],
    ],
    [
      "another length",
      [
        ["etag", '"a"'],
        ["content-length", "11"],
      ],
    ],
  ])("%s: it is stale", (_, headers) => {
    expect(byHead(headers)).toBeUndefined();
  });

  test("a validator that the stored response has not: it is stale", () => {
    expect(byHead([["etag", '"a"']], FRESH)).toBeUndefined();
  });
});
