import { nearest, type Problem } from "../config/problem.ts";

/** The media types that bodies mostly have. */
const USUAL = [
  ...["application/json", "text/xml", "application/xml", "text/plain"],
  ...["application/x-www-form-urlencoded", "multipart/form-data"],
];

/** IANA's top-level types. */
const TOP_LEVEL: ReadonlySet<string> = new Set([
  ...["application", "audio", "font", "image", "message", "model", "multipart", "text", "video"],
  ...["example", "haptics", "chemical"],
]);

/**
 * Request templates for types that no content type is, which are used by no request.
 *
 * @param place where the templates stand
 */
export function lintTemplateTypes(
  templates: Readonly<Record<string, string>>,
  place: string,
): readonly Problem[] {
  return Object.keys(templates).flatMap((type) => {
    if (type === "$default") return [];
    const hint = doubt((type.split(";")[0] ?? "").trim().toLowerCase());
    if (hint === undefined) return [];
    return [
      {
        code: "template.type",
        path: `${place}.${type}`,
        message: `no content type is "${type}": no request uses this template`,
        hint,
      },
    ];
  });
}

/** What was probably meant; none for a type that there may be. */
function doubt(type: string): string | undefined {
  const near = nearest(type, USUAL);
  const [top = "", subtype] = type.split("/");
  const hint = near === undefined ? "a media type has a slash: application/json" : `did you mean "${near}"?`;
  if (subtype === undefined || subtype === "") {
    const full = USUAL.find((usual) => usual.endsWith(`/${top}`));
    return full === undefined ? hint : `did you mean "${full}"?`;
  }
  if (!TOP_LEVEL.has(top) && !top.startsWith("x-")) return near === undefined ? undefined : hint;
  return near !== undefined && near !== type && isSlip(type, near) ? hint : undefined;
}

/** One letter too many, too few, or out of place; a longer name is another one (`application/json5`). */
function isSlip(type: string, usual: string): boolean {
  if (type.startsWith(usual)) return false;
  const left = [...usual];
  let strange = 0;
  for (const letter of type) {
    const at = left.indexOf(letter);
    if (at < 0) strange += 1;
    else left.splice(at, 1);
  }
  return strange + left.length <= 1;
}
