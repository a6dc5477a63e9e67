import { beforeEach, describe, expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";
import { type GatewayOptions, TestGateway, writeEntries } from "../support/gateway.ts";
import orders from "./fixtures/orders-swagger.json";
import petstore from "./fixtures/petstore-oas30.json";
import shop from "./fixtures/shop-http-api.json";

/** A gateway over what a document became. */
async function serving(document: unknown, options: GatewayOptions = {}): Promise<TestGateway> {
  const { entries, problems } = importOpenApi(document);
  expect(problems).toEqual([]);
  await writeEntries(Object.fromEntries(entries));
  return new TestGateway(options);
}

const modelNames = (document: unknown): readonly string[] =>
  [...importOpenApi(document).entries.keys()].filter((key) => key.includes("/models/"));

describe("an export of a REST API (OpenAPI 3.0) with mocks, CORS, validators and models", () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await serving(petstore);
  });

  test("becomes a REST API", async () => {
    expect(importOpenApi(petstore).settings).toMatchObject({ protocol: "REST", name: "PetStore" });
    expect(modelNames(petstore)).toEqual(["apis/default/models/NewPet", "apis/default/models/PetType"]);
    const response = await gateway.fetch("/nowhere");
    expect([response.status, await response.text()]).toEqual([
      403,
      '{"message":"Missing Authentication Token"}',
    ]);
  });

  test("whose mocks answer, preflights among them", async () => {
    const page = await gateway.fetch("/");
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect(await page.text()).toContain("<h1>Welcome to your Pet Store API</h1>");
    const preflight = await gateway.fetch("/pets", { method: "OPTIONS" });
    expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([
      200,
      "POST,GET,OPTIONS",
    ]);
  });

  test("whose validators refuse what they refused", async () => {
    const without = await gateway.fetch("/pets/7");
    expect([without.status, await without.text()]).toEqual([
      400,
      '{"message":"Missing required request parameters: [X-Shop]"}',
    ]);
    expect(without.headers.get("access-control-allow-origin")).toBe("*");
    const found = await gateway.fetch("/pets/7", { headers: { "X-Shop": "a" } });
    expect([found.status, await found.text()]).toEqual([200, '{"id": "7"}']);
  });

  test("R-13 whose API key is asked for before anything", async () => {
    const response = await gateway.fetch("/pets", { method: "POST", body: "{}" });
    expect(response.status).toBe(403);
  });

  test("whose bodies are checked, and refused in the API's own words", async () => {
    const { security: _, ...post } = petstore.paths["/pets"].post;
    const open = { ...petstore, paths: { "/pets": { post } } };
    const created = (): Response => Response.json({ id: 7, type: "cat" });
    gateway = await serving(open, { origin: created });
    const send = async (pet: object) => {
      const headers = { "content-type": "application/json" };
      const response = await gateway.fetch("/pets", { method: "POST", headers, body: JSON.stringify(pet) });
      return [response.status, await response.json()];
    };
    expect(await send({ type: "cat", price: 1.5 })).toEqual([
      200,
      { pet: { id: 7, type: "cat" }, message: "success" },
    ]);
    expect(await send({ type: "snake" })).toEqual([422, { error: "Invalid request body" }]);
    expect(await send({ type: "cat", price: 0 })).toEqual([422, { error: "Invalid request body" }]);
    expect(gateway.sent).toHaveLength(1);
  });
});

describe("an export of a REST API (Swagger 2.0) with Lambda custom integrations and error mappings", () => {
  test("becomes a REST API whose guards all stand", () => {
    const { settings, routes, authorizers, entries, problems } = importOpenApi(orders);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      protocol: "REST",
      requestValidator: "all",
      minimumCompressionSize: 1024,
      binaryMediaTypes: ["application/pdf", "image/*"],
      gatewayResponses: { UNAUTHORIZED: { statusCode: 401 } },
    });
    expect(settings.policy).toBeDefined();
    expect([...routes.keys()]).toEqual([
      "GET /orders",
      "POST /orders",
      "OPTIONS /orders",
      "GET /orders/{id}",
      "ANY /files/{proxy+}",
    ]);
    expect(routes.get("GET /orders")).toMatchObject({
      authorizer: "orders-authorizer",
      apiKeyRequired: true,
      requestValidator: "params-only",
      requestParameters: {
        "method.request.querystring.status": true,
        "method.request.querystring.limit": false,
      },
      requestModels: {},
      integration: {
        passthroughBehavior: "when_no_templates",
        responses: { ".*\\[NotFound\\].*": { statusCode: 404 } },
      },
    });
    expect(routes.get("GET /orders/{id}")).toMatchObject({
      authorizer: "AWS_IAM",
      requestParameters: { "method.request.path.id": true },
    });
    expect(authorizers.get("orders-authorizer")).toMatchObject({ type: "token" });
    expect(modelNames(orders)).toEqual(["apis/default/models/NewOrder", "apis/default/models/OrderItem"]);
    expect(entries.get("apis/default/routes/POST /orders")).toMatchObject({
      requestModels: { "application/json": "NewOrder" },
    });
  });

  test("whose functions' errors become the statuses that they were mapped to", async () => {
    const { "x-amazon-apigateway-policy": _, ...open } = orders;
    const { security: __, ...get } = orders.paths["/orders"].get;
    const handler = (event: { params: { querystring: { status: string } } }) => {
      const { status } = event.params.querystring;
      if (status === "open") return [{ id: 1 }];
      throw new Error(status === "lost" ? "[NotFound] order" : "[BadRequest] no such status");
    };
    const gateway = await serving(
      { ...open, paths: { "/orders": { get } } },
      { functions: { "list-orders": { handler } } },
    );
    const list = async (query: string) => {
      const response = await gateway.fetch(`/orders${query}`);
      return [response.status, await response.json()];
    };
    expect(await list("?status=open")).toEqual([200, [{ id: 1 }]]);
    expect(await list("?status=lost")).toEqual([404, { message: "no such order" }]);
    expect(await list("?status=odd")).toEqual([400, { message: "[BadRequest] no such status" }]);
    expect(await list("")).toEqual([400, { message: "Missing required request parameters: [status]" }]);
  });
});

describe("an export of an HTTP API", () => {
  test("becomes an HTTP API", () => {
    const { settings, routes, authorizers, problems, entries } = importOpenApi(shop);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      protocol: "HTTP",
      cors: { allowOrigins: ["https://shop.example.com"] },
    });
    expect([...routes.keys()]).toEqual([
      "$default",
      "GET /carts/{id}",
      "PUT /carts/{id}",
      "POST /orders",
      "ANY /catalogue/{proxy+}",
      "GET /health",
    ]);
    expect(routes.get("PUT /carts/{id}")).toMatchObject({
      authorizer: "users",
      authorizationScopes: ["carts/write"],
      integration: { type: "aws_proxy", payloadFormatVersion: "2.0" },
    });
    expect([...authorizers.keys()]).toEqual(["users", "gate"]);
    expect(entries.get("apis/default")).toEqual({ name: "shop", cors: shop["x-amazon-apigateway-cors"] });
  });

  test("whose mappings hold", async () => {
    const gateway = await serving(shop);
    const response = await gateway.fetch("/catalogue/a/b");
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(gateway.sent[0]?.url).toBe("https://catalogue.example.com/v2/a/b");
    expect(gateway.sent[0]?.headers.get("x-stage")).toBe("$default");
    expect((await gateway.fetch("/carts/1")).status).toBe(401);
  });
});
