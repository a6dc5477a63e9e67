import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { AwsV4Signer } from "aws4fetch";
import * as v from "valibot";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { amzDate } from "../../../src/access/iam/amz-date.ts";
import { iamAuthorizer } from "../../../src/access/iam/authorizer.ts";
import { importCredentialsKey, sealSecret, secretOpener } from "../../../src/access/iam/secret.ts";
import type { Call } from "../../../src/call.ts";
import { IamAuthorizer } from "../../../src/config/authorizer-schema.ts";
import { CREDENTIAL_PREFIX, CredentialEntry } from "../../../src/config/credential-schema.ts";
import { EntryCache } from "../../../src/config/entry-cache.ts";
import { parseEntry } from "../../../src/config/parse.ts";
import { parseRouteKey } from "../../../src/config/route-key.ts";
import { ApiEntry } from "../../../src/config/schemas.ts";
import { buildRequest } from "../../support/gateway.ts";

export const NOW = Date.parse("2026-04-01T12:00:00Z");
export const ID = "AKIAEXAMPLE234567XYZ";
export const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/** Base64 of 32 bytes. */
export const SEALING_KEY = btoa("0123456789abcdef0123456789abcdef");

/** Writes a credential whose secret is SECRET, unless the members say otherwise. */
export async function putCredential(
  members: Readonly<Record<string, unknown>> = {},
  id = ID,
): Promise<string> {
  const secret = await sealSecret(await importCredentialsKey(SEALING_KEY), id, SECRET);
  await env.CONFIG.put(CREDENTIAL_PREFIX + id, JSON.stringify({ secret, ...members }));
  return secret;
}

export interface AuthorizerOptions {
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly kv?: Pick<KVNamespace, "get">;
  readonly credentialsKey?: string | undefined;
  /** -1: every call reads the credential again. */
  readonly refreshMs?: number;
}

/** The real authorizer over the real store; `opened` counts the secrets that were opened. */
export function authorizerOf(options: AuthorizerOptions = {}): Authorizer & { readonly opened: string[] } {
  const { entry = {}, kv = env.CONFIG, refreshMs = 2 ** 40 } = options;
  const credentialsKey = "credentialsKey" in options ? options.credentialsKey : SEALING_KEY;
  const open = secretOpener(credentialsKey);
  const opened: string[] = [];
  const authorizer = iamAuthorizer(v.parse(IamAuthorizer, { type: "iam", ...entry }), {
    credentials: new EntryCache<CredentialEntry>({
      kv,
      prefix: CREDENTIAL_PREFIX,
      parse: (key, text) => parseEntry(key, text, CredentialEntry),
      refreshMs,
      capacity: 100,
      report: () => undefined,
    }),
    openSecret: (id, sealed) => {
      opened.push(id);
      return open(id, sealed);
    },
  });
  return { authorize: (call, scopes) => authorizer.authorize(call, scopes), opened };
}

export interface CallOptions {
  readonly method?: string;
  /** The method that is routed, where a header replaced the client's. */
  readonly routedMethod?: string;
  readonly headers?: HeadersInit;
  readonly body?: BodyInit;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly now?: number;
}

/** A call to the REST API `shop` (unless the settings say otherwise) as the pipeline would hand it over. */
export function callTo(target: string, options: CallOptions = {}): Call {
  const { method = "GET", headers = {}, body, settings = {}, now = NOW } = options;
  const request = buildRequest(target, { method, headers, ...(body === undefined ? {} : { body }) });
  const template = parseRouteKey("ANY /{proxy+}");
  if (typeof template === "string") throw new Error(template);
  const question = target.indexOf("?");
  const path = question < 0 ? target : target.slice(0, question);
  return {
    request,
    runtime: {
      fetchOrigin: () => Promise.reject(new Error("no origin is called")),
      loadFunction: () => Promise.reject(new Error("no function is called")),
      functionEnv: {},
      showReasons: false,
    },
    ctx: createExecutionContext(),
    method: options.routedMethod ?? method,
    scheme: "https",
    host: "api.test",
    fullPath: path,
    path,
    query: question < 0 ? "" : target.slice(question + 1),
    stageNamed: false,
    basePath: undefined,
    stage: {
      api: "shop",
      stage: "prod",
      settings: v.parse(ApiEntry, { protocol: "REST", ...settings }),
      variables: {},
      routes: [],
      authorizers: new Map(),
      models: new Map(),
      limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
      deployment: "auto",
      broken: false,
      problems: [],
    },
    route: { key: "ANY /{proxy+}", template, operationName: undefined, parameters: {} },
    stoppedHeaders: [],
    clientAddress: "203.0.113.7",
    requestId: "id",
    extendedRequestId: "id",
    startedAt: now,
    outcome: {},
    caller: {},
  };
}

export interface SignOptions extends CallOptions {
  readonly id?: string;
  readonly secret?: string;
  readonly sessionToken?: string;
  readonly service?: string;
  readonly region?: string;
  readonly signedAt?: number;
  readonly signQuery?: boolean;
  /** What is signed, when another body is sent. */
  readonly signedBody?: string;
}

/** A call that aws4fetch signed. */
export async function signedCall(target: string, options: SignOptions = {}): Promise<Call> {
  const { method = "GET", body, signedBody, signQuery = false, sessionToken } = options;
  const toSign = signedBody ?? (typeof body === "string" ? body : "");
  const { url, headers } = await new AwsV4Signer({
    method,
    url: `https://api.test${target}`,
    headers: options.headers ?? {},
    accessKeyId: options.id ?? ID,
    secretAccessKey: options.secret ?? SECRET,
    service: options.service ?? "execute-api",
    region: options.region ?? "eu-central-1",
    datetime: amzDate(options.signedAt ?? NOW).text,
    signQuery,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(toSign === "" ? {} : { body: toSign }),
  }).sign();
  const signed = new URL(url.toString());
  return callTo(`${signed.pathname}${signed.search}`, { ...options, headers: new Headers(headers) });
}
