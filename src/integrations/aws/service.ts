import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { compileMapping } from "../../mapping/parameters/rest-request.ts";
import { traceOf } from "../../observability/ids.ts";
import { customRequest } from "../custom/request.ts";
import { customResponse } from "../custom/response.ts";
import { awsBackendHeaders } from "../http/request-headers.ts";
import { defaultTimeout, timedOut } from "../timeout.ts";
import type { AwsService } from "./signed/aws-service.ts";

/**
 * A service of AWS, called with what templates and mappings made, in the Worker's name; its
 * status selects among `responses` (aws-semantics 6.1, 6.2).
 */
export function customService(
  service: AwsService | { readonly fault: string },
  integration: GatewayIntegration,
  stage: StageConfig,
): Handler {
  if ("fault" in service) return (call) => Promise.reject(noService(call, service.fault));
  const prepare = customRequest(integration, stage);
  const answer = customResponse(integration, stage);
  const { protocol, strict } = stage.settings;
  // Where a mapping of a place finds nothing, the client must not choose.
  const { pathNames } = compileMapping(integration.requestParameters, stage.variables);
  const fillsOwn = !(strict && protocol === "REST");
  const timeout = integration.timeoutInMillis ?? defaultTimeout(protocol);
  const configured = integration.httpMethod;
  return async (call) => {
    const request = await prepare(call, awsBackendHeaders(call));
    const method = configured === undefined || configured === "ANY" ? call.method : configured;
    const startedAt = Date.now();
    call.outcome.answerDueAt = startedAt + timeout;
    const addsParameters = request.isTemplated || strict;
    const path = fillsOwn ? { ...ownVariables(call, pathNames), ...request.path } : request.path;
    const work = service.call(call, { ...request, path, method, addsParameters });
    const said = await withDeadline(work, timeout, () => timedOut(call, timeout)).finally(() => {
      call.outcome.integrationLatency = Date.now() - startedAt;
    });
    const backend = { selection: String(said.status), headers: said.headers, body: said.body };
    const response = await answer(call, backend, request.context);
    if (protocol === "REST") response.headers.set("x-amzn-trace-id", traceOf(call));
    return response;
  };
}

/** The route's variables for the places that nothing else fills, as `http` has them. */
function ownVariables(call: Call, mapped: ReadonlySet<string>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(call.route.parameters).filter(([name]) => !mapped.has(name)));
}

function noService(call: Call, fault: string): GatewayError {
  return new GatewayError("API_CONFIGURATION_ERROR", "integration.uri", `${call.route.key}: ${fault}`);
}
