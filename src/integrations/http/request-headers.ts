import type { Call } from "../../call.ts";
import { REST_DROPPED } from "../../incoming-headers.ts";
import { traceOf } from "../../observability/ids.ts";
import { forwardable } from "../headers.ts";

const REST_PROXY_DROPPED = [...REST_DROPPED, "via"];

/** The client's headers as an `http_proxy` origin gets them (aws-semantics 5). */
export function proxyHeaders(call: Call, rest: boolean): Headers {
  const headers = forwardable(call);
  headers.set("x-amzn-trace-id", traceOf(call));
  if (rest) {
    for (const name of REST_PROXY_DROPPED) headers.delete(name);
    headers.set("x-amzn-apigateway-api-id", call.stage.api);
    const authorization = headers.get("authorization");
    if (authorization?.startsWith("AWS4-HMAC-SHA256")) headers.delete("authorization");
    return headers;
  }
  const address = call.clientAddress;
  headers.set(
    "forwarded",
    `for=${address.includes(":") ? `"[${address}]"` : address};host=${call.host.includes(":") ? `"${call.host}"` : call.host};proto=${call.scheme}`,
  );
  headers.set("x-forwarded-for", address);
  headers.set("x-forwarded-host", call.host);
  headers.set("x-forwarded-proto", call.scheme);
  return headers;
}

/** What a service of AWS gets without mappings: as an origin does, but for the API's id (aws-semantics 5). */
export function awsBackendHeaders(call: Call): Headers {
  const headers = restBackendHeaders(call, call.method);
  headers.delete("x-amzn-apigateway-api-id");
  return headers;
}

/** Methods whose requests have a type, with a body and without (aws-semantics 5). */
const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);
const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * What the origin of a non-proxy `http` integration gets without mappings: nothing of the client's.
 *
 * @param method the origin's
 */
export function restBackendHeaders(call: Call, method: string): Headers {
  const headers = new Headers({
    accept: "application/json",
    "user-agent": `AmazonAPIGateway_${call.stage.api}`,
    "x-amzn-apigateway-api-id": call.stage.api,
    "x-amzn-trace-id": traceOf(call),
  });
  if (WITH_BODY.has(method) || (call.request.body !== null && !WITHOUT_BODY.has(method))) {
    headers.set("content-type", call.request.headers.get("content-type") ?? "application/json");
  }
  return headers;
}
