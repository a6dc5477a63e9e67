/** Strong comparison (RFC 9110 section 8.8.3.2): the same, and neither is weak. */
export function strongMatch(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b && !isWeak(a);
}

/** Weak comparison (RFC 9110 section 8.8.3.2). */
export function weakMatch(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && opaque(a) === opaque(b);
}

export function isWeak(tag: string): boolean {
  return tag.startsWith("W/");
}

function opaque(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag;
}

/**
 * Whether If-None-Match lists an entity tag (RFC 9110 section 13.1.2). Tags without quotes are
 * compared as they are; within quotes a comma separates nothing, and a backslash escapes nothing.
 */
export function listsTag(list: string, tag: string): boolean {
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= list.length; at++) {
    if (list[at] === '"') quoted = !quoted;
    if (at < list.length && (quoted || list[at] !== ",")) continue;
    if (weakMatch(list.slice(start, at).trim(), tag)) return true;
    start = at + 1;
  }
  return false;
}
