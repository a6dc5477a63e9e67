import type { ConditionContext } from "./conditions.ts";
import { constantPieces, fillTemplate, parseTemplate, type Template } from "./template.ts";
import { compileWildcard, matchesAnything, matchesWildcard, type Wildcard } from "./wildcard.ts";

/** A resource without its API: `execute-api:/stage/GET/pets`; resource policies know which API is meant. */
export const ABBREVIATED = "execute-api:/";

/** One text of Resource or NotResource. */
export interface ResourcePattern {
  readonly matches: (resource: string, context: ConditionContext) => boolean;
  /** Whether each of its variables has a value; a pattern without variables has no need to ask. */
  readonly resolved: ((context: ConditionContext) => boolean) | undefined;
  /** It matches whatever comes. */
  readonly anything: boolean;
}

/**
 * Compiles a resource. Wildcards reach over `/` and `:` (aws-semantics 9.3), and letters'
 * case counts.
 *
 * @param scope the API's ARN, which goes in front of abbreviated resources
 * @returns undefined for a text whose variables are malformed
 */
export function compileResource(
  text: string,
  scope: string | undefined,
  version: string | undefined,
): ResourcePattern | undefined {
  const abbreviated = scope !== undefined && text.startsWith(ABBREVIATED);
  const parsed = parseTemplate(abbreviated ? text.slice(ABBREVIATED.length) : text, version);
  if (!parsed.ok) return undefined;
  const template: Template = abbreviated ? [{ literal: `${scope}/` }, ...parsed.template] : parsed.template;
  if (!parsed.variables) {
    const wildcard = compileWildcard(constantPieces(template));
    return {
      matches: (resource) => matchesWildcard(wildcard, resource),
      resolved: undefined,
      anything: matchesAnything(wildcard),
    };
  }
  const filled = (context: ConditionContext): Wildcard | undefined => {
    const pieces = fillTemplate(template, context);
    return pieces && compileWildcard(pieces);
  };
  return {
    matches: (resource, context) => {
      const wildcard = filled(context);
      return wildcard !== undefined && matchesWildcard(wildcard, resource);
    },
    resolved: (context) => fillTemplate(template, context) !== undefined,
    anything: false,
  };
}
