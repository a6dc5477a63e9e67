import type { Call } from "../../call.ts";
import {
  appendHeader,
  badResult,
  bodyText,
  definedMembers,
  dropFramingHeaders,
  isRecord,
  scalar,
  statusOf,
  toResponse,
} from "./result.ts";

/**
 * A result in format 2.0 (aws-semantics 3.4): an object with `statusCode` is a response,
 * anything else is the body of a 200, a string as it is and other values as JSON.
 */
export function resultV2(call: Call, name: string, returned: unknown): Response {
  const result = isRecord(returned) ? definedMembers(returned) : returned;
  if (!isRecord(result) || !("statusCode" in result)) return inferred(call, name, result);
  const status = statusOf(result["statusCode"]);
  if (status === undefined) {
    throw badResult(call, name, `the statusCode ${JSON.stringify(result["statusCode"])}`);
  }
  const text = bodyText(result["body"]);
  if (text === undefined) throw badResult(call, name, "a body that is no string");
  const headers = new Headers();
  const given = result["headers"] ?? {};
  if (!isRecord(given)) throw badResult(call, name, "headers that are no object");
  for (const [header, value] of Object.entries(definedMembers(given))) {
    const line = value === null || value === undefined ? "" : scalar(value);
    if (line === undefined || !appendHeader(headers, header, line)) {
      throw badResult(call, name, `the header ${JSON.stringify(header)}`);
    }
  }
  dropFramingHeaders(headers);
  const cookies: unknown = result["cookies"] ?? [];
  if (!Array.isArray(cookies)) throw badResult(call, name, "cookies that are no list");
  for (const cookie of cookies) {
    const line = scalar(cookie);
    if (line === undefined || !appendHeader(headers, "set-cookie", line)) {
      throw badResult(call, name, "a cookie that cannot be sent");
    }
  }
  if (!headers.has("content-type")) headers.set("content-type", "text/plain; charset=utf-8");
  const encoded = result["isBase64Encoded"];
  return toResponse(call, status, headers, text, encoded === true || encoded === "true");
}

function inferred(call: Call, name: string, result: unknown): Response {
  let text: string | undefined;
  try {
    // A function that returns nothing has returned null, as far as Lambda is concerned.
    text = typeof result === "string" ? result : JSON.stringify(result ?? null);
  } catch {
    text = undefined;
  }
  if (text === undefined) throw badResult(call, name, "something that JSON cannot say");
  const headers = new Headers({ "content-type": "application/json" });
  return toResponse(call, 200, headers, text, false);
}
