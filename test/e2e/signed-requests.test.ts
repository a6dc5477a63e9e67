import { randomBytes } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCredential, deleteCredential, setCredentialEnabled } from "../../cli/credentials.ts";
import type { Store } from "../../cli/store.ts";
import { ask } from "./support/client.ts";
import { type Gateway, startGateway } from "./support/gateway.ts";
import { until } from "./support/wait.ts";

/** Answers with what it was sent. */
const ECHO = `export const handler = async (event: any) => ({
  statusCode: 200,
  body: JSON.stringify({
    path: event.rawPath, query: event.rawQueryString, body: event.body,
    iam: event.requestContext.authorizer?.iam,
  }),
});`;

const CREDENTIALS_KEY = randomBytes(32).toString("base64");
const ALLOW = (Resource: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource }],
});

let gateway: Gateway;
let store: Store;
let credential: { readonly accessKeyId: string; readonly secretAccessKey: string };

beforeAll(async () => {
  const integration = { type: "aws_proxy", uri: "echo" };
  gateway = await startGateway({
    routes: { "echo.ts": ECHO },
    devVars: `CREDENTIALS_KEY="${CREDENTIALS_KEY}"\n`,
    entries: {
      "apis/default/routes/ANY /orders/{proxy+}": { integration, authorizer: "AWS_IAM" },
      "apis/default/routes/GET /closed": { integration, authorizer: "AWS_IAM" },
    },
  });
  store = {
    list: async () => [],
    get: async (key) => entries.get(key),
    put: async (values) => {
      for (const [key, value] of values) {
        entries.set(key, value);
        await gateway.put(key, value);
      }
    },
    remove: async (keys) => {
      for (const key of keys) await gateway.remove(key);
    },
  };
  const options = {
    userName: "ada",
    policy: ALLOW("arn:aws:execute-api:*:*:*/*/orders/*"),
    createdAt: new Date(),
  };
  credential = await createCredential(store, CREDENTIALS_KEY, options);
  await gateway.answers("/orders/warm", 403);
});

const entries = new Map<string, string>();

afterAll(() => gateway.stop());

const signer = (): SignatureV4 =>
  new SignatureV4({ service: "execute-api", region: "eu-west-1", sha256: Sha256, credentials: credential });

