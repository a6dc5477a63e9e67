import type { Call } from "../../call.ts";
import { threw } from "../../functions/invoke.ts";
import { type FunctionModule, failureStatus } from "../../functions/module.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { traceOf } from "../../observability/ids.ts";
import { forwardable } from "../headers.ts";

/**
 * The module's `ctx`: the request's own, with what the gateway knows of the caller in
 * `props`, where no header of a client's can reach it (R-06).
 */
function contextFor(call: Call): ExecutionContext {
  const { caller } = call;
  const { authorizer, apiKey, clientCert } = caller;
  const props = {
    requestId: call.requestId,
    sourceIp: call.clientAddress,
    ...(authorizer && { authorizer }),
    ...(apiKey && { apiKey: { id: apiKey.id, plan: apiKey.plan } }),
    ...(clientCert && { clientCert }),
  };
  return new Proxy(call.ctx, {
    get(ctx, name) {
      if (name === "props") return props;
      const value: unknown = Reflect.get(ctx, name, ctx);
      // The engine's methods want their own object for `this`.
      return typeof value === "function" ? value.bind(ctx) : value;
    },
  });
}

/**
 * Gives a Workers module the request: the canonical URL, the headers without what the
 * client may not claim, the body unread. Its response streams.
 */
export async function callFetchModule(
  call: Call,
  name: string,
  module: Extract<FunctionModule, { kind: "fetch" }>,
): Promise<Response> {
  const headers = forwardable(call);
  headers.set("x-amzn-trace-id", traceOf(call));
  headers.set("host", call.host);
  headers.set("x-forwarded-for", call.clientAddress);
  headers.set("x-forwarded-proto", call.scheme);
  const url = `${call.scheme}://${call.host}${call.fullPath}${call.query === "" ? "" : `?${call.query}`}`;
  const bodyless = call.method === "GET" || call.method === "HEAD";
  const request = new Request(url, {
    method: call.method,
    headers,
    body: bodyless ? null : (call.bufferedBody ?? call.request.body),
    signal: call.request.signal,
  });
  let answer: unknown;
  try {
    answer = await module.fetch(request, call.runtime.functionEnv, contextFor(call));
  } catch (error) {
    throw threw(call, name, error);
  }
  if (!(answer instanceof Response)) {
    throw new GatewayError(
      "DEFAULT_5XX",
      "function.bad_response",
      `routes/${name}.ts answered with something that is no Response`,
      failureStatus(call),
    );
  }
  call.outcome.integrationStatus = answer.status;
  // An upgraded connection cannot be rewrapped; a response from fetch() has immutable headers.
  return answer.webSocket ? answer : new Response(answer.body, answer);
}
