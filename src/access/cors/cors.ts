import type { Cors } from "../../config/cors-schema.ts";
import { isToken } from "../../lib/token.ts";
import { compileOrigins } from "./origins.ts";
import { addVary } from "./vary.ts";

/** An API's or a route's CORS, as HTTP APIs of API Gateway answer it (aws-semantics 12). */
export interface CompiledCors {
  /**
   * Answers a preflight: 204 without a body. An origin or a method that is not allowed gets no
   * CORS headers, and the browser then asks no further.
   */
  preflight(request: Request): Response;
  /**
   * Puts an actual response's CORS headers into place of those that the backend sent. Belongs
   * on every answer, errors too, or else pages cannot read why they were refused.
   */
  apply(request: Request, headers: Headers): void;
}

const ALLOW_ORIGIN = "access-control-allow-origin";
const ALLOW_CREDENTIALS = "access-control-allow-credentials";
const EXPOSE_HEADERS = "access-control-expose-headers";
const ALLOW_METHODS = "access-control-allow-methods";
const ALLOW_HEADERS = "access-control-allow-headers";
const MAX_AGE = "access-control-max-age";
const REQUEST_METHOD = "access-control-request-method";
const REQUEST_HEADERS = "access-control-request-headers";

/** What a backend may not say for itself; looked up by name, since going through all headers costs more. */
const BACKENDS_OWN = [
  ALLOW_ORIGIN,
  ALLOW_CREDENTIALS,
  EXPOSE_HEADERS,
  ALLOW_METHODS,
  ALLOW_HEADERS,
  MAX_AGE,
  // Never granted: whether public sites may reach private networks is not the backend's to say.
  "access-control-allow-private-network",
];

/** Fetch, "CORS-safelisted method": browsers let these pass whatever the answer lists. */
const SAFELISTED_METHODS = ["GET", "HEAD", "POST"];

/** Longer than any list of header names that a gateway would let through, in characters. */
const MAX_LIST = 8192;
const MAX_METHOD = 64;

/** Header names with commas between them, empty items included (RFC 9110 section 5.6.1.2). */
const NAME_LIST = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, \t]*$/;

/** A preflight is an OPTIONS request with both headers (Fetch, "CORS-preflight request"). */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has(REQUEST_METHOD) && request.headers.has("origin");
}

export function compileCors(cors: Cors): CompiledCors {
  const origins = compileOrigins(cors.allowOrigins ?? []);
  // The schema refuses credentials for everybody; were it to let them pass, they go first.
  const credentials = cors.allowCredentials === true && !origins.wide;
  const dependsOnOrigin = !origins.any && !origins.none;
  const allowMethods = cors.allowMethods ?? SAFELISTED_METHODS;
  const anyMethod = allowMethods.includes("*");
  const methods = new Set(allowMethods);
  // With credentials browsers take `*` for a method or header of that name (Fetch, "CORS protocol
  // and credentials"). What it stands for is then answered by repeating what was asked for.
  const echoMethod = anyMethod && credentials;
  const echoHeaders = cors.allowHeaders?.includes("*") === true && credentials;
  const methodList = joined(cors.allowMethods);
  const headerList = joined(cors.allowHeaders);
  const exposeList = joined(cors.exposeHeaders);
  const maxAge = cors.maxAge?.toString();
  const preflightVary = [
    ...(dependsOnOrigin ? ["Origin"] : []),
    ...(anyMethod && !echoMethod ? [] : ["Access-Control-Request-Method"]),
    ...(echoHeaders ? ["Access-Control-Request-Headers"] : []),
  ].join(", ");

  /** What an allowed origin is told, whatever it asked. */
  function admit(headers: Headers, origin: string): void {
    headers.set(ALLOW_ORIGIN, origins.any ? "*" : origin);
    if (credentials) headers.set(ALLOW_CREDENTIALS, "true");
  }

  function allowsMethod(method: string): boolean {
    return methods.has(method) || (anyMethod && method.length <= MAX_METHOD && isToken(method));
  }

  return {
    preflight(request) {
      const headers = new Headers();
      if (preflightVary !== "") headers.set("vary", preflightVary);
      const origin = request.headers.get("origin");
      const method = request.headers.get(REQUEST_METHOD);
      if (origin !== null && method !== null && origins.allows(origin) && allowsMethod(method)) {
        admit(headers, origin);
        const allowed = echoMethod ? method : methodList;
        if (allowed !== undefined) headers.set(ALLOW_METHODS, allowed);
        const names = echoHeaders ? askedFor(request) : headerList;
        if (names !== undefined) headers.set(ALLOW_HEADERS, names);
        if (maxAge !== undefined) headers.set(MAX_AGE, maxAge);
      }
      return new Response(null, { status: 204, headers });
    },

    apply(request, headers) {
      const origin = request.headers.get("origin");
      if (origin === null) {
        // To caches: this answer, without CORS headers, is not the one for a page on another
        // origin. The other way round `*` serves everybody, so it has no Vary of its own.
        if (!origins.none) addVary(headers, "Origin");
        if (headers.has(ALLOW_ORIGIN)) removeBackendsOwn(headers);
        return;
      }
      removeBackendsOwn(headers);
      if (dependsOnOrigin) addVary(headers, "Origin");
      if (!origins.allows(origin)) return;
      admit(headers, origin);
      if (exposeList !== undefined) headers.set(EXPOSE_HEADERS, exposeList);
    },
  };
}

/** The header names that a preflight asks for, when they are nothing but names. */
function askedFor(request: Request): string | undefined {
  const list = request.headers.get(REQUEST_HEADERS);
  return list !== null && list !== "" && list.length <= MAX_LIST && NAME_LIST.test(list) ? list : undefined;
}

function removeBackendsOwn(headers: Headers): void {
  for (const name of BACKENDS_OWN) headers.delete(name);
}

function joined(list: readonly string[] | undefined): string | undefined {
  return list === undefined || list.length === 0 ? undefined : list.join(",");
}
