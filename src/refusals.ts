import type { Domain, StageConfig } from "./config/api-config.ts";
import type { ApiEntry } from "./config/schemas.ts";
import { GatewayError } from "./gateway-responses/gateway-error.ts";
import type { NotLocated } from "./routing/locate.ts";
import type { Target } from "./routing/path.ts";

/** What the door itself refuses with, before a route is known (aws-semantics 1, 2, 16). */

export function unavailable(cause: unknown): GatewayError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new GatewayError(
    "DEFAULT_5XX",
    "config.unavailable",
    `the configuration could not be read: ${text}`,
    {
      status: 503,
      message: "Service Unavailable",
      cause,
    },
  );
}

export function limit(target: Target, size: number, settings: ApiEntry): void {
  const { urlBytes, headerBytes } = settings.limits;
  if (target.path.length + target.query.length > urlBytes) throw tooLong(urlBytes);
  if (size > headerBytes) {
    throw new GatewayError(
      "DEFAULT_4XX",
      "request.headers_too_large",
      `the headers are larger than ${headerBytes} bytes`,
      {
        status: 431,
        message: "Request Header Fields Too Large",
      },
    );
  }
}

export function tooLong(bytes: number): GatewayError {
  return new GatewayError(
    "DEFAULT_4XX",
    "request.url_too_long",
    `path and query are longer than ${bytes} bytes`,
    { status: 414, message: "Request URI too long" },
  );
}

export function badPath(refusal: string): GatewayError {
  return new GatewayError("DEFAULT_4XX", "request.path", `the path has ${refusal}`);
}

export function notLocated(reason: NotLocated, host: string, domain: Domain | undefined): GatewayError {
  if (reason === "api.none") {
    return new GatewayError(
      "RESOURCE_NOT_FOUND",
      reason,
      `no API is configured for ${host}, nor one called default`,
    );
  }
  const problem = domain?.problem;
  if (problem) {
    const detail = `the domain's entry is bad: ${problem.path}: ${problem.message}`;
    return new GatewayError("API_CONFIGURATION_ERROR", "config.invalid", detail);
  }
  return new GatewayError("DEFAULT_4XX", reason, `no API mapping of the domain ${host} fits the path`, {
    status: 403,
    message: "Forbidden",
  });
}

/** A mapping, or a host's name, leads to an API that has no entries. */
export function noApi(api: string): GatewayError {
  return new GatewayError("RESOURCE_NOT_FOUND", "api.none", `there is no API "${api}"`);
}

export function noRoute(method: string, path: string, settings: ApiEntry): GatewayError {
  const type = settings.protocol === "REST" ? "MISSING_AUTHENTICATION_TOKEN" : "RESOURCE_NOT_FOUND";
  return new GatewayError(type, "route.none", `no route matches ${method} ${path}`);
}

/** An API that answers under its domains only (aws-semantics 1, `disableExecuteApiEndpoint`). */
export function endpointDisabled(host: string, settings: ApiEntry): GatewayError {
  const detail = `the API is served under its domains only, not under ${host}`;
  return settings.protocol === "REST"
    ? new GatewayError("DEFAULT_4XX", "endpoint.disabled", detail, { status: 403, message: "Forbidden" })
    : new GatewayError("RESOURCE_NOT_FOUND", "endpoint.disabled", detail);
}

export function brokenStage(stage: StageConfig): GatewayError {
  const [problem] = stage.problems;
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "config.invalid",
    `stage ${stage.stage} of ${stage.api} cannot be served: ${problem?.path ?? ""}: ${problem?.message ?? ""}`,
  );
}
