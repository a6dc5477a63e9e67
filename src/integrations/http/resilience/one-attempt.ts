import type { Call } from "../../../call.ts";
import { GatewayError } from "../../../gateway-responses/gateway-error.ts";
import { CLOCK, type Clock } from "../../../lib/clock.ts";
import { withDeadline } from "../../../lib/deadline.ts";
import { timedOut } from "../../timeout.ts";
import { originFailure } from "../origin-failure.ts";
import type { OriginRequest } from "../send.ts";
import type { UriTemplate } from "../uri.ts";

/** How long one attempt may take, and who is told. */
export interface Limit {
  readonly ms: number;
  /** The limit that the error names, in ms: the route's, where an attempt gets what is left of it. */
  readonly named: number;
}

/**
 * One request to one origin, until the headers of its answer.
 *
 * @param attempt ends the connection of an attempt that takes too long, while the client's request goes on
 * @throws GatewayError integration.network, .unreachable, .timeout; and what `url` throws
 */
export async function oneAttempt(
  call: Call,
  request: OriginRequest,
  origin: UriTemplate,
  { ms, named }: Limit,
  attempt?: AbortController,
  clock: Clock = CLOCK,
): Promise<Response> {
  const { method, headers, body } = request;
  const url = request.url(origin);
  const signal = signalOf(call.stop, attempt?.signal);
  try {
    const response = await withDeadline(
      call.runtime.fetchOrigin(url, { method, headers, body, redirect: "manual", ...(signal && { signal }) }),
      ms,
      () => {
        attempt?.abort();
        return timedOut(call, named);
      },
      clock,
    );
    call.outcome.integrationStatus = response.status;
    // No response of ours can have such a status: 999, or 101 where nobody asked to upgrade.
    if (response.status < 200 || response.status > 599)
      throw new Error(`it sent the status ${response.status}`);
    return response;
  } catch (error) {
    throw error instanceof GatewayError ? error : originFailure(error, call, origin.authority);
  }
}

function signalOf(stop: AbortSignal | undefined, attempt: AbortSignal | undefined): AbortSignal | undefined {
  return stop && attempt ? AbortSignal.any([stop, attempt]) : (stop ?? attempt);
}
