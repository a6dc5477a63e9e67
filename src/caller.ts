import type { UsagePlanEntry } from "./config/api-key-schema.ts";

/**
 * Who is calling, as far as the guards found out. Guards fill it in, one after the other;
 * integrations put it into events, mappings and `$context`. Nothing in it comes from a
 * header that a client could have written as it is.
 */
export interface Caller {
  /** What the route's authorizer found. */
  authorizer?: AuthorizerFacts;
  /** The API key that the route asked for. */
  apiKey?: ApiKeyFacts;
  /** The key that a function authorizer named (`usageIdentifierKey`). */
  usageIdentifierKey?: string;
  /** Whether a signer's policy lets it have a cached response fetched anew. */
  mayInvalidate?: boolean;
  /** The verified certificate of a domain with mutual TLS. */
  clientCert?: ClientCert;
}

export type AuthorizerFacts = JwtFacts | LambdaFacts | IamFacts;

export interface JwtFacts {
  readonly kind: "jwt";
  /** As the token has them; events render them as text (`claimTexts`). */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The token's whole scope list when the route asks for scopes, else null (aws-semantics 3.2). */
  readonly scopes: readonly string[] | null;
  /** `$context.authorizer.principalId`: the subject. */
  readonly principalId: string | undefined;
}

export interface LambdaFacts {
  readonly kind: "lambda";
  readonly principalId: string | undefined;
  /** What the function gave, checked: REST values are text, HTTP API values what JSON has. */
  readonly context: Readonly<Record<string, unknown>>;
  /** What the function took, in ms; 0 from the cache. */
  readonly latency: number;
}

export interface IamFacts {
  readonly kind: "iam";
  readonly accessKey: string;
  readonly accountId: string;
  /** `{user id}`; `caller` and `user` in events. */
  readonly userId: string;
  readonly userArn: string;
  readonly principalOrgId: string | null;
}

export interface ApiKeyFacts {
  /** The key's id, which may be shown; never its text. */
  readonly id: string;
  /** The key's text, which events of API Gateway carry (`identity.apiKey`). */
  readonly value: string;
  /** The usage plan that lets the key into this stage. */
  readonly plan: string;
  /** What that plan allows. */
  readonly usagePlan: UsagePlanEntry;
}

/** As events show it (aws-semantics 1, mTLS). */
export interface ClientCert {
  readonly clientCertPem: string;
  readonly subjectDN: string;
  readonly issuerDN: string;
  /** Hexadecimal pairs with colons. */
  readonly serialNumber: string;
  /** `May 28 12:30:02 2019 GMT` */
  readonly validity: { readonly notBefore: string; readonly notAfter: string };
}
