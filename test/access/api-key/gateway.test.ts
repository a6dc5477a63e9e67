import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { generateKey } from "../../../src/access/api-key/key-format.ts";
import { keyHash } from "../../../src/access/api-key/key-hash.ts";
import { AccessLog } from "../../../src/observability/access-log.ts";
import {
  callFunction,
  echoFunction,
  gateway,
  proxyTo,
  type TestGateway,
  writeEntries,
} from "../../support/gateway.ts";

const KEY = generateKey((count) => crypto.getRandomValues(new Uint8Array(count)));

/** An API with one route that asks for a key and one that does not. */
async function guarded(
  settings: Readonly<Record<string, unknown>> = {},
  plan: unknown = { apiStages: [{ api: "default", stage: "$default" }] },
  options: Parameters<typeof gateway>[1] = {},
): Promise<TestGateway> {
  const integration = proxyTo("https://origin.test/");
  return gateway(
    {
      "apis/default": settings,
      "apis/default/routes/GET /guarded": { integration, apiKeyRequired: true },
      "apis/default/routes/GET /open": { integration },
      [`api-keys/${await keyHash(KEY)}`]: { id: "k_one", usagePlans: ["gold"] },
      "usage-plans/gold": plan,
    },
    { showReasons: true, ...options },
  );
}

const withKey = (key: string): RequestInit => ({ headers: { "x-api-key": key } });

describe.each(["HTTP", "REST"])("an %s API", (protocol) => {
  test("lets a key of the stage's plan in and passes its header on", async () => {
    const subject = await guarded({ protocol });
    expect((await subject.fetch("/guarded", withKey(KEY))).status).toBe(200);
    expect(subject.lastSent.headers.get("x-api-key")).toBe(KEY);
  });

  test("R-13 answers 403 Forbidden otherwise, and the origin hears nothing", async () => {
    const subject = await guarded({ protocol });
    for (const init of [{}, withKey("short"), withKey(`${KEY}x`), withKey("x".repeat(40))]) {
      const response = await subject.fetch("/guarded", init);
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({ message: "Forbidden" });
      expect(response.headers.get("x-portico-reason")).toMatch(/^api_key\./);
      if (protocol === "REST") expect(response.headers.get("x-amzn-errortype")).toBe("ForbiddenException");
    }
    expect(subject.sent).toEqual([]);
  });

  test("looks at no key where none is asked for", async () => {
    const subject = await guarded({ protocol });
    expect((await subject.fetch("/open", withKey("short"))).status).toBe(200);
  });
});

test("a plan of another stage or API does not count", async () => {
  for (const covered of [
    { api: "default", stage: "prod" },
    { api: "other", stage: "$default" },
  ]) {
    const subject = await guarded({}, { apiStages: [covered] });
    const response = await subject.fetch("/guarded", withKey(KEY));
    expect(response.status).toBe(403);
    expect(response.headers.get("x-portico-reason")).toMatch(/^api_key\.plan: .*k_one/);
  }
});

test("R-13 a broken plan is 500, and its reason is not the client's business", async () => {
  const subject = await guarded({}, "{", { showReasons: false });
  const response = await subject.fetch("/guarded", withKey(KEY));
  expect(response.status).toBe(500);
  expect(await response.text()).toBe('{"message":"Internal Server Error"}');
  expect(response.headers.has("x-portico-reason")).toBe(false);
});

test("the event of a function has the key and its id", async () => {
  const echo = echoFunction();
  const subject = await guarded({ protocol: "REST" }, undefined, { functions: { echo: echo.module } });
  const integration = callFunction("echo", { payloadFormatVersion: "1.0" });
  const entry = { integration, apiKeyRequired: true };
  await env.CONFIG.put("apis/default/routes/GET /event", JSON.stringify(entry));
  expect((await subject.fetch("/event", withKey(KEY))).status).toBe(200);
  expect(echo.events[0]).toMatchObject({
    requestContext: { identity: { apiKey: KEY, apiKeyId: "k_one" } },
  });
});

test("where the authorizer is the source, its usageIdentifierKey counts and the header does not (R-06)", async () => {
  let usageIdentifierKey: string | undefined;
  const handler = async () => ({
    principalId: "ann",
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: "*" }],
    },
    usageIdentifierKey,
  });
  const settings = { protocol: "REST", apiKeySource: "AUTHORIZER" };
  const subject = await guarded(settings, undefined, { functions: { who: { handler } } });
  await writeEntries({
    "apis/default/authorizers/who": {
      type: "token",
      authorizerUri: "who",
      authorizerResultTtlInSeconds: 0,
    },
    "apis/default/routes/GET /named": {
      integration: proxyTo("https://origin.test/"),
      authorizer: "who",
      apiKeyRequired: true,
    },
  });
  const headers = { authorization: "t", "x-api-key": KEY };
  const refused = await subject.fetch("/named", { headers });
  expect(refused.status).toBe(403);
  expect(refused.headers.get("x-portico-reason")).toMatch(/^api_key\.missing/);
  usageIdentifierKey = KEY;
  expect((await subject.fetch("/named", { headers: { authorization: "t" } })).status).toBe(200);
});

test("R-12 the access log never holds a key", async () => {
  const lines: string[] = [];
  const log = new AccessLog((text) => lines.push(text));
  const subject = await guarded({}, undefined, { log });
  const wrong = `${KEY}x`;
  for (const key of [KEY, wrong, "y".repeat(40)]) await subject.fetch("/guarded", withKey(key));
  log.flush();
  const all = lines.join("\n") + JSON.stringify(subject.problems);
  expect(all).toContain("api_key.unknown");
  for (const key of [KEY, "y".repeat(40)]) expect(all).not.toContain(key);
});
