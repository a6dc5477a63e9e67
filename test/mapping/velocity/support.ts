import {
  TemplateError,
  type TemplateErrorKind,
  type TemplateFault,
} from "../../../src/mapping/velocity/template-error.ts";
import { compileVelocity } from "../../../src/mapping/velocity/velocity.ts";

/** A template's text, without any globals. */
export function rendered(source: string): string {
  const template = compileVelocity(source);
  if (!("render" in template)) throw new Error(`${template.line}:${template.column} ${template.message}`);
  return template.render(new Map());
}

/** Why a template is refused; undefined when it is not. */
export function faultOf(source: string): TemplateFault | undefined {
  const template = compileVelocity(source);
  return "render" in template ? undefined : template;
}

/** What kind of error a rendering ends with; undefined when it does not. */
export function errorOf(source: string): TemplateErrorKind | undefined {
  try {
    rendered(source);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.kind;
    throw error;
  }
}
