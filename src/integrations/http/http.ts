import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { Integration } from "../../config/schemas.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { HOPS_HEADER, nextHop } from "../../incoming-headers.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { type ResponseChoices, responseChoices } from "../select-response.ts";
import { defaultTimeout, timedOut } from "../timeout.ts";
import { originFailure } from "./origin-failure.ts";
import { proxyHeaders, restBackendHeaders } from "./request-headers.ts";
import { compileMapping, mapRequest, type RequestMapping, unmappedQuery } from "./request-parameters.ts";
import { httpResponseHeaders, restResponseHeaders } from "./response-headers.ts";
import { compileUri, hasDotSegment, type UriTemplate } from "./uri.ts";

interface Route {
  readonly integration: Integration;
  readonly stage: StageConfig;
  readonly rest: boolean;
  readonly uri: UriTemplate | undefined;
  readonly mapping: RequestMapping;
  readonly choices: ResponseChoices;
  readonly timeout: number;
}

/**
 * `http_proxy`: the request as it is, to an origin, its answer as it is, both bodies
 * streamed without a byte of them seen here. `http`: API Gateway's non-proxy form, where
 * only what is mapped reaches the origin and the status is chosen by `responses`.
 */
export function httpIntegration(integration: Integration, stage: StageConfig): Handler {
  const route: Route = {
    integration,
    stage,
    rest: stage.settings.protocol === "REST",
    uri: compileUri(integration.uri ?? "", stage.variables),
    mapping: compileMapping(integration.requestParameters, stage.variables),
    choices: responseChoices(integration),
    timeout: integration.timeoutInMillis ?? defaultTimeout(stage.settings.protocol),
  };
  return integration.type === "http_proxy"
    ? async (call) => answer(call, route, await callOrigin(call, route, proxyHeaders(call, route.rest)))
    : async (call) => {
        const headers = restBackendHeaders(call);
        const response = await callOrigin(call, route, headers);
        return selectedAnswer(call, route, response, headers.get("x-amzn-trace-id"));
      };
}

async function callOrigin(call: Call, route: Route, headers: Headers): Promise<Response> {
  const { request } = call;
  if (!route.uri) {
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "integration.uri",
      `the integration of ${call.route.key} has no valid URL once the stage's variables are filled in`,
    );
  }
  const hop = nextHop(request.headers);
  if (route.uri.authority === call.host || hop === undefined) {
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "integration.loop",
      `${call.route.key} forwards to this gateway itself (${route.uri.authority})`,
    );
  }
  const proxy = route.integration.type === "http_proxy";
  headers.set(HOPS_HEADER, hop);
  const mapped = mapRequest(route.mapping, call, headers);
  const url = originUrl(call, route, mapped.path, mapped.query, proxy);
  const method = originMethod(route.integration.httpMethod, call);
  const bodyless = method === "GET" || method === "HEAD";
  const sentAt = Date.now();
  try {
    const response = await withDeadline(
      call.runtime.fetchOrigin(url, {
        method,
        headers,
        body: bodyless ? null : (call.bufferedBody ?? request.body),
        redirect: "manual",
        ...(call.stop && { signal: call.stop }),
      }),
      route.timeout,
      () => timedOut(call, route.timeout),
    );
    call.outcome.integrationStatus = response.status;
    // No response of ours can have such a status: 999, or 101 where nobody asked to upgrade.
    if (response.status < 200 || response.status > 599)
      throw new Error(`it sent the status ${response.status}`);
    return response;
  } catch (error) {
    throw error instanceof GatewayError ? error : originFailure(error, call, route.uri.authority);
  } finally {
    call.outcome.integrationLatency = Date.now() - sentAt;
  }
}

function originMethod(configured: string | undefined, call: Call): string {
  return configured === undefined || configured === "ANY" ? call.method : configured;
}

function originUrl(
  call: Call,
  route: Route,
  path: Readonly<Record<string, string>>,
  mappedQuery: string,
  proxy: boolean,
): string {
  const { uri } = route;
  const own = call.route.parameters;
  // API Gateway's REST APIs fill a URI from mapped parameters only; we fall back on the route's.
  const useOwn = !(route.stage.settings.strict && route.rest);
  const url =
    uri?.fill((name) =>
      Object.hasOwn(path, name) ? path[name] : useOwn && Object.hasOwn(own, name) ? own[name] : undefined,
    ) ?? "";
  if (hasDotSegment(url)) {
    throw new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "request.path",
      `a path parameter of ${call.route.key} would change the origin's path`,
    );
  }
  const sentQuery = proxy ? unmappedQuery(route.mapping, call.query) : "";
  const query = [sentQuery, mappedQuery].filter((part) => part !== "").join("&");
  return query === "" ? url : `${url}${uri?.hasQuery ? "&" : "?"}${query}`;
}

function answer(call: Call, route: Route, response: Response): Response {
  // The body is handed on untouched: the engine pipes it without waking the isolate.
  const out = new Response(response.body, response);
  if (route.rest) restResponseHeaders(out.headers, call);
  else httpResponseHeaders(out.headers);
  return out;
}

function selectedAnswer(call: Call, route: Route, response: Response, trace: string | null): Response {
  const chosen = route.choices.select(String(response.status));
  if (!chosen) {
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "integration.status_unmapped",
      `${call.route.key} has no integration response for ${response.status} and no default`,
    );
  }
  const headers = new Headers({ "content-type": "application/json" });
  for (const [name, value] of chosen.headers) headers.set(name, value);
  // Recorded: HTTP integrations of REST APIs say it to the client, HTTP_PROXY and MOCK do not.
  if (route.rest && trace !== null) headers.set("x-amzn-trace-id", trace);
  const templates = chosen.responseTemplates ?? {};
  const template = templates["application/json"] ?? Object.values(templates)[0];
  // An empty template stands for the body as it came.
  const body = template ? template : response.body;
  const empty = chosen.statusCode === 204 || chosen.statusCode === 304;
  return new Response(empty ? null : body, { status: chosen.statusCode, headers });
}
