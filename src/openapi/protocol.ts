import type { OpenApiDocument } from "./document.ts";
import { record } from "./members.ts";
import { INTEGRATION, operations } from "./operations.ts";
import { resolve } from "./reference.ts";

/** Root members that only REST APIs have. */
const REST_ROOT = [
  "x-amazon-apigateway-request-validators",
  "x-amazon-apigateway-request-validator",
  "x-amazon-apigateway-gateway-responses",
  "x-amazon-apigateway-binary-media-types",
  "x-amazon-apigateway-minimum-compression-size",
  "x-amazon-apigateway-api-key-source",
  "x-amazon-apigateway-policy",
];

/**
 * Whether a document describes a REST API, which API Gateway is told by whoever imports it: as
 * Swagger 2.0 does, which no HTTP API is written in, and whatever uses what HTTP APIs have not.
 * The kind decides events and the bodies of errors; `x-portico-protocol` says it outright.
 */
export function looksLikeRest({ root, version }: OpenApiDocument): boolean {
  // Exports of HTTP APIs have it, and only they.
  if (root["x-amazon-apigateway-importexport-version"] !== undefined) return false;
  if (version === "2.0" || REST_ROOT.some((name) => root[name] !== undefined)) return true;
  return Object.entries(record(root["paths"]) ?? {})
    .flatMap(([path, item]) => operations(path, item))
    .some(
      ({ members }) =>
        members["x-amazon-apigateway-request-validator"] !== undefined ||
        isRestIntegration(resolve(root, members[INTEGRATION]) ?? {}),
    );
}

/** A bare `{type: mock}` decides nothing. */
function isRestIntegration(integration: Readonly<Record<string, unknown>>): boolean {
  const { type, requestTemplates, passthroughBehavior, contentHandling, payloadFormatVersion } = integration;
  const kind = typeof type === "string" ? type.toLowerCase() : "";
  if (kind === "aws") return true;
  // Exports of REST APIs say how bodies pass on proxies, too; HTTP APIs' have a payload format there.
  const proxy = kind === "http_proxy" || kind === "aws_proxy";
  if (proxy && payloadFormatVersion === undefined) {
    return passthroughBehavior !== undefined || contentHandling !== undefined;
  }
  if (kind !== "http" && kind !== "mock") return false;
  return (
    [requestTemplates, passthroughBehavior, contentHandling].some((value) => value !== undefined) ||
    Object.keys(record(integration["requestParameters"]) ?? {}).some((target) =>
      target.startsWith("integration.request."),
    ) ||
    Object.values(record(integration["responses"]) ?? {}).some(
      (response) => record(response)?.["responseTemplates"] !== undefined,
    )
  );
}
