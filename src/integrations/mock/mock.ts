import type { Call, Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { bodyText } from "../custom/body-text.ts";
import { customRequest } from "../custom/request.ts";
import { customResponse } from "../custom/response.ts";
import { mockStatus } from "./mock-status.ts";

const typeOf = ({ request }: Call): string =>
  request.headers.get("content-type")?.slice(0, 100) ?? "a request without a content type";

/**
 * An answer without a backend: the request template yields a status code, which selects an
 * integration response, whose template is the body (aws-semantics 6.1).
 */
export function mockIntegration(integration: GatewayIntegration, stage: StageConfig): Handler {
  const prepare = customRequest(integration, stage);
  const answer = customResponse(integration, stage);
  return async (call) => {
    const request = await prepare(call, new Headers());
    const status = mockStatus(await bodyText(call, request.body));
    if (status === undefined) {
      throw new GatewayError(
        "API_CONFIGURATION_ERROR",
        "mock.no_status",
        request.isTemplated
          ? `the request template of ${call.route.key} yields no integer statusCode`
          : `no request template of ${call.route.key} is for ${typeOf(call)}, and the body itself has no integer statusCode`,
      );
    }
    const { context } = request;
    return answer(call, { selection: String(status), headers: new Headers(), body: null }, context);
  };
}
