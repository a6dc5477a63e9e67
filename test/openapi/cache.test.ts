import { expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const imported = (cache: unknown) =>
  importOpenApi({
    openapi: "3.0.1",
    info: { title: "t" },
    paths: {
      "/a": { get: { "x-portico-cache": cache, "x-amazon-apigateway-integration": { type: "mock" } } },
    },
  });

test("a cache becomes a member of its entry, with its defaults where it is read", () => {
  const { entries, routes, problems } = imported({ mode: "ttl", key: ["querystring.type"] });
  expect(problems).toEqual([]);
  expect(entries.get("apis/default/routes/GET /a")).toEqual({
    integration: { type: "mock" },
    cache: { mode: "ttl", key: ["querystring.type"] },
  });
  expect(routes.get("GET /a")?.cache).toEqual({
    mode: "ttl",
    ttl: 300,
    key: ["querystring.type"],
    shared: false,
    maxBytes: 1_048_576,
    staleWhileRevalidate: 0,
    staleIfError: 0,
    errors: {},
    invalidation: "SUCCEED_WITHOUT_RESPONSE_HEADER",
  });
});

test.each([
  [{ mode: "ttl", ttl: 3601 }, "value.invalid", "cache.ttl"],
  [{ mode: "ttl", ttl: -1 }, "value.invalid", "cache.ttl"],
  [{ mode: "ttl", key: ["type"] }, "value.invalid", "cache.key.0"],
  [{ mode: "ttl", errors: { "200": 1 } }, "value.invalid", "cache.errors.200"],
  [{ mode: "http", ttl: 5 }, "key.unknown", "cache.ttl"],
  [{ mode: "forever" }, "value.invalid", "cache.mode"],
  [{}, "value.invalid", "cache.mode"],
  [true, "value.invalid", "cache"],
])("%j is refused where it stands", (cache, code, place) => {
  const [problem] = imported(cache).problems;
  expect(problem).toMatchObject({ code, path: `paths./a.get#${place}` });
});
