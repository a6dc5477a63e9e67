import type { Call, MatchedRoute } from "./call.ts";
import type { AuthorizerFacts, ClientCert, IamFacts } from "./caller.ts";
import { claimText } from "./functions/claim-text.ts";
import { accountId, domainName, resourceId } from "./functions/event-context.ts";
import { commonLogTime } from "./lib/time.ts";
import { traceOf } from "./observability/ids.ts";

/** The route of a call that failed before it had one: the variables of a route have no value then. */
export const NO_ROUTE: MatchedRoute = {
  key: "",
  template: { method: "", path: "", segments: [] },
  operationName: undefined,
  parameters: {},
};

/**
 * A `$context` variable as text; undefined for one that is unknown or has no value.
 * Nothing of it comes from a header that only the gateway may set.
 *
 * @param name without `$context.`: `identity.sourceIp`
 */
export function contextValue(call: Call, name: string): string | undefined {
  switch (name) {
    case "requestId":
      return call.requestId;
    case "extendedRequestId":
      return call.extendedRequestId;
    case "httpMethod":
      return call.method;
    case "path":
      return call.fullPath;
    case "protocol":
      return "HTTP/1.1";
    case "stage":
      return call.stage.stage;
    case "apiId":
      return call.stage.api;
    case "accountId":
      return accountId(call);
    case "domainName":
      return call.host;
    case "domainPrefix":
      return domainName(call).split(".")[0];
    case "resourceId":
    case "resourcePath":
    case "routeKey":
      return call.route === NO_ROUTE ? undefined : routeValue(call, name);
    case "deploymentId":
      return call.stage.deployment;
    case "customDomain.basePathMatched":
      return call.basePath;
    case "xrayTraceId":
      return /^Root=([^;]+)/.exec(traceOf(call))?.[1];
    case "status":
    case "integrationStatus":
    case "integration.status":
      return numberText(call.outcome.integrationStatus);
    case "integrationLatency":
    case "integration.latency":
      return numberText(call.outcome.integrationLatency);
    case "requestTime":
      return commonLogTime(call.startedAt);
    case "requestTimeEpoch":
      return String(call.startedAt);
    default:
      if (name.startsWith("identity.")) return identityValue(call, name.slice("identity.".length));
      if (name.startsWith("authorizer.")) {
        return authorizerValue(call.caller.authorizer, name.slice("authorizer.".length));
      }
      return undefined;
  }
}

const numberText = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

function routeValue({ route, stage }: Call, name: "resourceId" | "resourcePath" | "routeKey"): string {
  switch (name) {
    case "resourceId":
      return stage.settings.protocol === "REST" ? resourceId(route.template.path) : route.key;
    case "resourcePath":
      return route.template.path;
    case "routeKey":
      return route.key;
  }
}

function identityValue(call: Call, name: string): string | undefined {
  const { authorizer, apiKey, clientCert } = call.caller;
  switch (name) {
    case "sourceIp":
      return call.clientAddress;
    case "userAgent":
      return call.request.headers.get("user-agent") ?? undefined;
    case "apiKey":
      return apiKey?.value;
    case "apiKeyId":
      return apiKey?.id;
    default:
      if (name.startsWith("clientCert.")) return certValue(clientCert, name.slice("clientCert.".length));
      return authorizer?.kind === "iam" ? iamValue(authorizer, name) : undefined;
  }
}

function iamValue(iam: IamFacts, name: string): string | undefined {
  switch (name) {
    case "accessKey":
      return iam.accessKey;
    case "accountId":
      return iam.accountId;
    case "caller":
    case "user":
      return iam.userId;
    case "userArn":
      return iam.userArn;
    case "principalOrgId":
      return iam.principalOrgId ?? undefined;
    default:
      return undefined;
  }
}

function certValue(cert: ClientCert | undefined, name: string): string | undefined {
  switch (name) {
    case "clientCertPem":
      return cert?.clientCertPem;
    case "subjectDN":
      return cert?.subjectDN;
    case "issuerDN":
      return cert?.issuerDN;
    case "serialNumber":
      return cert?.serialNumber;
    case "validity.notBefore":
      return cert?.validity.notBefore;
    case "validity.notAfter":
      return cert?.validity.notAfter;
    default:
      return undefined;
  }
}

function authorizerValue(facts: AuthorizerFacts | undefined, name: string): string | undefined {
  if (facts === undefined || facts.kind === "iam") return undefined;
  // A function's context cannot claim to be someone else than its `principalId`.
  if (name === "principalId") return facts.principalId;
  if (facts.kind === "lambda") {
    return name === "integrationLatency" ? String(facts.latency) : memberText(facts.context, name, jsonText);
  }
  return name.startsWith("claims.")
    ? memberText(facts.claims, name.slice("claims.".length), claimText)
    : undefined;
}

function memberText(
  members: Readonly<Record<string, unknown>>,
  name: string,
  print: (value: unknown) => string,
): string | undefined {
  if (!Object.hasOwn(members, name)) return undefined;
  const value = members[name];
  return value === null || value === undefined ? undefined : print(value);
}

function jsonText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
