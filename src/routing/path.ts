/**
 * One canonical path per request, computed once. The router, every guard and the
 * origin see this text and no other, so none of them can be talked
 * into disagreeing about which resource a request names.
 */

export interface Target {
  /** Lower-case host name with its port, as the client wrote it. */
  readonly host: string;
  /** Canonical path: see {@link canonicalPath}. */
  readonly path: string;
  /** The query without its `?`, untouched; empty when there is none. */
  readonly query: string;
  readonly scheme: "http" | "https";
}

/**
 * Splits a request's URL by hand. The engine gives the text as it was sent, while
 * `new URL` would already have resolved `\`, `..` and tabs, hiding what must be refused.
 */
export function splitTarget(url: string): Target {
  const authority = url.indexOf("//") + 2;
  const hash = url.indexOf("#", authority);
  const whole = hash < 0 ? url : url.slice(0, hash);
  const question = whole.indexOf("?", authority);
  const end = question < 0 ? whole.length : question;
  const slash = whole.indexOf("/", authority);
  const pathStart = slash < 0 || slash > end ? end : slash;
  const path = whole.slice(pathStart, end);
  return {
    scheme: url.startsWith("https:") ? "https" : "http",
    host: whole.slice(authority, pathStart).toLowerCase(),
    path: path === "" ? "/" : path,
    query: question < 0 ? "" : whole.slice(question + 1),
  };
}

const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/**
 * Whether a Host header holds a host and nothing else. The engine writes it into the URL as it
 * came: behind `Host: a/admin?` or `Host: a#`, the path of the request line would be a query
 * or nothing at all, and two of them come joined by a comma (RFC 9112 3.2).
 */
export function isHost(header: string | null): boolean {
  return header === null || HOST.test(header);
}

/** Why a path cannot be served; its text goes to the log, never a part of the path. */
export type PathRefusal =
  | "a backslash"
  | "an encoded control character"
  | "a malformed percent-encoding"
  | "dots before a semicolon"
  | "dots beside an encoded slash";

export type CanonicalPath =
  | {
      readonly ok: true;
      readonly path: string;
      /** Whether `%2F`, `%5C` or `%3B` stands in it: only an API that allows them may serve it. */
      readonly encodedSlash: boolean;
    }
  | { readonly ok: false; readonly refusal: PathRefusal };

// Nothing but letters, digits and harmless marks, and no segment that starts with a dot:
// such a path is canonical as it stands, which nearly every request's is.
const PLAIN = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)+\/?$/;

const DOTS_BY_ENCODED_SLASH = /%(?:2F|5C)\.\.?(?:\/|%|$)|(?:\/|%2F|%5C)\.\.?%(?:2F|5C)/;

/**
 * Percent-encoded unreserved characters are decoded (RFC 3986 6.2.2.2, so that
 * `/%61dmin` is `/admin`), the others written in capitals (6.2.2.1: `/caf%c3%a9` is
 * `/caf%C3%A9`), dot segments resolved (5.2.4, in every encoding), characters
 * that must be encoded are, leading slashes count as one (recorded: `//stage/x`); everything
 * else stays as sent. Refused, since an origin may read them differently (CVE-2021-29492,
 * CVE-2025-66490, "..;/" of servlet containers): backslash, encoded control characters,
 * broken percent-encodings; and encoded `/ \ ;`, which are told apart because an API may
 * allow them.
 */
export function canonicalPath(path: string): CanonicalPath {
  if (path === "/" || PLAIN.test(path)) return { ok: true, path, encodedSlash: false };
  if (path.includes("\\")) return { ok: false, refusal: "a backslash" };
  let text = path;
  if (/[^\x21-\x7e]|[<>"^`{|}]/.test(path)) {
    // Lone surrogates cannot come from the wire; encodeURI would throw on them.
    text = path.replace(/[^\x21-\x7e]+|[<>"^`{|}]+/gu, (run) => encodeURIComponent(run.toWellFormed()));
  }
  let encodedSlash = false;
  if (text.includes("%")) {
    let refusal: PathRefusal | undefined;
    text = text.replace(/%([0-9A-Fa-f]{2})?/g, (whole, hex: string | undefined) => {
      if (hex === undefined) {
        refusal = "a malformed percent-encoding";
        return whole;
      }
      const code = Number.parseInt(hex, 16);
      if (code < 0x20 || code === 0x7f) refusal ??= "an encoded control character";
      else if (code === 0x2f || code === 0x5c || code === 0x3b) encodedSlash = true;
      else if (isUnreserved(code)) return String.fromCharCode(code);
      return whole.toUpperCase();
    });
    if (refusal) return { ok: false, refusal };
  }
  if (/(?:\/|%2F|%5C)\.+(?:;|%3B)/.test(text)) return { ok: false, refusal: "dots before a semicolon" };
  // Also where an API lets encoded slashes through: an origin that decodes them would climb.
  if (encodedSlash && DOTS_BY_ENCODED_SLASH.test(text)) {
    return { ok: false, refusal: "dots beside an encoded slash" };
  }
  if (text.includes("/.")) text = removeDotSegments(text);
  return { ok: true, path: collapseLeadingSlashes(text), encodedSlash };
}

/** A route's fixed segment as the canonical path of a request spells it: `café` is `caf%C3%A9` there. */
export function canonicalSegment(text: string): string {
  const canonical = canonicalPath(`/${text}`);
  return canonical.ok ? canonical.path.slice(1) : text;
}

export function collapseLeadingSlashes(path: string): string {
  return path.startsWith("//") ? path.replace(/^\/+/, "/") : path;
}

function isUnreserved(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x5f ||
    code === 0x7e
  );
}

/** RFC 3986 section 5.2.4. */
function removeDotSegments(path: string): string {
  const output: string[] = [];
  const segments = path.split("/");
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "." || segment === "..") {
      if (segment === ".." && output.length > 1) output.pop();
      if (last) output.push("");
    } else output.push(segment);
  }
  const joined = output.join("/");
  return joined === "" ? "/" : joined;
}
