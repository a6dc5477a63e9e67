import type { Template } from "../../config/service-schema.ts";
import type { Sources } from "../../mapping/parameters/expression.ts";
import { Double, type Value } from "../../mapping/values.ts";
import { type CompiledText, compileText } from "./text.ts";

/** JSON as JavaScript holds it. */
export function plain(value: Value): unknown {
  if (value instanceof Double) return value.value;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  // Not by assignment: to `__proto__` that would set a prototype.
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return value;
}

/** A value's JSON, its numbers with all the digits that they were written with. */
export function exactJson(value: Value): string {
  if (value instanceof Double) return Number.isFinite(value.value) ? value.toString() : "null";
  if (Array.isArray(value)) return `[${value.map(exactJson).join(",")}]`;
  if (value instanceof Map) {
    const members = [...value].map(([name, member]) => `${JSON.stringify(name)}:${exactJson(member)}`);
    return `{${members.join(",")}}`;
  }
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

/** JSON of the configuration whose texts have been compiled. */
export type CompiledTemplate =
  | { readonly is: "text"; readonly text: CompiledText }
  | { readonly is: "fixed"; readonly value: string | number | boolean | null }
  | { readonly is: "list"; readonly items: readonly CompiledTemplate[] }
  | { readonly is: "object"; readonly members: readonly (readonly [string, CompiledTemplate])[] };

export function compileTemplate(
  template: Template,
  variables: Readonly<Record<string, string>>,
): CompiledTemplate {
  if (typeof template === "string") return { is: "text", text: compileText(template, variables) };
  if (typeof template !== "object" || template === null) return { is: "fixed", value: template };
  if (isList(template))
    return { is: "list", items: template.map((item) => compileTemplate(item, variables)) };
  const members = Object.entries(template).map(
    ([name, member]) => [name, compileTemplate(member, variables)] as const,
  );
  return { is: "object", members };
}

function isList(template: Template): template is readonly Template[] {
  return Array.isArray(template);
}

/** Every text in a template. */
export function textsOf(template: CompiledTemplate): readonly CompiledText[] {
  switch (template.is) {
    case "text":
      return [template.text];
    case "list":
      return template.items.flatMap(textsOf);
    case "object":
      return template.members.flatMap(([, member]) => textsOf(member));
    default:
      return [];
  }
}

/** A template filled in: members that find nothing are left out, items are null. */
export function fill(template: CompiledTemplate, sources: Sources): Value | undefined {
  switch (template.is) {
    case "fixed":
      return template.value;
    case "text":
      return template.text.expression.value(sources);
    case "list":
      return template.items.map((item) => fill(item, sources) ?? null);
    default: {
      const filled = new Map<string, Value>();
      for (const [name, member] of template.members) {
        const value = fill(member, sources);
        if (value !== undefined) filled.set(name, value);
      }
      return filled;
    }
  }
}
