import { failureStatus } from "../../../../functions/module.ts";
import { GatewayError } from "../../../../gateway-responses/gateway-error.ts";
import { readAnswer } from "../../../answer-body.ts";
import { type AwsTarget, sendSigned } from "../client.ts";
import type { AwsCall } from "../credentials.ts";
import { encodeStrictly } from "../encode.ts";
import { type FunctionArn, functionArn } from "./function-arn.ts";
import { streamedResponse } from "./streamed-response.ts";

/** What a function of an account answered. */
export interface Invocation {
  /** Whether the function threw; its payload is then `{errorMessage, errorType, ...}`. */
  readonly failed: boolean;
  /** JSON; undefined of a function that returned nothing, or that was only told of an event. */
  readonly payload: unknown;
}

/** A Lambda function that runs in its account, called with the Worker's credentials. */
export interface RemoteFunction extends FunctionArn {
  /**
   * @param event is made JSON of
   * @param how `Event` only hands it over (`X-Amz-Invocation-Type`)
   * @throws GatewayError for what is not the function's: no such function, no right to call it,
   * no capacity
   */
  invoke(call: AwsCall, event: unknown, how?: "RequestResponse" | "Event"): Promise<Invocation>;
  /**
   * The function's response as it writes it, of a function that streams.
   *
   * @throws GatewayError as above, and for a function that fails before its headers
   */
  stream(call: AwsCall, event: unknown): Promise<Response>;
}

/** @param uri a Lambda ARN or an invocation URI, the stage's variables filled in */
export function remoteFunction(uri: string): RemoteFunction | { readonly fault: string } {
  const found = functionArn(uri);
  if (!found) return { fault: `"${uri}" is no ARN of a Lambda function with its account` };
  return {
    ...found,
    invoke: (call, event, how = "RequestResponse") => invoke(call, found, event, how),
    stream: async (call, event) => streamedResponse(call, found.name, await post(call, found, STREAM, event)),
  };
}

/** The API's versions of the two ways to call a function (API reference: Invoke, InvokeWithResponseStream). */
const BUFFERED = ["2015-03-31", "invocations"] as const;
const STREAM = ["2021-11-15", "response-streaming-invocations"] as const;

async function invoke(
  call: AwsCall,
  found: FunctionArn,
  event: unknown,
  how: "RequestResponse" | "Event",
): Promise<Invocation> {
  const response = await post(call, found, BUFFERED, event, how);
  const text = new TextDecoder().decode(await readAnswer(call, response.body));
  return { failed: response.headers.has("x-amz-function-error"), payload: payloadOf(call, found, text) };
}

function payloadOf(call: AwsCall, { name }: FunctionArn, text: string): unknown {
  if (text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new GatewayError(
      "DEFAULT_5XX",
      "function.bad_response",
      `the Lambda function ${name} answered ${call.route.key} with something that is no JSON`,
      failureStatus(call),
    );
  }
}

async function post(
  call: AwsCall,
  { arn, name, region }: FunctionArn,
  [version, last]: typeof BUFFERED | typeof STREAM,
  event: unknown,
  how?: "RequestResponse" | "Event",
): Promise<Response> {
  const target: AwsTarget = { service: "lambda", region };
  const headers = new Headers({ "content-type": "application/octet-stream" });
  if (how === "Event") headers.set("x-amz-invocation-type", how);
  const response = await sendSigned(call, target, {
    method: "POST",
    path: `/${version}/functions/${encodeStrictly(arn)}/${last}`,
    query: "",
    headers,
    body: new TextEncoder().encode(JSON.stringify(event)),
  });
  if (response.ok) return response;
  await response.body?.cancel();
  const code = response.headers.get("x-amzn-errortype")?.split(":")[0] ?? "no reason";
  throw new GatewayError(
    "DEFAULT_5XX",
    "function.remote",
    `Lambda does not call the function ${name} for ${call.route.key}: ${response.status} ${code}`,
    // No such function, or no right to call it, is the configuration's fault: 500 (aws-semantics 3.3).
    response.status === 403 || response.status === 404 ? {} : failureStatus(call),
  );
}
