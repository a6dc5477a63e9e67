import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ageValue, answerFrom, isNotModified } from "../../../src/cache/http/answer.ts";
import { listsTag } from "../../../src/cache/http/entity-tag.ts";
import { date, get, HOSTILE, type Lines, NOW, stored } from "./exchange.ts";

const FRESH: Lines = [["cache-control", "max-age=60"]];
const LM = date(-3000);

describe("responses from the cache, RFC 9111 section 4", () => {
  test("what is stored, with its Age and its own Date", () => {
    const response = stored([...FRESH, ["date", date(0)], ["age", "30"], ["x", "1"]], { status: 404 });
    const { status, headers, body } = answerFrom(response, get(), NOW + 2999, 5);
    expect({ status, body, headers: [...headers] }).toEqual({
      status: 404,
      body: "whole",
      headers: [
        ["age", "32"],
        ["cache-control", "max-age=60"],
        ["date", date(0)],
        ["x", "1"],
      ],
    });
    expect(ageValue(response, NOW)).toBe("30");
  });

  test("HEAD from what a GET stored: no body, and no part of it", () => {
    const request = get([["range", "bytes=0-1"]], "HEAD");
    const { status, headers, body } = answerFrom(
      stored([...FRESH, ["content-length", "5"]]),
      request,
      NOW,
      5,
    );
    expect([status, headers.get("content-length"), body]).toEqual([200, "5", "none"]);
  });

  test("cookies that are stored stay on lines of their own", () => {
    const response = stored([...FRESH, ["set-cookie", "a=1"], ["set-cookie", "b=2"]], {
      options: { storeSetCookie: true },
    });
    expect(answerFrom(response, get(), NOW, 0).headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });
});

describe("the client's conditions, RFC 9111 section 4.3.2", () => {
  test.each<[string, Lines, Lines, boolean]>([
    ["no condition", [["etag", '"a"']], [], false],
    ["the strong tag", [["etag", '"a"']], [["if-none-match", '"a"']], true],
    ["another tag", [["etag", '"a"']], [["if-none-match", '"b"']], false],
    ["a tag in another case", [["etag", '"a"']], [["if-none-match", '"A"']], false],
    ["the weak tag", [["etag", 'W/"a"']], [["if-none-match", 'W/"a"']], true],
    ["weak comparison", [["etag", 'W/"a"']], [["if-none-match", '"a"']], true],
    ["weak comparison the other way", [["etag", '"a"']], [["if-none-match", 'W/"a"']], true],
    ["the first of a list", [["etag", '"a"']], [["if-none-match", '"a", "b"']], true],
    ["the last of a list", [["etag", '"a"']], [["if-none-match", '"b" ,W/"c", "a"']], true],
    [
      "a list on two lines",
      [["etag", '"a"']],
      [
        ["if-none-match", '"b"'],
        ["if-none-match", '"a"'],
      ],
      true,
    ],
    ["a comma in a tag", [["etag", '"a,b"']], [["if-none-match", '"c", "a,b"']], true],
    ["a part of a tag", [["etag", '"b"']], [["if-none-match", '"a,"b",c"']], false],
    ["a backslash is nothing special", [["etag", '"a\\"']], [["if-none-match", '"b\\", "a\\"']], true],
    ["a tag without quotes, as it is", [["etag", "a"]], [["if-none-match", "a"]], true],
    ["a tag without quotes is another one", [["etag", '"a"']], [["if-none-match", "a"]], false],
    ["a small w", [["etag", '"a"']], [["if-none-match", 'w/"a"']], false],
    ["anything", [["etag", '"a"']], [["if-none-match", "*"]], true],
    ["anything, without a tag", [], [["if-none-match", " * "]], true],
    ["a tag, where there is none", [["last-modified", LM]], [["if-none-match", '"a"']], false],
    ["nothing listed", [["etag", '"a"']], [["if-none-match", ""]], false],
    [
      "If-None-Match decides alone",
      [
        ["etag", '"a"'],
        ["last-modified", LM],
      ],
      [
        ["if-none-match", '"b"'],
        ["if-modified-since", LM],
      ],
      false,
    ],
    [
      "If-None-Match decides alone, the other way",
      [
        ["etag", '"a"'],
        ["last-modified", LM],
      ],
      [
        ["if-none-match", '"a"'],
        ["if-modified-since", date(-9000)],
      ],
      true,
    ],
    ["the same Last-Modified", [["last-modified", LM]], [["if-modified-since", LM]], true],
    ["modified before", [["last-modified", LM]], [["if-modified-since", date(-2000)]], true],
    ["modified since", [["last-modified", LM]], [["if-modified-since", date(-3001)]], false],
    ["RFC 850", [["last-modified", LM]], [["if-modified-since", "Saturday, 21-Nov-26 11:10:00 GMT"]], true],
    ["no date", [["last-modified", LM]], [["if-modified-since", "soon"]], false],
    [
      "two dates",
      [["last-modified", LM]],
      [
        ["if-modified-since", LM],
        ["if-modified-since", LM],
      ],
      false,
    ],
    ["Date where there is no Last-Modified", [["date", date(-5)]], [["if-modified-since", date(-5)]], true],
    ["Date after it", [["date", date(-5)]], [["if-modified-since", date(-6)]], false],
    ["arrival where there is neither", [], [["if-modified-since", date(0)]], true],
  ])("%s", (_, kept, asked, expected) => {
    expect(isNotModified(stored([...FRESH, ...kept]), get(asked).headers)).toBe(expected);
  });

  test.each([301, 404, 500])("conditions mean nothing to a %i (RFC 9110 section 13.2.1)", (status) => {
    const response = stored([...FRESH, ["etag", '"a"']], { status });
    expect(isNotModified(response, get([["if-none-match", "*"]]).headers)).toBe(false);
  });

  test("a 304 has what RFC 9110 section 15.4.5 asks for, and not what describes the body", () => {
    const kept: Lines = [
      ...FRESH,
      ["access-control-allow-origin", "*"],
      ["content-encoding", "br"],
      ["content-language", "en"],
      ["content-length", "5"],
      ["content-location", "/x"],
      ["content-type", "text/plain"],
      ["date", date(0)],
      ["etag", '"a"'],
      ["expires", date(60)],
      ["last-modified", LM],
      ["vary", "accept"],
    ];
    for (const method of ["GET", "HEAD"]) {
      const request = get(
        [
          ["if-none-match", '"a"'],
          ["range", "bytes=0-1"],
        ],
        method,
      );
      const { status, headers, body } = answerFrom(stored(kept), request, NOW + 7000, 5);
      expect([status, body]).toEqual([304, "none"]);
      expect([...headers]).toEqual([
        ["access-control-allow-origin", "*"],
        ["age", "7"],
        ["cache-control", "max-age=60"],
        ["content-location", "/x"],
        ["date", date(0)],
        ["etag", '"a"'],
        ["expires", date(60)],
        ["last-modified", LM],
        ["vary", "accept"],
      ]);
    }
  });

  test("any list is read, in one go", () => {
    const tag = fc.string({ unit: fc.constantFrom(..."ab,\\ W/") }).map((text) => `"${text}"`);
    fc.assert(
      fc.property(fc.array(tag), tag, fc.boolean(), (others, one, weak) => {
        expect(listsTag([...others, weak ? `W/${one}` : one].join(" , "), one)).toBe(true);
        expect(listsTag(others.join(","), one)).toBe(others.includes(one));
      }),
    );
    fc.assert(fc.property(fc.string(), fc.string(), (list, other) => void listsTag(list, other)));
    for (const text of HOSTILE) expect(listsTag(text, '"x"')).toBe(false);
  });
});

describe("Range, RFC 9110 section 14.2", () => {
  /** Status, Content-Range, and what is sent of a body of 11 bytes. */
  function part(
    range: string,
    more: Lines = [],
    kept: Lines = [],
    length: number | undefined = 11,
    status = 200,
  ) {
    const response = stored([...FRESH, ["content-length", "11"], ...kept], { status });
    const answer = answerFrom(response, get([["range", range], ...more]), NOW, length);
    const { body } = answer;
    const bytes =
      typeof body === "string" ? body : "0123456789A".slice(body.offset, body.offset + body.length);
    return [answer.status, answer.headers.get("content-range"), bytes];
  }
  const WHOLE = [200, null, "whole"];
  const NONE = [416, "bytes */11", "none"];

  test.each([
    ["bytes=0-1", [206, "bytes 0-1/11", "01"]],
    ["bytes=1-", [206, "bytes 1-10/11", "123456789A"]],
    ["bytes=-1", [206, "bytes 10-10/11", "A"]],
    ["bytes=-99", [206, "bytes 0-10/11", "0123456789A"]],
    ["bytes=9-99999999999999999999", [206, "bytes 9-10/11", "9A"]],
    ["bytes=0-0", [206, "bytes 0-0/11", "0"]],
    ["Bytes= 3-4 ", [206, "bytes 3-4/11", "34"]],
    ["bytes=11-", NONE],
    ["bytes=11-12", NONE],
    ["bytes=99999999999999999999-", NONE],
    ["bytes=-0", NONE],
    ["bytes=2-1", WHOLE],
    ["bytes=-", WHOLE],
    ["bytes=", WHOLE],
    ["bytes=a-b", WHOLE],
    ["bytes=1-2x", WHOLE],
    ["bytes=0-1,3-4", WHOLE],
    ["bytes=0-1,", WHOLE],
    ["bytes 0-1", WHOLE],
    ["lines=0-1", WHOLE],
    ["", WHOLE],
  ])("%j", (range, expected) => {
    expect(part(range)).toEqual(expected);
  });

  test("the part's length and the rest of the headers", () => {
    const response = stored([...FRESH, ["content-length", "11"], ["etag", '"a"'], ["x", "1"]]);
    const { headers } = answerFrom(response, get([["range", "bytes=2-4"]]), NOW, 11);
    expect(Object.fromEntries(headers)).toEqual({
      age: "0",
      "cache-control": "max-age=60",
      "content-length": "3",
      "content-range": "bytes 2-4/11",
      date: date(0),
      etag: '"a"',
      x: "1",
    });
  });

  test("not of an error, nor of what still arrives", () => {
    expect(part("bytes=0-1", [], [], 11, 404)).toEqual([404, null, "whole"]);
    expect(part("bytes=0-1", [], [], 11, 203)).toEqual([203, null, "whole"]);
    const arriving = answerFrom(stored(FRESH), get([["range", "bytes=0-1"]]), NOW, undefined);
    expect([arriving.status, arriving.body]).toEqual([200, "whole"]);
  });

  test("an empty body has no last bytes", () => {
    expect(part("bytes=-5", [], [], 0)).toEqual(WHOLE);
    expect(part("bytes=0-", [], [], 0)).toEqual([416, "bytes */0", "none"]);
  });

  test.each<[string, Lines, string, boolean]>([
    ["the strong tag", [["etag", '"a"']], '"a"', true],
    ["another tag", [["etag", '"a"']], '"b"', false],
    ["a weak tag", [["etag", 'W/"a"']], 'W/"a"', false],
    ["a tag where there is none", [], '"a"', false],
    ["the very Last-Modified", [["last-modified", LM]], LM, true],
    ["the same in another form", [["last-modified", LM]], "Saturday, 21-Nov-26 11:10:00 GMT", true],
    ["a later date", [["last-modified", LM]], date(-2999), false],
    ["an earlier date", [["last-modified", LM]], date(-3001), false],
    ["a Last-Modified too near to Date (section 8.8.2.2)", [["last-modified", date(0)]], date(0), false],
    ["a Last-Modified a second before Date", [["last-modified", date(-1)]], date(-1), true],
    [
      "nonsense",
      [
        ["last-modified", LM],
        ["etag", '"a"'],
      ],
      "soon",
      false,
    ],
  ])("If-Range, section 13.1.5: %s", (_, kept, condition, partial) => {
    expect(part("bytes=0-1", [["if-range", condition]], kept)[0]).toBe(partial ? 206 : 200);
  });

  test("every part lies within the body", () => {
    const number = fc.oneof(fc.constant(""), fc.nat({ max: 30 }).map(String));
    fc.assert(
      fc.property(number, number, fc.nat({ max: 20 }), (first, last, length) => {
        const answer = answerFrom(stored(FRESH), get([["range", `bytes=${first}-${last}`]]), NOW, length);
        if (typeof answer.body === "string") return;
        const { offset, length: size } = answer.body;
        expect(offset >= 0 && size > 0 && offset + size <= length).toBe(true);
        const wanted = first === "" ? length - Math.min(Number(last), length) : Number(first);
        expect(offset).toBe(wanted);
      }),
    );
    for (const text of HOSTILE) {
      const answer = answerFrom(
        stored(FRESH),
        { ...get(), headers: new Headers([["range", ascii(text)]]) },
        NOW,
        5,
      );
      expect([200, 206, 416]).toContain(answer.status);
    }
  });
});

/** `Headers` takes no other characters without a word of warning. */
function ascii(text: string): string {
  return text.replaceAll(/[^\t -~]/g, "?");
}
