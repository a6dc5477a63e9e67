import type { Call } from "../call.ts";
import { GatewayError, type Reason } from "../gateway-responses/gateway-error.ts";
import { type FunctionModule, failureStatus } from "./module.ts";

type LambdaModule = Extract<FunctionModule, { kind: "lambda" }>;

/**
 * Runs an integration's Lambda handler.
 *
 * @param deadline when the integration's time is over, ms since the epoch
 * @throws GatewayError for whatever the handler throws
 */
export async function invokeLambda(
  call: Call,
  name: string,
  module: LambdaModule,
  event: unknown,
  deadline: number,
): Promise<unknown> {
  try {
    return await runHandler(call, name, module, event, deadline);
  } catch (error) {
    throw threw(call, name, error);
  }
}

/**
 * Runs a Lambda handler: one that returns a promise, one that calls back, and the oldest
 * kind that uses `context.succeed`, `fail` and `done`. Rejects with what it throws.
 *
 * @param deadline when its time is over, ms since the epoch
 */
export function runHandler(
  call: Call,
  name: string,
  module: LambdaModule,
  event: unknown,
  deadline: number,
): Promise<unknown> {
  return new Promise<unknown>((resolve, reject) => {
    const callback = (error: unknown, result?: unknown): void => {
      if (error === null || error === undefined) resolve(result);
      else reject(error);
    };
    const returned = module.handler(event, lambdaContext(call, name, deadline, callback), callback);
    if (isThenable(returned)) returned.then(resolve, reject);
    // A handler that takes no callback and returns a value means that value; one that takes
    // it may return what setTimeout did.
    else if (returned !== undefined && module.handler.length < 3) resolve(returned);
  });
}

/** What an integration's function throws: its stack goes to the log, nothing of it to the client. */
export function threw(call: Call, name: string, error: unknown): GatewayError {
  const text = logThrown(call, name, "function.threw", error);
  return new GatewayError("DEFAULT_5XX", "function.threw", `routes/${name}.ts threw ${text}`, {
    ...failureStatus(call),
    cause: error,
  });
}

/** @returns what was thrown, in words */
export function logThrown(call: Call, name: string, reason: Reason, error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  console.error(
    JSON.stringify({
      level: "error",
      reason,
      requestId: call.requestId,
      function: name,
      error: text,
      stack: error instanceof Error ? error.stack : undefined,
    }),
  );
  return text;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** The second argument of a Lambda handler, by the Node.js runtime's documentation. */
function lambdaContext(
  call: Call,
  name: string,
  deadline: number,
  callback: (error: unknown, result?: unknown) => void,
): unknown {
  return {
    awsRequestId: call.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${name}`,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: call.stage.deployment,
    memoryLimitInMB: "128",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: callback,
    fail: (error: unknown) => callback(error ?? new Error("context.fail()")),
    succeed: (result: unknown) => callback(null, result),
  };
}
