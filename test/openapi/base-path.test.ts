import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BasePathMode } from "../../src/openapi/base-path.ts";
import { importOpenApi } from "../../src/openapi/import.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };
const ANY = "x-amazon-apigateway-any-method";

function keys(root: object, basepath: BasePathMode, paths: object = { "/e": { get: MOCK } }) {
  const { routes, problems, warnings } = importOpenApi({ paths, ...root }, { basepath });
  expect([problems, warnings.filter(({ code }) => code === "base_path.ignored")]).toEqual([[], []]);
  return [...routes.keys()];
}

const variable = (text: string) => ({ basePath: { default: text } });

describe("a base path stands before the paths", () => {
  test.each<[object, string, string]>([
    [{ swagger: "2.0", basePath: "/a/b/c" }, "GET /a/b/c/e", "GET /b/c/e"],
    [{ swagger: "2.0", basePath: "a//b/" }, "GET /a/b/e", "GET /b/e"],
    [{ swagger: "2.0", basePath: "/a" }, "GET /a/e", "GET /e"],
    [{ swagger: "2.0", basePath: "/" }, "GET /e", "GET /e"],
    [{ swagger: "2.0" }, "GET /e", "GET /e"],
    [{ swagger: "2.0", servers: undefined, basePath: 1 }, "GET /e", "GET /e"],
    [{ openapi: "3.0.1", servers: [{ url: "https://a.test/x/y" }] }, "GET /x/y/e", "GET /y/e"],
    [{ openapi: "3.0.1", servers: [{ url: "/x" }, { url: "/y" }] }, "GET /x/e", "GET /e"],
    [
      {
        openapi: "3.0.1",
        servers: [{ url: "https://{id}.a.test/{v}/x", variables: { v: { default: "v1" } } }],
      },
      "GET /v1/x/e",
      "GET /x/e",
    ],
    // Whether a URL uses it or not.
    [{ openapi: "3.0.1", servers: [{ url: "/x", variables: variable("/v/w") }] }, "GET /v/w/e", "GET /w/e"],
    [
      {
        openapi: "3.0.1",
        servers: [
          { url: "/x" },
          { url: "/y", variables: variable("v") },
          { url: "/z", variables: variable("w") },
        ],
      },
      "GET /v/e",
      "GET /e",
    ],
  ])("%j: %s, split %s", (root, prepended, split) => {
    expect(keys(root, "prepend")).toEqual([prepended]);
    expect(keys(root, "split")).toEqual([split]);
  });

  test("the root's route is the base path's, and the default route takes the rest as before", () => {
    const paths = { "/": { get: MOCK }, "/$default": { [ANY]: MOCK }, "/{proxy+}": { [ANY]: MOCK } };
    const root = { openapi: "3.0.1", servers: [{ url: "/v1" }] };
    expect(keys(root, "prepend", paths)).toEqual(["GET /v1", "$default", "ANY /v1/{proxy+}"]);
    expect(keys(root, "split", paths)).toEqual(["GET /", "$default", "ANY /{proxy+}"]);
  });

  test("what a document says of a route is found where it stands", () => {
    const { places, entries } = importOpenApi(
      { swagger: "2.0", basePath: "/v1", paths: { "/e": { [ANY]: MOCK } } },
      { basepath: "prepend" },
    );
    expect([...places]).toEqual([["ANY /v1/e", `paths./e.${ANY}`]]);
    expect([...entries.keys()]).toEqual(["apis/default", "apis/default/routes/ANY /v1/e"]);
  });

  test("a path's variables are in it, too", () => {
    const { problems } = importOpenApi(
      { swagger: "2.0", basePath: "/{id}", paths: { "/{id}": { get: MOCK } } },
      { basepath: "prepend" },
    );
    expect(problems).toMatchObject([{ code: "route.key", path: "paths./{id}.get" }]);
  });
});

test("splitting takes the first part off, whatever the slashes", () => {
  const part = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
  const slashes = fc.constantFrom("/", "//");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(slashes, part), { maxLength: 5 }),
      fc.constantFrom("", "/"),
      (parts, end) => {
        const basePath = `${parts.map(([slash, text]) => slash + text).join("")}${end}`;
        const names = parts.map(([, text]) => text);
        expect(keys({ swagger: "2.0", basePath }, "prepend")).toEqual([`GET /${[...names, "e"].join("/")}`]);
        expect(keys({ swagger: "2.0", basePath }, "split")).toEqual([
          `GET /${[...names.slice(1), "e"].join("/")}`,
        ]);
      },
    ),
    { numRuns: 50 },
  );
});
