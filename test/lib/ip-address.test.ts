import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cidrContains,
  formatAddress,
  type IpAddress,
  isIpv4,
  parseAddress,
  parseCidr,
  prefix64,
} from "../../src/lib/ip-address.ts";

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
/** Zeros are frequent, so that `::` has places to stand. */
const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff));
const groups = fc.array(group, { minLength: 8, maxLength: 8 });

/** The reference: one big number. */
const bits = ({ w0, w1, w2, w3 }: IpAddress): bigint =>
  [w0, w1, w2, w3].reduce((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n);

const address = (text: string): IpAddress => {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
};

const contains = (block: string, text: string): boolean => {
  const cidr = parseCidr(block);
  if (!cidr) throw new Error(`${block} is no block`);
  return cidrContains(cidr, address(text));
};

/** Every way to write eight groups: leading zeros, capitals, each run of zeros (or none) as `::`, a dotted tail. */
function spellings(values: readonly number[]): string[] {
  const [high = 0, low = 0] = values.slice(6);
  const dotted = `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  const hex = values.map((value) => value.toString(16));
  const padded = hex.map((digits) => digits.padStart(4, "0"));
  const tailed = [...hex.slice(0, 6), dotted];
  return [hex, padded, hex.map((digits) => digits.toUpperCase()), tailed].flatMap((parts) => {
    const texts = [parts.join(":")];
    for (let start = 0; start < parts.length; start++) {
      for (let end = start + 1; end <= parts.length && /^0+$/.test(parts[end - 1] ?? ""); end++) {
        texts.push(`${parts.slice(0, start).join(":")}::${parts.slice(end).join(":")}`);
      }
    }
    return texts;
  });
}

describe("R-08 all spellings of an address agree", () => {
  test("IPv6", () => {
    fc.assert(
      fc.property(groups, (values) => {
        const expected = values.reduce((sum, value) => (sum << 16n) | BigInt(value), 0n);
        for (const text of spellings(values)) expect(bits(address(text)), text).toBe(expected);
      }),
    );
  });

  test("IPv4, dotted and mapped in every way", () => {
    fc.assert(
      fc.property(octets, ([a, b, c, d]) => {
        const dotted = [a, b, c, d].join(".");
        const expected = address(dotted);
        expect(isIpv4(expected)).toBe(true);
        expect(formatAddress(expected)).toBe(dotted);
        for (const text of spellings([0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d])) {
          expect(address(text), text).toEqual(expected);
        }
      }),
    );
  });

  test("what is written is read as the same address", () => {
    fc.assert(
      fc.property(groups, (values) => {
        const parsed = address(values.map((value) => value.toString(16)).join(":"));
        expect(address(formatAddress(parsed))).toEqual(parsed);
      }),
    );
  });
});

describe("R-08 what some parsers read and others read differently is no address", () => {
  test.each([
    "",
    " ",
    "1.2.3",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "01.2.3.4",
    "1.2.3.00",
    "1.2.3.256",
    "1.2.3.4.5",
    "1.2.3.4.",
    ".1.2.3.4",
    "1..2.3",
    "1.2.3.-4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.4\0",
    "1.2.3.4:80",
    "1.2.3.٤",
    "１.2.3.4",
    ":",
    ":::",
    "1::2::3",
    "1:::2",
    "::1:",
    ":1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "12345::",
    "00001::",
    "g::",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "[::1]",
    "[::1]:80",
    "::1.2.3",
    "::01.2.3.4",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::ffff:0x1.2.3.4",
    "::1/128",
    "localhost",
  ])("%j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("64 KB of anything is read in one pass", () => {
    for (const part of ["1", ":", "1:", "1.", "0.", "::1", "f"]) {
      expect(parseAddress(part.repeat(65_536 / part.length))).toBeUndefined();
    }
  });
});

describe("the one spelling (RFC 5952)", () => {
  test.each([
    ["2001:0db8:0000:0000:0000:ff00:0042:8329", "2001:db8::ff00:42:8329"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["::ffff:102:304", "1.2.3.4"],
    ["::1.2.3.4", "::102:304"],
    ["255.255.255.255", "255.255.255.255"],
  ])("%s is %s", (text, expected) => {
    expect(formatAddress(address(text))).toBe(expected);
  });
});

describe("a block", () => {
  test("of IPv4 contains exactly its range", () => {
    fc.assert(
      fc.property(octets, fc.nat(32), octets, fc.nat(32), (base, prefix, other, near) => {
        const size = 1n << BigInt(32 - prefix);
        const first = (bits(address(base.join("."))) / size) * size;
        // A bit flipped near the edge is more telling than an address from anywhere.
        const flipped = bits(address(base.join("."))) ^ (near < 32 ? 1n << BigInt(near) : 0n);
        for (const number of [bits(address(other.join("."))), flipped]) {
          const text = [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".");
          const inside = number >= first && number < first + size;
          expect(contains(`${base.join(".")}/${prefix}`, text)).toBe(inside);
          expect(contains(`::ffff:${base.join(".")}/${96 + prefix}`, text)).toBe(inside);
        }
      }),
    );
  });

  test("of IPv6 contains exactly its range", () => {
    const text = (values: readonly number[]) => values.map((value) => value.toString(16)).join(":");
    fc.assert(
      fc.property(groups, fc.nat(128), groups, fc.nat(127), (base, prefix, other, near) => {
        const size = 1n << BigInt(128 - prefix);
        const first = (bits(address(text(base))) / size) * size;
        const flipped = base.map((value, i) => (i === near >> 4 ? value ^ (1 << (near & 15)) : value));
        for (const values of [other, flipped]) {
          const candidate = address(text(values));
          if (isIpv4(candidate) || isIpv4(address(text(base)))) continue;
          const number = bits(candidate);
          expect(contains(`${text(base)}/${prefix}`, text(values))).toBe(
            number >= first && number < first + size,
          );
        }
      }),
    );
  });

  test.each([
    ["10.0.0.0/8", "::ffff:a01:203", true],
    ["::ffff:10.0.0.0/104", "10.255.255.255", true],
    ["::ffff:10.0.0.0/104", "11.0.0.0", false],
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.2", false],
    ["10.0.0.99/24", "10.0.0.1", true],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "10.0.0.1", false],
    ["::ffff:0:0/95", "10.0.0.1", false],
    ["2001:db8::", "2001:db8::", true],
    ["2001:db8::", "2001:db8::1", false],
    ["::ffff:1.2.3.4", "1.2.3.4", true],
  ])("R-08 %s contains %s: %j", (block, text, expected) => {
    expect(contains(block, text)).toBe(expected);
  });

  test.each([
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0.0/+8",
    "10.0.0.0/8.0",
    "10.0.0.0/8/8",
    "10.0.0.0/ 8",
    "10.0.0.0/255.0.0.0",
    "10.0.0/8",
    "10.0.0.*",
    "::/129",
    "::ffff:10.0.0.0/129",
    "/8",
    "",
    "*",
  ])("%j is no block", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

test.each([
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
  ["2001:db8:1:2::ffff", "2001:db8:1:2::"],
  ["::1", "::"],
  ["1.2.3.4", "1.2.3.4"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
])("R-08 %s is counted as %s", (text, expected) => {
  expect(formatAddress(prefix64(address(text)))).toBe(expected);
});
