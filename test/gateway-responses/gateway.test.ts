import { describe, expect, test } from "vitest";
import { AccessLog } from "../../src/observability/access-log.ts";
import { api, callFunction, gateway, proxyTo } from "../support/gateway.ts";

const SAY = {
  "application/json":
    '{"type":"$context.error.responseType","path":"$context.path","resource":"$context.resourcePath","id":"$method.request.path.id","stage":"$context.stage","v":"$stageVariables.v"}',
};

const ROUTES = { "GET /users/{id}": callFunction("broken"), "GET /open": proxyTo("https://origin.test/") };

/** An API whose one function throws, with these gateway responses. */
async function subject(gatewayResponses: unknown, settings: Record<string, unknown> = {}) {
  const lines: string[] = [];
  const log = new AccessLog((text) => lines.push(text));
  const entries = {
    ...api(ROUTES, { protocol: "REST", gatewayResponses, ...settings }),
    "apis/default/stages/prod": { variables: { v: "V" } },
  };
  const handler = () => Promise.reject(new Error("broken"));
  return { gate: await gateway(entries, { functions: { broken: { handler } }, log }), log, lines };
}

describe("through the gateway", () => {
  const responses = {
    DEFAULT_4XX: { statusCode: "418", responseTemplates: SAY },
    DEFAULT_5XX: { statusCode: 599, responseTemplates: SAY },
  };

  test.each([
    ["a route that fails", "/prod/users/7", 599, "/users/{id}", "7"],
    ["a path without a route", "/prod/none", 418, "", ""],
    ["a limit in front of the routes", `/prod/open?${"x".repeat(9000)}`, 418, "", ""],
  ])("%s", async (_, target, status, resource, id) => {
    const { gate } = await subject(responses);
    const response = await gate.fetch(target);
    const [path] = target.split("?");
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ path, resource, id, stage: "prod", v: "V" });
  });

  test("before its stage is known an API has no words of its own", async () => {
    const { gate } = await subject(responses);
    const response = await gate.fetch("/none/open");
    expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}']);
  });

  test("an API under its domains only says so in its own words", async () => {
    const { gate } = await subject(responses, { disableExecuteApiEndpoint: true });
    expect(await (await gate.fetch("/prod/open")).json()).toMatchObject({
      type: "DEFAULT_4XX",
      path: "/prod/open",
    });
  });

  test("R-17 CORS covers them, and what it says comes before what they say", async () => {
    const star = { responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'*'" } };
    const { gate } = await subject({ DEFAULT_4XX: star }, { cors: { allowOrigins: ["https://app.test"] } });
    const allowed = await gate.fetch("/prod/none", { headers: { origin: "https://app.test" } });
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.test");
    expect(allowed.headers.get("vary")).toBe("Origin");
    const other = await gate.fetch("/prod/none", { headers: { origin: "https://other.test" } });
    expect(other.headers.has("access-control-allow-origin")).toBe(false);
    const plain = await (await subject({ DEFAULT_4XX: star })).gate.fetch("/prod/none");
    expect(plain.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("the log has the status that the client got, and the reason as ever", async () => {
    const { gate, log, lines } = await subject(responses);
    await gate.fetch("/prod/none");
    log.flush();
    expect(JSON.parse(lines.join(""))).toMatchObject({ status: 418, reason: "route.none" });
  });

  test("R-12 nothing of what went wrong shows", async () => {
    const template = {
      "application/json": "[$context.error.messageString,$context.error.validationErrorString]",
    };
    const { gate } = await subject({ DEFAULT_5XX: { responseTemplates: template } });
    expect(await (await gate.fetch("/prod/users/7")).text()).toBe('["Internal server error",null]');
  });

  test("an entry that cannot be is reported, and serves nothing", async () => {
    const { gate } = await subject({ UNAUTHORISED: { statusCode: 401 } });
    expect((await gate.fetch("/prod/open")).status).toBe(500);
    expect(gate.problems).toContainEqual({
      code: "gateway_response.type",
      path: "apis/default#gatewayResponses.UNAUTHORISED",
      message: 'there is no gateway response type "UNAUTHORISED"',
      hint: 'did you mean "UNAUTHORIZED"?',
    });
  });
});
