import { describe, expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const mock = { "x-amazon-apigateway-integration": { type: "mock" } };

function document(paths: object, more: object = {}) {
  return { openapi: "3.0.1", info: { title: "t", version: "1" }, paths, ...more };
}

describe("an OpenAPI document becomes entries", () => {
  test("of every method, of any method and of $default", () => {
    const { entries, problems, warnings } = importOpenApi(
      document({
        "/a": { get: mock, post: mock, "x-amazon-apigateway-any-method": mock },
        "/b/{id}": { delete: { ...mock, operationId: "deleteB" } },
        "/$default": { "x-amazon-apigateway-any-method": mock },
      }),
    );
    expect([problems, warnings]).toEqual([[], []]);
    expect(Object.fromEntries(entries)).toEqual({
      "apis/default/routes/GET /a": { integration: { type: "mock" } },
      "apis/default/routes/POST /a": { integration: { type: "mock" } },
      "apis/default/routes/ANY /a": { integration: { type: "mock" } },
      "apis/default/routes/DELETE /b/{id}": { integration: { type: "mock" }, operationName: "deleteB" },
      "apis/default/routes/$default": { integration: { type: "mock" } },
    });
  });

  test("with the settings of its root", () => {
    const { api, settings } = importOpenApi(
      document(
        {},
        {
          "x-portico-api": "shop",
          "x-portico-protocol": "REST",
          "x-portico-strict": true,
          "x-amazon-apigateway-binary-media-types": ["image/*"],
        },
      ),
    );
    expect(api).toBe("shop");
    expect(settings).toMatchObject({ protocol: "REST", strict: true, binaryMediaTypes: ["image/*"] });
  });

  test("with its title for a name, but no settings of an API for that alone", () => {
    const apiEntry = (more: object) =>
      importOpenApi(document({ "/a": { get: mock } }, more)).entries.get("apis/default");
    expect(apiEntry({})).toBeUndefined();
    expect(apiEntry({ "x-portico-protocol": "REST" })).toEqual({ protocol: "REST", name: "t" });
  });

  test.each([
    [undefined, false, false],
    [undefined, true, true],
    [true, false, true],
    [false, true, true],
    [true, undefined, true],
    [false, undefined, false],
    [undefined, undefined, false],
  ])("with a closed endpoint where one of its words says so (%s, %s)", (own, servers, closed) => {
    const configuration = { disableExecuteApiEndpoint: servers };
    const { settings, problems } = importOpenApi(
      document(
        {},
        {
          ...(own === undefined ? {} : { "x-portico-disable-execute-api-endpoint": own }),
          ...(servers === undefined
            ? {}
            : { servers: [{ url: "/", "x-amazon-apigateway-endpoint-configuration": configuration }] }),
        },
      ),
    );
    expect([problems, settings.disableExecuteApiEndpoint ?? false]).toEqual([[], closed]);
  });

  test("with integrations that components hold", () => {
    const { routes } = importOpenApi(
      document(
        { "/a": { get: { "x-amazon-apigateway-integration": { $ref: "#/components/x/one~1two" } } } },
        { components: { x: { "one/two": { type: "aws_proxy", uri: "hello" } } } },
      ),
    );
    expect(routes.get("GET /a")).toMatchObject({ integration: { uri: "hello" } });
  });
});

describe("what cannot be an entry is a problem at its place", () => {
  const integrated = (integration: object) =>
    document({ "/a": { get: { "x-amazon-apigateway-integration": integration } } });
  test.each([
    [{}, "openapi.version", "openapi"],
    [{ swagger: "1.2" }, "openapi.version", "swagger"],
    [{ openapi: "2.0" }, "openapi.version", "openapi"],
    [document({}, { "x-portico-api": "No Name" }), "api.name", "x-portico-api"],
    [document({}, { "x-portico-protocol": "SOAP" }), "value.unknown", "x-portico-protocol"],
    [document({ "/a/{": { get: mock } }), "route.key", "paths./a/{.get"],
    [integrated({ type: "htp" }), "value.unknown", "paths./a.get#integration.type"],
    [integrated({ type: "http_proxy", uri: "ftp://x" }), "uri.scheme", "paths./a.get#integration.uri"],
    [integrated({ type: "mock", tpye: 1 }), "key.unknown", "paths./a.get#integration.tpye"],
  ])("%j: %s", (value, code, path) => {
    expect(importOpenApi(value).problems).toContainEqual(expect.objectContaining({ code, path }));
  });

  test.each([
    document({ "/a": { get: mock } }, { "x-amazon-apigateway-security-policy": "TLS_1_2" }),
    document({ "/a": { get: mock } }, { "x-amazon-apigateway-auth": { type: "AWS_IAM" } }),
    document({ "/a": { get: { ...mock, "x-amazon-apigateway-policy": { Statement: [] } } } }),
  ])("R-13 a guard that is not there, or not at this place, opens no door: %j", (value) => {
    expect(importOpenApi(value).problems).toContainEqual(
      expect.objectContaining({ code: "security.unsupported" }),
    );
  });

  const iam = { "x-amazon-apigateway-auth": { type: "AWS_IAM" } };

  test.each<[string, object]>([
    ["$ref", { $ref: "#/components/pathItems/admin" }],
    ["GET", { GET: { ...mock, ...iam } }],
    ["security", { get: mock, security: [{ signed: [] }] }],
    ["x-amazon-apigateway-auth", { get: mock, ...iam }],
    ["x-portico-policy", { get: mock, "x-portico-policy": { Statement: [] } }],
    ["x-portico-nonsense", { get: mock, "x-portico-nonsense": 1 }],
    ["x-amazon-apigateway-request-validator", { get: mock, "x-amazon-apigateway-request-validator": "all" }],
  ])("R-13 a path item's %s, which nothing reads", (member, item) => {
    expect(importOpenApi(document({ "/admin": item })).problems).toMatchObject([
      { code: "key.unknown", path: `paths./admin.${member}` },
    ]);
  });

  test("what a path item may say besides is none", () => {
    const said = { summary: "s", description: "d", parameters: [], servers: [], trace: {}, "x-mine": 1 };
    expect(importOpenApi(document({ "/a": { get: mock, ...said } })).problems).toEqual([]);
  });

  test.each([
    null,
    undefined,
    1,
    "x",
    [],
    { openapi: 3, paths: [] },
    document({ "/a": null, "/b": { get: 1 } }),
  ])("%j throws nothing", (value) => {
    expect(importOpenApi(value).routes.size).toBe(0);
  });
});

test("an operation without an integration, and members that mean nothing here, are warnings", () => {
  const integration = { type: "mock", credentials: "arn:aws:iam::1:role/x" };
  const { warnings, problems, routes } = importOpenApi(
    document({ "/a": { get: {}, put: { "x-amazon-apigateway-integration": integration } } }),
  );
  expect(problems).toEqual([]);
  expect(warnings.map(({ code }) => code)).toEqual(["integration.none", "integration.member"]);
  expect([...routes.keys()]).toEqual(["PUT /a"]);
});

test.each([
  ["security that is null", { security: null }],
  ["security that is an object", { security: { api_key: [] } }],
  ["a request validator", { "x-amazon-apigateway-request-validator": "all" }],
  ["gateway responses at the wrong place", { "x-portico-gateway-responses": {} }],
  ["a misspelt extension", { "x-portico-protocl": "REST" }],
])("%s at the root is a problem, not an open door", (_, more) => {
  expect(importOpenApi(document({ "/a": { get: mock } }, more)).problems).not.toEqual([]);
});

test("a $ref that names no integration is a problem", () => {
  const integration = { $ref: "#/components/x-amazon-apigateway-integrations/none" };
  const { problems } = importOpenApi(
    document({ "/a": { get: { "x-amazon-apigateway-integration": integration } } }),
  );
  expect(problems).toHaveLength(1);
});
