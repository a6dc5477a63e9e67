import type { Call } from "../call.ts";
import { percentDecode } from "../lib/percent.ts";
import type { EventBody } from "./event-body.ts";
import { pathForEvent } from "./event-context.ts";
import type { EventHeaders } from "./event-headers.ts";
import { requestContextV2 } from "./request-context-v2.ts";

/** Payload format 2.0 (aws-semantics 3.2). What is absent is left out, never null. */
export function eventV2(call: Call, headers: EventHeaders, body: EventBody | undefined): unknown {
  return {
    version: "2.0",
    ...requestV2(call, headers),
    ...(body ? { body: body.text } : {}),
    isBase64Encoded: body?.isBase64Encoded ?? false,
  };
}

/** What events of functions and of authorizers both say of a request. */
export function requestV2(call: Call, headers: EventHeaders) {
  const rawPath = percentDecode(pathForEvent(call));
  const cookie = call.request.headers.get("cookie");
  const parameters = Object.entries(call.route.parameters);
  return {
    routeKey: call.route.key,
    rawPath,
    rawQueryString: call.query,
    ...(cookie === null ? {} : { cookies: cookies(cookie) }),
    headers: Object.fromEntries(headers.filter(([name]) => name !== "cookie")),
    ...(call.query === "" ? {} : { queryStringParameters: joinedQuery(call.query) }),
    requestContext: requestContextV2(call, rawPath),
    ...(parameters.length === 0
      ? {}
      : {
          pathParameters: Object.fromEntries(parameters.map(([name, value]) => [name, percentDecode(value)])),
        }),
    // A copy, since the function that gets it may change it.
    ...(Object.keys(call.stage.variables).length === 0
      ? {}
      : { stageVariables: { ...call.stage.variables } }),
  };
}

function cookies(header: string): string[] {
  return header
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== "");
}

/** Decoded values of one name, joined by commas. */
function joinedQuery(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}
