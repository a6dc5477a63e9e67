import type { Guard } from "../../call.ts";
import type { ApiEntry, Integration } from "../../config/schemas.ts";
import { PAYLOAD_LIMIT, tooLarge } from "../body.ts";

/**
 * Refuses bodies that stream to an origin past the API's limit. There is none by default
 * (`strict` sets API Gateway's), and then this guard is not there at all. A declared length
 * is judged at once; an undeclared one is counted while it passes.
 */
export function limitStreamedBody(integration: Integration, settings: ApiEntry): Guard | undefined {
  const limit = settings.limits.bodyBytes ?? (settings.strict ? PAYLOAD_LIMIT : undefined);
  if (limit === undefined || (integration.type !== "http_proxy" && integration.type !== "http")) {
    return undefined;
  }
  return (next) => async (call) => {
    const { body, headers } = call.request;
    if (body === null) return next(call);
    const declared = headers.get("content-length");
    if (declared !== null) {
      if (Number(declared) > limit) throw tooLarge(call.stage.settings.protocol, limit);
      return next(call);
    }
    let exceeded = false;
    const counted = body.pipeThrough(counter(limit, () => (exceeded = true)));
    try {
      return await next({ ...call, request: new Request(call.request, { body: counted }) });
    } catch (error) {
      throw exceeded ? tooLarge(call.stage.settings.protocol, limit) : error;
    }
  };
}

function counter(limit: number, onExceeded: () => void): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > limit) {
        onExceeded();
        controller.error(new Error(`the body is larger than ${limit} bytes`));
      } else controller.enqueue(chunk);
    },
  });
}
