import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { compileTemplate, type MappingTemplate } from "../../mapping/template/mapping-template.ts";
import { mediaType } from "./media.ts";

/** Which mapping template a request's body goes through. */
export interface RequestTemplates {
  /**
   * By Content-Type, as it is or without its parameters, JSON where there is none, then
   * `$default` (aws-semantics 6.3). An empty template is none.
   *
   * @returns none where the body passes as it is
   * @throws GatewayError UNSUPPORTED_MEDIA_TYPE where `passthroughBehavior` forbids that
   */
  choose(contentType: string | null): MappingTemplate | undefined;
}

export function requestTemplates(integration: GatewayIntegration): RequestTemplates {
  const templates = compileTemplates(integration.requestTemplates);
  const fallback = templates.get("$default");
  const { passthroughBehavior = "when_no_match" } = integration;
  const refuses =
    passthroughBehavior === "never" || (passthroughBehavior === "when_no_templates" && templates.size > 0);
  return {
    choose(contentType) {
      const media = mediaType(contentType) ?? "application/json";
      const template =
        templates.get(contentType?.trim().toLowerCase() ?? "") ?? templates.get(media) ?? fallback;
      if (!template && refuses) {
        throw new GatewayError(
          "UNSUPPORTED_MEDIA_TYPE",
          "mapping.content_type",
          `there is no mapping template for ${media}, and passthroughBehavior is ${passthroughBehavior}`,
        );
      }
      return template;
    },
  };
}

/**
 * By lower-case media type, also as it is written where that says more; configuration checks
 * have refused those that do not parse.
 */
function compileTemplates(
  sources: Readonly<Record<string, string>> | undefined,
): ReadonlyMap<string, MappingTemplate> {
  const templates = new Map<string, MappingTemplate>();
  for (const [type, source] of Object.entries(sources ?? {})) {
    if (source === "") continue;
    const template = compileTemplate(source);
    if (!("render" in template)) continue;
    const stated = type.trim().toLowerCase();
    const media = mediaType(type) ?? stated;
    if (media === stated || !templates.has(media)) templates.set(media, template);
    templates.set(stated, template);
  }
  return templates;
}