interface Parts {
  readonly method?: string;
  readonly path: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A request as AWS's SDK for JavaScript signs it. */
async function bySdk(parts: Parts, presign = false) {
  const { method = "GET", path, query = {}, headers = {}, body } = parts;
  const host = `127.0.0.1:${gateway.port}`;
  const request = {
    method,
    protocol: "http:",
    hostname: "127.0.0.1",
    port: gateway.port,
    path,
    query,
    headers: { host, ...headers },
    ...(body === undefined ? {} : { body }),
  };
  const signed = presign ? await signer().presign(request) : await signer().sign(request);
  const pairs = Object.entries(signed.query ?? {}).flatMap(([name, value]) =>
    [value ?? ""].flat().map((one) => `${encode(name)}=${encode(one)}`),
  );
  const target = pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
  return { target, method, headers: signed.headers, ...(body === undefined ? {} : { body }) };
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

describe("requests signed by @smithy/signature-v4 over a socket", () => {
  test.each<[string, Parts]>([
    ["a GET", { path: "/orders/1" }],
    [
      "a query with odd names and values",
      { path: "/orders/1", query: { b: "2 +&=", a: ["z", "a"], "ü*'": "~" } },
    ],
    ["an encoded path", { path: "/orders/a%20b/%C3%BC" }],
    ["doubled slashes", { path: "/orders//1" }],
    [
      "a body",
      {
        method: "POST",
        path: "/orders/1",
        headers: { "content-type": "application/json" },
        body: '{"a":"ü"}',
      },
    ],
    [
      "a PUT with headers",
      { method: "PUT", path: "/orders/1", headers: { "x-a": "  a   b ", "x-amz-meta-b": "c" }, body: "x" },
    ],
  ])("%s passes, and the function knows who signed", async (_, parts) => {
    const { target, ...signed } = await bySdk(parts);
    const answer = await ask(gateway.port, target, signed);
    expect(answer.status, answer.text).toBe(200);
    const seen = JSON.parse(answer.body.toString());
    expect(seen.iam).toMatchObject({ accessKey: credential.accessKeyId, accountId: "000000000000" });
    expect(seen.iam.userArn).toBe("arn:aws:iam::000000000000:user/ada");
    if (parts.body !== undefined && !parts.headers?.["content-type"]) {
      expect(Buffer.from(seen.body, "base64").toString()).toBe(parts.body);
    } else expect(seen.body).toBe(parts.body);
  });

  test("a presigned link passes", async () => {
    const { target, ...signed } = await bySdk({ path: "/orders/1", query: { a: "b" } }, true);
    expect((await ask(gateway.port, target, signed)).status).toBe(200);
  });

  test.each<[string, (signed: Awaited<ReturnType<typeof bySdk>>) => object]>([
    ["another path", () => ({ target: "/orders/2" })],
    ["another method", () => ({ method: "PUT" })],
    ["another body", () => ({ body: "amount=2" })],
    ["a query of its own", ({ target }) => ({ target: `${target}?admin=1` })],
    [
      "another signed header",
      ({ headers }) => ({ headers: { ...headers, "x-amz-date": "20200101T000000Z" } }),
    ],
    ["no signature", () => ({ headers: {} })],
  ])("%s does not", async (_, change) => {
    const signed = await bySdk({ method: "POST", path: "/orders/1", body: "amount=1" });
    const { target, ...changed } = { ...signed, ...change(signed) };
    expect((await ask(gateway.port, target, changed)).status).toBe(403);
  });

  test("what the policy does not name is closed, whoever signs", async () => {
    const { target, ...signed } = await bySdk({ path: "/closed" });
    const answer = await ask(gateway.port, target, signed);
    expect([answer.status, answer.text]).toEqual([403, '{"message":"Forbidden"}']);
    expect(answer.headers["x-portico-reason"]).toContain("policy.silent");
  });
});

describe("requests signed by aws4fetch over a socket", () => {
  const client = (): AwsClient =>
    new AwsClient({ ...credential, service: "execute-api", region: "eu-west-1", retries: 0 });

  test("pass with and without a body, in the header and in the query", async () => {
    const url = `${gateway.url}/orders/1?b=2&a=%20x`;
    expect((await client().fetch(url)).status).toBe(200);
    const init = { method: "POST", body: "a=1", headers: { "content-type": "text/plain" } };
    const posted = await client().fetch(url, init);
    expect([posted.status, await posted.json()]).toMatchObject([200, { body: "a=1" }]);
    expect((await client().fetch(url, { aws: { signQuery: true } })).status).toBe(200);
  });

  test("and do not with another secret, or as somebody who is not there", async () => {
    const url = `${gateway.url}/orders/1`;
    const others = [
      { ...credential, secretAccessKey: "x".repeat(40) },
      { ...credential, accessKeyId: "AKIANOBODYNOBODYNOB2" },
    ];
    for (const other of others) {
      const stranger = new AwsClient({ ...other, service: "execute-api", region: "eu-west-1", retries: 0 });
      expect((await stranger.fetch(url)).status).toBe(403);
    }
  });
});

test("R-12 the secret stands nowhere: not in the store, the log, or an answer", async () => {
  const { secretAccessKey } = credential;
  expect([...entries.values()].join()).not.toContain(secretAccessKey);
  expect([...gateway.printed, ...gateway.complaints].join()).not.toContain(secretAccessKey);
  expect([...gateway.printed, ...gateway.complaints].join()).not.toContain(CREDENTIALS_KEY);
});

test("a credential that is disabled stops, and one that is deleted", async () => {
  const passes = async (): Promise<number> => {
    const { target, ...signed } = await bySdk({ path: "/orders/1" });
    return (await ask(gateway.port, target, signed)).status;
  };
  const turns = (status: number): Promise<unknown> =>
    until(`a signed request answers ${status}`, async () => (await passes()) === status || undefined);
  await setCredentialEnabled(store, credential.accessKeyId, false);
  await turns(403);
  await setCredentialEnabled(store, credential.accessKeyId, true);
  await turns(200);
  await deleteCredential(store, credential.accessKeyId);
  await turns(403);
});
