import { PAYLOAD_LIMIT, readBody, tooLarge } from "./body.ts";
import type { Guard } from "./call.ts";
import type { Integration } from "./config/integration-schema.ts";
import type { ApiEntry } from "./config/schemas.ts";
import { GatewayError } from "./gateway-responses/gateway-error.ts";

/**
 * Refuses bodies that stream past the API's limit, to an origin or a function. There is none by default
 * (`strict` sets API Gateway's), and then this guard is not there at all. A declared length
 * is judged at once; an undeclared one is counted while it passes.
 */
export function limitStreamedBody(integration: Integration, settings: ApiEntry): Guard | undefined {
  const limit = settings.limits.bodyBytes ?? (settings.strict ? PAYLOAD_LIMIT : undefined);
  // A mock has its body read, and counted, whole.
  if (limit === undefined || integration.type === "mock") return undefined;
  return (next) => async (call) => {
    const { body, headers } = call.request;
    if (body === null) return next(call);
    const declared = headers.get("content-length");
    if (declared !== null) {
      if (Number(declared) > limit) throw tooLarge(call.stage.settings.protocol, limit);
      return next(call);
    }
    // No Request of a script's can be a GET with a body; nor would an origin get it.
    if (call.request.method === "GET" || call.request.method === "HEAD") {
      call.bufferedBody = await readBody(call, limit);
      return next(call);
    }
    const stop = new AbortController();
    const refused = new Promise<never>((_, reject) => {
      stop.signal.addEventListener("abort", () => reject(stop.signal.reason));
    });
    const counted = count(body, limit, (failure) =>
      stop.abort(failure ? aborted(failure) : tooLarge(call.stage.settings.protocol, limit)),
    );
    const request = new Request(call.request, { body: counted });
    return Promise.race([next({ ...call, request, stop: stop.signal }), refused]);
  };
}

function aborted(cause: Error): GatewayError {
  return new GatewayError("DEFAULT_4XX", "request.aborted", "the client broke off its request body", {
    cause,
  });
}

/**
 * Hands a body on, counted. One that is too long or breaks off is never ended, only stopped:
 * the engine writes a last chunk behind a script's stream that fails, and the origin would
 * take the half that it has for the whole.
 *
 * @param stop given what broke the body off; nothing when it is too long
 */
function count(
  body: ReadableStream<Uint8Array>,
  limit: number,
  stop: (failure?: Error) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const stopped = new Promise<never>(() => undefined);
  let seen = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          seen += value.byteLength;
          if (seen <= limit) return controller.enqueue(value);
          stop();
        } catch (error) {
          stop(error instanceof Error ? error : new Error(String(error)));
        }
        return stopped;
      },
    },
    { highWaterMark: 0 },
  );
}
