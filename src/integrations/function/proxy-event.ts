import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { type EventBody, httpEventBody, restEventBody } from "../../functions/event-body.ts";
import { eventHeaders } from "../../functions/event-headers.ts";
import { eventV1 } from "../../functions/event-v1.ts";
import { eventV2 } from "../../functions/event-v2.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { traceOf } from "../../observability/ids.ts";
import { badResult } from "./result.ts";
import { resultV1 } from "./result-v1.ts";
import { resultV2 } from "./result-v2.ts";

/** Lambda's limit for an event's body as the event carries it, in bytes. */
const LAMBDA_LIMIT = 6 * 1024 * 1024;

export type PayloadFormat = "1.0" | "2.0";

/** REST APIs know 1.0 only; an HTTP API's default is the newest. */
export function payloadFormat(integration: GatewayIntegration, stage: StageConfig): PayloadFormat {
  return stage.settings.protocol === "REST" ? "1.0" : (integration.payloadFormatVersion ?? "2.0");
}

/** The event of a proxy integration, its body read whole. */
export async function proxyEvent(call: Call, format: PayloadFormat): Promise<unknown> {
  const rest = call.stage.settings.protocol === "REST";
  const bytes = await readBody(call, call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT);
  const body = eventBody(call, bytes);
  const spelling = rest ? "rest" : format === "1.0" ? "title" : "lower";
  const headers = eventHeaders(call, spelling, traceOf(call), bytes.byteLength);
  return format === "1.0" ? eventV1(call, headers, body) : eventV2(call, headers, body);
}

/** A function's result as the client's response. */
export function proxyAnswer(call: Call, name: string, format: PayloadFormat, result: unknown): Response {
  const response = toAnswer(call, name, format, result);
  call.outcome.integrationStatus = response.status;
  if (call.stage.settings.protocol === "REST") response.headers.set("x-amzn-trace-id", traceOf(call));
  return response;
}

function toAnswer(call: Call, name: string, format: PayloadFormat, result: unknown): Response {
  try {
    return format === "1.0" ? resultV1(call, name, result) : resultV2(call, name, result);
  } catch (error) {
    // A getter, a proxy or a BigInt, which JSON could not have carried out of a Lambda either.
    throw error instanceof GatewayError ? error : badResult(call, name, "something that cannot be read");
  }
}

/** Whether a body's bytes are in a coding, whatever text they are in it. */
function isCoded({ request }: Call): boolean {
  const coding = request.headers.get("content-encoding") ?? "";
  return coding !== "" && coding.toLowerCase() !== "identity";
}

function eventBody(call: Call, bytes: Uint8Array): EventBody | undefined {
  if (bytes.byteLength === 0) return undefined;
  const { settings } = call.stage;
  const contentType = call.request.headers.get("content-type");
  const body =
    settings.protocol === "REST"
      ? restEventBody(bytes, contentType, settings.binaryMediaTypes)
      : httpEventBody(bytes, isCoded(call) ? null : contentType);
  const size = body.isBase64Encoded ? body.text.length : bytes.byteLength;
  if (settings.limits.bodyBytes === undefined && size > LAMBDA_LIMIT) {
    throw new GatewayError(
      "REQUEST_TOO_LARGE",
      "request.body_too_large",
      `a function's event carries at most ${LAMBDA_LIMIT} bytes of body; this one has ${size}`,
    );
  }
  return body;
}
