import { describe, expect, test } from "vitest";
import { parseRouteKey } from "../../src/config/route-key.ts";

describe("a route key", () => {
  test.each([
    ["GET /", []],
    ["GET /a/b", ["a", "b"]],
    ["ANY /a/{id}", ["a", "{id}"]],
    ["DELETE /{a}/{b-c}/{d.e}", ["{a}", "{b-c}", "{d.e}"]],
    ["POST /a/{proxy+}", ["a", "{proxy+}"]],
    ["GET /.well-known/a:b,c@d", [".well-known", "a:b,c@d"]],
  ])("%s is read", (key, segments) => {
    const parsed = parseRouteKey(key);
    expect(parsed).toMatchObject({ method: key.split(" ")[0], path: key.split(" ")[1] });
    if (typeof parsed === "string") return;
    expect(
      parsed.segments.map((part) =>
        part.kind === "static" ? part.text : `{${part.name}${part.kind === "greedy" ? "+" : ""}}`,
      ),
    ).toEqual(segments);
  });

  test("$default has no method and no segments", () => {
    expect(parseRouteKey("$default")).toMatchObject({ path: "$default", segments: [] });
  });

  test.each([
    ["", "METHOD"],
    ["GET", "METHOD"],
    ["/a", "METHOD"],
    ["get /a", '"get" is not a method'],
    ["FETCH /a", '"FETCH" is not a method'],
    ["GET a", "does not start with /"],
    ["GET  /a", "does not start with /"],
    ["GET https://x/a", "does not start with /"],
    ["GET /a/", "empty segment"],
    ["GET /a//b", "empty segment"],
    ["GET //a", "empty segment"],
    ["GET /a/{id", "mixes"],
    ["GET /a/x{id}", "mixes"],
    ["GET /a/{}", "mixes"],
    ["GET /a/{i d}", "mixes"],
    ["GET /a/{id}/{id}", "twice"],
    ["GET /a/{p+}/b", "last"],
    ["GET /a?x", "no path segment has"],
    ["GET /a#x", "no path segment has"],
    ["GET /a b", "no path segment has"],
    ["GET /a\\b", "no path segment has"],
    ["GET /a/../b", "resolved"],
    ["GET /./b", "resolved"],
  ])("%j is refused with the culprit's name", (key, message) => {
    expect(parseRouteKey(key)).toContain(message);
  });
});
