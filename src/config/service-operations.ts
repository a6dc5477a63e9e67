import type { ParameterRule, ParameterRules } from "./parameter-rule.ts";
import type { ServiceType } from "./service-schema.ts";

/** The platform's own limits, from its documentation of each service (read in autumn 2026). */
const KV_KEY: ParameterRule = {
  is: "address",
  required: true,
  bytes: 512,
  pattern: /^(?!\.{1,2}$)/,
  hint: "a key is neither . nor ..",
};
const R2_KEY: ParameterRule = { is: "address", required: true, bytes: 1024 };
const LIMIT: ParameterRule = { is: "integer", min: 1, max: 1000 };
const CURSOR: ParameterRule = { is: "address", bytes: 4096 };
const WORKFLOW_ID = {
  is: "address",
  bytes: 100,
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_-]*$/,
  hint: "an instance's id is 1 to 100 of A-Z a-z 0-9 _ -",
} as const;
/** At most a day. */
const DELAY: ParameterRule = { is: "integer", min: 0, max: 86_400 };
const STATEMENT: ParameterRules = {
  /** One SQL statement; what comes from a request is bound to `?1`, `?2`, never part of it. */
  prepare: { is: "fixed", required: true },
  bind: { is: "list", max: 100 },
};

/** What each type of integration can do, and what that takes. */
export const SERVICE_OPERATIONS: Readonly<Record<ServiceType, Readonly<Record<string, ParameterRules>>>> = {
  queue: {
    send: {
      /** The message; the request's body where it says nothing. */
      body: { is: "value" },
      contentType: { is: "choice", of: ["json", "text", "bytes"] },
      delaySeconds: DELAY,
    },
    sendBatch: {
      /** A list of message bodies; the request's body where it says nothing. */
      messages: { is: "value" },
      contentType: { is: "choice", of: ["json", "text"] },
      delaySeconds: DELAY,
    },
  },
  kv: {
    get: {
      key: KV_KEY,
      /** Of the answer; `application/json` where it says nothing. */
      contentType: {
        is: "fixed",
        pattern: /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/,
        hint: "a header's value is printable ASCII",
      },
      cacheTtl: { is: "integer", min: 30, max: 2 ** 31 - 1 },
    },
    put: {
      key: KV_KEY,
      /** The request's body where it says nothing. */
      value: { is: "value" },
      /** Seconds from now. */
      expirationTtl: { is: "integer", min: 60, max: 2 ** 31 - 1 },
      /** Seconds since the epoch, a minute from now at least. */
      expiration: { is: "integer", min: 0, max: 2 ** 31 - 1 },
      metadata: { is: "value" },
    },
    delete: { key: KV_KEY },
    list: { prefix: { is: "address", bytes: 512 }, cursor: CURSOR, limit: LIMIT },
  },
  r2: {
    get: { key: R2_KEY },
    head: { key: R2_KEY },
    put: {
      key: R2_KEY,
      /** `contentType`, `cacheControl`, ...; what the request says of its body where it says nothing. */
      httpMetadata: { is: "value" },
      customMetadata: { is: "value" },
    },
    delete: { key: R2_KEY },
    list: {
      prefix: { is: "address", bytes: 1024 },
      delimiter: { is: "address", bytes: 1024 },
      startAfter: { is: "address", bytes: 1024 },
      cursor: CURSOR,
      limit: LIMIT,
    },
  },
  d1: { first: STATEMENT, all: STATEMENT, run: STATEMENT },
  workflow: {
    create: {
      id: WORKFLOW_ID,
      /** The event's payload; the request's body as JSON where it says nothing. */
      params: { is: "value" },
    },
    status: { id: { ...WORKFLOW_ID, required: true } },
  },
  service: { fetch: { path: { is: "path" } } },
  durable_object: {
    fetch: { name: { is: "address", required: true, bytes: 1024 }, path: { is: "path" } },
  },
  analytics_engine: {
    writeDataPoint: {
      indexes: { is: "list", max: 1 },
      blobs: { is: "list", max: 20 },
      doubles: { is: "list", max: 20 },
    },
  },
};

/** The operation that an entry names, or the only one that its type has. */
export function serviceOperation(type: ServiceType, operation: string | undefined): string | undefined {
  const known = Object.keys(SERVICE_OPERATIONS[type]);
  return operation ?? (known.length === 1 ? known[0] : undefined);
}
