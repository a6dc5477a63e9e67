import type { Call } from "../../call.ts";
import { percentDecode } from "../../lib/percent.ts";
import { commonLogTime } from "../../lib/time.ts";
import type { EventBody } from "./event-body.ts";
import { accountId, domainName, pathForEvent } from "./event-context.ts";
import type { EventHeaders } from "./event-headers.ts";

/** Payload format 2.0 (aws-semantics 3.2). What is absent is left out, never null. */
export function eventV2(call: Call, headers: EventHeaders, body: EventBody | undefined): unknown {
  const rawPath = percentDecode(pathForEvent(call));
  const cookie = call.request.headers.get("cookie");
  const parameters = Object.entries(call.route.parameters);
  const domain = domainName(call);
  return {
    version: "2.0",
    routeKey: call.route.key,
    rawPath,
    rawQueryString: call.query,
    ...(cookie === null ? {} : { cookies: cookies(cookie) }),
    headers: Object.fromEntries(headers.filter(([name]) => name !== "cookie")),
    ...(call.query === "" ? {} : { queryStringParameters: joinedQuery(call.query) }),
    requestContext: {
      accountId,
      apiId: call.stage.api,
      domainName: domain,
      domainPrefix: domain.split(".")[0],
      http: {
        method: call.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: call.clientAddress,
        userAgent: call.request.headers.get("user-agent") ?? "",
      },
      requestId: call.requestId,
      routeKey: call.route.key,
      stage: call.stage.stage,
      time: commonLogTime(call.startedAt),
      timeEpoch: call.startedAt,
    },
    ...(parameters.length === 0
      ? {}
      : {
          pathParameters: Object.fromEntries(parameters.map(([name, value]) => [name, percentDecode(value)])),
        }),
    ...(body ? { body: body.text } : {}),
    isBase64Encoded: body?.isBase64Encoded ?? false,
    ...(Object.keys(call.stage.variables).length === 0 ? {} : { stageVariables: call.stage.variables }),
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
