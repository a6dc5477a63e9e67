import type { Call } from "../call.ts";
import { claimsIdentity, HOP_BY_HOP, listedByConnection, REST_DROPPED } from "../incoming-headers.ts";

/** A request's headers in an event's spelling, several lines of a name already joined. */
export type EventHeaders = readonly (readonly [name: string, value: string])[];

/** How an event writes header names (aws-semantics 3.1 and 3.2). */
export type HeaderCase = "lower" | "title" | "rest";

const HTTP_DROPPED = new Set(HOP_BY_HOP.filter((name) => name !== "te"));
const REST_NAMES = new Set(REST_DROPPED);

/**
 * Names that REST APIs write canonically, or that HTTP/1.1 clients do. The engine hands
 * every name over in lower case, so the client's own spelling of others is not to be had.
 */
const CANONICAL = new Map(
  [
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Age",
    "Authorization",
    "Cache-Control",
    "Content-Encoding",
    "Content-Language",
    "Content-Type",
    "Cookie",
    "Date",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Unmodified-Since",
    "Origin",
    "Pragma",
    "Range",
    "Referer",
    "User-Agent",
    "Via",
    "X-Amzn-Trace-Id",
    "X-Forwarded-For",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
  ].map((name) => [name.toLowerCase(), name]),
);

/**
 * The headers that reach a function. What names the caller is the gateway's word, never the
 * client's.
 *
 * @param bodyBytes the body's length: HTTP APIs always show `content-length`
 */
export function eventHeaders(
  call: Call,
  spelling: HeaderCase,
  trace: string,
  bodyBytes: number,
): EventHeaders {
  const rest = call.stage.settings.protocol === "REST";
  const headers: [string, string][] = [];
  const listed = listedByConnection(call.request.headers.get("connection"));
  for (const [name, value] of call.request.headers) {
    if (claimsIdentity(name) || listed?.has(name) || (rest ? REST_NAMES : HTTP_DROPPED).has(name)) continue;
    headers.push([name, value]);
  }
  if (!rest && bodyBytes > 0 && !call.request.headers.has("content-length")) {
    headers.push(["content-length", String(bodyBytes)]);
  }
  headers.push(["x-amzn-trace-id", trace]);
  headers.push(["x-forwarded-for", call.clientAddress]);
  headers.push(["x-forwarded-port", portOf(call)]);
  headers.push(["x-forwarded-proto", call.scheme]);
  headers.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return headers.map(([name, value]) => [spell(name, spelling), value]);
}

function spell(name: string, spelling: HeaderCase): string {
  if (spelling === "lower") return name;
  if (spelling === "rest") return CANONICAL.get(name) ?? name;
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** `X-Forwarded-Port`: the port that the client asked. */
export function portOf(call: Call): string {
  const port = /:(\d+)$/.exec(call.host)?.[1];
  return port ?? (call.scheme === "https" ? "443" : "80");
}
