/**
 * The integer `statusCode` of a rendered request template. API Gateway reads it with a
 * lenient parser that the CDK's `{ statusCode: 200 }` relies on: unquoted and single-quoted
 * keys, stray commas and odd text in other members pass; unbalanced quotes, no braces, a
 * brace left open, a member without a colon do not (aws-semantics 6.1, recorded).
 */
export function mockStatus(rendered: string): number | undefined {
  const text = rendered.trim();
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("statusCode" in value)) return undefined;
    const { statusCode } = value;
    return typeof statusCode === "number" && Number.isInteger(statusCode) ? statusCode : undefined;
  } catch {
    return lenientStatus(text.slice(1, -1));
  }
}

function lenientStatus(text: string): number | undefined {
  let status: number | undefined;
  for (const member of membersOf(text) ?? []) {
    if (member.trim() === "") continue;
    if (!member.includes(":")) return undefined;
    const found = /^\s*(?:"statusCode"|'statusCode'|statusCode)\s*:\s*(-?\d+)\s*$/.exec(member);
    if (found) status = Number(found[1]);
  }
  return status;
}

/**
 * What stands between the commas of an object, as far as they are its own: a caller's text
 * inside quotes, lists and objects is no member.
 *
 * @returns none where a quote or a bracket stays open
 */
function membersOf(text: string): readonly string[] | undefined {
  const members: string[] = [];
  let depth = 0;
  let start = 0;
  /** Whether a key or a value may begin here, and a quote open one. */
  let begins = true;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (begins && (character === '"' || character === "'")) {
      at = endOfQuote(text, at);
      if (at < 0) return undefined;
      begins = false;
    } else if (character === "{" || character === "[") {
      depth += 1;
      begins = true;
    } else if (character === "}" || character === "]") {
      if (depth > 0) depth -= 1;
      begins = false;
    } else if (character === "," || character === ":") {
      if (character === "," && depth === 0) {
        members.push(text.slice(start, at));
        start = at + 1;
      }
      begins = true;
    } else if (character.trim() !== "") begins = false;
  }
  members.push(text.slice(start));
  return depth === 0 ? members : undefined;
}

/** Where a quoted text ends; -1 for one that does not. */
function endOfQuote(text: string, from: number): number {
  const quote = text.charAt(from);
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}
