import { malformed, type Refusal } from "./refusal.ts";

/** The headers that a signature covers. */
export interface SignedHeaders {
  readonly ok: true;
  /** `host;x-amz-date` */
  readonly text: string;
  readonly names: readonly string[];
}

const LIST = /^[!#$%&'*+.^_`|~0-9a-z-]+(?:;[!#$%&'*+.^_`|~0-9a-z-]+)*$/;
/** No client signs more, and each costs a look at the headers. */
const MAX_NAMES = 100;

/**
 * Checks the list of signed headers as AWS does: lower-case, sorted, `host` and every
 * `x-amz-*` header of the request among them, and all of them there. A session token may be
 * left out: it is compared with what is stored, so that nobody gains by changing it.
 */
export function signedHeaders(text: string | undefined, headers: Headers): SignedHeaders | Refusal {
  if (text === undefined || !LIST.test(text)) {
    return malformed("SignedHeaders must be a list of lower-case header names joined by semicolons");
  }
  const names = text.split(";");
  if (names.length > MAX_NAMES) return malformed(`SignedHeaders lists more than ${MAX_NAMES} headers`);
  for (const [index, name] of names.entries()) {
    if (index > 0 && name <= (names[index - 1] ?? "")) return malformed("SignedHeaders is not sorted");
    if (headers.get(name) === null)
      return malformed("SignedHeaders lists a header that the request does not have");
  }
  if (!names.includes("host")) return malformed("'Host' must be a 'SignedHeader' in the AWS Authorization");
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-") && name !== "x-amz-security-token" && !names.includes(name)) {
      return malformed("an x-amz header of the request is not among the SignedHeaders");
    }
  }
  return { ok: true, text, names };
}

const BLANKS = /[ \t\r\n]+/g;

/** Headers whose own commas are followed by a blank, and which no two lines may carry. */
const SINGLE: ReadonlySet<string> = new Set([
  "date",
  "expires",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "user-agent",
]);

/** The canonical headers, each with its line end. @param compact joins repeated headers by `,` alone */
export function canonicalHeaders(names: readonly string[], headers: Headers, compact: boolean): string {
  let text = "";
  for (const name of names) {
    const value = (headers.get(name) ?? "").replace(BLANKS, " ").trim();
    text += `${name}:${compact && !SINGLE.has(name) ? value.replaceAll(", ", ",") : value}\n`;
  }
  return text;
}
