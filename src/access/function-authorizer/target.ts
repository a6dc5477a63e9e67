import type { Call } from "../../call.ts";
import { fillStageVariables, functionName, httpAuthority } from "../../config/integration-uri.ts";
import { runHandler } from "../../functions/invoke.ts";
import { type FunctionModule, loadModule } from "../../functions/module.ts";
import { failure, thrown } from "./failure.ts";
import { callFetchAuthorizer, callUrl } from "./http-answer.ts";

/**
 * Asks the function.
 *
 * @param deadline when its time is over, ms since the epoch
 * @param stop ends what is still under way then
 * @returns its answer as JSON text
 * @throws GatewayError 401 when it said "Unauthorized", else 500
 */
export type AskFunction = (
  call: Call,
  event: unknown,
  deadline: number,
  stop: AbortSignal,
) => Promise<string>;

export interface Target {
  /** The URL, or the function's name. */
  readonly id: string;
  readonly ask: AskFunction;
}

/** What `authorizerUri` names: a bundled function or an http(s) URL. */
export function compileTarget(uri: string, variables: Readonly<Record<string, string>>): Target {
  // A variable never stands in a URL: what a stage says cannot move the question elsewhere.
  if (/^https?:\/\//i.test(uri)) {
    // Its path and query may hold a secret, which no log should.
    const who = httpAuthority(uri) ?? "";
    return { id: uri, ask: (call, event, _, stop) => callUrl(call, uri, who, event, stop) };
  }
  const name = functionName(fillStageVariables(uri, variables));
  if (name === undefined) {
    const detail = `the authorizer's uri names no function once the stage's variables are filled in`;
    return { id: "", ask: () => Promise.reject(failure("auth.function.failed", detail)) };
  }
  let module: FunctionModule | undefined;
  return {
    id: name,
    ask: async (call, event, deadline, stop) => {
      module ??= await load(call, name);
      return module.kind === "fetch"
        ? callFetchAuthorizer(call, name, module, event, stop)
        : runLambdaAuthorizer(call, name, module, event, deadline);
    },
  };
}

async function load(call: Call, name: string): Promise<FunctionModule> {
  try {
    return await loadModule(call, name);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw failure("auth.function.unavailable", detail, error);
  }
}

async function runLambdaAuthorizer(
  call: Call,
  name: string,
  module: Extract<FunctionModule, { kind: "lambda" }>,
  event: unknown,
  deadline: number,
): Promise<string> {
  let result: unknown;
  try {
    result = await runHandler(call, name, module, event, deadline);
  } catch (error) {
    throw thrown(call, name, error);
  }
  let text: string | undefined;
  try {
    // What a Lambda function returns leaves it as JSON: a copy that it cannot change any more.
    text = JSON.stringify(result);
  } catch (error) {
    const detail = `routes/${name}.ts returned something that is no JSON`;
    throw failure("auth.function.bad_response", detail, error);
  }
  if (text === undefined) throw failure("auth.function.bad_response", `routes/${name}.ts returned nothing`);
  return text;
}
