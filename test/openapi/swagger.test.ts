import { describe, expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };
const VALIDATORS = { all: { validateRequestBody: true, validateRequestParameters: true } };
const VALIDATOR = "x-amazon-apigateway-request-validator";

describe("Swagger 2.0", () => {
  const swagger = (operation: object, root: object = {}, item: object = {}) =>
    importOpenApi({
      swagger: "2.0",
      "x-amazon-apigateway-request-validators": VALIDATORS,
      [VALIDATOR]: "all",
      paths: { "/a": { ...item, post: { ...MOCK, ...operation } } },
      ...root,
    });

  test("has its body among the parameters, for each media type that is consumed", () => {
    const definitions = {
      Pet: { type: "object", properties: { tag: { $ref: "#/definitions/Tag" } } },
      Tag: { type: "string" },
      No: {},
    };
    const parameters = [{ name: "pet", in: "body", required: true, schema: { $ref: "#/definitions/Pet" } }];
    const models = (operation: object, root: object = {}) => {
      const { routes, problems } = swagger({ parameters, ...operation }, { definitions, ...root });
      expect(problems).toEqual([]);
      return routes.get("POST /a")?.requestModels;
    };
    expect(models({})).toEqual({ "application/json": "Pet" });
    expect(models({}, { consumes: ["application/json", "application/vnd.pet+json"] })).toEqual({
      "application/json": "Pet",
      "application/vnd.pet+json": "Pet",
    });
    expect(models({ consumes: ["application/vnd.pet+json"] }, { consumes: ["application/json"] })).toEqual({
      "application/vnd.pet+json": "Pet",
    });
    const { entries } = swagger({ parameters }, { definitions });
    expect(entries.get("apis/default/models/Pet")).toEqual({ schema: definitions.Pet });
    expect([...entries.keys()].filter((key) => key.includes("/models/"))).toEqual([
      "apis/default/models/Pet",
      "apis/default/models/Tag",
    ]);
  });

  test("has parameters at its root, and types beside their names", () => {
    const parameters = [
      { $ref: "#/parameters/Limit" },
      { name: "ids", in: "query", type: "array", items: { type: "integer" } },
      { name: "tags", in: "query", type: "array", items: { type: "string" }, collectionFormat: "multi" },
      { name: "name", in: "query", type: "string", required: true },
    ];
    const root = {
      parameters: { Limit: { name: "limit", in: "query", type: "integer", maximum: 100, description: "d" } },
    };
    const { entries, problems } = swagger({ parameters }, root);
    expect(problems).toEqual([]);
    expect(entries.get("apis/default/routes/POST /a")).toMatchObject({
      requestParameters: {
        "method.request.querystring.limit": { required: false, schema: { type: "integer", maximum: 100 } },
        "method.request.querystring.ids": {
          schema: { type: "array", items: { type: "integer" } },
          explode: false,
        },
        "method.request.querystring.tags": {
          schema: { type: "array", items: { type: "string" } },
          explode: true,
        },
        "method.request.querystring.name": true,
      },
    });
  });

  test("an operation's body takes the place of its path item's, whatever it is called", () => {
    const item = { parameters: [{ name: "a", in: "body", schema: { type: "object" } }] };
    const { entries } = swagger(
      { parameters: [{ name: "b", in: "body", schema: { type: "array" } }] },
      {},
      item,
    );
    expect(entries.get("apis/default/models/PostABody")).toEqual({ schema: { type: "array" } });
  });

  test("fields of forms are checked by nobody, which is said", () => {
    const { warnings } = swagger({ parameters: [{ name: "file", in: "formData", type: "file" }] });
    expect(warnings).toMatchObject([{ code: "parameter.unchecked", path: "paths./a.post.parameters.0" }]);
  });

  test("R-13 its security schemes stand at its root, and guard", () => {
    const guard = { type: "apiKey", in: "header", name: "Authorization" };
    const securityDefinitions = {
      guard: {
        ...guard,
        "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: "guard", identitySource: "" },
      },
      signed: { ...guard, "x-amazon-apigateway-authtype": "awsSigv4" },
    };
    const { routes, authorizers, problems } = swagger({ security: [{ guard: [] }] }, { securityDefinitions });
    expect(problems).toEqual([]);
    expect(routes.get("POST /a")?.authorizer).toBe("guard");
    expect(authorizers.get("guard")).toMatchObject({
      identitySource: ["method.request.header.Authorization"],
    });
    expect(
      swagger({ security: [{ signed: [] }] }, { securityDefinitions }).routes.get("POST /a")?.authorizer,
    ).toBe("AWS_IAM");
    expect(swagger({ security: [{ gard: [] }] }, { securityDefinitions }).problems).toMatchObject([
      { code: "security.unknown", message: 'there is no security scheme "gard" under securityDefinitions' },
    ]);
  });
});
