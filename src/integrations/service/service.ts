import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import { SERVICE_OPERATIONS, serviceOperation } from "../../config/service-operations.ts";
import type { ServiceIntegration, ServiceType } from "../../config/service-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { defaultTimeout, timedOut } from "../timeout.ts";
import { analyticsEngine } from "./analytics-engine.ts";
import { d1 } from "./d1.ts";
import { durableObject, service } from "./fetcher.ts";
import { kv } from "./kv.ts";
import type { Service } from "./operation.ts";
import { Arguments, compileParameters } from "./parameters.ts";
import { queue } from "./queue.ts";
import { r2 } from "./r2.ts";
import { workflow } from "./workflow.ts";

const SERVICES: Readonly<Record<ServiceType, Service>> = {
  queue,
  kv,
  r2,
  d1,
  workflow,
  service,
  durable_object: durableObject,
  analytics_engine: analyticsEngine,
};

/**
 * A service of the platform, called through a binding. The bindings of the gateway itself are
 * not among those that an entry can name.
 */
export function serviceIntegration(integration: ServiceIntegration, stage: StageConfig): Handler {
  const { type, binding: bindingName } = integration;
  const name = serviceOperation(type, integration.operation) ?? "";
  const rules = SERVICE_OPERATIONS[type][name] ?? {};
  const parameters = compileParameters(rules, integration.parameters, stage.variables);
  const timeout = integration.timeoutInMillis ?? defaultTimeout(stage.settings.protocol);
  const run = SERVICES[type];
  return async (call) => {
    const { functionEnv } = call.runtime;
    if (!Object.hasOwn(functionEnv, bindingName)) throw badBinding(call, bindingName, "there is none");
    const startedAt = Date.now();
    const work = async (): Promise<Response> => {
      const args = await Arguments.of(call, parameters);
      const response = run(functionEnv[bindingName], { call, name, args });
      if (!response) throw badBinding(call, bindingName, `it is no binding of the type ${type}`);
      return response;
    };
    try {
      const response = await withDeadline(work(), timeout, () => timedOut(call, timeout));
      call.outcome.integrationStatus = response.status;
      return response;
    } catch (error) {
      throw error instanceof GatewayError ? error : failed(call, bindingName, error);
    } finally {
      call.outcome.integrationLatency = Date.now() - startedAt;
    }
  };
}

function badBinding(call: Call, binding: string, why: string): GatewayError {
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "service.binding",
    `${call.route.key} names the binding ${binding}, and ${why}; see wrangler.toml`,
  );
}

/** Whatever a service throws: its words are for the log, not for the client. */
function failed(call: Call, binding: string, error: unknown): GatewayError {
  const cause = error instanceof Error ? error.message : String(error);
  return new GatewayError(
    "INTEGRATION_FAILURE",
    "service.failed",
    `the service behind the binding ${binding} of ${call.route.key} failed: ${cause}`,
    { cause: error },
  );
}
