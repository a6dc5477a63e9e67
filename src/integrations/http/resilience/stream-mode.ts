import type { GatewayIntegration } from "../../../config/integration-schema.ts";
import { CLOCK, type Clock } from "../../../lib/clock.ts";
import { withDeadline } from "../../../lib/deadline.ts";
import { defaultTimeout } from "../../timeout.ts";

/** API Gateway's limits of a streamed response (aws-semantics 21), in ms: all of it, and between two pieces. */
const STREAM_TIMEOUT_MS = 900_000;
const IDLE_MS = 300_000;

/** How long an integration may take until the headers of its response, in ms. */
export function responseTimeout(
  { timeoutInMillis, responseTransferMode }: GatewayIntegration,
  protocol: "HTTP" | "REST",
): number {
  return (
    timeoutInMillis ?? (responseTransferMode === "STREAM" ? STREAM_TIMEOUT_MS : defaultTimeout(protocol))
  );
}

/**
 * Hands a response on, and breaks it off when its origin falls silent: the client sees that it
 * is not whole. A client that reads slowly is not waited for with a watch in hand.
 */
export function limitIdle(response: Response, clock: Clock = CLOCK): Response {
  if (response.body === null) return response;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const silent = (): Error => new Error(`the origin sent nothing for ${IDLE_MS} ms`);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await withDeadline(reader.read(), IDLE_MS, silent, clock);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(error);
          await reader.cancel(error).catch(() => undefined);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}
