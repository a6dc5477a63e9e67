/**
 * A claim as API Gateway writes it into events and `$context` (aws-semantics 3.2, measured):
 * numbers and booleans as text, arrays in brackets with blanks between, objects as JSON.
 * Claims that are null are left out.
 */
export function claimTexts(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(claims)) {
    // Assigning `__proto__` would set a prototype, not a member.
    if (value !== null && value !== undefined && name !== "__proto__") texts[name] = claimText(value);
  }
  return texts;
}

export function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(" ")}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
