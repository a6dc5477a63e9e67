import * as v from "valibot";
import type { Call } from "../../src/call.ts";
import type { StageConfig } from "../../src/config/api-config.ts";
import { GatewayResponses } from "../../src/config/gateway-response-schema.ts";
import { API_DEFAULTS } from "../../src/config/schemas.ts";
import { GatewayError } from "../../src/gateway-responses/gateway-error.ts";
import { errorResponse } from "../../src/gateway-responses/respond.ts";
import { type Ask, callOf } from "../access/function-authorizer/support.ts";

export interface Failing extends Ask {
  readonly protocol?: "HTTP" | "REST";
  readonly strict?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  readonly error?: GatewayError;
}

const runtime = {
  fetchOrigin: () => Promise.reject(new Error("none")),
  loadFunction: () => Promise.reject(new Error("none")),
  functionEnv: {},
  showReasons: false,
};

export const UNAUTHORIZED = new GatewayError("UNAUTHORIZED", "auth.identity_source", "no header");

/** A call of an API with these gateway responses. */
export function callWith(gatewayResponses: unknown, options: Failing = {}): Call {
  const { protocol = "REST", strict = false, variables = {} } = options;
  const stage: StageConfig = {
    api: "default",
    stage: "prod",
    settings: {
      ...API_DEFAULTS,
      protocol,
      strict,
      gatewayResponses: v.parse(GatewayResponses, gatewayResponses),
    },
    variables,
    routes: [],
    authorizers: new Map(),
    models: new Map(),
    limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
    deployment: "auto",
    broken: false,
    problems: [],
  };
  return callOf(stage, runtime, options);
}

/** What a client of such an API gets for an error. */
export function answer(gatewayResponses: unknown, options: Failing = {}): Response {
  const { protocol = "REST", error = UNAUTHORIZED } = options;
  const ids = { protocol, requestId: "id", extendedRequestId: "ext" };
  return errorResponse(error, ids, callWith(gatewayResponses, options));
}

/** The text of the body that one template of UNAUTHORIZED makes. */
export function render(template: string, options: Failing = {}, type = "application/json"): Promise<string> {
  return answer({ UNAUTHORIZED: { responseTemplates: { [type]: template } } }, options).text();
}
