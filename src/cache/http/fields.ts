/**
 * Header lines in order, names in lower case. `Headers` joins the lines of a field with ", "
 * (Set-Cookie's excepted), which is what RFC 9110 section 5.3 lets any recipient do.
 */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** What the rules read of a request; a `Request` is one. */
export interface CacheRequest {
  readonly method: string;
  /** Absolute: the target URI. */
  readonly url: string;
  readonly headers: Headers;
}

/** What the rules read of a response that just came from the origin; a `Response` is one. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

/** When a request was sent to the origin and when the head of its response came, ms since the epoch. */
export interface Times {
  readonly request: number;
  readonly response: number;
}

/** A field's combined value (RFC 9110 section 5.2); undefined for an absent field, "" for an empty one. */
export function fieldValue(lines: HeaderLines, name: string): string | undefined {
  let value: string | undefined;
  for (const line of lines) {
    if (line[0] === name) value = value === undefined ? line[1] : `${value}, ${line[1]}`;
  }
  return value;
}

/** The members of a list without quoted strings (RFC 9110 section 5.6.1): names, mostly. */
export function listMembers(value: string): string[] {
  return value
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}

/** Where the quoted string that begins at a place ends (RFC 9110 section 5.6.4): behind its last quote, or -1. */
function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '"') return at + 1;
    if (char === "\\") at++;
  }
  return -1;
}

/** Splits at the commas that stand outside of quoted strings; members are trimmed, empty ones left out. */
export function quotedMembers(value: string): string[] {
  const members: string[] = [];
  let start = 0;
  // A quote that is never closed hides nothing behind it, and is looked for once only.
  let closed = true;
  for (let at = 0; at <= value.length; at++) {
    if (closed && value[at] === '"') {
      const end = quotedEnd(value, at);
      if (end === -1) closed = false;
      else at = end - 1;
    }
    if (at === value.length || value[at] === ",") {
      const member = value.slice(start, at).trim();
      if (member !== "") members.push(member);
      start = at + 1;
    }
  }
  return members;
}
