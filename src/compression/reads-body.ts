import { validatorOf } from "../config/check-models.ts";
import type { GatewayIntegration } from "../config/integration-schema.ts";
import type { ApiEntry, RouteEntry } from "../config/schemas.ts";
import { isServiceIntegration, type ServiceIntegration } from "../config/service-schema.ts";

/**
 * Whether something of a route's looks into request bodies, which then have to be plain. What
 * is handed on without a look keeps its coding, unless API Gateway takes it off (`strict`).
 */
export function readsBody(entry: RouteEntry, settings: ApiEntry): boolean {
  if (validatorOf(entry, settings)?.validateRequestBody === true) return true;
  const { integration } = entry;
  return isServiceIntegration(integration)
    ? serviceReads(integration, settings)
    : integrationReads(integration, settings);
}

const READS = /request\.body/;

function serviceReads({ type, parameters }: ServiceIntegration, settings: ApiEntry): boolean {
  const passes = type === "service" || type === "durable_object";
  const stores = type === "r2" && settings.minimumCompressionSize === undefined;
  return passes || stores ? READS.test(JSON.stringify(parameters)) : true;
}

function integrationReads(integration: GatewayIntegration, settings: ApiEntry): boolean {
  const { type, requestParameters = {}, responseParameters = {} } = integration;
  const mapped = [requestParameters, ...Object.values(responseParameters)].flatMap((all) =>
    Object.values(all),
  );
  if (mapped.some((source) => READS.test(source))) return true;
  const { minimumCompressionSize, protocol, strict } = settings;
  // API Gateway's REST APIs decompress for every backend.
  if (strict && protocol === "REST") return true;
  switch (type) {
    case "http_proxy":
      return false;
    case "aws_proxy":
      // The events of HTTP APIs carry bytes as they came.
      return (
        protocol === "REST" ||
        minimumCompressionSize !== undefined ||
        integration.integrationSubtype !== undefined
      );
    case "mock":
      return templatesRead(integration) ?? true;
    case "aws":
      return templatesRead(integration) ?? !isServicePath(integration);
    case "http":
      return true;
  }
}

/** Whether any template looks at the payload; none where there are no templates. */
function templatesRead({ requestTemplates = {} }: GatewayIntegration): boolean | undefined {
  const templates = Object.values(requestTemplates);
  return templates.length === 0 ? undefined : templates.some((template) => template.includes("input"));
}

/** `s3:path/bucket/{key}`: what is uploaded may be meant to stay in its coding. */
const isServicePath = ({ uri = "" }: GatewayIntegration): boolean =>
  /:path\//.test(uri) && !/:lambda:path\//.test(uri);
