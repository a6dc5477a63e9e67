import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { record } from "../conformance/vectors.ts";
import { api, callFunction, echoFunction, gateway, proxyTo } from "../support/gateway.ts";

const CLAIM = "evil-7f3a";

/** Headers that some gateway, platform or backend takes for the caller's identity. */
const NAMES = [
  "x-amzn-requestid",
  "x-amzn-trace-id",
  "x-amzn-mtls-clientcert",
  "x-amzn-apigateway-api-id",
  "x-portico-caller",
  "x-portico-authorizer",
  "x-portico-hops",
  "x-forwarded-for",
  "x-forwarded-user",
  "x-forwarded-client-cert",
  "x_forwarded_for",
  "x-real-ip",
  "x_real_ip",
  "forwarded",
  "cf-connecting-ip",
  "cf-access-authenticated-user-email",
  "cf_connecting_ip",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
] as const;

/** Any of them, some with hyphens and underscores exchanged, listed in Connection or not. */
const claims = fc.record({
  names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 6 }),
  exchanged: fc.boolean(),
  listed: fc.boolean(),
});

function headersOf({
  names,
  exchanged,
  listed,
}: {
  names: readonly string[];
  exchanged: boolean;
  listed: boolean;
}) {
  const headers = new Headers();
  for (const name of names) headers.set(exchanged ? name.replaceAll("-", "_") : name, CLAIM);
  if (listed) headers.set("connection", names.join(", "));
  return headers;
}

const AUTHORIZER = {
  type: "request",
  authorizerUri: "guard",
  authorizerPayloadFormatVersion: "2.0",
  enableSimpleResponses: true,
};

