import type { Call } from "../../call.ts";
import { failureStatus } from "../../functions/module.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { HOP_BY_HOP } from "../../incoming-headers.ts";
import { fromBase64 } from "../../lib/base64.ts";

/** A function's result that is no response: 502 on REST APIs, 500 on HTTP APIs. */
export function badResult(call: Call, name: string, why: string): GatewayError {
  return new GatewayError(
    "DEFAULT_5XX",
    "function.bad_response",
    `routes/${name}.ts returned ${why}`,
    failureStatus(call),
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Without members that are undefined: a Lambda's result goes through JSON, which has none. */
export function definedMembers(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(record);
  return entries.some(([, value]) => value === undefined)
    ? Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    : record;
}

/** Text, numbers and booleans stand for text, as the service's JSON reader has them. */
export function scalar(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}

/** A status that a response can have; none for anything else. */
export function statusOf(value: unknown): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  const valid = typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599;
  return valid ? status : undefined;
}

/** Bodies are text; a function that returns an object forgot to stringify it. */
export function bodyText(value: unknown): string | undefined {
  return value === null || value === undefined ? "" : scalar(value);
}

/** Sets a header of a function's; false when it is none that can be sent. */
export function appendHeader(headers: Headers, name: string, value: string): boolean {
  // The engine takes a header without a name, which no client can read.
  if (name === "") return false;
  try {
    headers.append(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Headers that describe the hop or that the gateway writes itself (HTTP APIs). */
export function dropFramingHeaders(headers: Headers): void {
  for (const name of HOP_BY_HOP) headers.delete(name);
  headers.delete("content-length");
}

/** Builds the response once everything in it has been checked. */
export function toResponse(
  call: Call,
  status: number,
  headers: Headers,
  text: string,
  base64: boolean,
): Response {
  const empty = status === 204 || status === 205 || status === 304;
  if (!base64 || text === "") return new Response(empty ? null : text, { status, headers });
  const bytes = fromBase64(text);
  if (!bytes) {
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "function.bad_base64",
      `the function of ${call.route.key} set isBase64Encoded on a body that is not base64`,
    );
  }
  return new Response(empty ? null : bytes, { status, headers });
}
