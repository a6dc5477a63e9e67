import { createExecutionContext } from "cloudflare:test";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "vitest";
import type { StageConfig } from "../../../src/config/api-config.ts";
import { parseRouteKey } from "../../../src/config/route-key.ts";
import { API_DEFAULTS } from "../../../src/config/schemas.ts";
import { inspectHeaders } from "../../../src/incoming-headers.ts";
import { type AwsCall, AwsSettings } from "../../../src/integrations/aws/signed/credentials.ts";
import { toHex } from "../../../src/lib/hex.ts";
import { buildRequest } from "../../support/gateway.ts";

export const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
export const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_REGION: "eu-west-1",
};

/** What a service of AWS was sent. */
export interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly redirect: string | undefined;
}

export interface CallOptions {
  readonly method?: string;
  /** Path and query. */
  readonly target?: string;
  readonly key?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: HeadersInit;
  readonly body?: BodyInit;
  readonly protocol?: "HTTP" | "REST";
  readonly variables?: Readonly<Record<string, string>>;
  /** Of the Worker; with credentials and a region by default. */
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly answer?: () => Response | Promise<Response>;
}

export interface Asked {
  readonly call: AwsCall;
  readonly stage: StageConfig;
  readonly sent: Sent[];
}

/** A call on its way to AWS, of which a real request is all but the last hop. */
export function awsCall(options: CallOptions = {}): Asked {
  const { target = "/", key = "POST /", protocol = "HTTP", environment = ENVIRONMENT } = options;
  const template = parseRouteKey(key);
  if (typeof template === "string") throw new Error(template);
  const sent: Sent[] = [];
  const stage: StageConfig = {
    api: "default",
    stage: "$default",
    settings: { ...API_DEFAULTS, protocol },
    variables: options.variables ?? {},
    routes: [],
    authorizers: new Map(),
    models: new Map(),
    limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
    deployment: "auto",
    broken: false,
    problems: [],
  };
  const request = buildRequest(target, {
    method: options.method ?? "POST",
    headers: options.headers ?? {},
    ...(options.body !== undefined && { body: options.body }),
  });
  const [path = "/", query = ""] = target.split("?");
  const call: AwsCall = {
    request,
    runtime: {
      fetchOrigin: async (url, init) => {
        const body = init.body ? await new Response(init.body).text() : "";
        sent.push({
          url: new URL(url),
          method: init.method ?? "GET",
          headers: new Headers(init.headers),
          body,
          redirect: init.redirect,
        });
        return options.answer?.() ?? Response.json({});
      },
      loadFunction: () => Promise.reject(new Error("none")),
      functionEnv: {},
      showReasons: true,
      aws: new AwsSettings(environment),
    },
    ctx: createExecutionContext(),
    method: request.method,
    scheme: "https",
    host: "api.test",
    fullPath: path,
    path,
    query,
    stageNamed: false,
    basePath: undefined,
    stage,
    route: { key, template, operationName: undefined, parameters: options.parameters ?? {} },
    stoppedHeaders: inspectHeaders(request.headers).stopped,
    clientAddress: "203.0.113.7",
    requestId: "id",
    extendedRequestId: "id",
    startedAt: Date.now(),
    outcome: {},
    caller: {},
  };
  return { call, stage, sent };
}

/** The last request that was sent, its signature checked. */
export async function lastSent({ sent }: Asked, service: string, region = "eu-west-1"): Promise<Sent> {
  const last = sent.at(-1);
  if (!last) throw new Error("nothing was sent");
  await expectSigned(last, service, region);
  return last;
}

/** Signs what was sent once more, with AWS's own code, and expects the same signature. */
export async function expectSigned(sent: Sent, service: string, region: string): Promise<void> {
  const authorization = sent.headers.get("authorization") ?? "";
  const names = (/SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? "").split(";");
  // Without these a signature could be used for another request.
  expect(names).toEqual(expect.arrayContaining(["host", "x-amz-date"]));
  for (const name of sent.headers.keys()) if (name.startsWith("x-amz-")) expect(names).toContain(name);
  const headers = Object.fromEntries(
    names.map((name) => [name, name === "host" ? sent.url.host : (sent.headers.get(name) ?? "")]),
  );
  const [, date = ""] = /^(\d{8}T\d{6}Z)$/.exec(sent.headers.get("x-amz-date") ?? "") ?? [];
  const sessionToken = sent.headers.get("x-amz-security-token");
  const signer = new SignatureV4({
    service,
    region,
    sha256: Sha256,
    applyChecksum: false,
    uriEscapePath: service !== "s3",
    credentials: {
      accessKeyId: ENVIRONMENT.AWS_ACCESS_KEY_ID,
      secretAccessKey: SECRET,
      ...(sessionToken !== null && { sessionToken }),
    },
  });
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const again = await signer.sign(
    {
      method: sent.method,
      protocol: sent.url.protocol,
      hostname: sent.url.hostname,
      path: sent.url.pathname,
      query: Object.fromEntries(sent.url.searchParams),
      headers,
      body: sent.body,
    },
    { signingDate: new Date(iso), signableHeaders: new Set(names) },
  );
  expect(authorization).toBe(again.headers["authorization"]);
  const hash = sent.headers.get("x-amz-content-sha256");
  if (hash !== null && hash !== "UNSIGNED-PAYLOAD") {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(sent.body));
    expect(hash).toBe(toHex(new Uint8Array(digest)));
  }
}
