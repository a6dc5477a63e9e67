import { describe, expect, test } from "vitest";
import { parseBool, parseDate, parseNumber } from "../../src/policy/values.ts";

describe("a date", () => {
  test.each([
    ["1970-01-01T00:00:00Z", 0],
    ["1970-01-01", 0],
    ["1970-01-01T00:00Z", 0],
    ["1970-01-01T01:00:00+01:00", 0],
    ["1970-01-01T00:00:00.500Z", 500],
    ["2024-02-29T00:00:00Z", 1_709_164_800_000],
    ["1709164800", 1_709_164_800_000],
    ["0", 0],
  ])("%s is read", (text, expected) => {
    expect(parseDate(text)).toBe(expected);
  });

  test.each([
    "",
    "now",
    "2023-02-29",
    "2023-02-30T00:00:00Z",
    "2023-04-31",
    "2023-13-01",
    "2023-00-01",
    "2023-01-00",
    "2023-01-01T00:00:00",
    "2023-01-01T24:01:00Z",
    "2023-01-01T00:60:00Z",
    "2023-01-01 00:00:00Z",
    "Jan 1 2023",
    "-1",
    "1e9",
    "1709164800.5",
    " 2023-01-01",
    "٢٠٢٣-01-01",
  ])("%j is none", (text) => {
    expect(parseDate(text)).toBeUndefined();
  });
});

test.each([
  ["5", 5],
  ["-5.25", -5.25],
  ["+1", 1],
  ["007", 7],
  ["", undefined],
  ["1e3", undefined],
  ["0x10", undefined],
  ["NaN", undefined],
  ["Infinity", undefined],
  [" 1", undefined],
  [".5", undefined],
])("the number %j is %j", (text, expected) => {
  expect(parseNumber(text)).toBe(expected);
});

test.each([
  ["true", true],
  ["False", false],
  ["1", undefined],
  ["", undefined],
])("the truth of %j is %j", (text, expected) => {
  expect(parseBool(text)).toBe(expected);
});
