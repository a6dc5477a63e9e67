import { expect } from "vitest";
import { api, callFunction, gateway } from "../support/gateway.ts";
import { headersOf, isMask, type Json, record, replay, text, type Vector } from "./vectors.ts";

/** What the connection says; the engine writes it. */
const FRAMING = new Set(["connection", "date", "content-length"]);

function settingsOf(file: string, setup: Json): { api: Json; integration: Json } {
  if (file === "lambda_response") {
    return {
      api: { protocol: "REST", strict: true, binaryMediaTypes: setup["binaryMediaTypes"] ?? [] },
      integration: {},
    };
  }
  const version = /1\.0/.test(text(setup["api"])) ? "1.0" : "2.0";
  return { api: { protocol: "HTTP" }, integration: { payloadFormatVersion: version } };
}

/** What the function returns; text that is no JSON can only be a string that it returned. */
function resultOf(input: Json): unknown {
  if ("lambda_returns" in input) return input["lambda_returns"];
  const raw = text(input["lambda_payload_raw"]);
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

async function responseCase(file: string, { setup, input, expected }: Vector): Promise<void> {
  const { api: settings, integration } = settingsOf(file, setup);
  const throws = /raise|throw/i.test(text(input["lambda"])) || input["lambda_raises"] === true;
  const handler = async () => {
    if (throws) throw new Error("as the vector says");
    return resultOf(input);
  };
  const subject = await gateway(api({ "ANY /test": callFunction("fn", integration) }, settings), {
    functions: { fn: { handler } },
  });
  const request = record(input["request"]);
  const method = text(request["method"]) || "POST";
  const response = await subject.fetch("/test", {
    method,
    headers: headersOf(request["headers"]),
    body: typeof request["body"] === "string" ? request["body"] : null,
  });
  expect(response.status).toBe(expected["status"]);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const body = new TextDecoder().decode(bytes);
  if (typeof expected["body"] === "string") expect(body).toBe(expected["body"]);
  if (expected["json"]) expect(JSON.parse(body)).toEqual(expected["json"]);
  if (typeof expected["body_base64"] === "string") {
    expect(btoa(String.fromCharCode(...bytes))).toBe(expected["body_base64"]);
  }
  for (const [name, value] of Object.entries(record(expected["headers"]))) {
    const line = Array.isArray(value) ? value.join(", ") : text(value);
    if (name.toLowerCase() === "content-length") expect(bytes.length).toBe(Number(line));
    if (FRAMING.has(name.toLowerCase()) || isMask(value)) continue;
    expect(response.headers.get(name), name).toBe(line);
  }
  const present = expected["headers_present"];
  for (const name of Array.isArray(present) ? present : []) {
    expect(response.headers.has(String(name)), String(name)).toBe(true);
  }
}

replay("lambda_response", (vector) => responseCase("lambda_response", vector));

replay("httpapi_lambda_response", (vector) => responseCase("httpapi_lambda_response", vector), {
  deviations: {
    "inference JSON_Array":
      "the raw payload has blanks; a JavaScript function returns a value, which JSON.stringify prints without",
  },
});
