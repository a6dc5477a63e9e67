import type { Call } from "../call.ts";
import { percentDecode } from "../lib/percent.ts";
import type { EventBody } from "./event-body.ts";
import { pathForEvent } from "./event-context.ts";
import type { EventHeaders } from "./event-headers.ts";
import { requestContextV1 } from "./request-context-v1.ts";

/** Payload format 1.0 (aws-semantics 3.1): REST APIs, and HTTP APIs that ask for it. */
export function eventV1(call: Call, headers: EventHeaders, body: EventBody | undefined): unknown {
  const rest = call.stage.settings.protocol === "REST";
  return {
    ...(rest ? {} : { version: "1.0" }),
    ...requestV1(call, headers),
    requestContext: requestContextV1(call),
    body: body?.text ?? null,
    isBase64Encoded: body?.isBase64Encoded ?? false,
  };
}

/** What events of functions and of authorizers both say of a request. */
export function requestV1(call: Call, headers: EventHeaders) {
  const rest = call.stage.settings.protocol === "REST";
  const query = groupedQuery(call.query);
  return {
    resource: call.route.template.path,
    path: pathForEvent(call),
    httpMethod: call.method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
    queryStringParameters:
      query && Object.fromEntries([...query].map(([name, values]) => [name, values.at(-1)])),
    multiValueQueryStringParameters: query && Object.fromEntries(query),
    pathParameters: pathParameters(call, rest),
    stageVariables: emptyToNull(call.stage.variables),
  };
}

/** REST hands variables on as sent, HTTP APIs decode them. */
function pathParameters(call: Call, rest: boolean): Record<string, string> | null {
  const entries = Object.entries(call.route.parameters);
  if (entries.length === 0) return null;
  return Object.fromEntries(rest ? entries : entries.map(([name, value]) => [name, percentDecode(value)]));
}

/** All values of each parameter, in order, by form rules; null without a query. */
function groupedQuery(query: string): ReadonlyMap<string, string[]> | null {
  if (query === "") return null;
  const grouped = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const values = grouped.get(name);
    if (values) values.push(value);
    else grouped.set(name, [value]);
  }
  return grouped.size === 0 ? null : grouped;
}

/** A copy, since the function that gets it may change it. */
function emptyToNull(record: Readonly<Record<string, string>>): Record<string, string> | null {
  return Object.keys(record).length === 0 ? null : { ...record };
}
