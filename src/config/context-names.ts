/** The `$context` variables that there are, as far as their names are fixed (aws-semantics 7, 17). */
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
  "resourcePath",
  "routeKey",
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
  "identity.clientCert.clientCertPem",
  "identity.clientCert.subjectDN",
  "identity.clientCert.issuerDN",
  "identity.clientCert.serialNumber",
  "identity.clientCert.validity.notBefore",
  "identity.clientCert.validity.notAfter",
  "authorizer.principalId",
];

const KNOWN: ReadonlySet<string> = new Set(CONTEXT_NAMES);

/** Authorizers choose the names of what they hand on themselves. */
export function isContextName(name: string): boolean {
  return KNOWN.has(name) || /^authorizer\..+/.test(name);
}
