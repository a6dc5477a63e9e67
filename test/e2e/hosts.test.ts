import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "./support/client.ts";
import { answerWith, api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin } from "./support/origin.ts";
import { until } from "./support/wait.ts";

const VARIABLES =
  "export const handler = async (event: any) => ({ stage: event.requestContext.stage, variables: event.stageVariables ?? null, rawPath: event.rawPath });";

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  gateway = await startGateway({
    routes: { "variables.ts": VARIABLES },
    entries: {
      ...api("default", { "GET /": answerWith("default"), "GET /only-default": answerWith("default") }),
      ...api("shop", {
        "GET /": answerWith("shop"),
        "GET /items/{id}": answerWith("shop item"),
        "GET /stage": { type: "aws_proxy", uri: "variables" },
        "GET /backend/{proxy+}": proxyTo(`${origin.url}/echo/\${stageVariables.version}/{proxy}`),
      }),
      ...api(
        "billing",
        { "GET /": answerWith("billing"), "GET /invoices": answerWith("invoices") },
        { protocol: "REST" },
      ),
      "apis/shop/stages/$default": { variables: { version: "v1" } },
      "apis/shop/stages/beta": { variables: { version: "v2", flag: "on" } },
      "apis/billing/stages/live": {},
      "domains/api.example.com": {
        mappings: [
          { basePath: "shop", api: "shop", stage: "$default" },
          { basePath: "shop/beta", api: "shop", stage: "beta" },
          { basePath: "bills", api: "billing", stage: "live" },
        ],
      },
      "domains/*.customers.example": { mappings: [{ api: "shop", stage: "$default" }] },
      "domains/gone.example.com": { mappings: [{ api: "no-such-api" }] },
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

async function at(host: string, path: string): Promise<readonly [number, string]> {
  const { status, text } = await ask(gateway.port, path, { headers: { host } });
  return [status, text];
}

const NOT_FOUND = [404, '{"message":"Not Found"}'];
const FORBIDDEN = [403, '{"message":"Forbidden"}'];

test("the host's first label names the API, else it is the default one", async () => {
  expect(await at("shop.localhost", "/")).toEqual([200, "shop"]);
  expect(await at(`shop.localhost:${gateway.port}`, "/items/1")).toEqual([200, "shop item"]);
  expect(await at("SHOP.localhost", "/")).toEqual([200, "shop"]);
  for (const host of ["localhost", "127.0.0.1", "[::1]", "unknown.localhost"]) {
    expect([host, await at(host, "/")]).toEqual([host, [200, "default"]]);
  }
});

test("one API's routes are not another's", async () => {
  expect(await at("shop.localhost", "/only-default")).toEqual(NOT_FOUND);
  expect(await at("localhost", "/items/1")).toEqual(NOT_FOUND);
});

describe("stages", () => {
  test("a first segment that names one chooses it, with its variables", async () => {
    const [status, text] = await at("shop.localhost", "/beta/stage");
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { stage: "beta", variables: { version: "v2", flag: "on" }, rawPath: "/beta/stage" },
    ]);
    const [, plain] = await at("shop.localhost", "/stage");
    expect(JSON.parse(plain)).toEqual({ stage: "$default", variables: { version: "v1" }, rawPath: "/stage" });
  });

  test("variables choose the origin's path", async () => {
    expect(JSON.parse((await at("shop.localhost", "/backend/x?y=1"))[1]).url).toBe("/echo/v1/x?y=1");
    expect(JSON.parse((await at("shop.localhost", "/beta/backend/x?y=1"))[1]).url).toBe("/echo/v2/x?y=1");
  });

  test("a REST API without $default has nothing outside its stages", async () => {
    expect(await at("billing.localhost", "/live/invoices")).toEqual([200, "invoices"]);
    expect(await at("billing.localhost", "/invoices")).toEqual(FORBIDDEN);
    expect(await at("billing.localhost", "/")).toEqual(FORBIDDEN);
  });

  test("a variable that changes is another origin path, without a restart", async () => {
    await gateway.put("apis/shop/stages/beta", { variables: { version: "v3" } });
    await until("the new variable is used", async () => {
      const [, text] = await at("shop.localhost", "/beta/backend/x");
      return JSON.parse(text).url === "/echo/v3/x";
    });
    await gateway.put("apis/shop/stages/beta", { variables: { version: "v2", flag: "on" } });
    await until("the old one is", async () =>
      (await at("shop.localhost", "/beta/backend/x"))[1].includes("/v2/"),
    );
  });
});

describe("a domain's API mappings", () => {
  test.each([
    ["the base path's API and stage", "/shop/items/1", [200, "shop item"]],
    ["the base path alone", "/shop", [200, "shop"]],
    ["a base path with another below it", "/shop/beta/items/1", [200, "shop item"]],
    ["another API", "/bills/invoices", [200, "invoices"]],
    ["whole segments only", "/shopping", FORBIDDEN],
    ["no mapping", "/invoices", FORBIDDEN],
    ["no mapping at the root", "/", FORBIDDEN],
    ["a route that the mapped API does not have", "/shop/only-default", NOT_FOUND],
    [
      "a stage that the mapping does not name",
      "/bills/live/invoices",
      [403, '{"message":"Missing Authentication Token"}'],
    ],
  ])("%s", async (_, path, expected) => {
    expect(await at("api.example.com", path)).toEqual(expected);
  });

  test("the longest base path decides the stage", async () => {
    expect(JSON.parse((await at("api.example.com", "/shop/beta/stage"))[1])).toMatchObject({ stage: "beta" });
    expect(JSON.parse((await at("api.example.com", "/shop/stage"))[1])).toMatchObject({ stage: "$default" });
  });

  test("a wildcard takes one label", async () => {
    expect(await at("acme.customers.example", "/")).toEqual([200, "shop"]);
    expect(await at("a.b.customers.example", "/")).toEqual([200, "default"]);
  });

  test("a mapping to an API that is not there is a clear refusal", async () => {
    expect((await at("gone.example.com", "/"))[0]).toBe(404);
  });

  test("R-29 a domain's entry that turns bad keeps what it served", async () => {
    await gateway.put("domains/api.example.com", "{");
    await until("the log names it", async () => {
      await at("api.example.com", "/shop");
      return gateway.complaints.some((line) => line.includes("domains/api.example.com"));
    });
    expect(await at("api.example.com", "/shop/items/1")).toEqual([200, "shop item"]);
  });
});
