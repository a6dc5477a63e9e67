const PLAIN = /^[A-Za-z0-9._~-]*$/;
const PLAIN_PATH = /^[A-Za-z0-9._~/-]*$/;
const RESERVED = /[!'()*]/g;
const WIRE_PARTS = /%[0-9A-Fa-f]{2}|%|\+|[^A-Za-z0-9._~%+-]+/g;

/** `UriEncode` of the specification: everything but A-Z a-z 0-9 - . _ ~, as capital hex of UTF-8. */
function uriEncode(text: string): string {
  // Lone surrogates cannot come from the wire; encodeURIComponent would throw on them.
  return encodeURIComponent(text.toWellFormed()).replace(
    RESERVED,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * A path as it was sent, encoded once more: its percent signs too. Only S3 leaves that out
 * (AWS General Reference, "create a canonical request").
 */
export function encodePath(path: string): string {
  return PLAIN_PATH.test(path) ? path : uriEncode(path).replaceAll("%2F", "/");
}

/**
 * A name or value of a query as it was sent, in the one spelling that signers sign: bytes
 * stay what they are, `+` is a blank, as in `URLSearchParams` and Go's and Java's signers.
 */
export function encodeQueryPart(part: string): string {
  return PLAIN.test(part) ? part : part.replace(WIRE_PARTS, encodeWirePart);
}

function encodeWirePart(part: string): string {
  if (part === "+") return "%20";
  if (part === "%") return "%25";
  if (part.charCodeAt(0) !== 0x25) return uriEncode(part);
  const character = String.fromCharCode(Number.parseInt(part.slice(1), 16));
  return PLAIN.test(character) ? character : part.toUpperCase();
}
