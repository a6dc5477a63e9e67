import { expect } from "vitest";
import { api, callFunction, gateway } from "../support/gateway.ts";
import { record, replay, text, type Vector } from "./vectors.ts";

const LAMBDA_LIMIT = 6 * 1024 * 1024;
const PAYLOAD_LIMIT = 10 * 1024 * 1024;

/** `> 6 MB and <= 10485760`, `> 10485760`, `10485761`: a length that fits. */
function bodyLength(rule: string): number {
  if (/<=/.test(rule)) return LAMBDA_LIMIT + 1;
  if (/>/.test(rule)) return PAYLOAD_LIMIT + 1;
  return Number(rule);
}

async function limitCase({ setup, input, expected }: Vector): Promise<void> {
  const protocol = text(setup["api"]).startsWith("HTTP") ? "HTTP" : "REST";
  const handler = async () => ({ statusCode: 200 });
  const subject = await gateway(api({ "ANY /test": callFunction("fn") }, { protocol, strict: true }), {
    functions: { fn: { handler } },
  });
  const body = new Uint8Array(bodyLength(String(input["content_length"])));
  const response = await subject.fetch("/test", {
    method: text(input["method"]),
    headers: { "content-type": "text/plain" },
    body,
  });
  expect(response.status).toBe(expected["status"]);
  const answer = await response.text();
  if (typeof expected["body"] === "string") expect(answer).toBe(expected["body"]);
  for (const [name, value] of Object.entries(record(expected["headers"]))) {
    if (name === "content-length") expect(answer.length).toBe(Number(value));
    else expect(response.headers.get(name), name).toBe(value);
  }
}

replay("limits", limitCase);
