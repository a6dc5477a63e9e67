import type { Call } from "../../call.ts";
import type { FunctionModule } from "../../functions/module.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { HOPS_HEADER, nextHop } from "../../incoming-headers.ts";
import { failure, thrown, unauthorized } from "./failure.ts";

/** How much an authorizer may answer over HTTP, in bytes. */
const MAX_ANSWER = 65_536;

const decoder = new TextDecoder();

/**
 * POSTs the event to an endpoint that speaks the same JSON as a function.
 *
 * @param who what the log calls it
 */
export async function callUrl(
  call: Call,
  url: string,
  who: string,
  event: unknown,
  stop: AbortSignal,
): Promise<string> {
  const hop = nextHop(call.request.headers);
  // No failure of the authorizer's: a client can write the header, and `onError: allow` is not its to pull.
  if (hop === undefined) {
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "integration.loop",
      `the authorizer ${who} calls itself`,
    );
  }
  let response: Response;
  try {
    // Nothing of the client's but what the event says: a framing of our own, no body.
    response = await call.runtime.fetchOrigin(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        [HOPS_HEADER]: hop,
      },
      body: JSON.stringify(event),
      redirect: "manual",
      signal: stop,
    });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw failure("auth.function.unavailable", `the authorizer ${who} cannot be reached: ${text}`, error);
  }
  return answerText(who, response);
}

/** A Workers module is asked as an endpoint would be. */
export async function callFetchAuthorizer(
  call: Call,
  name: string,
  module: Extract<FunctionModule, { kind: "fetch" }>,
  event: unknown,
  stop: AbortSignal,
): Promise<string> {
  const request = new Request(`https://authorizer.invalid/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(event),
    signal: stop,
  });
  let answer: unknown;
  try {
    answer = await module.fetch(request, call.runtime.functionEnv, call.ctx);
  } catch (error) {
    throw thrown(call, name, error);
  }
  if (answer instanceof Response) return answerText(`routes/${name}.ts`, answer);
  throw failure(
    "auth.function.bad_response",
    `routes/${name}.ts answered with something that is no Response`,
  );
}

/** 200 is a result; 401, or Lambda's way of saying it, is "Unauthorized"; anything else has failed. */
async function answerText(who: string, response: Response): Promise<string> {
  if (response.status === 401) {
    await response.body?.cancel().catch(() => undefined);
    throw unauthorized("auth.function.unauthorized", `the authorizer ${who} answered 401`);
  }
  const text = await readCapped(who, response);
  const message = errorMessage(text);
  if (message === "Unauthorized") {
    throw unauthorized("auth.function.unauthorized", `the authorizer ${who} answered "Unauthorized"`);
  }
  if (response.status !== 200 || message !== undefined) {
    const what = message === undefined ? "" : `: ${message.slice(0, 200)}`;
    // What stands before a function says so when there is none; its own crash is a 500 or 502,
    // which a caller may have brought about.
    const absent = response.status === 503 || response.status === 504;
    const reason = absent ? "auth.function.unavailable" : "auth.function.failed";
    throw failure(reason, `the authorizer ${who} answered ${response.status}${what}`);
  }
  return text;
}

/** `errorMessage` of a Lambda function's error, as its invocation answers it. */
function errorMessage(text: string): string | undefined {
  if (!text.includes('"errorMessage"')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("errorMessage" in value)) return undefined;
    return String(value.errorMessage);
  } catch {
    return undefined;
  }
}

/** Counted while it arrives, whatever `content-length` says. */
async function readCapped(who: string, response: Response): Promise<string> {
  const bytes = new Uint8Array(MAX_ANSWER);
  let size = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  while (reader) {
    let chunk: ReadableStreamReadResult<Uint8Array>;
    try {
      chunk = await reader.read();
    } catch (error) {
      throw failure("auth.function.unavailable", `the answer of the authorizer ${who} broke off`, error);
    }
    if (chunk.done) break;
    if (size + chunk.value.byteLength > MAX_ANSWER) {
      await reader.cancel().catch(() => undefined);
      const detail = `the answer of the authorizer ${who} is larger than ${MAX_ANSWER} bytes`;
      throw failure("auth.function.bad_response", detail);
    }
    bytes.set(chunk.value, size);
    size += chunk.value.byteLength;
  }
  return decoder.decode(bytes.subarray(0, size));
}
