import { compileExpression } from "../mapping/parameters/expression.ts";
import type { ParameterRule, ParameterRules } from "./parameter-rule.ts";
import { nearest, type Problem } from "./problem.ts";
import type { Template } from "./service-schema.ts";

/**
 * Whether an operation's parameters are those that it takes, and each can become what it has to
 * be: what is fixed is judged now, what a request decides is judged then.
 *
 * @param at where a parameter stands
 */
export function checkParameters(
  rules: ParameterRules,
  parameters: Readonly<Record<string, Template>>,
  at: (name: string) => string,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.required && !Object.hasOwn(parameters, name)) {
      problems.push({ code: "key.missing", path: at(name), message: `the parameter "${name}" is missing` });
    }
  }
  for (const [name, template] of Object.entries(parameters)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    problems.push(...(rule ? checkParameter(rule, template, at(name)) : [unknown(name, rules, at(name))]));
  }
  return problems;
}

function unknown(name: string, rules: ParameterRules, path: string): Problem {
  const near = nearest(name, Object.keys(rules));
  return {
    code: "key.unknown",
    path,
    message: `there is no parameter "${name}" here; there is ${Object.keys(rules).join(", ")}`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}

function checkParameter(rule: ParameterRule, template: Template, path: string): readonly Problem[] {
  const invalid = (message: string, hint?: string): readonly Problem[] => [
    { code: "value.invalid", path, message, ...(hint === undefined ? {} : { hint }) },
  ];
  if (rule.is === "list") {
    if (!Array.isArray(template)) return invalid("expected a list");
    if (template.length > rule.max) return invalid(`at most ${rule.max} items, found ${template.length}`);
    return faults(template, path);
  }
  if (rule.is === "value") return faults(template, path);
  if (typeof template !== "string" && (rule.is !== "integer" || typeof template !== "number")) {
    return invalid(rule.is === "integer" ? "expected a number or an expression" : "expected text");
  }
  const text = String(template);
  if (rule.is === "fixed") {
    const own = rule.variables ? text.replace(STAGE_VARIABLE, "") : text;
    if (!isFixed(own)) {
      const hint = rule.variables ? rule.hint : "references are for other parameters";
      return invalid("this text stands as it is: no request can decide it", hint);
    }
    const isWhole = own === text;
    if (!isWhole || rule.pattern === undefined || rule.pattern.test(text)) return [];
    return invalid(`${JSON.stringify(text)} will not do`, rule.hint);
  }
  if (rule.is === "choice") {
    if (rule.of.includes(text)) return [];
    const near = nearest(text, rule.of);
    return [
      {
        code: "value.unknown",
        path,
        message: `"${text}" is none of ${rule.of.join(", ")}`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      },
    ];
  }
  if (rule.is === "path" && (!text.startsWith("/") || /[?#\\\s]/.test(text))) {
    return invalid("a path starts with / and has no query", "the request's own query goes along");
  }
  if (!isFixed(text)) return faults(template, path);
  if (rule.is === "integer" && !isInteger(text, rule.min, rule.max)) {
    return invalid(`expected an integer from ${rule.min} to ${rule.max}`);
  }
  if (rule.is === "address") {
    const why = badAddress(text, rule);
    if (why !== undefined) return invalid(why);
  }
  return [];
}

/** Every text in it that is no expression. */
function faults(template: Template, path: string): readonly Problem[] {
  if (typeof template === "string") {
    const compiled = compileExpression(template, undefined, "request");
    return "fault" in compiled ? [{ code: "mapping.source", path, message: compiled.fault }] : [];
  }
  if (typeof template !== "object" || template === null) return [];
  return Object.entries(template).flatMap(([name, inner]) => faults(inner, `${path}.${name}`));
}

/** A reference to one, inside of text or as all of it. */
const STAGE_VARIABLE = /^\$stageVariables\.[A-Za-z0-9_]{1,64}$|\$\{stageVariables\.[A-Za-z0-9_]{1,64}\}/g;

/** Whether a text has no reference in it. */
function isFixed(text: string): boolean {
  return !/^\$[A-Za-z]|\$\{/.test(text);
}

export function isInteger(text: string, min: number, max: number): boolean {
  return /^-?\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/**
 * Why a text cannot be a key, an id or a name: services differ in what they make of control
 * characters and of half a surrogate pair.
 */
export function badAddress(
  text: string,
  rule: Extract<ParameterRule, { is: "address" }>,
): string | undefined {
  if (text === "") return "it is empty";
  if (/[\0-\x1f\x7f]/.test(text)) return "it has control characters";
  if (!text.isWellFormed()) return "it is no Unicode text";
  // A UTF-16 unit is one byte of UTF-8 at least.
  if (text.length > rule.bytes || new TextEncoder().encode(text).byteLength > rule.bytes) {
    return `it is longer than ${rule.bytes} bytes`;
  }
  return rule.pattern === undefined || rule.pattern.test(text) ? undefined : rule.hint;
}
