import { describe, expect, test } from "vitest";
import { addVary } from "../../../src/access/cors/vary.ts";

describe("Vary", () => {
  test.each([
    [undefined, "Origin"],
    ["", "Origin"],
    ["Accept", "Accept, Origin"],
    ["Accept,Accept-Encoding", "Accept,Accept-Encoding, Origin"],
    ["Accept-Origin", "Accept-Origin, Origin"],
    ["Origin-Trial", "Origin-Trial, Origin"],
    ["Origin", "Origin"],
    ["origin", "origin"],
    ["ORIGIN , Accept", "ORIGIN , Accept"],
    ["Accept,\torigin", "Accept,\torigin"],
    ["*", "*"],
    ["Accept, *", "Accept, *"],
    [" * ", "*"],
    [",,", ",,, Origin"],
  ])("%j becomes %j", (present, expected) => {
    const headers = new Headers(present === undefined ? {} : { vary: present });
    addVary(headers, "Origin");
    expect(headers.get("vary")).toBe(expected);
    addVary(headers, "origin");
    expect(headers.get("vary")).toBe(expected);
  });

  test("in several header lines becomes one list", () => {
    const headers = new Headers([
      ["vary", "Accept"],
      ["vary", "Cookie"],
    ]);
    addVary(headers, "Origin");
    expect([...headers]).toEqual([["vary", "Accept, Cookie, Origin"]]);
  });
});
