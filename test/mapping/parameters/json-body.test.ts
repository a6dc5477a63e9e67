import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import { type BodySource, compileBodyReader } from "../../../src/mapping/parameters/json-body.ts";

const malformed = (why: string) => new GatewayError("BAD_REQUEST_BODY", "mapping.body", why);

function read(path: string, body: BodySource | string): string | undefined {
  return compileBodyReader(path)?.(typeof body === "string" ? { body } : body, malformed);
}

describe("a body that a parameter is mapped from", () => {
  test.each([
    ["", '{"a":[1]}', '{"a":[1]}'],
    [".a", '{"a":[1]}', "[1]"],
    [".a[0]", '{"a":[1]}', "1"],
    [".b", '{"a":[1]}', undefined],
    ["", "", "{}"],
    [".a", "", undefined],
    ["", "text", "text"],
    [".a", "text", undefined],
  ])("%j of %j is %j", (path, body, expected) => {
    expect(read(path, body)).toBe(expected);
  });

  test.each([
    ["no JSON", "", "{no"],
    ["more than 250,000 values", ".a", `[${"{},".repeat(250_000)}0]`],
    ["too long as JSON", "", JSON.stringify(["\u2000".repeat(2_000_000)])],
    ["too much to be searched", "..a..a..a..a", `${'{"a":'.repeat(450)}1${"}".repeat(450)}`],
  ])("that is %s is malformed", (_, path, body) => {
    expect(() => read(path, body)).toThrow(expect.objectContaining({ reason: "mapping.body" }));
  });

  test("is read once for all parameters of a source", () => {
    const source: BodySource = { body: '{"a":{"b":1},"c":2}' };
    expect(read(".a", source)).toBe('{"b":1}');
    const { parsed } = source;
    expect(read(".c", source)).toBe("2");
    expect(source.parsed).toBe(parsed);
  });
});
