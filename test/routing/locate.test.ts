import { describe, expect, test } from "vitest";
import type { Domain } from "../../src/config/api-config.ts";
import { chooseStage, type Directory, locate } from "../../src/routing/locate.ts";

function directory(apis: readonly string[], domains: Record<string, Domain["mappings"]> = {}): Directory {
  return {
    hasApi: (name) => apis.includes(name),
    domain: (host) => (domains[host] ? { host, mappings: domains[host] } : undefined),
  };
}

const mapping = (basePath: string, api: string, stage?: string) => ({
  basePath,
  api,
  ...(stage === undefined ? {} : { stage }),
});

describe("host to API", () => {
  const apis = directory(["default", "shop"]);
  test.each([
    ["localhost:8787", "default"],
    ["127.0.0.1:8787", "default"],
    ["[::1]:8787", "default"],
    ["shop.localhost:8787", "shop"],
    ["shop", "shop"],
    ["shop.example.com", "shop"],
    ["other.example.com", "default"],
    ["x.shop.example.com", "default"],
    ["", "default"],
  ])("%j is %s", (host, api) => {
    expect(locate(host, "/a", apis)).toMatchObject({ api, path: "/a", stage: undefined });
  });

  test("without an API of that name and without default there is none", () => {
    expect(locate("other.example.com", "/", directory(["shop"]))).toBe("api.none");
  });
});

describe("a custom domain's mappings", () => {
  const domains = directory(["default", "shop"], {
    "api.example.com": [
      mapping("", "all"),
      mapping("orders", "orders", "prod"),
      mapping("orders/v2", "orders2"),
    ],
    "strict.example.com": [mapping("only", "only")],
    "shop.localhost": [],
  });
  test.each([
    ["/", "all", "/", ""],
    ["/x", "all", "/x", ""],
    ["/orders", "orders", "/", "orders"],
    ["/orders/", "orders", "/", "orders"],
    ["/orders/1", "orders", "/1", "orders"],
    ["/orders/v2/1", "orders2", "/1", "orders/v2"],
    ["/orders/v20", "orders", "/v20", "orders"],
    ["/ordersx", "all", "/ordersx", ""],
    ["/Orders", "all", "/Orders", ""],
  ])("%s goes to %s with %s", (path, api, rest, basePath) => {
    expect(locate("api.example.com:443", path, domains)).toMatchObject({ api, path: rest, basePath });
  });

  test.each([
    ["strict.example.com", "/"],
    ["strict.example.com", "/onlyx"],
    // An entry that is broken maps nothing; it does not fall to an API of the host's name.
    ["shop.localhost", "/"],
  ])("%s%s is refused", (host, path) => {
    expect(locate(host, path, domains)).toBe("domain.none");
  });
});

describe("path to stage", () => {
  const stages = new Map([
    ["dev", "dev"],
    ["$default", "default"],
  ]);
  test.each([
    ["/dev/a", "dev", "/a", true],
    ["/dev", "dev", "/", true],
    ["/dev/", "dev", "/", true],
    ["/dev//a", "dev", "/a", true],
    ["/dev/dev", "dev", "/dev", true],
    ["/Dev/a", "default", "/Dev/a", false],
    ["/develop", "default", "/develop", false],
    ["/", "default", "/", false],
    ["/$default/a", "default", "/$default/a", false],
  ])("%s is served by %s as %s", (path, stage, rest, named) => {
    expect(chooseStage(stages, undefined, path)).toEqual({ stage, path: rest, named });
  });

  test("a mapping's stage serves the whole path, whatever its first segment names", () => {
    expect(chooseStage(stages, "dev", "/dev/a")).toEqual({ stage: "dev", path: "/dev/a", named: false });
  });

  test("there is none without $default, and none of a name that nothing has", () => {
    expect(chooseStage(new Map([["dev", "dev"]]), undefined, "/a")).toBeUndefined();
    expect(chooseStage(stages, "prod", "/a")).toBeUndefined();
  });
});
