import { GatewayError } from "../../../gateway-responses/gateway-error.ts";
import { readAnswer } from "../../answer-body.ts";
import { errorCode } from "../signed/client.ts";
import type { AwsCall } from "../signed/credentials.ts";

/** Bytes of an answer that its type and its message are looked for in, and characters kept of those. */
const LOOKED_AT = 4_000;
const KEPT = 300;

/**
 * What a service refuses is not the client's to read: it names accounts, ARNs and streams. HTTP
 * APIs answer 500, and the log has the service's own words, cut short.
 */
export async function serviceError(call: AwsCall, service: string, answer: Response): Promise<GatewayError> {
  const bytes = await readAnswer(call, answer.body);
  const text = new TextDecoder().decode(bytes.subarray(0, LOOKED_AT));
  const [, message = ""] = /"message"\s*:\s*"((?:[^"\\]|\\.)*)/i.exec(text) ?? [];
  const said = [errorCode(answer.headers, text), message].filter((part) => part !== "").join(": ");
  return new GatewayError(
    "DEFAULT_5XX",
    "integration.service_error",
    `${service} answered ${call.route.key} with ${answer.status} ${said.slice(0, KEPT)}`.trimEnd(),
  );
}
