import { GatewayError, type Reason } from "../gateway-responses/gateway-error.ts";
import type { Fault } from "./schema/run.ts";

/** One thing that is wrong with a parameter, named `querystring.limit`; never its value. */
export interface ParameterFault {
  readonly parameter: string;
  readonly detail: string;
}

/** One thing that is wrong with a request: where, and what; never a value of it. */
export type RequestFault = Fault | ParameterFault;

/** How many faults an answer or a log line names. */
export const MAX_FAULTS = 10;

interface Refusal {
  readonly type: "BAD_REQUEST_BODY" | "BAD_REQUEST_PARAMETERS" | "UNSUPPORTED_MEDIA_TYPE";
  readonly reason: Reason;
  /** API Gateway's sentence. */
  readonly message: string;
  readonly faults: readonly RequestFault[];
}

/** @param problemDetails whether the client is told what is wrong (RFC 9457) */
export function refuse(
  { type, reason, message, faults: all }: Refusal,
  problemDetails: boolean,
): GatewayError {
  const faults = all.slice(0, MAX_FAULTS);
  const said = faults.map(
    (fault) => `${"pointer" in fault ? fault.pointer || "/" : fault.parameter} ${fault.detail}`,
  );
  const validationErrorString = `[${said.join(", ")}]`;
  const detail = `${message}: ${said.join(", ")}`;
  if (!problemDetails) return new GatewayError(type, reason, detail, { message, validationErrorString });
  const errors = faults.map((fault) =>
    "pointer" in fault ? { pointer: fragment(fault.pointer), detail: fault.detail } : fault,
  );
  return new GatewayError(type, reason, detail, { message, problem: { errors }, validationErrorString });
}

/** A JSON pointer as a URI's fragment (RFC 6901, 6); one that was cut may end within a character. */
function fragment(pointer: string): string {
  return `#${encodeURI(pointer.toWellFormed()).replaceAll("#", "%23")}`;
}
