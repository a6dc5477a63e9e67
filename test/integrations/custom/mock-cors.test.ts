import { describe, expect, test } from "vitest";
import { api, gateway } from "../../support/gateway.ts";

const CORS = {
  "method.response.header.Access-Control-Allow-Headers":
    "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token'",
  "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
  "method.response.header.Access-Control-Allow-Origin": "'*'",
};

/** `OPTIONS` as the console's "Enable CORS" makes it and an export has it. */
const EXPORTED = {
  type: "mock",
  requestTemplates: { "application/json": '{"statusCode": 200}' },
  passthroughBehavior: "when_no_match",
  responses: { default: { statusCode: "200", responseParameters: CORS } },
};

/** As SAM and the CDK write it. */
const SAM = {
  ...EXPORTED,
  requestTemplates: { "application/json": '{\n  "statusCode" : 200\n}\n' },
  responses: {
    default: {
      statusCode: "200",
      responseParameters: CORS,
      responseTemplates: { "application/json": "{}\n" },
    },
  },
};
const CDK = {
  ...EXPORTED,
  requestTemplates: { "application/json": "{ statusCode: 204 }" },
  responses: { "204": { statusCode: "204", responseParameters: CORS } },
};

const PREFLIGHT = {
  method: "OPTIONS",
  headers: {
    accept: "*/*",
    origin: "https://shop.test",
    "access-control-request-method": "GET",
    "access-control-request-headers": "authorization,x-api-key",
  },
};

describe("a mock for CORS", () => {
  test.each([
    ["the console's", EXPORTED, {}, 200, ""],
    ["SAM's", SAM, {}, 200, "{}\n"],
    ["the CDK's", CDK, {}, 204, ""],
    ["the console's, with binary types", EXPORTED, { binaryMediaTypes: ["image/png"] }, 200, ""],
    ["the console's, where everything is binary", EXPORTED, { binaryMediaTypes: ["*/*"] }, 200, ""],
    ["SAM's, where everything is binary", SAM, { binaryMediaTypes: ["*/*"] }, 200, "{}\n"],
    [
      "the one for such APIs",
      { ...EXPORTED, contentHandling: "CONVERT_TO_TEXT" },
      { binaryMediaTypes: ["*/*"] },
      200,
      "",
    ],
  ])("answers a browser's question: %s", async (_, integration, settings, status, text) => {
    const subject = await gateway(api({ "OPTIONS /pets": integration }, { protocol: "REST", ...settings }), {
      showReasons: true,
    });
    const response = await subject.fetch("/pets", PREFLIGHT);
    expect([response.headers.get("x-portico-reason"), response.status, await response.text()]).toEqual([
      null,
      status,
      text,
    ]);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toBe("GET,OPTIONS");
    expect(response.headers.get("access-control-allow-headers")).toContain("X-Api-Key");
    expect(response.headers.has("x-amzn-trace-id")).toBe(false);
  });

  test("where everything is binary is 500 in an API that is API Gateway's to the letter", async () => {
    const settings = { protocol: "REST", binaryMediaTypes: ["*/*"], strict: true };
    const subject = await gateway(api({ "OPTIONS /pets": EXPORTED }, settings), { showReasons: true });
    const response = await subject.fetch("/pets", PREFLIGHT);
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toMatch(/^mapping\.binary/);
  });

  test("leaves the route beside it alone", async () => {
    const subject = await gateway(
      api({ "OPTIONS /pets": EXPORTED, "GET /pets": { type: "http_proxy", uri: "https://o.test/pets" } }),
    );
    expect((await subject.fetch("/pets")).status).toBe(200);
    expect(subject.lastSent.url).toBe("https://o.test/pets");
  });

  test.each([
    ["text/plain", 415],
    ["application/json", 200],
  ])("takes a question with a body of type %s by its passthroughBehavior: %i", async (type, status) => {
    const integration = { ...EXPORTED, passthroughBehavior: "never" };
    const subject = await gateway(api({ "OPTIONS /pets": integration }, { protocol: "REST" }));
    const headers = { ...PREFLIGHT.headers, "content-type": type };
    const response = await subject.fetch("/pets", { method: "OPTIONS", headers, body: "{}" });
    expect(response.status).toBe(status);
  });
});
