import { describe, expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };

function found(paths: unknown) {
  const { problems, warnings, routes } = importOpenApi({ openapi: "3.0.1", paths });
  const said = ({ code, path }: { readonly code: string; readonly path: string }) => `${code} ${path}`;
  return { problems: problems.map(said), warnings: warnings.map(said), routes: [...routes.keys()] };
}

describe("what no route can be made of is named where it stands", () => {
  test.each<[unknown, string]>([
    [[{ "/a": { get: MOCK } }], "paths"],
    ["/a", "paths"],
    [{ "/a": [] }, "paths./a"],
    [{ "/a": "get" }, "paths./a"],
    [{ "/a": false }, "paths./a"],
    [{ "/a": { post: "text" } }, "paths./a.post"],
    [{ "/a": { put: [] } }, "paths./a.put"],
    [{ "/a": { "x-amazon-apigateway-any-method": 1 } }, "paths./a.x-amazon-apigateway-any-method"],
  ])("%j is malformed", (paths, place) => {
    expect(found(paths)).toEqual({ problems: [`document.malformed ${place}`], warnings: [], routes: [] });
  });

  test.each<[unknown, string]>([
    [null, "paths"],
    [{ "/a": null }, "paths./a"],
    [{ "/a": { get: null } }, "paths./a.get"],
  ])("%j is empty", (paths, place) => {
    expect(found(paths)).toEqual({ problems: [], warnings: [`document.empty ${place}`], routes: [] });
  });

  test("API Gateway has no TRACE", () => {
    expect(found({ "/a": { trace: MOCK, get: MOCK } })).toEqual({
      problems: [],
      warnings: ["operation.method paths./a.trace"],
      routes: ["GET /a"],
    });
  });

  test("the others are served", () => {
    const { problems, routes } = found({ "/a": { get: MOCK }, "/b": { get: 1 }, "/c": { get: MOCK } });
    expect(problems).toEqual(["document.malformed paths./b.get"]);
    expect(routes).toEqual(["GET /a", "GET /c"]);
  });

  test.each([undefined, {}, { "x-owner": "me", "x-none": null }, { "/a": {} }])("%j is fine", (paths) => {
    expect(found(paths)).toEqual({ problems: [], warnings: [], routes: [] });
  });

  test("a message says what there is", () => {
    const { problems } = importOpenApi({ openapi: "3.0.1", paths: { "/a": [], "/b": { get: "x" } } });
    expect(problems.map(({ message }) => message)).toEqual([
      "a path item is an object, not a list",
      "an operation is an object, not a string",
    ]);
  });
});
