import { describe, expect, test } from "vitest";
import { meantName, withoutParameters } from "../../../src/mapping/parameters/query-names.ts";

const without = (query: string, ...names: readonly string[]) =>
  withoutParameters(query, new Set(names.map(meantName)));

describe("a query without a parameter", () => {
  test.each([
    "user=e",
    "user",
    "user=",
    "%75ser=e",
    "user%5B%5D=e",
    "user[]=e",
    "user[a][b]=e",
    "[user]=e",
    "%5Buser%5D=e",
    "[user=e",
    "]user=e",
    "+user=e",
    "%20user=e",
    "user%00x=e",
    "%75%00%ff=e".replace("%75", "user"),
    "USER=e",
    "%u0075ser=e",
    "a=1;user=e",
    ";user=e",
    "user%ff=e".replace("%ff", "%00"),
  ])("R-06 %s is gone", (part) => {
    expect(without(`x=1&${part}&y=%ff`, "user")).toBe("x=1&y=%ff");
  });

  test.each([
    ["user.id=1", "user_id"],
    ["user_id=1", "user.id"],
    ["user%20id=1", "user_id"],
    ["%C3%A9=1", "é"],
  ])("R-06 %s is %s", (part, name) => {
    expect(without(part, name)).toBe("");
  });

  test.each(["users=1", "auser=1", "x=user", "x=;y", "", "&&", "=user", "a=1;b=user"])(
    "%j stays",
    (query) => {
      expect(without(query, "user")).toBe(query);
    },
  );

  test("several go at once, and 64 KB of parts take no time to speak of", () => {
    const parts = "&".repeat(8_000) + "%61&".repeat(4_000) + "[&".repeat(4_000);
    const names = Array.from({ length: 20 }, (_, index) => `name${index}`);
    expect(without(`name3=1&${parts}name7=2`, ...names)).toBe(parts.slice(0, -1));
  });
});
