/**
 * One look at a request's headers: how large they are, and which of them stop at the gateway.
 * Reading them costs more than all the deciding, so it happens once a request.
 */
export interface IncomingHeaders {
  /** Names and values together. */
  readonly bytes: number;
  /** Names, lower-case, that no backend may see as the client sent them. */
  readonly stopped: readonly string[];
}

/** RFC 9110 section 7.6.1 and its ancestors. */
export const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** REST APIs drop these from every request (aws-semantics 5, recorded). */
export const REST_DROPPED: readonly string[] = [
  "connection",
  "content-length",
  "content-md5",
  "expect",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "transfer-encoding",
  "trailer",
  "upgrade",
  "www-authenticate",
];

// Lists, not sets: the engine makes each request's names as new strings, each of which a set
// would have to hash and intern first. That costs more than comparing it with all of these.
const STOPPED: readonly string[] = [...HOP_BY_HOP, "expect", "host"];

/** Names that say who is calling; only the gateway and the platform before it may say so. */
const IDENTITY: readonly string[] = [
  "forwarded",
  "x-real-ip",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
];
const IDENTITY_PREFIXES = ["x-forwarded-", "cf-", "x-amzn-", "x-portico-"];

/** Names that a client cannot take off by listing them: they concern the ends, not the hop. */
const END_TO_END = new Set([
  "authorization",
  "cookie",
  "host",
  "content-type",
  "content-length",
  "cache-control",
]);

const NOTHING: readonly string[] = [];

/** Says towards backends how many gateways a request has passed. */
export const HOPS_HEADER = "x-portico-hops";
/** Gateways in a row before a request is taken for a loop. */
const MAX_HOPS = 5;

/**
 * What the hops header says to the next backend; none when a request goes round in circles. A
 * client may write it too: less than none would let a loop run longer.
 */
export function nextHop(headers: Headers): string | undefined {
  const hops = Math.max(0, Number(headers.get(HOPS_HEADER) ?? 0)) + 1;
  return hops <= MAX_HOPS ? String(hops) : undefined;
}

export function inspectHeaders(headers: Headers): IncomingHeaders {
  let bytes = 0;
  let stopped: string[] | undefined;
  for (const [name, value] of headers) {
    bytes += name.length + value.length;
    if (!STOPPED.includes(name) && !claimsIdentity(name)) continue;
    stopped ??= [];
    stopped.push(name);
    if (name === "connection") {
      const listed = listedByConnection(value);
      if (listed) stopped.push(...listed);
    }
  }
  return { bytes, stopped: stopped ?? NOTHING };
}

/**
 * Whether a client's header claims an identity. An underscore counts as a hyphen, which is
 * what CGI-style backends make of it (Caddy GHSA-f59h-q822-g45g).
 *
 * @param name lower-case
 */
export function claimsIdentity(name: string): boolean {
  switch (name.charCodeAt(0)) {
    case 0x63: // c
    case 0x66: // f
    case 0x74: // t
    case 0x78: {
      // x
      const plain = name.includes("_") ? name.replaceAll("_", "-") : name;
      return IDENTITY.includes(plain) || IDENTITY_PREFIXES.some((prefix) => plain.startsWith(prefix));
    }
    default:
      return false;
  }
}

/** The names that a Connection header takes off; none for its usual values. */
export function listedByConnection(connection: string | null): ReadonlySet<string> | undefined {
  if (connection === null || connection === "keep-alive" || connection === "close") return undefined;
  const listed = new Set<string>();
  for (const part of connection.split(",")) {
    const name = part.trim().toLowerCase();
    // What is no header name cannot be a header's name either.
    if (/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && !END_TO_END.has(name)) listed.add(name);
  }
  return listed;
}
