import type { Call } from "../../call.ts";
import { percentDecode } from "../../lib/percent.ts";
import { commonLogTime } from "../../lib/time.ts";
import type { EventBody } from "./event-body.ts";
import { accountId, domainName, pathForEvent, resourceId } from "./event-context.ts";
import type { EventHeaders } from "./event-headers.ts";

/** The identity of a caller that no authorizer looked at: every key is there, most are null. */
const NOBODY = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
} as const;

/** Payload format 1.0 (aws-semantics 3.1): REST APIs, and HTTP APIs that ask for it. */
export function eventV1(call: Call, headers: EventHeaders, body: EventBody | undefined): unknown {
  const rest = call.stage.settings.protocol === "REST";
  const { template } = call.route;
  const query = groupedQuery(call.query);
  const path = pathForEvent(call);
  const userAgent = call.request.headers.get("user-agent");
  return {
    ...(rest ? {} : { version: "1.0" }),
    resource: template.path,
    path,
    httpMethod: call.method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
    queryStringParameters:
      query && Object.fromEntries([...query].map(([name, values]) => [name, values.at(-1)])),
    multiValueQueryStringParameters: query && Object.fromEntries(query),
    pathParameters: pathParameters(call, rest),
    stageVariables: emptyToNull(call.stage.variables),
    requestContext: {
      accountId,
      apiId: call.stage.api,
      ...(rest ? {} : { authorizer: { claims: null, scopes: null } }),
      ...(call.basePath === undefined ? {} : { customDomain: { basePathMatched: call.basePath } }),
      ...(rest ? { deploymentId: call.stage.deployment } : {}),
      domainName: domainName(call),
      domainPrefix: domainName(call).split(".")[0],
      extendedRequestId: call.extendedRequestId,
      httpMethod: call.method,
      identity: {
        ...NOBODY,
        sourceIp: call.clientAddress,
        user: null,
        userAgent: userAgent ?? (rest ? null : ""),
        userArn: null,
      },
      path: rest ? call.fullPath : percentDecode(path),
      protocol: "HTTP/1.1",
      requestId: call.requestId,
      requestTime: commonLogTime(call.startedAt),
      requestTimeEpoch: call.startedAt,
      resourceId: rest ? resourceId(template.path) : call.route.key,
      resourcePath: template.path,
      stage: call.stage.stage,
    },
    body: body?.text ?? null,
    isBase64Encoded: body?.isBase64Encoded ?? false,
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

function emptyToNull(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  return Object.keys(record).length === 0 ? null : record;
}
