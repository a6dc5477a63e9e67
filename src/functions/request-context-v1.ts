import type { Call } from "../call.ts";
import type { Caller } from "../caller.ts";
import { percentDecode } from "../lib/percent.ts";
import { commonLogTime } from "../lib/time.ts";
import { claimTexts } from "./claim-text.ts";
import { copyJson } from "./copy-json.ts";
import { accountId, apiId, domainName, pathForEvent, resourceId } from "./event-context.ts";

/**
 * `requestContext` of payload format 1.0 (aws-semantics 3.1).
 *
 * @param audience an authorizer is not told what an authorizer found
 */
export function requestContextV1(
  call: Call,
  audience: "function" | "authorizer" = "function",
): Record<string, unknown> {
  const rest = call.stage.settings.protocol === "REST";
  const { template } = call.route;
  const authorizer = audience === "authorizer" ? undefined : authorizerV1(call.caller, rest);
  return {
    accountId: accountId(call),
    apiId: apiId(call),
    ...(authorizer === undefined ? {} : { authorizer }),
    ...(call.basePath === undefined ? {} : { customDomain: { basePathMatched: call.basePath } }),
    ...(rest ? { deploymentId: call.stage.deployment } : {}),
    domainName: domainName(call),
    domainPrefix: domainName(call).split(".")[0],
    extendedRequestId: call.extendedRequestId,
    httpMethod: call.method,
    identity: identity(call, rest),
    ...(rest && call.route.operationName !== undefined ? { operationName: call.route.operationName } : {}),
    path: rest ? call.fullPath : percentDecode(pathForEvent(call)),
    protocol: "HTTP/1.1",
    requestId: call.requestId,
    requestTime: commonLogTime(call.startedAt),
    requestTimeEpoch: call.startedAt,
    resourceId: rest ? resourceId(template.path) : call.route.key,
    resourcePath: template.path,
    stage: call.stage.stage,
  };
}

/** Every key is there; what no guard found out is null. */
function identity(call: Call, rest: boolean): Record<string, unknown> {
  const { authorizer, apiKey, clientCert } = call.caller;
  const iam = authorizer?.kind === "iam" ? authorizer : undefined;
  const userAgent = call.request.headers.get("user-agent");
  return {
    accessKey: iam?.accessKey ?? null,
    accountId: iam?.accountId ?? null,
    ...(apiKey ? { apiKey: apiKey.value, apiKeyId: apiKey.id } : {}),
    caller: iam?.userId ?? null,
    ...(clientCert ? { clientCert } : {}),
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: iam?.principalOrgId ?? null,
    sourceIp: call.clientAddress,
    user: iam?.userId ?? null,
    userAgent: userAgent ?? (rest ? null : ""),
    userArn: iam?.userArn ?? null,
  };
}

function authorizerV1(caller: Caller, rest: boolean): Record<string, unknown> | undefined {
  const { authorizer } = caller;
  switch (authorizer?.kind) {
    case "jwt":
      return rest
        ? { claims: claimTexts(authorizer.claims) }
        : { claims: claimTexts(authorizer.claims), scopes: copyJson(authorizer.scopes) };
    case "lambda":
      return {
        ...copyJson(authorizer.context),
        ...(authorizer.principalId === undefined ? {} : { principalId: authorizer.principalId }),
        integrationLatency: authorizer.latency,
      };
    default:
      // An HTTP API without an authorizer shows these two (aws-semantics 3.1).
      return rest ? undefined : { claims: null, scopes: null };
  }
}
