import type { Call } from "./call.ts";
import { portOf } from "./functions/event-headers.ts";
import { REST_DROPPED } from "./incoming-headers.ts";
import { traceOf } from "./observability/ids.ts";

/**
 * Reads a header of a request as backends see it: what only the gateway may say is its own
 * word, and what stops here is not there. A mapping could otherwise hand on the caller's claim
 * of an address, and an authorizer find what it keeps for the victim that the caller names
 * . What REST APIs drop, no mapping sees either (aws-semantics 5, recorded).
 *
 * @param name lower-case
 */
export function headerReader(name: string): (call: Call) => string | undefined {
  switch (name) {
    case "host":
    case "x-forwarded-host":
      return (call) => call.host;
    case "x-forwarded-for":
      return (call) => call.clientAddress;
    case "x-forwarded-proto":
      return (call) => call.scheme;
    case "x-forwarded-port":
      return portOf;
    case "x-amzn-trace-id":
      return traceOf;
    default: {
      const restDrops = REST_DROPPED.includes(name);
      return (call) =>
        call.stoppedHeaders.includes(name) || (restDrops && call.stage.settings.protocol === "REST")
          ? undefined
          : (call.request.headers.get(name) ?? undefined);
    }
  }
}
