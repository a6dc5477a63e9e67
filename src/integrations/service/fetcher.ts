import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { HOPS_HEADER, nextHop } from "../../incoming-headers.ts";
import { proxyHeaders } from "../http/request-headers.ts";
import { httpResponseHeaders, restResponseHeaders } from "../http/response-headers.ts";
import { hasDotSegment } from "../http/uri.ts";
import { hasMethods, isFetcher, type Operation } from "./operation.ts";

/** A Worker behind a service binding: the request goes on as with `http_proxy`. */
export function service(binding: unknown, operation: Operation): Promise<Response> | undefined {
  return isFetcher(binding) ? forward(binding, operation) : undefined;
}

/** The Durable Object of a name, with the request as with `http_proxy`. */
export function durableObject(binding: unknown, operation: Operation): Promise<Response> | undefined {
  if (!isNamespace(binding)) return undefined;
  const { args } = operation;
  return forward(binding.get(binding.idFromName(args.required("name"))), operation);
}

function isNamespace(binding: unknown): binding is DurableObjectNamespace {
  return hasMethods(binding, "idFromName", "get");
}

async function forward(target: Pick<Fetcher, "fetch">, { call, args }: Operation): Promise<Response> {
  const rest = call.stage.settings.protocol === "REST";
  const hop = nextHop(call.request.headers);
  if (hop === undefined) {
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "integration.loop",
      `${call.route.key} goes round in circles`,
    );
  }
  const headers = proxyHeaders(call, rest);
  headers.set(HOPS_HEADER, hop);
  const bodyless = call.method === "GET" || call.method === "HEAD";
  const read = args.body.wasRead ? await args.body.bytes() : undefined;
  const response = await target.fetch(targetUrl(call, args.path("path") ?? call.path), {
    method: call.method,
    headers,
    body: bodyless ? null : (read ?? call.request.body),
    redirect: "manual",
    ...(call.stop && { signal: call.stop }),
  });
  if (response.status < 200 || response.status > 599)
    throw new Error(`it sent the status ${response.status}`);
  // The body is handed on untouched: the engine pipes it without waking the isolate.
  const out = new Response(response.body, response);
  if (rest) restResponseHeaders(out.headers, call);
  else httpResponseHeaders(out.headers);
  return out;
}

/** The client's own host, which the binding does not go by: the target sees what the gateway saw. */
function targetUrl(call: Call, path: string): string {
  const url = `${call.scheme}://${call.host}${path}`;
  if (hasDotSegment(url)) {
    throw new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "request.path",
      `a path parameter of ${call.route.key} would change the path behind it`,
    );
  }
  return call.query === "" ? url : `${url}?${call.query}`;
}
