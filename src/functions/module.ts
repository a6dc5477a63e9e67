import type { Call } from "../call.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";

type LambdaHandler = (event: unknown, context: unknown, callback: unknown) => unknown;
type FetchHandler = (request: Request, env: unknown, ctx: ExecutionContext) => unknown;

/** What a module under `routes/` offers: a Lambda handler or a Workers one. */
export type FunctionModule =
  | { readonly kind: "lambda"; readonly handler: LambdaHandler }
  | { readonly kind: "fetch"; readonly fetch: FetchHandler };

/** Imports a module at its first use and finds its handler. */
export async function loadModule(call: Call, name: string): Promise<FunctionModule> {
  let module: unknown;
  try {
    module = await call.runtime.loadFunction(name);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const missing = /not found in bundle/i.test(text);
    throw new GatewayError(
      "DEFAULT_5XX",
      missing ? "function.not_found" : "function.load_failed",
      missing
        ? `there is no function routes/${name}.ts in this bundle; a file that was added since the start comes with the next one`
        : `routes/${name}.ts failed to load: ${text}`,
      { ...failureStatus(call), cause: error },
    );
  }
  const found = pick(module);
  if (found) return found;
  throw new GatewayError(
    "DEFAULT_5XX",
    "function.no_handler",
    `routes/${name}.ts exports neither handler(event, context) nor default { fetch }`,
    failureStatus(call),
  );
}

/** A function that fails is a 502 on REST APIs and a 500 on HTTP APIs (aws-semantics 3.3, 3.4). */
export function failureStatus(call: Call): { readonly status?: number } {
  return call.stage.settings.protocol === "REST" ? { status: 502 } : {};
}

function pick(module: unknown): FunctionModule | undefined {
  const handler = member(module, "handler");
  if (isLambda(handler)) return { kind: "lambda", handler };
  const standard = member(module, "default");
  const fetch = member(standard, "fetch");
  if (isFetch(fetch)) return { kind: "fetch", fetch: (...args) => fetch.apply(standard, args) };
  // A CommonJS module that an ES module wraps.
  const wrapped = member(standard, "handler");
  return isLambda(wrapped) ? { kind: "lambda", handler: wrapped } : undefined;
}

function member(value: unknown, name: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  return Reflect.get(value, name);
}

function isLambda(value: unknown): value is LambdaHandler {
  return typeof value === "function";
}

function isFetch(value: unknown): value is FetchHandler {
  return typeof value === "function";
}
