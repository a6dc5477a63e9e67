import type { Call } from "../../call.ts";
import { matchesMediaType } from "../../functions/event-body.ts";
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

const KEYS = new Set(["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"]);
const REST_REMAPPED = ["Connection", "Content-Length", "Date", "Server", "x-amzn-RequestId"] as const;

/**
 * A result in format 1.0 (aws-semantics 3.3). REST APIs refuse unknown keys and do without
 * `statusCode`; HTTP APIs the other way round.
 */
export function resultV1(call: Call, name: string, returned: unknown): Response {
  const rest = call.stage.settings.protocol === "REST";
  if (!isRecord(returned)) throw badResult(call, name, "no object");
  const result = definedMembers(returned);
  if (rest) {
    const unknown = Object.keys(result).find((key) => !KEYS.has(key));
    if (unknown !== undefined) throw badResult(call, name, `the unknown key "${unknown}"`);
  }
  const { statusCode } = result;
  const absent = statusCode === undefined || statusCode === null;
  const status = absent && rest ? 200 : statusOf(statusCode);
  if (status === undefined) throw badResult(call, name, `the statusCode ${JSON.stringify(statusCode)}`);
  const text = bodyText(result["body"]);
  if (text === undefined) throw badResult(call, name, "a body that is no string");
  const headers = resultHeaders(call, name, result, rest);
  if (!headers.has("content-type")) {
    headers.set("content-type", rest ? "application/json" : "text/plain; charset=utf-8");
  }
  const encoded = result["isBase64Encoded"];
  if (encoded !== undefined && encoded !== null && typeof encoded !== "boolean") {
    throw badResult(call, name, `the isBase64Encoded ${JSON.stringify(encoded)}`);
  }
  return toResponse(call, status, headers, text, encoded === true && decodes(call, rest));
}

function resultHeaders(
  call: Call,
  name: string,
  result: Readonly<Record<string, unknown>>,
  rest: boolean,
): Headers {
  const single = pairs(result["headers"], (value) => {
    const text = value === null || value === undefined ? "" : scalar(value);
    return text === undefined ? undefined : [text];
  });
  const multi = pairs(result["multiValueHeaders"], (value) => {
    if (!Array.isArray(value)) return undefined;
    const texts = value.map(scalar);
    return texts.every((text) => text !== undefined) ? texts : undefined;
  });
  if (!single) throw badResult(call, name, "headers that are no object of strings");
  if (!multi) throw badResult(call, name, "multiValueHeaders that are no object of lists");
  const headers = new Headers();
  // Recorded: REST puts the list first, HTTP APIs the single value.
  for (const [header, value] of rest ? [...multi, ...single] : [...single, ...multi]) {
    if (!appendHeader(headers, header, value))
      throw badResult(call, name, `the header ${JSON.stringify(header)}`);
  }
  if (rest) {
    for (const header of REST_REMAPPED) {
      const value = headers.get(header);
      if (value !== null) headers.set(`x-amzn-Remapped-${header}`, value);
      headers.delete(header);
    }
    headers.delete("transfer-encoding");
  }
  dropFramingHeaders(headers);
  return headers;
}

function pairs(
  value: unknown,
  values: (value: unknown) => readonly string[] | undefined,
): [string, string][] | undefined {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) return undefined;
  const list: [string, string][] = [];
  for (const [name, entry] of Object.entries(definedMembers(value))) {
    const texts = values(entry);
    if (!texts) return undefined;
    for (const text of texts) list.push([name, text]);
  }
  return list;
}

/**
 * Whether base64 text becomes bytes. API Gateway's REST APIs do that only when the first
 * type of `Accept` is a binary media type, which browsers never send first; Portico always
 * does, unless the API is `strict`.
 */
function decodes(call: Call, rest: boolean): boolean {
  const { strict, binaryMediaTypes } = call.stage.settings;
  if (!rest || !strict) return true;
  const accept = call.request.headers.get("accept") ?? "application/json";
  const first = accept.split(",")[0]?.split(";")[0]?.trim().toLowerCase() ?? "";
  return matchesMediaType(first, binaryMediaTypes);
}
