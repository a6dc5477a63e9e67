import { describe, expect, test } from "vitest";
import { formatCheck } from "../../../src/validation/schema/format.ts";
import { faults } from "./support.ts";

const FORMATS: Readonly<Record<string, { valid: readonly string[]; invalid: readonly string[] }>> = {
  date: {
    valid: ["2024-02-29", "2026-12-31"],
    invalid: ["2023-02-29", "2026-13-01", "2026-1-1", "", "2026-04-31"],
  },
  time: {
    valid: ["08:30:06Z", "08:30:06.283185z", "23:59:60Z", "01:29:60+01:30"],
    invalid: ["08:30:06", "24:00:00Z", "12:60:00Z", "22:59:60Z", "08:30:06 Z", "08:30:06+24:00"],
  },
  "date-time": {
    valid: ["1963-06-19T08:30:06.283185Z", "1990-12-31t15:59:59-08:00", "1998-12-31T23:59:60Z"],
    invalid: ["1963-06-19 08:30:06Z", "1963-06-19T08:30:06", "2013-350T01:01:01Z", "1990-02-31T15:59:59Z"],
  },
  duration: {
    valid: ["P4DT12H30M5S", "P4W", "PT36H", "P1Y2M"],
    invalid: ["P", "PT", "4D", "P1D2H", "P2S", "P1Y2W"],
  },
  email: {
    valid: ["joe@example.com", "te~st@a.b", '"joe bloggs"@example.com', "a@[127.0.0.1]", "a@[IPv6:::1]"],
    invalid: ["2962", "a@", "@b", ".a@b.c", "a..b@c.d", "a@b@c", "a b@c.d", "a@-b.c", "a@[127.0.0.300]"],
  },
  hostname: {
    valid: ["www.example.com", "xn--4gbwdl.xn--wgbh1c", "a", `${"a".repeat(63)}.b`],
    invalid: ["-a.b", "a-.b", "a_b", "a..b", "", `${"a".repeat(64)}.b`, "a.b."],
  },
  ipv4: {
    valid: ["192.168.0.1", "0.0.0.0"],
    invalid: ["127.0.0", "256.0.0.1", "127.0.0.1/24", "087.10.0.1", "::1"],
  },
  ipv6: {
    valid: ["::1", "::", "2001:db8::1", "::ffff:1.2.3.4"],
    invalid: ["12345::", ":2", "1::2::3", "::1%eth0", "1.2.3.4"],
  },
  uri: {
    valid: [
      "http://a.test/?q#f",
      "urn:isbn:1",
      "mailto:a@b.c",
      "http://[::1]:80/",
      "http://u:p@h:1/a;b=c",
      "a:",
    ],
    invalid: [
      "//a.test",
      "/x",
      "http:// a",
      "http://a/\\b",
      "http://a/%4",
      "http://a/#a#b",
      "http://[::1",
      ":a",
      "http://a/[b]",
    ],
  },
  "uri-reference": {
    valid: ["/x?y#z", "", "//a/b", "a/b:c", "#f"],
    invalid: ["\\\\a", "a b", "1:b/c", "#a\\b"],
  },
  uuid: {
    valid: ["2EB8AA08-aa98-11ea-b4aa-73b441d16380"],
    invalid: ["2eb8aa08-aa98-11ea-b4aa73b441d16380", "x", ""],
  },
  "json-pointer": { valid: ["", "/a~0b~1c/0", "/"], invalid: ["a", "/~", "/~2", "#/a"] },
  "relative-json-pointer": { valid: ["1", "0/a", "2#"], invalid: ["/a", "-1/a", "01/a", "0##"] },
};

