import { percentDecode } from "../../lib/percent.ts";

/** A part of a query whose name is itself in every encoding, as nearly every one is. */
const PLAIN = /^[a-z0-9_-]*(?==|$)/;

/**
 * A query without some of its parameters, in all spellings that some backend takes for them;
 * the others stay as they were written.
 *
 * @param names as `meantName` has them
 */
export function withoutParameters(query: string, names: ReadonlySet<string>): string {
  if (names.size === 0 || query === "") return query;
  const parts = query.split("&");
  return parts.filter((part) => part === "" || !isMeant(part, names)).join("&");
}

/** Some backends split at semicolons too. */
function isMeant(part: string, names: ReadonlySet<string>): boolean {
  if (!part.includes(";")) return names.has(sentName(part));
  return part.split(";").some((piece) => names.has(sentName(piece)));
}

function sentName(part: string): string {
  const plain = PLAIN.exec(part)?.[0];
  if (plain !== undefined) return plain;
  const end = part.indexOf("=");
  return meantName(decoded(end < 0 ? part : part.slice(0, end)));
}

/**
 * What a parameter's name may be taken for: case means nothing to ASP.NET, brackets and what
 * follows them nothing to qs and Rack, blanks in front, dots and NUL nothing to PHP.
 */
export function meantName(name: string): string {
  const [first = ""] = name.split("\0");
  const [plain = ""] = first.replace(/^[\s[\]]+/, "").split(/[[\]]/);
  return plain.trimEnd().replace(/[.\s]/g, "_").toLowerCase();
}

/** Decoded as forms are, `%uXXXX` too; ASCII also where other bytes beside it are no UTF-8. */
function decoded(text: string): string {
  const ascii = text
    .replaceAll("+", " ")
    .replace(/%(?:u([0-9A-Fa-f]{4})|([0-7][0-9A-Fa-f]))/g, (_, wide?: string, narrow?: string) =>
      String.fromCharCode(Number.parseInt(wide ?? narrow ?? "", 16)),
    );
  return percentDecode(ascii);
}
