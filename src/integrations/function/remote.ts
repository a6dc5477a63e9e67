import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { fillStageVariables } from "../../config/integration-uri.ts";
import { failureStatus } from "../../functions/module.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { traceOf } from "../../observability/ids.ts";
import { type RemoteFunction, remoteFunction } from "../aws/signed/lambda/remote-function.ts";
import { limitIdle, responseTimeout } from "../http/resilience/stream-mode.ts";
import { timedOut } from "../timeout.ts";
import { type PayloadFormat, payloadFormat, proxyAnswer, proxyEvent } from "./proxy-event.ts";

/** `aws_proxy` with `invoke: remote`: the function runs in its account; `STREAM` passes its response as it comes. */
export function remoteIntegration(integration: GatewayIntegration, stage: StageConfig): Handler {
  const uri = fillStageVariables(integration.uri ?? "", stage.variables);
  const remote = remoteFunction(uri);
  if ("fault" in remote) return (call) => Promise.reject(noFunction(call, remote.fault));
  const format = payloadFormat(integration, stage);
  const timeout = responseTimeout(integration, stage.settings.protocol);
  const streams = integration.responseTransferMode === "STREAM";
  return async (call) => {
    const event = await proxyEvent(call, format);
    const startedAt = Date.now();
    const work = streams ? streamed(call, remote, event) : invoked(call, remote, format, event);
    try {
      return await withDeadline(work, timeout, () => timedOut(call, timeout));
    } finally {
      call.outcome.integrationLatency = Date.now() - startedAt;
    }
  };
}

async function streamed(call: Call, remote: RemoteFunction, event: unknown): Promise<Response> {
  const response = limitIdle(await remote.stream(call, event));
  call.outcome.integrationStatus = response.status;
  if (call.stage.settings.protocol === "REST") response.headers.set("x-amzn-trace-id", traceOf(call));
  return response;
}

async function invoked(
  call: Call,
  remote: RemoteFunction,
  format: PayloadFormat,
  event: unknown,
): Promise<Response> {
  const { failed, payload } = await remote.invoke(call, event);
  if (failed) {
    throw new GatewayError(
      "DEFAULT_5XX",
      "function.threw",
      `the Lambda function ${remote.name} failed`,
      failureStatus(call),
    );
  }
  return proxyAnswer(call, remote.name, format, payload);
}

function noFunction(call: Call, fault: string): GatewayError {
  return new GatewayError("API_CONFIGURATION_ERROR", "integration.uri", `${call.route.key}: ${fault}`);
}
