import { describe, expect, test } from "vitest";
import { invalidatedUrls } from "../../../src/cache/http/invalidation.ts";
import { get, head, type Lines } from "./exchange.ts";

const TARGET = "https://api.example/items/1?x=2";

describe("what an unsafe request invalidates, RFC 9111 section 4.4", () => {
  const urls = (method: string, status: number, headers: Lines = [], url = TARGET) =>
    invalidatedUrls(get([], method, url), head(headers, status));

  test.each(["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "UNHEARD-OF"])("%s: its own URL", (method) => {
    expect(urls(method, 200)).toEqual([TARGET]);
    expect(urls(method, 204)).toEqual([TARGET]);
    expect(urls(method, 303)).toEqual([TARGET]);
  });

  test.each(["GET", "HEAD", "OPTIONS", "TRACE"])("%s is safe", (method) => {
    expect(urls(method, 200, [["location", "/items/2"]])).toEqual([]);
  });

  test.each([400, 404, 412, 500, 503])("an error of status %i invalidates nothing", (status) => {
    expect(urls("POST", status, [["location", "/items/2"]])).toEqual([]);
  });

  test.each<[string, Lines, string[]]>([
    ["Location", [["location", "/items/2"]], ["https://api.example/items/2"]],
    ["Content-Location, relative", [["content-location", "3#part"]], ["https://api.example/items/3"]],
    [
      "both",
      [
        ["location", "https://api.example:443/a"],
        ["content-location", "?x=3"],
      ],
      ["https://api.example/a", "https://api.example/items/1?x=3"],
    ],
    ["the same again", [["location", TARGET]], []],
    ["another host", [["location", "https://other.example/items/1"]], []],
    ["another port", [["location", "https://api.example:8443/items/1"]], []],
    ["another scheme", [["location", "http://api.example/items/1"]], []],
    ["no hierarchy", [["location", "data:,x"]], []],
    ["another host without a scheme", [["content-location", "//other.example/"]], []],
    ["no URL", [["location", "https://"]], []],
  ])("%s", (_, headers, more) => {
    expect(urls("POST", 201, headers)).toEqual([TARGET, ...more]);
  });

  test("fragments are no part of it", () => {
    expect(urls("POST", 200, [], `${TARGET}#top`)).toEqual([TARGET]);
  });

  test("what is no URL invalidates nothing", () => {
    expect(urls("POST", 200, [["location", "/a"]], "nowhere")).toEqual([]);
  });
});
