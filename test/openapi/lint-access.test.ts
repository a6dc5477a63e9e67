import { expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";
import { lintAccess } from "../../src/openapi/lint-access.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };
const guard = {
  type: "apiKey",
  in: "header",
  name: "Authorization",
  "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: "guard" },
};
const key = { type: "apiKey", in: "header", name: "x-api-key" };
const GUARDED = { ...MOCK, security: [{ guard: [] }] };
const EVERYBODY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" }],
};

function warnings(paths: object, root: object = {}): readonly string[] {
  const imported = importOpenApi({
    openapi: "3.0.1",
    info: { title: "t", version: "1" },
    components: { securitySchemes: { guard, key } },
    paths,
    ...root,
  });
  expect(imported.problems).toEqual([]);
  return lintAccess(imported).map(({ code, path }) => `${code} ${path}`);
}

test("a guarded API has nothing to say", () => {
  expect(warnings({ "/a": { get: GUARDED, options: MOCK }, "/b/{id}": { post: GUARDED } })).toEqual([]);
});

test("an API that is open as a whole is meant so, but not the authorizer that nobody uses", () => {
  expect(warnings({ "/a": { get: MOCK } })).toEqual(["authorizer.unused components.securitySchemes.guard"]);
});

test("an open route among guarded ones is named", () => {
  expect(warnings({ "/a": { get: GUARDED }, "/b": { get: MOCK } })).toEqual(["route.open paths./b.get"]);
  expect(warnings({ "/a": { get: GUARDED }, "/b": { get: { ...MOCK, security: [{ key: [] }] } } })).toEqual(
    [],
  );
});

test("an operation that says that it is open is meant so", () => {
  expect(warnings({ "/a": { get: GUARDED }, "/b": { get: { ...MOCK, security: [] } } })).toEqual([]);
});

test("another method's detour around a guard is named", () => {
  const found = warnings({
    "/admin/{id}": { post: GUARDED },
    "/{proxy+}": { "x-amazon-apigateway-any-method": MOCK },
  });
  expect(found).toContain("route.detour paths./admin/{id}.post");
  const paths = {
    "/admin/{id}": { "x-amazon-apigateway-any-method": GUARDED },
    "/{proxy+}": { "x-amazon-apigateway-any-method": MOCK },
  };
  expect(warnings(paths, { "x-portico-protocol": "REST" }).join()).not.toContain("route.detour");
  // On HTTP APIs `/admin/x/` is another path than `/admin/x`.
  expect(warnings(paths)).toContain("route.detour paths./admin/{id}.x-amazon-apigateway-any-method");
  const slash = { ...paths, "/admin/{id}/{proxy+}": paths["/admin/{id}"] };
  expect(warnings(slash).join()).not.toContain("route.detour");
});

test("the path of a detour is named", () => {
  const detours = (paths: object, protocol = "HTTP"): readonly unknown[] => {
    const imported = importOpenApi({
      openapi: "3.0.1",
      components: { securitySchemes: { guard } },
      paths,
      "x-portico-protocol": protocol,
    });
    return lintAccess(imported)
      .filter(({ code }) => code === "route.detour")
      .map(({ message, hint }) => [message, hint]);
  };
  const any = "x-amazon-apigateway-any-method";
  const rest = { "/$default": { [any]: MOCK } };
  const methods = "DELETE, GET, HEAD, PATCH, POST, PUT";
  expect(detours({ "/orders": { [any]: GUARDED }, ...rest })).toEqual([
    [
      `ANY /orders is guarded, but ${methods} on /orders/ reach $default, which is open`,
      "guard the wider route too, or add a guarded ANY /orders/{proxy+}",
    ],
  ]);
  expect(detours({ "/orders/{id}": { get: GUARDED }, ...rest })).toEqual([
    [
      "GET /orders/{id} is guarded, but DELETE, HEAD, PATCH, POST, PUT on /orders/{id} reach $default and GET on /orders/{id}/ reaches $default, which is open",
      "guard the wider route too, or use x-amazon-apigateway-any-method on this path",
    ],
  ]);
  expect(detours({ "/a": { get: GUARDED }, "/{proxy+}": { [any]: MOCK } }, "REST")).toEqual([
    [
      "GET /a is guarded, but DELETE, HEAD, PATCH, POST, PUT on /a reach ANY /{proxy+}, which is open",
      "guard the wider route too, or use x-amazon-apigateway-any-method on this path",
    ],
  ]);
  // What takes the rest is no detour's victim.
  expect(detours({ "/": { get: MOCK }, "/$default": { [any]: GUARDED } })).toEqual([]);
});

test("a policy that allows everybody everything is named", () => {
  const paths = { "/a": { get: { ...GUARDED, "x-portico-policy": EVERYBODY } } };
  expect(warnings(paths, { "x-amazon-apigateway-policy": EVERYBODY })).toEqual([
    "policy.wildcard x-amazon-apigateway-policy",
    "policy.wildcard paths./a.get.x-portico-policy",
  ]);
});

test("a key that nobody can name is named", () => {
  const paths = { "/a": { get: { ...MOCK, security: [{ key: [] }] } }, "/b": { get: GUARDED } };
  expect(warnings(paths, { "x-amazon-apigateway-api-key-source": "AUTHORIZER" })).toEqual([
    "api_key.source paths./a.get",
  ]);
});
