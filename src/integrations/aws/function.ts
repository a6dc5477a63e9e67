import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { logThrown, runHandler } from "../../functions/invoke.ts";
import { type FunctionModule, loadModule } from "../../functions/module.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { BODY_LIMITS, jsonFault } from "../../lib/json/json-fault.ts";
import { traceOf } from "../../observability/ids.ts";
import { bodyText } from "../custom/body-text.ts";
import { customRequest } from "../custom/request.ts";
import { type BackendAnswer, customResponse } from "../custom/response.ts";
import { isRecord } from "../function/result.ts";
import { defaultTimeout, timedOut } from "../timeout.ts";
import type { RemoteFunction } from "./signed/lambda/remote-function.ts";

type LambdaModule = Extract<FunctionModule, { kind: "lambda" }>;

/** What a function gives for a response to be selected by: its result, or its failure as Lambda writes it. */
interface Invoked {
  /** JSON; "" for a call that nobody waits for. */
  readonly payload: string;
  readonly errorMessage: string;
}

/**
 * Calls the function.
 *
 * @param deadline when its time is over, ms since the epoch
 * @param behind whether nobody waits for it
 */
type CallFunction = (call: Call, event: unknown, deadline: number, behind: boolean) => Promise<Invoked>;

/** What a call that nobody waits for says. */
const ACCEPTED: Invoked = { payload: "", errorMessage: "" };

/**
 * A Lambda custom integration: the rendered body is the event, the result the body of the
 * response; an error message selects among `responses` (aws-semantics 6.1, 6.2). With the
 * header `X-Amz-Invocation-Type: Event` the function runs behind the response.
 */
export function customFunction(
  invoke: CallFunction,
  integration: GatewayIntegration,
  stage: StageConfig,
): Handler {
  const prepare = customRequest(integration, stage);
  const answer = customResponse(integration, stage);
  const timeout = integration.timeoutInMillis ?? defaultTimeout(stage.settings.protocol);
  return async (call) => {
    const request = await prepare(call, new Headers());
    const event = parsePayload(await bodyText(call, request.body));
    const behind = request.headers.get("x-amz-invocation-type") === "Event";
    const startedAt = Date.now();
    const work = invoke(call, event, startedAt + timeout, behind);
    const { payload, errorMessage } = await withDeadline(work, timeout, () =>
      timedOut(call, timeout),
    ).finally(() => {
      call.outcome.integrationLatency = Date.now() - startedAt;
    });
    const said: BackendAnswer = { selection: errorMessage, headers: new Headers(), body: payload };
    const response = await answer(call, said, request.context);
    if (stage.settings.protocol === "REST") response.headers.set("x-amzn-trace-id", traceOf(call));
    return response;
  };
}

/** A module under `routes/`. */
export function bundledFunction(name: string): CallFunction {
  return async (call, event, deadline, behind) => {
    const module = await loadModule(call, name);
    if (module.kind !== "lambda") throw noHandler(name);
    const work = run(call, name, module, event, deadline);
    if (!behind) return work;
    const late = (): Error => new Error(`routes/${name}.ts took too long`);
    const left = deadline - Date.now();
    call.ctx.waitUntil(withDeadline(work, left, late).catch(() => undefined));
    return ACCEPTED;
  };
}

/** A function that runs in its account. */
export function remoteCustomFunction(remote: RemoteFunction | { readonly fault: string }): CallFunction {
  if ("fault" in remote) return (call) => Promise.reject(noFunction(call, remote.fault));
  return async (call, event, _, behind) => {
    const { failed, payload } = await remote.invoke(call, event, behind ? "Event" : "RequestResponse");
    if (behind) return ACCEPTED;
    const result =
      failed && isRecord(payload) ? { ...payload, stackTrace: undefined, trace: undefined } : payload;
    return { payload: jsonOf(remote.name, result), errorMessage: messageOf(payload) };
  };
}

function parsePayload(text: string): unknown {
  if (text === "") return {};
  const fault = jsonFault(text, BODY_LIMITS);
  if (!fault) return JSON.parse(text);
  // Not the name of a member that is there twice: it may be anything of the client's.
  const what = fault.kind === "duplicate_key" ? "a member is there twice" : fault.detail;
  const why = `${what} (at character ${fault.offset})`;
  throw new GatewayError("BAD_REQUEST_BODY", "mapping.body", `the function's payload will not do: ${why}`, {
    message: `Could not parse request body into json: ${why}`,
  });
}

async function run(
  call: Call,
  name: string,
  module: LambdaModule,
  event: unknown,
  deadline: number,
): Promise<Invoked> {
  let result: unknown;
  try {
    result = await runHandler(call, name, module, event, deadline);
  } catch (error) {
    logThrown(call, name, "function.threw", error);
    const thrown = error instanceof Error ? error : new Error(String(error));
    // Lambda adds the stack; ours stays in the log.
    const failure = { errorMessage: thrown.message, errorType: thrown.name, requestId: call.requestId };
    return { payload: JSON.stringify(failure), errorMessage: thrown.message };
  }
  return { payload: jsonOf(name, result), errorMessage: messageOf(result) };
}

/** A Lambda's result goes through JSON; nothing is null there. */
function jsonOf(name: string, result: unknown): string {
  try {
    return JSON.stringify(result) ?? "null";
  } catch (error) {
    throw new GatewayError(
      "DEFAULT_5XX",
      "function.bad_response",
      `the function ${name} returned something that JSON cannot say`,
      { cause: error },
    );
  }
}

/** `errorMessage` of a result selects as well as a thrown one's. */
function messageOf(result: unknown): string {
  if (typeof result !== "object" || result === null || !("errorMessage" in result)) return "";
  return typeof result.errorMessage === "string" ? result.errorMessage : "";
}

function noFunction(call: Call, fault: string): GatewayError {
  return new GatewayError("API_CONFIGURATION_ERROR", "integration.uri", `${call.route.key}: ${fault}`);
}

function noHandler(name: string): GatewayError {
  return new GatewayError(
    "DEFAULT_5XX",
    "function.no_handler",
    `routes/${name}.ts is a Workers module; an integration of type aws calls Lambda handlers`,
  );
}
