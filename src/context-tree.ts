import type { Call } from "./call.ts";
import { contextValue } from "./context.ts";
import { claimTexts } from "./functions/claim-text.ts";
import type { ContextTree } from "./mapping/template/context.ts";

/**
 * The whole `$context` of a call, as mapping templates walk it: text, and one number
 * (`requestTimeEpoch`). Its members stand in the order in which API Gateway's
 * `$context.keySet()` gives them, which is that of Java's HashMap with 32 buckets (recorded for
 * REST; the members that the recording lacks are where that map has them). No record has a
 * prototype: a template finds what stands here and nothing else.
 *
 * What templates set stands in `requestOverride` and `responseOverride`, which start out empty.
 */
export function contextTree(call: Call): ContextTree {
  const rest = call.stage.settings.protocol === "REST";
  const { basePath } = call;
  return tree({
    resourceId: value(call, "resourceId"),
    ...(rest ? {} : { routeKey: value(call, "routeKey") }),
    ...authorizer(call),
    resourcePath: value(call, "resourcePath"),
    httpMethod: call.method,
    extendedRequestId: call.extendedRequestId,
    ...(basePath === undefined ? {} : { customDomain: tree({ basePathMatched: basePath }) }),
    requestTime: value(call, "requestTime"),
    path: call.fullPath,
    accountId: value(call, "accountId"),
    protocol: value(call, "protocol"),
    requestOverride: tree({ path: tree({}), header: tree({}), querystring: tree({}) }),
    stage: call.stage.stage,
    domainPrefix: value(call, "domainPrefix"),
    requestTimeEpoch: call.startedAt,
    requestId: call.requestId,
    identity: identity(call),
    domainName: value(call, "domainName"),
    deploymentId: value(call, "deploymentId"),
    responseOverride: tree({ header: tree({}) }),
    apiId: value(call, "apiId"),
  });
}

/** In 16 buckets; two members more, and the map has grown to 32. */
const IDENTITY = [
  "cognitoIdentityPoolId",
  "accountId",
  "cognitoIdentityId",
  "caller",
  "sourceIp",
  "principalOrgId",
  "accessKey",
  "cognitoAuthenticationType",
  "cognitoAuthenticationProvider",
  "userArn",
  "userAgent",
  "user",
];
const IDENTITY_WITH_KEY = [
  "cognitoIdentityPoolId",
  "cognitoIdentityId",
  "apiKey",
  "principalOrgId",
  "cognitoAuthenticationType",
  "userArn",
  "apiKeyId",
  "userAgent",
  "accountId",
  "caller",
  "sourceIp",
  "accessKey",
  "cognitoAuthenticationProvider",
  "user",
];

function identity(call: Call): ContextTree {
  const { apiKey, clientCert } = call.caller;
  const names = apiKey ? IDENTITY_WITH_KEY : IDENTITY;
  const members = names.map((name) => [name, value(call, `identity.${name}`)] as const);
  if (!clientCert) return tree(Object.fromEntries(members));
  const { validity, ...texts } = clientCert;
  return tree({
    ...Object.fromEntries(members),
    clientCert: tree({ ...texts, validity: tree(validity) }),
  });
}

/** Without an authorizer, and for signed calls, there is no such member (recorded). */
function authorizer(call: Call): Readonly<Record<string, ContextTree>> {
  const facts = call.caller.authorizer;
  if (facts === undefined || facts.kind === "iam") return {};
  const names = facts.kind === "jwt" ? [] : [...Object.keys(facts.context), "integrationLatency"];
  const members = ["principalId", ...names].flatMap((name) => {
    const text = contextValue(call, `authorizer.${name}`);
    return text === undefined ? [] : [[name, text] as const];
  });
  const claims = facts.kind === "jwt" ? { claims: tree(claimTexts(facts.claims)) } : {};
  return { authorizer: tree({ ...Object.fromEntries(members), ...claims }) };
}

/** What nobody found out is the empty text, as recorded. */
const value = (call: Call, name: string): string => contextValue(call, name) ?? "";

function tree(members: Readonly<Record<string, ContextTree[string]>>): ContextTree {
  return Object.assign<ContextTree, typeof members>(Object.create(null), members);
}
