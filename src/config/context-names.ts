/**
 * The `$context` variables that there are, as far as their names are fixed (aws-semantics 7, 17).
 * Some never have a value here (`wafResponseCode`), so that definitions that name them can be read.
 */
export const CONTEXT_NAMES: readonly string[] = [
  "requestId",
  "extendedRequestId",
  "httpMethod",
  "path",
  "protocol",
  "stage",
  "apiId",
  "accountId",
  "domainName",
  "domainPrefix",
  "resourceId",
  "resourcePath",
  "routeKey",
  "deploymentId",
  "isCanaryRequest",
  "customDomain.basePathMatched",
  "xrayTraceId",
  "awsEndpointRequestId",
  "wafResponseCode",
  "webaclArn",
  "requestTime",
  "requestTimeEpoch",
  "identity.sourceIp",
  "identity.userAgent",
  "identity.apiKey",
  "identity.apiKeyId",
  "identity.accessKey",
  "identity.accountId",
  "identity.caller",
  "identity.user",
  "identity.userArn",
  "identity.principalOrgId",
  "identity.cognitoAuthenticationProvider",
  "identity.cognitoAuthenticationType",
  "identity.cognitoIdentityId",
  "identity.cognitoIdentityPoolId",
  "identity.vpcId",
  "identity.vpceId",
  "identity.clientCert.clientCertPem",
  "identity.clientCert.subjectDN",
  "identity.clientCert.issuerDN",
  "identity.clientCert.serialNumber",
  "identity.clientCert.validity.notBefore",
  "identity.clientCert.validity.notAfter",
  "authorizer.principalId",
  "authorizer.integrationLatency",
  // Known on the way back, and some of them nowhere but in a log.
  "status",
  "integrationStatus",
  "integration.status",
  "integrationLatency",
  "integration.latency",
  "integration.integrationStatus",
  "integration.requestId",
  "integration.error",
  "integrationErrorMessage",
  "responseLatency",
  "responseLength",
  "dataProcessed",
];

/** Those that gateway responses have besides. */
export const ERROR_NAMES: readonly string[] = [
  "error.message",
  "error.messageString",
  "error.responseType",
  "error.validationErrorString",
];

const KNOWN: ReadonlySet<string> = new Set(CONTEXT_NAMES);

/** Authorizers choose the names of what they hand on themselves. */
export function isContextName(name: string): boolean {
  return KNOWN.has(name) || /^authorizer\..+/.test(name);
}
