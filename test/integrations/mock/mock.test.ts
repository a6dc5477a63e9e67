import { describe, expect, test } from "vitest";
import { mockStatus } from "../../../src/integrations/mock/mock-status.ts";
import { api, gateway } from "../../support/gateway.ts";

test.each([
  ['{"statusCode": 200}', 200],
  ['  {"statusCode":200}\n', 200],
  ["{statusCode: 200}", 200],
  ["{'statusCode': 200}", 200],
  ['{"statusCode": 200,}', 200],
  ['{"statusCode": 200,,}', 200],
  ['{"statusCode": 0}', 0],
  ['{"statusCode": -1000}', -1000],
  ['{"statusCode": "200"}', undefined],
  ['{"statusCode": 200.5}', undefined],
  ['{"statusCode": null}', undefined],
  ['{"status": 200}', undefined],
  ["{statusCode': 200}", undefined],
  ['{"statusCode: 200}', undefined],
  ['"statusCode": 200', undefined],
  ["{statusCode: 200, q: 'x,statusCode:404,y'}", 200],
  ['{q: "x\\",statusCode:404,y", statusCode: 200}', 200],
  ["{a: {x: 1, statusCode: 1, b: 2}, statusCode: 200}", 200],
  ["{a: [1, statusCode: 1, 2], statusCode: 200}", 200],
  ["{statusCode: 200, statusCode: 404}", 404],
  ["{statusCode: 200, said: it's}", 200],
  ["{statusCode: 200, foo}", undefined],
  ['{statusCode: 200, foo: "bar}', undefined],
  ["{statusCode: 200, foo: 'x}", undefined],
  ["{statusCode: 200, foo: [ba r}", undefined],
  ['{statusCode: 200, "foo: 1}', undefined],
  ["{statusCode: 200, [foo: 1}", undefined],
  ["[200]", undefined],
  ["200", undefined],
  ["{}", undefined],
  ["", undefined],
])("the request template %j yields %s", (template, status) => {
  expect(mockStatus(template)).toBe(status);
});

describe("a mock", () => {
  const templates = { "application/json": '{"statusCode": 200}', "text/plain": '{"statusCode": 201}' };
  const responses = { "200": { statusCode: 200 }, "201": { statusCode: 201 }, default: { statusCode: 202 } };
  const mock = (more: object) => ({ type: "mock", requestTemplates: templates, responses, ...more });
  const post = async (integration: unknown, init: RequestInit = {}) => {
    const subject = await gateway(api({ "POST /a": integration }, { protocol: "REST" }));
    return subject.fetch("/a", { method: "POST", ...init });
  };

  test.each([
    [undefined, 200],
    ["application/json; charset=utf-8", 200],
    ["Text/Plain", 201],
  ])("chooses its template by content type %s: %i", async (type, status) => {
    const headers: HeadersInit = type === undefined ? {} : { "content-type": type };
    expect((await post(mock({}), { headers })).status).toBe(status);
  });

  test("that chooses no template for a content type says so", async () => {
    const subject = await gateway(api({ "POST /a": mock({}) }, { protocol: "REST" }), { showReasons: true });
    const headers = { "content-type": "text/html" };
    const response = await subject.fetch("/a", { method: "POST", body: "x", headers });
    expect([response.status, response.headers.get("x-portico-reason")]).toEqual([
      500,
      "mock.no_status: no request template of POST /a is for text/html, and the body itself has no integer statusCode",
    ]);
  });

  test("without a template takes the status from the body", async () => {
    const integration = mock({ requestTemplates: {} });
    expect((await post(integration, { body: '{"statusCode": 201}' })).status).toBe(201);
    expect((await post(integration, { body: '{"statusCode": 299}' })).status).toBe(202);
    expect((await post(integration, { body: "" })).status).toBe(500);
    expect((await post(integration, { body: "{" })).status).toBe(500);
  });

  test("sets its static headers, the framing ones under another name", async () => {
    const responseParameters = {
      "method.response.header.Access-Control-Allow-Origin": "'*'",
      "method.response.header.Content-Type": "'text/html'",
      "method.response.header.Content-Length": "'9'",
      "method.response.header.Transfer-Encoding": "'chunked'",
      "method.response.header.Server": "'mine'",
    };
    const response = await post(mock({ responses: { default: { statusCode: 200, responseParameters } } }));
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(response.headers.get("x-amzn-remapped-content-length")).toBe("9");
    expect(response.headers.get("x-amzn-remapped-server")).toBe("mine");
    expect(response.headers.get("transfer-encoding")).toBeNull();
  });

  test.each([
    [{}, 500],
    [{ "404": { statusCode: 404 } }, 500],
    [{ default: { statusCode: 0 } }, 500],
    [{ default: { statusCode: 700 } }, 500],
    [{ default: { statusCode: 204 } }, 204],
    [{ default: { statusCode: 304, responseTemplates: { a: "x" } } }, 304],
  ])("with responses %j answers %i", async (given, status) => {
    expect((await post(mock({ responses: given }))).status).toBe(status);
  });
});
