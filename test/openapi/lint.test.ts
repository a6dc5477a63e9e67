import * as v from "valibot";
import { expect, test } from "vitest";
import { API_DEFAULTS, RouteEntry } from "../../src/config/schemas.ts";
import { lintRoutes } from "../../src/openapi/lint.ts";

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const ENTRY = v.parse(RouteEntry, { integration: { type: "mock" } });

const codes = (protocol: "HTTP" | "REST", keys: readonly string[]): readonly string[] =>
  lintRoutes({
    settings: { ...API_DEFAULTS, protocol },
    routes: new Map(keys.map((key) => [key, ENTRY])),
    places: new Map(),
  }).map(({ code }) => code);

test.each([
  [["GET /a", "POST /a", "GET /a/{id}"], []],
  [["GET /a/{id}", "GET /a/{name}"], ["route.duplicate"]],
  [["GET /{p+}", "GET /{q+}"], ["route.duplicate"]],
  [["GET /{p}", "GET /{q+}"], []],
  [[...METHODS.map((method) => `${method} /a`), "ANY /a"], ["route.unreachable"]],
  [[...METHODS.slice(1).map((method) => `${method} /a`), "ANY /a"], []],
])("%j of an HTTP API: %j", (keys, expected) => {
  expect(codes("HTTP", keys)).toEqual(expected);
});

test("a REST API has one variable a level", () => {
  expect(codes("REST", ["GET /a/{id}", "POST /a/{name}"])).toEqual(["route.sibling"]);
  expect(codes("REST", ["GET /a/{id}", "GET /a/{id}/b", "GET /b/{name}"])).toEqual([]);
  expect(codes("REST", ["GET /a/{id}", "GET /a/{p+}"])).toEqual(["route.sibling"]);
});
