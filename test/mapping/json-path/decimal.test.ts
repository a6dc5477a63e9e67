import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDecimals } from "../../../src/mapping/json-path/decimal.ts";

describe("numbers are compared by their digits", () => {
  it.each([
    ["1", "1.0", 0],
    ["1", "1e0", 0],
    ["100", "1E+2", 0],
    ["0.01", "1e-2", 0],
    ["-0", "0.000", 0],
    ["0e5", "0", 0],
    ["007", "7", 0],
    [".5", "0.5", 0],
    ["5.", "5", 0],
    ["+5", "5", 0],
    ["1", "2", -1],
    ["-1", "-2", 1],
    ["-1", "1", -1],
    ["-1", "0", -1],
    ["0", "0.1", -1],
    ["9", "10", -1],
    ["0.9", "0.10", 1],
    ["12345678901234567890", "12345678901234567891", -1],
    ["0.1", "0.10000000000000000001", -1],
    ["1e2147483647", "9e2147483646", 1],
    ["1e-2147483648", "0", 1],
  ])("%s to %s", (left, right, order) => {
    expect(Math.sign(compareDecimals(left, right) ?? Number.NaN)).toBe(order);
    expect(Math.sign(compareDecimals(right, left) ?? Number.NaN) + order).toBe(0);
  });

  it.each([
    "",
    " 1",
    "1 ",
    "a",
    "0x1",
    "1e",
    "e1",
    ".",
    "-",
    "1.2.3",
    "NaN",
    "Infinity",
    "1e2147483649",
    "1e99999999999",
  ])("%j is none", (text) => {
    expect(compareDecimals(text, "1")).toBeUndefined();
    expect(compareDecimals("1", text)).toBeUndefined();
  });

  it("as integers of any size are", () => {
    const scaled = fc.record({ value: fc.bigInt(), zeros: fc.nat({ max: 5 }) });
    const written = ({ value, zeros }: { value: bigint; zeros: number }) => `${value}e${zeros}`;
    const exact = ({ value, zeros }: { value: bigint; zeros: number }) => value * 10n ** BigInt(zeros);
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        const order = exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0;
        expect(Math.sign(compareDecimals(written(a), written(b)) ?? Number.NaN)).toBe(order);
      }),
    );
  });
});
