import type { Call } from "../call.ts";
import type { AuthorizerFacts } from "../caller.ts";
import { commonLogTime } from "../lib/time.ts";
import { claimTexts } from "./claim-text.ts";
import { copyJson } from "./copy-json.ts";
import { accountId, apiId, domainName } from "./event-context.ts";

/** `requestContext` of payload format 2.0 (aws-semantics 3.2), for functions and authorizers. */
export function requestContextV2(call: Call, rawPath: string): Record<string, unknown> {
  const domain = domainName(call);
  const { authorizer, apiKey, clientCert } = call.caller;
  return {
    accountId: accountId(call),
    apiId: apiId(call),
    ...(clientCert ? { authentication: { clientCert } } : {}),
    ...(authorizer ? { authorizer: authorizerV2(authorizer) } : {}),
    domainName: domain,
    domainPrefix: domain.split(".")[0],
    http: {
      method: call.method,
      path: rawPath,
      protocol: "HTTP/1.1",
      sourceIp: call.clientAddress,
      userAgent: call.request.headers.get("user-agent") ?? "",
    },
    // Not API Gateway's: its HTTP APIs know no keys.
    ...(apiKey ? { identity: { apiKey: apiKey.value, apiKeyId: apiKey.id } } : {}),
    requestId: call.requestId,
    routeKey: call.route.key,
    stage: call.stage.stage,
    time: commonLogTime(call.startedAt),
    timeEpoch: call.startedAt,
  };
}

function authorizerV2(authorizer: AuthorizerFacts): Record<string, unknown> {
  switch (authorizer.kind) {
    case "jwt":
      return { jwt: { claims: claimTexts(authorizer.claims), scopes: copyJson(authorizer.scopes) } };
    case "lambda":
      return { lambda: copyJson(authorizer.context) };
    case "iam":
      return {
        iam: {
          accessKey: authorizer.accessKey,
          accountId: authorizer.accountId,
          callerId: authorizer.userId,
          cognitoIdentity: null,
          principalOrgId: authorizer.principalOrgId,
          userArn: authorizer.userArn,
          userId: authorizer.userId,
        },
      };
  }
}