describe.each(Object.entries(FORMATS))("format %s", (name, { valid, invalid }) => {
  test.each(valid)("%j", (text) => expect(faults({ format: name }, text)).toEqual([]));
  test.each(invalid)("not %j", (text) => {
    expect(faults({ format: name }, text)).toEqual([{ pointer: "", detail: `is no ${name}` }]);
  });
  test("is about texts", () => expect(faults({ format: name }, 1)).toEqual([]));
  test("R-21 64 KB that nearly fit, and more", () => {
    const units = [
      "a",
      "0",
      ":",
      ".",
      "-",
      "/",
      "%41",
      "a@",
      "@",
      "a-",
      "[",
      "~0",
      "#",
      "?",
      "1.",
      "P1",
      '\\"',
      "://",
    ];
    for (const start of ["", "http://", "http://a/", "P", "PT", '"', "a@", "00:00:00.", "/", "::"]) {
      for (const unit of units) {
        const text = `${start}${unit.repeat(65_536 / unit.length - start.length - 2)}\n~`.slice(-65_536);
        expect(formatCheck(name)?.(text), `${start}${unit}`).toBe(false);
      }
    }
    expect(formatCheck(name)?.("/".repeat(65_537))).toBe(false);
  });
});

/** A value in itself, so many times. */
function nested(depth: number, wrap: (inner: unknown) => unknown, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

const TOO_MANY = [{ pointer: "", detail: "takes too many steps to validate" }];

describe("R-21 values made to take long", () => {
  const many = 100_000;

  test("uniqueItems over 100,000 items", () => {
    const numbers = Array.from({ length: many }, (_, index) => index);
    expect(faults({ uniqueItems: true }, numbers)).toEqual([]);
    expect(faults({ uniqueItems: true }, [...numbers, 7])).toEqual([
      { pointer: "/100000", detail: "is there twice" },
    ]);
    const objects = numbers.map((index) => ({ a: [index], b: "x" }));
    expect(faults({ uniqueItems: true }, objects)).toEqual([]);
    expect(faults({ uniqueItems: true }, [...objects, { b: "x", a: [7] }])).toEqual([
      { pointer: "/100000", detail: "is there twice" },
    ]);
  });

  test("uniqueItems on every level of a large value", () => {
    const schema = { uniqueItems: true, items: { $ref: "#" } };
    const long = Array.from({ length: 20_000 }, (_, index) => [`item ${index}`]);
    expect(
      faults(
        schema,
        nested(3, (inner) => [inner], long),
      ),
    ).toEqual([]);
    expect(
      faults(
        schema,
        nested(99, (inner) => [inner, 1], [...long, ...long]),
        "draft-07",
      ),
    ).not.toEqual([]);
    const wide = Array.from({ length: 60_000 }, (_, index) => [`a rather long item ${index}`]);
    expect(
      faults(
        schema,
        nested(99, (inner) => [inner], wide),
      ),
    ).toEqual(TOO_MANY);
  });

  test("alternatives within alternatives, which multiply with each level", () => {
    const again = { type: "object", properties: { a: { $ref: "#" } } };
    const schema = { anyOf: [again, { ...again, minProperties: 1 }, { type: "string" }] };
    expect(
      faults(
        schema,
        nested(10, (a) => ({ a }), "x"),
      ),
    ).toEqual([]);
    expect(
      faults(
        schema,
        nested(99, (a) => ({ a }), 1),
      ),
    ).toEqual(TOO_MANY);
  });

  test("faults by the hundred thousand", () => {
    const numbers = Array.from({ length: many }, () => 1);
    expect(faults({ items: { type: "string" } }, numbers)).toHaveLength(10);
    expect(faults({ contains: { type: "string" } }, numbers, "draft-07")).toHaveLength(1);
    expect(faults({ contains: { type: "string" }, minContains: 2 }, numbers, "2020-12")).toHaveLength(1);
  });

  test("10 MB of text for a group that repeats", () => {
    const text = `${"ab".repeat(5_000_000)}c`;
    expect(faults({ pattern: "^(?:ab)*$" }, text)).toHaveLength(1);
  });

  test("a schema deeper than any", () => {
    const schema = nested(300, (items) => ({ items }), {});
    expect(() => faults({ items: schema }, [])).toThrow("nested too deep");
  });
});
