import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { base64url, exportJWK, generateKeyPair, type JWK } from "jose";
import { expect } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { jwtAuthorizer } from "../../../src/access/jwt/authorizer.ts";
import { KeySets, type KeySetsOptions } from "../../../src/access/jwt/key-sets.ts";
import type { Call } from "../../../src/call.ts";
import { authorizerSchema, JwtAuthorizer } from "../../../src/config/authorizer-schema.ts";
import { parseValue } from "../../../src/config/parse.ts";
import type { Problem } from "../../../src/config/problem.ts";
import { API_DEFAULTS } from "../../../src/config/schemas.ts";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import { errorResponse } from "../../../src/gateway-responses/respond.ts";

const ISSUER = "https://issuer.test/tenant";
const AUDIENCE = "orders-api";

/** In every token's claims; must never be seen outside. */
const CANARY = "canary-7f3d";

/** Stops where it is put. */
export class Clock {
  ms = 1_800_000_000_000;
  readonly now = (): number => this.ms;

  get seconds(): number {
    return Math.floor(this.ms / 1000);
  }

  pass(seconds: number): void {
    this.ms += seconds * 1000;
  }
}

type Sign = (input: Uint8Array) => Promise<Uint8Array>;

/** A key pair, signing as `alg` says. */
export interface Signer {
  readonly alg: string;
  readonly publicJwk: JWK;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  readonly sign: Sign;
}

const HASHES: Readonly<Record<string, string>> = { "256": "SHA-256", "384": "SHA-384", "512": "SHA-512" };

export async function signer(alg: string, options: { modulusLength?: number } = {}): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const hash = HASHES[alg.slice(2)] ?? "";
  const saltLength = Number(alg.slice(2)) / 8;
  const algorithm =
    alg === "EdDSA"
      ? { name: "Ed25519" }
      : alg.startsWith("ES")
        ? { name: "ECDSA", hash }
        : alg.startsWith("PS")
          ? { name: "RSA-PSS", saltLength }
          : { name: "RSASSA-PKCS1-v1_5" };
  const sign: Sign = async (input) => new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, input));
  return { alg, publicJwk: await exportJWK(publicKey), publicKey, privateKey, sign };
}

export const b64 = (value: string | Uint8Array): string => base64url.encode(value);

/** A part of a token: an object as JSON, text and bytes as they are. */
export const part = (value: unknown): string =>
  b64(typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value));

