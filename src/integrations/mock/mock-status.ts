/**
 * The integer `statusCode` of a rendered request template. API Gateway reads it with a
 * lenient parser that the CDK's `{ statusCode: 200 }` relies on: unquoted and single-quoted
 * keys, stray commas and junk in other members pass; unbalanced quotes around the key, no
 * braces, a brace left open do not (aws-semantics 6.1, recorded).
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

function lenientStatus(members: string): number | undefined {
  let depth = 0;
  for (const character of members) {
    if (character === "{") depth += 1;
    else if (character === "}" && depth > 0) depth -= 1;
  }
  if (depth > 0) return undefined;
  for (const member of members.split(",")) {
    const found = /^\s*(?:"statusCode"|'statusCode'|statusCode)\s*:\s*(-?\d+)\s*$/.exec(member);
    if (found) return Number(found[1]);
  }
  return undefined;
}
