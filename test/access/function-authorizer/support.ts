import { createExecutionContext } from "cloudflare:test";
import {
  type FunctionAuthorizerOptions,
  functionAuthorizer,
} from "../../../src/access/function-authorizer/function-authorizer.ts";
import type { Call, Runtime } from "../../../src/call.ts";
import type { Caller } from "../../../src/caller.ts";
import type { StageConfig } from "../../../src/config/api-config.ts";
import { parseAuthorizer } from "../../../src/config/check-authorizer.ts";
import { parseRouteKey } from "../../../src/config/route-key.ts";
import { API_DEFAULTS } from "../../../src/config/schemas.ts";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import { inspectHeaders } from "../../../src/incoming-headers.ts";
import {
  callFunction,
  echoFunction,
  type GatewayOptions,
  gateway,
  type TestGateway,
} from "../../support/gateway.ts";

export type Protocol = "REST" | "HTTP";

export const policy = (effect: "Allow" | "Deny", resource: unknown, more: Record<string, unknown> = {}) => ({
  principalId: "user-1",
  policyDocument: {
    Version: "2012-10-17",
    Statement: [{ Effect: effect, Action: "execute-api:Invoke", Resource: resource }],
  },
  ...more,
});

export const ALLOW = policy("Allow", "*");

export interface Guarded {
  readonly subject: TestGateway;
  /** The events that the guard got. */
  readonly asked: Record<string, unknown>[];
  /** The events that the integrations got. */
  readonly events: Record<string, unknown>[];
}

export interface Setup {
  readonly protocol?: Protocol;
  readonly authorizer?: Readonly<Record<string, unknown>>;
  readonly routes?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly entries?: Readonly<Record<string, unknown>>;
  /** The integrations' event format on HTTP APIs. */
  readonly payloadFormatVersion?: "1.0" | "2.0";
  readonly options?: GatewayOptions;
}

/** The whole gateway with one function authorizer in front of functions that echo their event. */
export async function guarded(
  answer: (event: Record<string, unknown>) => unknown,
  { protocol = "HTTP", authorizer = {}, routes = ["ANY /{proxy+}"], ...setup }: Setup = {},
): Promise<Guarded> {
  const asked: Record<string, unknown>[] = [];
  const echo = echoFunction();
  const handler = async (event: Record<string, unknown>) => {
    asked.push(structuredClone(event));
    return answer(event);
  };
  const { payloadFormatVersion = "2.0" } = setup;
  const integration = callFunction("echo", protocol === "REST" ? {} : { payloadFormatVersion });
  const entries: Record<string, unknown> = {
    "apis/default": { protocol, ...setup.settings },
    "apis/default/authorizers/guard": { type: "request", authorizerUri: "guard", ...authorizer },
    ...setup.entries,
  };
  for (const key of routes) entries[`apis/default/routes/${key}`] = { integration, authorizer: "guard" };
  const subject = await gateway(entries, {
    showReasons: true,
    ...setup.options,
    functions: { guard: { handler }, echo: echo.module, ...setup.options?.functions },
  });
  return { subject, asked, events: echo.events };
}

export interface Bare {
  readonly protocol?: Protocol;
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  readonly guard: (event: Record<string, unknown>) => unknown;
  readonly options?: FunctionAuthorizerOptions;
}

export interface Ask {
  readonly key?: string;
  readonly path?: string;
  readonly method?: string;
  readonly query?: string;
  readonly headers?: HeadersInit;
  readonly ctx?: ExecutionContext;
}

export type Verdict =
  | { readonly grant: string; readonly caller: Caller }
  | { readonly refused: string; readonly reason: string; readonly detail: string };

/** One authorizer by itself, so that time and the shared cache are the test's own. */
export function bare({
  protocol = "HTTP",
  entry = {},
  strict = false,
  variables = {},
  guard,
  options,
}: Bare) {
  const parsed = parseAuthorizer(
    "apis/default/authorizers/guard",
    { ok: true, value: { type: "request", authorizerUri: "guard", ...entry } },
    { ok: true, value: { ...API_DEFAULTS, protocol } },
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  if (parsed.value.type !== "request" && parsed.value.type !== "token") throw new Error(parsed.value.type);
  const stage: StageConfig = {
    api: "default",
    stage: "$default",
    settings: { ...API_DEFAULTS, protocol, strict },
    variables,
    routes: [],
    authorizers: new Map(),
    models: new Map(),
    limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
    deployment: "auto",
    broken: false,
    problems: [],
  };
  const authorizer = functionAuthorizer(parsed.value, "guard", stage, options);
  let asked = 0;
  const runtime: Runtime = {
    fetchOrigin: () => Promise.reject(new Error("no origin here")),
    loadFunction: async () => ({
      handler: async (event: Record<string, unknown>) => {
        asked += 1;
        return guard(event);
      },
    }),
    functionEnv: {},
    showReasons: false,
  };
  return {
    get asked() {
      return asked;
    },
    ask: async (options: Ask = {}): Promise<Verdict> => {
      const call = callOf(stage, runtime, options);
      try {
        const { grant } = await authorizer.authorize(call, []);
        return { grant, caller: call.caller };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        return { refused: error.type, reason: error.reason, detail: error.message };
      }
    },
  };
}

export function callOf(stage: StageConfig, runtime: Runtime, options: Ask): Call {
  const { method = "GET", path = "/a", key = `${method} ${path}`, query = "" } = options;
  const template = parseRouteKey(key);
  if (typeof template === "string") throw new Error(template);
  const request = new Request(`https://api.test${path}`, { method, headers: options.headers ?? {} });
  return {
    request,
    runtime,
    ctx: options.ctx ?? createExecutionContext(),
    method,
    scheme: "https",
    host: "api.test",
    fullPath: path,
    path,
    query,
    stageNamed: false,
    basePath: undefined,
    stage,
    route: { key, template, operationName: undefined, parameters: {} },
    stoppedHeaders: inspectHeaders(request.headers).stopped,
    clientAddress: "203.0.113.7",
    requestId: "id",
    extendedRequestId: "id",
    startedAt: 1_700_000_000_000,
    outcome: {},
    caller: {},
  };
}
