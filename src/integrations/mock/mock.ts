import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call, Handler } from "../../call.ts";
import type { Integration } from "../../config/schemas.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { responseChoices } from "../select-response.ts";
import { mockStatus } from "./mock-status.ts";

/**
 * An answer without a backend: the request template yields a status code, which selects an
 * integration response, whose template is the body (aws-semantics 6.1).
 */
export function mockIntegration(integration: Integration): Handler {
  const templates = new Map(
    Object.entries(integration.requestTemplates ?? {}).map(([type, template]) => [
      type.toLowerCase(),
      template,
    ]),
  );
  const choices = responseChoices(integration);
  return async (call) => {
    const template = templates.get(contentType(call.request)) ?? templates.get("$default");
    const status = mockStatus(template ?? (await bodyText(call)));
    if (status === undefined) {
      throw new GatewayError(
        "API_CONFIGURATION_ERROR",
        "mock.no_status",
        `the request template of ${call.route.key} yields no integer statusCode`,
      );
    }
    const response = choices.select(String(status));
    if (!response) {
      throw new GatewayError(
        "API_CONFIGURATION_ERROR",
        "integration.status_unmapped",
        `${call.route.key} has no integration response for ${status} and no default`,
      );
    }
    if (response.statusCode < 200 || response.statusCode > 599) {
      throw new GatewayError(
        "API_CONFIGURATION_ERROR",
        "integration.status_unmapped",
        `${response.statusCode} is no status that a response can have`,
      );
    }
    const bodies = response.responseTemplates ?? {};
    const body = bodies["application/json"] ?? Object.values(bodies)[0] ?? "";
    const headers = new Headers({ "content-type": "application/json" });
    for (const [name, value] of response.headers) headers.set(name, value);
    const empty = response.statusCode === 204 || response.statusCode === 304;
    return new Response(empty ? null : body, { status: response.statusCode, headers });
  };
}

/** The media type that chooses a template: parameters dropped, JSON when there is none. */
function contentType(request: Request): string {
  const value = request.headers.get("content-type");
  return value === null ? "application/json" : (value.split(";")[0] ?? "").trim().toLowerCase();
}

async function bodyText(call: Call): Promise<string> {
  const limit = call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT;
  return new TextDecoder().decode(await readBody(call, limit));
}
