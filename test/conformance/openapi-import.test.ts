import { expect } from "vitest";
import { parseRouteKey } from "../../src/config/route-key.ts";
import { BASE_PATH_MODES, type BasePathMode } from "../../src/openapi/base-path.ts";
import { importOpenApi } from "../../src/openapi/import.ts";
import { list, record, replay, type Vector } from "./vectors.ts";

/**
 * API Gateway imports into a tree of resources; Portico has routes only. What is compared is the
 * methods on each path, and that each of the tree's resources is a route's path or stands above one.
 *
 * The imported files are not part of the vectors: what stands here has their paths, methods and
 * the members that the case is about.
 */

const MOCK = {
  type: "mock",
  passthroughBehavior: "when_no_match",
  requestTemplates: { "application/json": '{"statusCode": 200}' },
  responses: { default: { statusCode: "200" } },
};
const HTTP = {
  type: "http",
  httpMethod: "GET",
  uri: "http://petstore.example.com/petstore/pets",
  passthroughBehavior: "when_no_match",
  responses: { default: { statusCode: "200" } },
};

const served = (integration: object, more: object = {}) => ({
  ...more,
  responses: { "200": { description: "200 response" } },
  "x-amazon-apigateway-integration": integration,
});

const swagger = (paths: object, more: object = {}) => ({
  swagger: "2.0",
  info: { title: "t", version: "1" },
  paths,
  ...more,
});
const openapi = (paths: object, more: object = {}) => ({
  openapi: "3.0.1",
  info: { title: "t", version: 1 },
  paths,
  ...more,
});

/** `/test` and the two methods of the files with a base path. */
const TEST = { "/test": { get: served(MOCK), options: served(MOCK) } };
const PETS = { "/pets": { get: served(HTTP) }, "/pets/{petId}": { get: served(HTTP) } };

/** The files of the cases about base paths, by the end of the case's name. */
const BASE_PATHS: Readonly<Record<string, object>> = {
  "get-resources-swagger-json": swagger(TEST, { basePath: "/base" }),
  "get-resources-no-base-path-swagger": swagger(PETS),
  "get-resources-oas30-srv-var": openapi(TEST, {
    servers: [{ url: "https://a.test/{basePath}", variables: { basePath: { default: "/base-var" } } }],
  }),
  "get-resources-oas30-srv-url": openapi(TEST, { servers: [{ url: "https://a.test/base-url/part/" }] }),
};

const DOCUMENTS: Readonly<Record<string, object>> = {
  test_import_swagger_api: swagger({
    "/": { get: served(MOCK, { produces: ["text/html"] }) },
    "/pets": {
      get: served(HTTP),
      post: served({ ...HTTP, httpMethod: "POST" }, { consumes: ["application/json"] }),
      options: served(MOCK),
    },
    "/pets/{petId}": { get: served(HTTP), options: served(MOCK) },
  }),
  "test_import_and_validate_rest_api[openapi.spec.tf.json]": openapi({
    "/": { get: served({ type: "aws_proxy", httpMethod: "POST", uri: "hello" }), options: served(MOCK) },
  }),
  test_import_with_circular_models_and_request_validation: openapi(
    {
      "/person": {
        post: served(MOCK, {
          requestBody: {
            content: { "application/json": { schema: { $ref: "#/components/schemas/Person" } } },
          },
        }),
      },
    },
    {
      "x-amazon-apigateway-request-validators": {
        basic: { validateRequestBody: true, validateRequestParameters: true },
      },
      "x-amazon-apigateway-request-validator": "basic",
      components: {
        schemas: {
          Person: {
            type: "object",
            required: ["name"],
            properties: { house: { $ref: "#/components/schemas/House" } },
          },
          House: {
            type: "object",
            properties: { contains: { type: "array", items: { $ref: "#/components/schemas/Person" } } },
          },
        },
      },
    },
  ),
  test_import_with_http_method_integration: openapi({
    "/": {
      get: served({ ...MOCK, type: "aws", httpMethod: "POST", uri: "hello" }),
      options: served({ ...MOCK, httpMethod: "POST" }),
    },
  }),
  test_import_with_integer_http_status_code: openapi({
    "/test": { get: served({ ...MOCK, responses: { default: { statusCode: 200 } } }) },
  }),
};

interface Case {
  readonly document: object | undefined;
  readonly basepath: BasePathMode | undefined;
}

function caseOf({ name, input }: Vector): Case {
  const mode = String(input["mode"] ?? /\[(\w+)\]/.exec(String(input["test"]))?.[1]);
  const basepath = BASE_PATH_MODES.find((known) => known === mode);
  if (input["test"] === undefined) {
    const paths = list(input["paths"]).map((path) => [path, { get: served(MOCK) }]);
    return { document: swagger(Object.fromEntries(paths), { basePath: input["basePath"] }), basepath };
  }
  const document =
    BASE_PATHS[name.split(" ").at(-1) ?? ""] ?? DOCUMENTS[String(input["test"]).replace(/^.*::/, "")];
  return { document, basepath };
}

/** A resource as the vectors have it; the guide gives paths alone. */
function resourceOf(value: unknown, routes: ReadonlyMap<string, readonly string[]>) {
  if (typeof value !== "string") return record(value);
  return { path: value, methods: routes.get(value) ?? [] };
}

replay("openapi_import", (vector) => {
  const { expected } = vector;
  const { document, basepath } = caseOf(vector);
  expect(document, `there is no document for ${vector.name}`).toBeDefined();
  const { routes, problems } = importOpenApi(document, { ...(basepath && { basepath }) });
  expect(problems).toEqual([]);
  const methods = new Map<string, string[]>();
  for (const key of routes.keys()) {
    const route = parseRouteKey(key);
    if (typeof route === "string") throw new Error(route);
    methods.set(route.path, [...(methods.get(route.path) ?? []), route.method]);
  }
  const resources = list(expected["resources"]).map((value) => resourceOf(value, methods));
  for (const { path, methods: wanted } of resources) {
    expect([path, (methods.get(String(path)) ?? []).sort()]).toEqual([path, wanted]);
    const above = String(path) === "/" ? "/" : `${String(path)}/`;
    expect([...methods.keys()].some((known) => known === path || known.startsWith(above))).toBe(true);
  }
  const paths = resources.map(({ path }) => path);
  for (const path of methods.keys()) expect(paths).toContain(path);
});
