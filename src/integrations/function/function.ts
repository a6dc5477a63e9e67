import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration as Integration } from "../../config/integration-schema.ts";
import { fillStageVariables, functionName } from "../../config/integration-uri.ts";
import { invokeLambda } from "../../functions/invoke.ts";
import { type FunctionModule, loadModule } from "../../functions/module.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { limitIdle, responseTimeout } from "../http/resilience/stream-mode.ts";
import { timedOut } from "../timeout.ts";
import { callFetchModule } from "./fetch-module.ts";
import { type PayloadFormat, payloadFormat, proxyAnswer, proxyEvent } from "./proxy-event.ts";

/**
 * `aws_proxy`: the request becomes a Lambda event for a bundled module, its result the
 * response; a module of the Workers kind is given the request itself.
 */
export function functionIntegration(integration: Integration, stage: StageConfig): Handler {
  const name = functionName(fillStageVariables(integration.uri ?? "", stage.variables));
  const timeout = responseTimeout(integration, stage.settings.protocol);
  const streams = integration.responseTransferMode === "STREAM";
  const format = payloadFormat(integration, stage);
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
      const response = await withDeadline(work, timeout, () => timedOut(call, timeout));
      return streams ? limitIdle(response) : response;
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
  const event = await proxyEvent(call, format);
  return proxyAnswer(call, name, format, await invokeLambda(call, name, module, event, deadline));
}
