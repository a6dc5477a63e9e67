import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { compileMapping, mapRequest, unmappedQuery } from "../../mapping/parameters/rest-request.ts";
import { toText } from "../custom/media.ts";
import { customRequest } from "../custom/request.ts";
import { customResponse } from "../custom/response.ts";
import { proxyHeaders, restBackendHeaders } from "./request-headers.ts";
import type { Circuits } from "./resilience/circuits.ts";
import { httpResponseHeaders, restResponseHeaders } from "./response-headers.ts";
import { originSender } from "./send.ts";
import { hasDotSegment, type UriTemplate } from "./uri.ts";

/**
 * `http_proxy`: the request as it is, to an origin, its answer as it is, both bodies
 * streamed without a byte of them seen here. `http`: API Gateway's custom form, where only
 * what is mapped reaches the origin and the response is chosen by `responses`.
 */
export function httpIntegration(
  integration: GatewayIntegration,
  stage: StageConfig,
  circuits: Circuits,
): Handler {
  return integration.type === "http_proxy"
    ? httpProxy(integration, stage, circuits)
    : httpCustom(integration, stage, circuits);
}

function httpProxy(integration: GatewayIntegration, stage: StageConfig, circuits: Circuits): Handler {
  const send = originSender(integration, stage, circuits);
  const { protocol, strict } = stage.settings;
  const rest = protocol === "REST";
  const mapping = compileMapping(integration.requestParameters, stage.variables, "via", strict && rest);
  const limit = stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT;
  const own = ownVariables(integration, stage);
  return async (call) => {
    if (mapping.needsBody) call.bufferedBody = await readBody(call, limit);
    const headers = proxyHeaders(call, rest);
    const { method, body } = bodyAndMethod(integration, call, call.bufferedBody ?? call.request.body);
    // Recorded of REST APIs and requests without a body; one that passes in its coding has to say so.
    if (rest && body === null) headers.delete("content-encoding");
    const text = mapping.needsBody ? toText(call.bufferedBody ?? new Uint8Array()) : "";
    const mapped = mapRequest(mapping, call, headers, text);
    const query = [unmappedQuery(mapping, call.query), mapped.query].filter((part) => part !== "").join("&");
    const response = await send(call, {
      method,
      body,
      headers,
      url: (origin) => originUrl(call, origin, mapped.path, query, own),
    });
    // The body is handed on untouched: the engine pipes it without waking the isolate.
    const out = new Response(response.body, response);
    if (rest) restResponseHeaders(out.headers, call);
    else httpResponseHeaders(out.headers);
    return out;
  };
}

const encoder = new TextEncoder();

function httpCustom(integration: GatewayIntegration, stage: StageConfig, circuits: Circuits): Handler {
  const send = originSender(integration, stage, circuits);
  const prepare = customRequest(integration, stage);
  const answer = customResponse(integration, stage);
  const rest = stage.settings.protocol === "REST";
  const own = ownVariables(integration, stage);
  return async (call) => {
    const request = await prepare(call, restBackendHeaders(call, methodOf(integration, call)));
    const { headers } = request;
    // Before it is sent on: what is sent may be changed by whoever sends it.
    const trace = headers.get("x-amzn-trace-id");
    const made = typeof request.body === "string" ? encoder.encode(request.body) : request.body;
    const { method, body } = bodyAndMethod(integration, call, made);
    // A template may make a body for a client that sent none.
    if (body !== null && !headers.has("content-type")) headers.set("content-type", "application/json");
    const response = await send(call, {
      method,
      body,
      headers,
      url: (origin) => originUrl(call, origin, request.path, request.query, own),
    });
    const said = { selection: String(response.status), headers: response.headers, body: response.body };
    const out = await answer(call, said, request.context);
    // Recorded: HTTP integrations of REST APIs say it to the client, HTTP_PROXY and MOCK do not.
    if (rest && trace !== null) out.headers.set("x-amzn-trace-id", trace);
    return out;
  };
}

function bodyAndMethod<Body>(
  { httpMethod }: GatewayIntegration,
  call: Call,
  body: Body | null,
): { readonly method: string; readonly body: Body | null } {
  const method = methodOf({ httpMethod }, call);
  return { method, body: hasBody(method, call) ? body : null };
}

function methodOf({ httpMethod }: Pick<GatewayIntegration, "httpMethod">, call: Call): string {
  return httpMethod === undefined || httpMethod === "ANY" ? call.method : httpMethod;
}

/** REST APIs send none with OPTIONS either (aws-semantics 6.1). */
function hasBody(method: string, { stage }: Call): boolean {
  if (method === "OPTIONS") return stage.settings.protocol !== "REST";
  return method !== "GET" && method !== "HEAD";
}

/** Whether a place of a URI may be filled with the route's variable of its name. */
type OwnVariables = (name: string) => boolean;

/**
 * API Gateway's REST APIs fill a URI from mapped parameters only; we fall back on the route's
 * variables, but for the places that a mapping fills: where it finds nothing, the client must
 * not choose.
 */
function ownVariables(integration: GatewayIntegration, { settings, variables }: StageConfig): OwnVariables {
  if (settings.strict && settings.protocol === "REST") return () => false;
  const { pathNames } = compileMapping(integration.requestParameters, variables);
  return (name) => !pathNames.has(name);
}

function originUrl(
  call: Call,
  origin: UriTemplate,
  path: Readonly<Record<string, string>>,
  query: string,
  isOwn: OwnVariables,
): string {
  const { parameters } = call.route;
  const url =
    call.mappedPath === undefined
      ? origin.fill((name) =>
          Object.hasOwn(path, name)
            ? path[name]
            : isOwn(name) && Object.hasOwn(parameters, name)
              ? parameters[name]
              : undefined,
        )
      : origin.base + call.mappedPath;
  if (hasDotSegment(url)) {
    throw new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "request.path",
      `a path parameter of ${call.route.key} would change the origin's path`,
    );
  }
  if (query === "") return url;
  return `${url}${origin.hasQuery && call.mappedPath === undefined ? "&" : "?"}${query}`;
}
