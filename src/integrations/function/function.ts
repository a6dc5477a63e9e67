import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import { fillStageVariables, functionName } from "../../config/integration-uri.ts";
import type { Integration } from "../../config/schemas.ts";
import { type EventBody, httpEventBody, restEventBody } from "../../functions/event-body.ts";
import { eventHeaders } from "../../functions/event-headers.ts";
import { eventV1 } from "../../functions/event-v1.ts";
import { eventV2 } from "../../functions/event-v2.ts";
import { invokeLambda } from "../../functions/invoke.ts";
import { type FunctionModule, loadModule } from "../../functions/module.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { traceOf } from "../../observability/ids.ts";
import { defaultTimeout, timedOut } from "../timeout.ts";
import { callFetchModule } from "./fetch-module.ts";
import { badResult } from "./result.ts";
import { resultV1 } from "./result-v1.ts";
import { resultV2 } from "./result-v2.ts";

/** Lambda's limit for an event's body as the event carries it, in bytes. */
const LAMBDA_LIMIT = 6 * 1024 * 1024;

type PayloadFormat = "1.0" | "2.0";

/**
 * `aws_proxy`: the request becomes a Lambda event for a bundled module, its result the
 * response; a module of the Workers kind is given the request itself.
 */
export function functionIntegration(integration: Integration, stage: StageConfig): Handler {
  const name = functionName(fillStageVariables(integration.uri ?? "", stage.variables));
  const { protocol } = stage.settings;
  const timeout = integration.timeoutInMillis ?? defaultTimeout(protocol);
  // REST APIs know 1.0 only; an HTTP API's default is the newest.
  const format = protocol === "REST" ? "1.0" : (integration.payloadFormatVersion ?? "2.0");
  let module: FunctionModule | undefined;
  return async (call) => {
    if (name === undefined) {
      throw new GatewayError(
        "API_CONFIGURATION_ERROR",
        "integration.uri",
        `the integration of ${call.route.key} names no function once the stage's variables are filled in`,
      );
    }
    const loaded = module ?? (await loadModule(call, name));
    module = loaded;
    const startedAt = Date.now();
    const work =
      loaded.kind === "fetch"
        ? callFetchModule(call, name, loaded)
        : runLambda(call, name, loaded, format, startedAt + timeout);
    try {
      return await withDeadline(work, timeout, () => timedOut(call, timeout));
    } finally {
      call.outcome.integrationLatency = Date.now() - startedAt;
    }
  };
}

async function runLambda(
  call: Call,
  name: string,
  module: Extract<FunctionModule, { kind: "lambda" }>,
  format: PayloadFormat,
  deadline: number,
): Promise<Response> {
  const rest = call.stage.settings.protocol === "REST";
  const trace = traceOf(call);
  const bytes = await readBody(call, call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT);
  const body = eventBody(call, bytes);
  const spelling = rest ? "rest" : format === "1.0" ? "title" : "lower";
  const headers = eventHeaders(call, spelling, trace, bytes.byteLength);
  const event = format === "1.0" ? eventV1(call, headers, body) : eventV2(call, headers, body);
  const result = await invokeLambda(call, name, module, event, deadline);
  const response = toAnswer(call, name, format, result);
  call.outcome.integrationStatus = response.status;
  if (rest) response.headers.set("x-amzn-trace-id", trace);
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

function eventBody(call: Call, bytes: Uint8Array): EventBody | undefined {
  if (bytes.byteLength === 0) return undefined;
  const { settings } = call.stage;
  const contentType = call.request.headers.get("content-type");
  const body =
    settings.protocol === "REST"
      ? restEventBody(bytes, contentType, settings.binaryMediaTypes)
      : httpEventBody(bytes, contentType);
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
