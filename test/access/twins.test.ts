import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TWINS } from "../routing/path-twins.ts";
import { answerWith, api, gateway, proxyTo, type TestGateway } from "../support/gateway.ts";

const KEY = "a-key-that-opens-this-stage-0001";
const KEY_HASH = "api-keys/";

async function hash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const guards = {
  "an API key": { apiKeyRequired: true },
  "a function": { authorizer: "guard" },
  signatures: { authorizer: "AWS_IAM" },
  "a JWT": { authorizer: "issuer" },
} as const;

/** `/admin/users` and everything below `/files` behind a guard, and nothing open. */
async function guarded(protocol: string, guard: object): Promise<TestGateway> {
  const entries = {
    ...api({}, { protocol }),
    "apis/default/authorizers/guard": { type: "token", authorizerUri: "guard" },
    "apis/default/authorizers/issuer": {
      type: "jwt",
      jwtConfiguration: { issuer: "https://issuer.test", audience: ["a"] },
      jwks: { keys: [] },
    },
    "apis/default/routes/GET /admin/users": { integration: answerWith("admin"), ...guard },
    "apis/default/routes/ANY /files/{proxy+}": {
      integration: proxyTo("https://origin.test/{proxy}"),
      ...guard,
    },
    [KEY_HASH + (await hash(KEY))]: { id: "k_1", usagePlans: ["basic"] },
    "usage-plans/basic": { apiStages: [{ api: "default", stage: "$default" }] },
  };
  const guardFunction = { handler: () => Promise.reject(new Error("Unauthorized")) };
  return gateway(entries, { functions: { guard: guardFunction } });
}

describe.each(["HTTP", "REST"])("R-01 no spelling of a guarded path (%s) gets past", (protocol) => {
  test.each(Object.entries(guards))("%s", async (_, guard) => {
    const subject = await guarded(protocol, guard);
    const plain = (await subject.fetch("/admin/users")).status;
    expect([401, 403]).toContain(plain);
    for (const twin of [...TWINS, ...TWINS.map((path) => `/files${path}`)]) {
      const { status } = await subject.fetch(twin);
      expect([400, 404, 401, 403], twin).toContain(status);
    }
    expect(subject.sent).toEqual([]);
  });

  test("nor one made of any of their tricks", async () => {
    const subject = await guarded(protocol, { apiKeyRequired: true });
    const slash = fc.constantFrom(
      "/",
      "//",
      "/./",
      "/x/../",
      "%2f",
      "%5c",
      "\\",
      "/%2e/",
      "/;/",
      "/..;/",
      "/%2e%2e/",
    );
    const word = fc.constantFrom(
      "admin",
      "ADMIN",
      "%61dmin",
      "adm%69n",
      "admin;x",
      "admin.",
      "admin%20",
      "%2561dmin",
    );
    const end = fc.constantFrom("", "/", "?x", "%23", "%00", ";", ".", "%3f", "/.", "//");
    await fc.assert(
      fc.asyncProperty(slash, word, slash, end, async (first, name, second, last) => {
        const path = `${first.startsWith("/") ? "" : "/"}${first}${name}${second}users${last}`;
        expect([400, 403, 404]).toContain((await subject.fetch(path)).status);
      }),
      { numRuns: 300 },
    );
    const opened = await subject.fetch("/admin/users", { headers: { "x-api-key": KEY } });
    expect(opened.status).toBe(200);
  });

  test("a policy that denies a path below an open greedy route", async () => {
    const everything = {
      Effect: "Allow",
      Principal: "*",
      Action: "execute-api:Invoke",
      Resource: "execute-api:/*",
    };
    const policy = {
      Version: "2012-10-17",
      Statement: [
        everything,
        { ...everything, Effect: "Deny", Resource: ["execute-api:/*/*/admin/*", "execute-api:/*/*/admin"] },
      ],
    };
    const routes = { "ANY /{proxy+}": proxyTo("https://origin.test/{proxy}") };
    const subject = await gateway(api(routes, { protocol, policy }));
    expect((await subject.fetch("/admin/users")).status).toBe(403);
    for (const twin of TWINS) {
      const before = subject.sent.length;
      const { status } = await subject.fetch(twin);
      if (status !== 200) expect([400, 403], twin).toContain(status);
      else {
        expect(subject.sent.length).toBe(before + 1);
        // What an origin takes for the denied path, however lenient, must not arrive there.
        const { pathname } = new URL(subject.lastSent.url);
        expect(decodeURIComponent(pathname).replace(/\/+/g, "/"), twin).not.toMatch(/^\/admin(?:\/|$)/);
      }
    }
  });
});
