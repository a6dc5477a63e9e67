import type { Handler } from "../../../call.ts";
import type { StageConfig } from "../../../config/api-config.ts";
import { subtypeTemplates } from "../../../config/check-subtype.ts";
import type { GatewayIntegration } from "../../../config/integration-schema.ts";
import type { ParameterRules } from "../../../config/parameter-rule.ts";
import { isSubtype, SUBTYPES, type Subtype } from "../../../config/subtype-operations.ts";
import { withDeadline } from "../../../lib/deadline.ts";
import { Arguments, compileParameters } from "../../service/parameters.ts";
import { defaultTimeout, timedOut } from "../../timeout.ts";
import { sendSigned } from "../signed/client.ts";
import type { AwsCall } from "../signed/credentials.ts";
import { regionOf } from "./region.ts";
import { serviceError } from "./service-error.ts";
import { wireOf } from "./wire.ts";

/**
 * `aws_proxy` with an `integrationSubtype`: a service of AWS called with parameters that are
 * expressions. The client gets the service's status and body where it has done what was asked.
 */
export function subtypeIntegration(integration: GatewayIntegration, stage: StageConfig): Handler {
  const { integrationSubtype: subtype = "", requestParameters = {} } = integration;
  if (!isSubtype(subtype)) throw new Error(`${subtype} is no subtype`);
  const rules: ParameterRules = SUBTYPES[subtype];
  const templates = subtypeTemplates(rules, requestParameters);
  const parameters = compileParameters(rules, templates, stage.variables);
  const timeout = integration.timeoutInMillis ?? defaultTimeout(stage.settings.protocol);
  return async (call) => {
    const startedAt = Date.now();
    const work = async (): Promise<Response> => send(call, subtype, await Arguments.of(call, parameters));
    try {
      return await withDeadline(work(), timeout, () => timedOut(call, timeout));
    } finally {
      call.outcome.integrationLatency = Date.now() - startedAt;
    }
  };
}

async function send(call: AwsCall, subtype: Subtype, args: Arguments): Promise<Response> {
  const region = regionOf(call, args);
  const { service, method, path, query, json } = await wireOf(subtype, args);
  const headers = new Headers();
  if (json) {
    headers.set("content-type", `application/x-amz-json-${json.version}`);
    headers.set("x-amz-target", json.target);
  }
  const body = json ? new TextEncoder().encode(JSON.stringify(json.body)) : null;
  const response = await sendSigned(call, { service, region }, { method, path, query, headers, body });
  if (!response.ok) throw await serviceError(call, service, response);
  return new Response(response.body, { status: response.status, headers: answerHeaders(response.headers) });
}

/** What concerns the client: the body's type, and which version of a configuration it is. */
function answerHeaders(from: Headers): Headers {
  const type = from.get("content-type") ?? "application/json";
  const headers = new Headers({
    "content-type": /^application\/x-amz-json-/i.test(type) ? "application/json" : type,
  });
  const version = from.get("configuration-version");
  if (version !== null) headers.set("configuration-version", version);
  return headers;
}
