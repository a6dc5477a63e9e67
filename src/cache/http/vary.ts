import { isToken } from "../../lib/token.ts";
import { fieldValue, type HeaderLines, listMembers, quotedMembers } from "./fields.ts";
import { sha256 } from "./sha256.ts";

/**
 * What Vary names, lower case, with the normalised value that the request had; null for a field
 * that it had not. Of credentials it is their SHA-256: nobody can read them from what is stored.
 */
export type SelectingFields = readonly (readonly [name: string, value: string | null])[];

/**
 * @returns undefined for a response that no other request matches: Vary has a member `*`
 * (RFC 9111 section 4.1), or one that is no field name
 */
export function selectingFields(lines: HeaderLines, headers: Headers): SelectingFields | undefined {
  const names = new Set(listMembers((fieldValue(lines, "vary") ?? "").toLowerCase()));
  const fields: [string, string | null][] = [];
  for (const name of names) {
    if (name === "*" || !isToken(name)) return undefined;
    fields.push([name, normalised(name, headers)]);
  }
  return fields;
}

/** Whether a stored response was made for a request like this one (RFC 9111 section 4.1). */
export function matches(stored: { readonly vary: SelectingFields }, headers: Headers): boolean {
  return stored.vary.every(([name, value]) => normalised(name, headers) === value);
}

/**
 * Lines are joined already; whitespace about commas and empty members mean nothing in a list.
 * Preferences for languages and codings are told apart by their weights, not by their order or
 * case (RFC 9110 sections 12.5.3 and 12.5.4). Credentials are told apart as they are: whether
 * they mean the same is not for us to say.
 */
function normalised(name: string, headers: Headers): string | null {
  const value = headers.get(name);
  if (value === null) return null;
  if (CREDENTIALS.has(name)) return digestOf(headers, value);
  if (name !== "accept-language" && name !== "accept-encoding") return quotedMembers(value).join(",");
  return listMembers(value.toLowerCase().replaceAll(/[ \t]/g, "")).sort().join(",");
}

const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "x-api-key"]);

/** Of the headers that are looked at just now: a request is held against many stored responses. */
const DIGESTS = new WeakMap<Headers, Map<string, string>>();

function digestOf(headers: Headers, value: string): string {
  const known = DIGESTS.get(headers) ?? new Map<string, string>();
  DIGESTS.set(headers, known);
  const digest = known.get(value) ?? sha256(value);
  known.set(value, digest);
  return digest;
}

interface Variant {
  readonly vary: SelectingFields;
  readonly date: number;
  readonly responseTime: number;
}

/**
 * Of what is stored for a URL, the response that a request selects: the most recent of those
 * that match, and one with Vary before one without (RFC 9111 section 4.1). Where the resource
 * began to vary after a response without Vary was stored, that one is nobody's any more.
 */
export function selectStored<T extends Variant>(stored: readonly T[], headers: Headers): T | undefined {
  const varying = stored.filter((variant) => variant.vary.length > 0);
  const selected = mostRecent(varying.filter((variant) => matches(variant, headers)));
  if (selected) return selected;
  const plain = mostRecent(stored.filter((variant) => variant.vary.length === 0));
  return plain && mostRecent([...varying, plain]) === plain ? plain : undefined;
}

/** By Date, and by arrival where Dates are the same; the last one where that is the same, too. */
export function mostRecent<T extends Variant>(variants: readonly T[]): T | undefined {
  let latest: T | undefined;
  for (const variant of variants) {
    const later = latest && (variant.date - latest.date || variant.responseTime - latest.responseTime);
    if (later === undefined || later >= 0) latest = variant;
  }
  return latest;
}
