import { expect } from "vitest";
import { fromBase64, toBase64 } from "../../src/lib/base64.ts";
import { api, callFunction, echoFunction, gateway } from "../support/gateway.ts";
import { headersOf, list, record, replay, text, type Vector } from "./vectors.ts";

const bytesOf = (base64: unknown): Uint8Array => {
  const bytes = fromBase64(text(base64));
  if (!bytes) throw new Error("the vector is no base64");
  return bytes;
};

const settingsOf = ({ setup }: Vector) => ({
  protocol: "REST",
  strict: true,
  binaryMediaTypes: list(setup["binaryMediaTypes"]),
});

async function requestCase(vector: Vector): Promise<void> {
  const { setup, input, expected } = vector;
  const integration = {
    type: "http",
    uri: "https://origin.test/",
    httpMethod: "PUT",
    ...(typeof setup["contentHandling"] === "string" && { contentHandling: setup["contentHandling"] }),
    ...(setup["requestTemplates"] !== undefined && { requestTemplates: setup["requestTemplates"] }),
    responses: { default: { statusCode: 200 } },
  };
  const subject = await gateway(api({ "ANY /a": integration }, settingsOf(vector)));
  const response = await subject.fetch("/a", {
    method: text(input["method"]),
    headers: headersOf(input["headers"]),
    body: bytesOf(input["body_base64"]),
  });
  expect(response.status).toBe(expected["status"]);
  if (expected["status"] !== 200) return;
  expect(toBase64(subject.lastSent.body ?? new Uint8Array())).toBe(expected["backend_body_base64"]);
}

async function responseCase(vector: Vector): Promise<void> {
  const { setup, input, expected } = vector;
  const integration = {
    type: "http",
    uri: "https://origin.test/",
    responses: {
      default: {
        statusCode: 200,
        ...(typeof setup["contentHandling"] === "string" && { contentHandling: setup["contentHandling"] }),
        ...(setup["responseTemplates"] !== undefined && { responseTemplates: setup["responseTemplates"] }),
      },
    },
  };
  const subject = await gateway(api({ "GET /a": integration }, settingsOf(vector)), {
    origin: () =>
      new Response(bytesOf(setup["backend_body_base64"]), {
        headers: { "content-type": text(setup["backend_content_type"]) },
      }),
  });
  const response = await subject.fetch("/a", { headers: headersOf(input["headers"]) });
  expect(response.status).toBe(expected["status"]);
  if (expected["status"] !== 200) return;
  expect(toBase64(new Uint8Array(await response.arrayBuffer()))).toBe(expected["client_body_base64"]);
}

/** Whether a function's base64 body reaches the client decoded, or its request encoded. */
async function proxyCase(vector: Vector): Promise<void> {
  const { input, expected } = vector;
  const encoded = expected["event.isBase64Encoded"];
  if (encoded !== undefined) {
    const echo = echoFunction();
    const subject = await gateway(api({ "ANY /a": callFunction("f") }, settingsOf(vector)), {
      functions: { f: echo.module },
    });
    await subject.fetch("/a", { method: "POST", headers: headersOf(input), body: new Uint8Array([1, 2]) });
    expect(echo.events.at(-1)?.["isBase64Encoded"]).toBe(encoded);
    return;
  }
  const result = input["lambda_returns"] ?? { statusCode: 200, body: "AQI=", isBase64Encoded: true };
  const subject = await gateway(api({ "ANY /a": callFunction("f") }, settingsOf(vector)), {
    functions: { f: { handler: async () => result } },
  });
  const headers = headersOf(input["headers"] ?? input);
  const body = new Uint8Array(await (await subject.fetch("/a", { headers })).arrayBuffer());
  const base64 = text(record(result)["body"]);
  const decoded = expected["decoded"] === true;
  expect(toBase64(body)).toBe(decoded ? base64 : btoa(base64));
}

replay("binary", (vector) => {
  if (vector.setup["integration"] === "AWS_PROXY") return proxyCase(vector);
  return vector.setup["direction"] === "request" ? requestCase(vector) : responseCase(vector);
});