describe("R-06 no header that a client sends is taken for an identity", () => {
  test.each([
    ["HTTP", "1.0"],
    ["HTTP", "2.0"],
    ["REST", "1.0"],
  ])("by a function or its authorizer (%s, %s)", async (protocol, payloadFormatVersion) => {
    const echo = echoFunction();
    const asked: unknown[] = [];
    const guard = {
      handler: async (event: unknown) => {
        asked.push(event);
        return protocol === "HTTP"
          ? { isAuthorized: true }
          : {
              principalId: "me",
              policyDocument: {
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
              },
            };
      },
    };
    const entries = {
      ...api({}, { protocol }),
      "apis/default/authorizers/guard":
        protocol === "HTTP"
          ? AUTHORIZER
          : { type: "request", authorizerUri: "guard", authorizerResultTtlInSeconds: 0 },
      "apis/default/routes/GET /a": {
        integration: callFunction("echo", { payloadFormatVersion }),
        authorizer: "guard",
      },
    };
    const subject = await gateway(entries, { functions: { echo: echo.module, guard } });
    await fc.assert(
      fc.asyncProperty(claims, async (claimed) => {
        const { status } = await subject.fetch("/a", { headers: headersOf(claimed) });
        expect(status).toBe(200);
        const context = JSON.stringify(record(echo.events.at(-1))["requestContext"]);
        expect(context).not.toContain(CLAIM);
        expect(JSON.stringify(asked.at(-1))).not.toContain(`"${CLAIM}"`);
        expect(JSON.stringify(echo.events.at(-1))).not.toContain(`"${CLAIM}"`);
      }),
      { numRuns: 60 },
    );
  });

  test("by an origin, in a header or parameter that a mapping may set and does not", async () => {
    const entries = {
      "apis/default/authorizers/guard": AUTHORIZER,
      "apis/default/routes/GET /a": {
        authorizer: "guard",
        integration: proxyTo("https://origin.test/a", {
          requestParameters: {
            "integration.request.header.x-user-name": "context.authorizer.user",
            "integration.request.querystring.user": "context.authorizer.user",
          },
        }),
      },
    };
    let context: object = {};
    const guard = { handler: async () => ({ isAuthorized: true, context }) };
    const subject = await gateway(entries, { functions: { guard } });
    const headers = {
      "x-user-name": CLAIM,
      x_user_name: CLAIM,
      "x-user_name": CLAIM,
      "X_User-Name": CLAIM,
      connection: "x-user-name",
    };
    for (const query of [
      "user=",
      "USER=1&user=",
      "%75ser=",
      "user=a&x=1&user=",
      "user[]=",
      "user%5B0]=",
      "+user=",
    ]) {
      expect((await subject.fetch(`/a?${query}${CLAIM}`, { headers })).status).toBe(200);
      const { url, headers: sent } = subject.lastSent;
      expect(JSON.stringify([...sent]) + url).not.toContain(CLAIM);
    }
    context = { user: "me" };
    await subject.fetch(`/a?x=%20+&user=${CLAIM}`, { headers });
    expect(subject.lastSent.headers.get("x-user-name")).toBe("me");
    expect(subject.lastSent.url).toBe("https://origin.test/a?x=%20+&user=me");
    expect(JSON.stringify([...subject.lastSent.headers])).not.toContain(CLAIM);
  });

  test("by an origin, however long the name of the header that a mapping may set", async () => {
    const name = "x-acme-authenticated-user-tenant-id";
    const requestParameters = { [`integration.request.header.${name}`]: "'me'" };
    const subject = await gateway(api({ "GET /a": proxyTo("https://origin.test/a", { requestParameters }) }));
    for (const alias of [
      name,
      name.replaceAll("-", "_"),
      name.replace("-", "_"),
      "x-acme-authenticated-user-tenant_id",
    ]) {
      await subject.fetch("/a", { headers: { [alias]: CLAIM } });
      const sent = [...subject.lastSent.headers];
      // As CGI and its kin name them.
      expect(sent.filter(([header]) => header.replaceAll("_", "-") === name)).toEqual([[name, "me"]]);
    }
  });

  test.each([
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "CF-Connecting-IP",
    "X-Real-IP",
    "X-Portico-User",
    "X-Amzn-Trace-Id",
  ])("R-07 by an origin, as what a mapping makes of the client's %s", async (name) => {
    const source = `method.request.header.${name}`;
    const requestParameters = {
      "integration.request.header.x-client": source,
      "integration.request.querystring.client": source,
    };
    const subject = await gateway(api({ "GET /a": proxyTo("https://origin.test/a", { requestParameters }) }));
    await subject.fetch("/a", { headers: { [name]: CLAIM } });
    const { headers, url } = subject.lastSent;
    expect(`${headers.get("x-client")} ${url}`).not.toContain(CLAIM);
  });

  test("R-07 a mapping from X-Forwarded-For says the client's address", async () => {
    const requestParameters = {
      "integration.request.header.x-client": "method.request.header.X-Forwarded-For",
    };
    const subject = await gateway(api({ "GET /a": proxyTo("https://origin.test/a", { requestParameters }) }));
    await subject.fetch("/a", { headers: { "x-forwarded-for": "10.0.0.1" } });
    expect(subject.lastSent.headers.get("x-client")).toBe("203.0.113.7");
  });

  test("by a Workers module, which finds the caller in ctx.props", async () => {
    const seen: unknown[] = [];
    const module = {
      default: {
        fetch: (request: Request, _: unknown, ctx: ExecutionContext) => {
          seen.push(ctx.props, JSON.stringify([...request.headers]));
          ctx.waitUntil(Promise.resolve());
          return new Response("ok");
        },
      },
    };
    const guard = { handler: async () => ({ isAuthorized: true, context: { user: "me" } }) };
    const entries = {
      "apis/default/authorizers/guard": AUTHORIZER,
      "apis/default/routes/GET /a": { integration: callFunction("fn"), authorizer: "guard" },
    };
    const subject = await gateway(entries, { functions: { fn: module, guard } });
    const headers = headersOf({ names: NAMES, exchanged: false, listed: false });
    expect((await subject.fetch("/a", { headers })).status).toBe(200);
    expect(seen[0]).toMatchObject({
      sourceIp: "203.0.113.7",
      authorizer: { kind: "lambda", context: { user: "me" } },
    });
    expect(seen[1]).not.toContain(CLAIM);
  });
});
