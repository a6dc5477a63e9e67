import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import type { RequestOverride, ResponseOverride, TemplateContext } from "../../mapping/template/context.ts";
import {
  type MappingTemplate,
  TemplateError,
  type TemplateInput,
} from "../../mapping/template/mapping-template.ts";

/**
 * Renders a template for a request.
 *
 * @throws GatewayError API_CONFIGURATION_ERROR where it goes beyond a limit, or cannot be rendered
 */
export function render(call: Call, template: MappingTemplate, input: TemplateInput): string {
  return guarded(call, () => template.render(input));
}

/** What templates have set on the request; read with the same errors as they are rendered with. */
export function requestOverride(call: Call, context: TemplateContext): RequestOverride | undefined {
  return guarded(call, () => context.requestOverride);
}

/** What templates have set on the response. */
export function responseOverride(call: Call, context: TemplateContext): ResponseOverride | undefined {
  return guarded(call, () => context.responseOverride);
}

function guarded<T>(call: Call, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { line, column, message } = error;
    const place = line === undefined ? "" : ` at line ${line}, column ${column}`;
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "mapping.template",
      `a mapping template of ${call.route.key} failed${place}: ${message}`,
      { cause: error },
    );
  }
}
