import { CONTEXT_NAMES } from "../config/context-names.ts";
import type { GatewayIntegration } from "../config/integration-schema.ts";
import { nearest, type Problem } from "../config/problem.ts";
import { lintTemplateTypes } from "./template-types.ts";

/** What the objects that templates are given have (aws-semantics 7.3). */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  util: ["escapeJavaScript", "parseJson", "urlEncode", "urlDecode", "base64Encode", "base64Decode"],
  input: ["body", "json", "path", "params"],
  context: [
    ...new Set(CONTEXT_NAMES.map((name) => name.split(".")[0] ?? "")),
    ...["error", "requestOverride", "responseOverride"],
  ],
};

const ROOTS = ["input", "context", "stageVariables", "util"];

/** `$name.` of any reference. */
const ROOT = /\$!?\{?([A-Za-z]\w*)\.[A-Za-z]\w*/g;

/** What a template gives a name itself: `#set($a = 1)`, `#foreach($a in $list)`, `#define($a)`. */
const OWN = /#\{?(?:set|foreach|define)\}?\s*\(\s*\$!?\{?([A-Za-z]\w*)/g;
/** `#macro(name $a $b)` */
const MACRO = /#\{?macro\}?\s*\(([^)]*)\)/g;

/** `$util.name`, `${input.name}`, `$!{context.name}`. */
const REFERENCE = /\$!?\{?(util|input|context)\.([A-Za-z]\w*)/g;

/**
 * Names in an integration's templates that are nearly another: a reference to nothing prints
 * nothing, and nobody is told. `$context` may have members of a template's own making.
 *
 * @param at where a member of the integration stands
 */
export function lintTemplates(
  { requestTemplates = {}, responses = {} }: GatewayIntegration,
  at: (member: string) => string,
): readonly Problem[] {
  return [
    ...lintTemplateTypes(requestTemplates, at("requestTemplates")),
    ...lintAll(requestTemplates, at("requestTemplates")),
    ...Object.entries(responses).flatMap(([pattern, { responseTemplates = {} }]) =>
      lintAll(responseTemplates, at(`responses.${pattern}.responseTemplates`)),
    ),
  ];
}

function lintAll(templates: Readonly<Record<string, string>>, place: string): readonly Problem[] {
  return Object.entries(templates).flatMap(([type, template]) => [
    ...[...new Set(template.match(REFERENCE))].flatMap((reference) => lint(reference, `${place}.${type}`)),
    ...misspeltRoots(template, `${place}.${type}`),
  ]);
}

/** References to what is nearly one of the objects, and that the template does not make itself. */
function misspeltRoots(template: string, path: string): readonly Problem[] {
  const own = new Set([
    ...[...template.matchAll(OWN)].map(([, name = ""]) => name),
    ...[...template.matchAll(MACRO)].flatMap(([, names = ""]) => names.match(/[A-Za-z]\w*/g) ?? []),
  ]);
  const roots = new Set([...template.matchAll(ROOT)].map(([, name = ""]) => name));
  return [...roots].flatMap((root) => {
    const near = ROOTS.includes(root) || own.has(root) ? undefined : nearest(root, ROOTS);
    if (near === undefined) return [];
    const message = `"$${root}" is nothing and prints nothing`;
    return [{ code: "template.reference", path, message, hint: `did you mean "$${near}"?` }];
  });
}

function lint(reference: string, path: string): readonly Problem[] {
  const [, root = "", name = ""] = new RegExp(REFERENCE.source).exec(reference) ?? [];
  const known = MEMBERS[root] ?? [];
  if (known.includes(name)) return [];
  const near = nearest(name, known);
  if (near === undefined && root === "context") return [];
  const hint = near === undefined ? `there is ${known.join(", ")}` : `did you mean "$${root}.${near}"?`;
  return [
    { code: "template.reference", path, message: `"$${root}.${name}" is nothing and prints nothing`, hint },
  ];
}
