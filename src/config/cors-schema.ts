import * as v from "valibot";
import { isToken } from "../lib/token.ts";

/** What `cors` of an API or a route may say; names as in x-amazon-apigateway-cors. */

/** Which requests' origins one entry of `allowOrigins` stands for. */
export type OriginPattern =
  | { readonly kind: "any" }
  | { readonly kind: "scheme"; readonly scheme: "http" | "https" }
  /** `prefix`, one or more labels, `suffix`: `https://` … `.example.com:8443`. */
  | { readonly kind: "subdomains"; readonly prefix: string; readonly suffix: string }
  | { readonly kind: "exact"; readonly origin: string };

/**
 * What an origin is made of (RFC 6454 section 6.2): lower case, host names in ASCII, no trailing
 * dot. Each step of the expression has one way to match, so its time is linear (R-21).
 */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

/** A host name has at most 253 characters; schemes and ports are short. */
const MAX_ORIGIN = 300;

/** Whether this is an origin in the only form in which browsers send it; `null` is none. */
export function isOrigin(text: string): boolean {
  return text.length <= MAX_ORIGIN && ORIGIN.test(text) && canonicalOrigin(text) === text;
}

/** What an entry of `allowOrigins` stands for, or what is wrong with it and how to mend it. */
export function readOriginPattern(entry: string): OriginPattern | string {
  if (entry === "*") return { kind: "any" };
  if (entry === "http://*") return { kind: "scheme", scheme: "http" };
  if (entry === "https://*") return { kind: "scheme", scheme: "https" };
  // R-17: sandboxed frames, data: and file: pages all send it, whoever wrote them.
  if (entry.toLowerCase() === "null") {
    return 'the origin "null" cannot be allowed: every site can send it, from a sandboxed frame';
  }
  const wildcard = entry.indexOf("://*.");
  if (wildcard > 0) return readSubdomains(entry.slice(0, wildcard + 3), entry.slice(wildcard + 5));
  if (entry.includes("*")) {
    return `"${entry}": a wildcard is "*", "https://*", "http://*", or stands for sub-domains as in "https://*.example.com"`;
  }
  return mistakeIn(entry) ?? { kind: "exact", origin: entry };
}

function readSubdomains(prefix: string, domain: string): OriginPattern | string {
  const mistake = mistakeIn(prefix + domain, "*.");
  if (mistake !== undefined) return mistake;
  const [host = ""] = domain.split(":");
  const labels = host.split(".");
  // A top-level domain is everybody's, and an address has no sub-domains.
  if ((labels.length < 2 && host !== "localhost") || /^[0-9[]/.test(labels.at(-1) ?? "")) {
    return `"${prefix}*.${domain}": a wildcard needs a domain of one's own after it, as in "https://*.example.com"`;
  }
  return { kind: "subdomains", prefix, suffix: `.${domain}` };
}

/**
 * Origins are compared as text, so one that no browser writes like this would never match.
 *
 * @param wildcard what stood before the host, and stands there again where the entry is quoted
 */
function mistakeIn(origin: string, wildcard = ""): string | undefined {
  const quote = (text: string): string => `"${text.replace("://", `://${wildcard}`)}"`;
  if (isOrigin(origin)) return undefined;
  const canonical = canonicalOrigin(origin);
  if (canonical !== undefined && isOrigin(canonical)) {
    return `browsers do not write an origin as ${quote(origin)}: write ${quote(canonical)}`;
  }
  if (!origin.includes("://") && isOrigin(`https://${origin.toLowerCase()}`)) {
    return `"${origin}" has no scheme: write "https://${origin.toLowerCase()}"`;
  }
  return `${quote(origin)} is no origin: write scheme://host or scheme://host:port, with nothing after it`;
}

/** Without the scheme's own port, and with addresses in their one form: as the URL parser has it. */
function canonicalOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // Apps have schemes of their own (`capacitor://localhost`), whose origin URL does not tell.
  return url.origin === "null" && url.host !== "" ? `${url.protocol}//${url.host.toLowerCase()}` : url.origin;
}

const origin = v.pipe(
  v.string(),
  v.check(
    (entry) => typeof readOriginPattern(entry) !== "string",
    (issue) => String(readOriginPattern(issue.input)),
  ),
);

const method = v.pipe(
  v.string(),
  v.toUpperCase(),
  v.check(isToken, (issue) => `"${issue.input}" is not a method`),
  v.check(
    (name) => name !== "ANY",
    '"ANY" is not a method that browsers ask for: write "*" for every method',
  ),
);

const headerName = v.pipe(
  v.string(),
  v.check(isToken, (issue) => `"${issue.input}" is not a header name`),
);

/** The entry, when there is one, that lets in whoever asks. */
function everybody(origins: readonly string[] | undefined): string | undefined {
  return origins?.find((entry) => {
    const pattern = readOriginPattern(entry);
    return typeof pattern !== "string" && (pattern.kind === "any" || pattern.kind === "scheme");
  });
}

export const Cors = v.pipe(
  v.strictObject({
    /**
     * Who may read answers: `https://app.example` with its port unless that is the scheme's own;
     * `*`; `https://*` or `http://*`; and beyond API Gateway `https://*.example.com`, which is
     * every depth of sub-domains on that port, but not `https://example.com` itself. Nobody by default.
     */
    allowOrigins: v.optional(v.array(origin)),
    /** What a preflight may ask for; `*` for all. By default what browsers allow unasked: GET, HEAD and POST. */
    allowMethods: v.optional(v.array(method)),
    /** Request headers besides the safelisted ones. To browsers `*` does not include `authorization`: name it too. */
    allowHeaders: v.optional(v.array(headerName)),
    /** Response headers that pages may read besides the safelisted ones. `*` does not count with credentials. */
    exposeHeaders: v.optional(v.array(headerName)),
    /** How long a browser may remember a preflight, in seconds; -1 for not at all. */
    maxAge: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(86_400))),
    /** Lets pages send cookies and read the answer. */
    allowCredentials: v.optional(v.boolean()),
  }),
  v.forward(
    // R-17, CVE-2026-54290: credentials for everybody is every site reading its visitors' accounts.
    v.partialCheck(
      [["allowOrigins"], ["allowCredentials"]],
      ({ allowOrigins, allowCredentials }) =>
        allowCredentials !== true || everybody(allowOrigins) === undefined,
      (issue) =>
        `"${everybody(issue.input.allowOrigins) ?? ""}" cannot be combined with allowCredentials: every site could read what its visitors' cookies open; list the origins`,
    ),
    ["allowOrigins"],
  ),
);

/** A route's own, or `false` for none. Not a union, whose complaints name no place inside it. */
export const RouteCors = v.lazy((value) => (value === false ? v.literal(false) : Cors));

export type Cors = v.InferOutput<typeof Cors>;