/** A compact JWS of any header and payload, sound or not. */
export async function token(header: unknown, payload: unknown, sign: Sign): Promise<string> {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${b64(await sign(new TextEncoder().encode(input)))}`;
}

/** An OpenID Connect issuer behind a `fetch`; counts what it is asked. */
export class Issuer {
  readonly url: string;
  readonly clock: Clock;
  /** What it publishes. */
  keys: JWK[] = [];
  /** Takes the place of its usual answers. */
  answer:
    | ((url: string, init: RequestInit) => Promise<Response | undefined> | Response | undefined)
    | undefined;
  readonly asked: string[] = [];
  readonly problems: Problem[] = [];

  constructor(clock: Clock, url = ISSUER) {
    this.clock = clock;
    this.url = url;
  }

  publish(key: Signer, kid: string, more: Partial<JWK> = {}): void {
    this.keys.push({ ...key.publicJwk, kid, ...more });
  }

  get jwksFetches(): number {
    return this.asked.filter((url) => url.endsWith("/jwks")).length;
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    this.asked.push(url);
    expect(init.redirect).toBe("manual");
    const answer = await this.answer?.(url, init);
    if (answer) return answer;
    const base = this.url.replace(/\/$/, "");
    if (url === `${base}/.well-known/openid-configuration`) {
      return Response.json({ issuer: this.url, jwks_uri: `${base}/jwks` });
    }
    if (url === `${base}/jwks` || url === `${base}/.well-known/jwks.json`) {
      return Response.json({ keys: this.keys });
    }
    return new Response("not found", { status: 404 });
  };

  keySets(options: Partial<KeySetsOptions> = {}): KeySets {
    const report = (problem: Problem) => void this.problems.push(problem);
    return new KeySets({ fetch: this.fetch, now: this.clock.now, report, ...options });
  }

  /** Claims that pass. */
  claims(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const { seconds } = this.clock;
    const times = { iat: seconds, exp: seconds + 3600 };
    return { iss: this.url, aud: AUDIENCE, sub: "user-1", canary: CANARY, ...times, ...more };
  }

  sign(key: Signer, kid: string | undefined, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return token({ alg: key.alg, typ: "JWT", kid }, this.claims(more), key.sign);
  }
}

/** An entry as the configuration has it. */
export function jwtEntry(more: Readonly<Record<string, unknown>> = {}): JwtAuthorizer {
  const jwtConfiguration = { issuer: ISSUER, audience: [AUDIENCE] };
  const parsed = parseValue("authorizer", { type: "jwt", jwtConfiguration, ...more }, JwtAuthorizer);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(authorizerSchema("jwt")).toBe(JwtAuthorizer);
  return parsed.value;
}

export function jwtSubject(
  issuer: Issuer,
  more: Readonly<Record<string, unknown>> = {},
  options: Partial<KeySetsOptions> = {},
): Authorizer {
  return jwtAuthorizer(jwtEntry(more), { keySets: issuer.keySets(options) });
}

export interface Ask {
  readonly token?: string;
  readonly headers?: HeadersInit;
  readonly query?: string;
  readonly scopes?: readonly string[];
  readonly protocol?: "HTTP" | "REST";
}

/** What came of one call. */
export interface Verdict {
  readonly status: number;
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly body: string | undefined;
  readonly challenge: string | null;
  readonly caller: Call["caller"];
}

export function callOf(ask: Ask, ctx: ExecutionContext): Call {
  const headers = new Headers(ask.headers);
  if (ask.token !== undefined) headers.set("authorization", `Bearer ${ask.token}`);
  return {
    request: new Request("https://api.test/orders", { headers }),
    runtime: {
      fetchOrigin: () => Promise.reject(new Error("nobody asks the origin")),
      loadFunction: () => Promise.reject(new Error("there is no function")),
      functionEnv: {},
      showReasons: false,
    },
    ctx,
    method: "GET",
    scheme: "https",
    host: "api.test",
    fullPath: "/orders",
    path: "/orders",
    query: ask.query ?? "",
    stageNamed: false,
    basePath: undefined,
    stage: {
      api: "default",
      stage: "$default",
      settings: { ...API_DEFAULTS, protocol: ask.protocol ?? "HTTP" },
      variables: {},
      routes: [],
      authorizers: new Map(),
      models: new Map(),
      limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
      deployment: "auto",
      broken: false,
      problems: [],
    },
    route: {
      key: "GET /orders",
      template: { method: "GET", path: "/orders", segments: [{ kind: "static", text: "orders" }] },
      operationName: undefined,
      parameters: {},
    },
    stoppedHeaders: [],
    clientAddress: "203.0.113.7",
    requestId: "id",
    extendedRequestId: "id",
    startedAt: 0,
    outcome: {},
    caller: {},
  };
}

/** Asks an authorizer and waits for what it left for afterwards; anything thrown but a `GatewayError` fails the test. */
export async function ask(subject: Authorizer, ask: Ask): Promise<Verdict> {
  const ctx = createExecutionContext();
  const call = callOf(ask, ctx);
  let thrown: unknown;
  try {
    expect(await subject.authorize(call, ask.scopes ?? [])).toEqual({ grant: "Authenticated" });
  } catch (error) {
    thrown = error;
  }
  await waitOnExecutionContext(ctx);
  if (thrown === undefined) {
    const nothing = { reason: undefined, detail: undefined, body: undefined, challenge: null };
    return { status: 200, ...nothing, caller: call.caller };
  }
  if (!(thrown instanceof GatewayError)) throw thrown;
  const response = errorResponse(thrown, {
    protocol: ask.protocol ?? "HTTP",
    requestId: "id",
    extendedRequestId: "id",
  });
  return {
    status: response.status,
    reason: thrown.reason,
    detail: thrown.message,
    body: await response.text(),
    challenge: response.headers.get("www-authenticate"),
    caller: call.caller,
  };
}

/** Refused, with nothing of the token in what the client and the log get. */
export async function expectRefusal(subject: Authorizer, sent: string, reason: string): Promise<void> {
  const verdict = await ask(subject, { headers: { authorization: `Bearer ${sent}` } });
  expect(verdict).toMatchObject({ status: 401, reason, body: '{"message":"Unauthorized"}' });
  expect(verdict.challenge).toMatch(
    /^Bearer(?: scope="" error="invalid_token" error_description="[a-zA-Z_ ]+")?$/,
  );
  expect(verdict.caller).toEqual({});
  const shown = JSON.stringify([verdict.detail, verdict.body, verdict.challenge]);
  expect(shown).not.toContain(CANARY);
  for (const piece of sent.split(".").filter(({ length }) => length > 8)) expect(shown).not.toContain(piece);
}
