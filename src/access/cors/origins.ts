import { isOrigin, readOriginPattern } from "../../config/cors-schema.ts";

/** `allowOrigins`, ready to be asked. */
export interface AllowedOrigins {
  /** `*`: whoever asks, so that nobody's origin has to be looked at. */
  readonly any: boolean;
  /** A whole scheme, or `*`: too wide for credentials. */
  readonly wide: boolean;
  /** Nobody is allowed, whoever asks. */
  readonly none: boolean;
  /** @param origin the request's Origin header as it came, hostile or not */
  allows(origin: string): boolean;
}

/** Entries that are no origins are left out: the schema has refused them. */
export function compileOrigins(entries: readonly string[]): AllowedOrigins {
  const exact = new Set<string>();
  const schemes: string[] = [];
  const subdomains: { readonly prefix: string; readonly suffix: string }[] = [];
  let any = false;
  for (const entry of entries) {
    const pattern = readOriginPattern(entry);
    if (typeof pattern === "string") continue;
    if (pattern.kind === "any") any = true;
    else if (pattern.kind === "scheme") schemes.push(`${pattern.scheme}://`);
    else if (pattern.kind === "exact") exact.add(pattern.origin);
    else subdomains.push(pattern);
  }
  return {
    any,
    wide: any || schemes.length > 0,
    none: !any && schemes.length + subdomains.length + exact.size === 0,
    allows(origin) {
      // As text: what a browser sends is in its one canonical form, and nothing else is trusted.
      if (any || exact.has(origin)) return true;
      const matched =
        schemes.some((scheme) => origin.startsWith(scheme)) ||
        subdomains.some(({ prefix, suffix }) => origin.startsWith(prefix) && origin.endsWith(suffix));
      // This origin is not one that was written down, so all of it has to be sound:
      // `https://evil.test#.example.com` ends well too.
      return matched && isOrigin(origin);
    },
  };
}
