import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Site } from "./support/chromium.ts";
import { api, type Gateway, startGateway } from "./support/gateway.ts";

/** Answers with what it was sent, and with CORS headers of its own, which must not reach a page. */
const ECHO = `export const handler = async ({ requestContext, headers, cookies = [], body }: any) => ({
  statusCode: 200,
  headers: {
    "content-type": "application/json",
    "x-exposed": "for pages",
    "x-hidden": "not for pages",
    "access-control-allow-origin": "https://evil.test",
    "access-control-allow-credentials": "false",
    "access-control-expose-headers": "x-hidden",
  },
  cookies: ["session=s3cret; Path=/"],
  body: JSON.stringify({
    method: requestContext.http.method,
    client: headers["x-client"],
    type: headers["content-type"],
    cookies,
    body,
  }),
});`;

const CACHEABLE = `export const handler = async () => ({
  statusCode: 200,
  headers: { "cache-control": "max-age=600", "content-type": "text/plain" },
  body: "cacheable",
});`;

const BROKEN = `export const handler = async () => { throw new Error("broken"); };`;

const echo = { type: "aws_proxy", uri: "echo", payloadFormatVersion: "2.0" };

let gateway: Gateway;
let site: Site;
let stranger: Site;

beforeAll(async () => {
  [site, stranger] = await Promise.all([Site.start(), Site.start()]);
  const everybody = { allowOrigins: ["*"] };
  const credentials = { allowOrigins: [site.origin], allowCredentials: true };
  const entries: Record<string, unknown> = {
    ...api(
      "default",
      {
        "ANY /echo": echo,
        "ANY /echo/{proxy+}": echo,
        "GET /guarded": echo,
        "GET /broken": { type: "aws_proxy", uri: "broken" },
        "GET /cacheable": { type: "aws_proxy", uri: "cacheable" },
      },
      {
        cors: {
          ...credentials,
          allowMethods: ["GET", "PUT"],
          allowHeaders: ["content-type", "x-client", "authorization"],
          exposeHeaders: ["x-exposed"],
          maxAge: 600,
        },
      },
    ),
    "apis/default/authorizers/tokens": {
      type: "jwt",
      jwtConfiguration: { issuer: "https://issuer.test", audience: ["*"] },
      jwks: { keys: [] },
    },
    "apis/default/routes/GET /guarded": { integration: echo, authorizer: "tokens" },
    "apis/default/routes/ANY /closed": { integration: echo, cors: false },
    "apis/default/routes/ANY /open": { integration: echo, cors: everybody },
    "apis/default/routes/GET /open/cacheable": {
      integration: { type: "aws_proxy", uri: "cacheable" },
      cors: everybody,
    },
    "apis/default/routes/ANY /forgetful": {
      integration: echo,
      cors: { ...credentials, allowMethods: ["PUT"], maxAge: -1 },
    },
    "apis/default/routes/ANY /wild": {
      integration: echo,
      cors: { ...credentials, allowMethods: ["*"], allowHeaders: ["*"] },
    },
    "apis/default/routes/ANY /subdomains": {
      integration: echo,
      cors: { allowOrigins: [`http://*.localhost:${site.port}`] },
    },
  };
  const routes = { "echo.ts": ECHO, "cacheable.ts": CACHEABLE, "broken.ts": BROKEN };
  gateway = await startGateway({ routes, entries });
});

afterAll(async () => {
  await gateway?.stop();
  await site?.stop();
  await stranger?.stop();
});

/** What the browser says of a fetch that CORS does not let a page make, or read. */
const REFUSED = { error: "TypeError" };

const at = (path: string): string => gateway.url + path;

/** A fetch that browsers ask leave for first: a preflight. */
const put = (path: string, headers: Readonly<Record<string, string>> = {}, more: RequestInit = {}) => ({
  url: at(path),
  init: {
    method: "PUT",
    headers: { "content-type": "application/json", "x-client": "page", ...headers },
    body: '{"a":1}',
    ...more,
  },
});

/** How the requests for a path were answered, preflights (204) among them. */
async function statuses(path: string, count: number): Promise<readonly number[]> {
  return (await gateway.logged(path, count)).map(({ status }) => status);
}

describe("a page of an allowed origin", () => {
  test("may call, read and be answered as configured", async () => {
    const seen = await site.visit({
      simple: { url: at("/echo?simple") },
      put: put("/echo/put"),
      withCookies: put("/echo/cookies", {}, { credentials: "include" }),
      cookiesAgain: { url: at("/echo/cookies"), init: { credentials: "include" } },
      withoutCookies: { url: at("/echo/cookies"), init: { credentials: "omit" } },
      otherMethod: { url: at("/echo/other-method"), init: { method: "DELETE" } },
      otherHeader: put("/echo/other-header", { "x-other": "1" }),
    });
    const { headers, ...simple } = seen.simple;
    expect(simple).toMatchObject({ status: 200, type: "cors" });
    expect(headers).toMatchObject({ "x-exposed": "for pages", "content-type": "application/json" });
    expect(headers).not.toHaveProperty("x-hidden");

    expect(seen.put).toMatchObject({ status: 200 });
    expect(JSON.parse(seen.put.body ?? "")).toEqual({
      method: "PUT",
      client: "page",
      type: "application/json",
      cookies: [],
      body: '{"a":1}',
    });
    expect(await statuses("/echo/put", 2)).toEqual([204, 200]);

    expect(seen.withCookies).toMatchObject({ status: 200 });
    expect(JSON.parse(seen.cookiesAgain.body ?? "").cookies).toEqual(["session=s3cret"]);
    expect(JSON.parse(seen.withoutCookies.body ?? "").cookies).toEqual([]);

    expect(seen.otherMethod).toEqual(REFUSED);
    expect(await statuses("/echo/other-method", 1)).toEqual([204]);
    expect(seen.otherHeader).toEqual(REFUSED);
    expect(await statuses("/echo/other-header", 1)).toEqual([204]);
  });

  test("R-17 may read the gateway's own errors", async () => {
    const headers = { authorization: "Bearer none" };
    const seen = await site.visit({
      unauthorized: { url: at("/guarded") },
      badToken: { url: at("/guarded?token"), init: { headers } },
      notFound: { url: at("/nowhere") },
      broken: { url: at("/broken"), init: { credentials: "include" } },
    });
    const message = (text: string) => JSON.stringify({ message: text });
    expect(seen.unauthorized).toMatchObject({ status: 401, body: message("Unauthorized") });
    expect(seen.badToken).toMatchObject({ status: 401, body: message("Unauthorized") });
    expect(seen.notFound).toMatchObject({ status: 404, body: message("Not Found") });
    expect(seen.broken).toMatchObject({ status: 500, body: message("Internal Server Error") });
  });

  test("is bound to a route's own CORS", async () => {
    const wild = { "x-anything": "1", authorization: "Basic eDp5" };
    const seen = await site.visit({
      closed: { url: at("/closed") },
      open: { url: at("/open") },
      openWithCookies: { url: at("/open"), init: { credentials: "include" } },
      openPut: put("/open"),
      wild: { url: at("/wild"), init: { method: "PATCH", headers: wild, credentials: "include" } },
      subdomain: { url: at("/subdomains") },
    });
    expect(seen.closed).toEqual(REFUSED);
    expect(seen.open).toMatchObject({ status: 200 });
    expect(seen.openWithCookies).toEqual(REFUSED);
    expect(seen.openPut).toEqual(REFUSED);
    expect(seen.wild).toMatchObject({ status: 200 });
    expect(JSON.parse(seen.wild.body ?? "")).toMatchObject({ method: "PATCH" });
    expect(seen.subdomain).toEqual(REFUSED);
  });

  test("asks once where the answer may be remembered, and each time where not", async () => {
    await site.visit({
      first: put("/echo/remembered"),
      second: put("/echo/remembered"),
      forgotten: { url: at("/forgetful"), init: { method: "PUT" } },
      again: { url: at("/forgetful"), init: { method: "PUT" } },
    });
    expect(await statuses("/echo/remembered", 3)).toEqual([204, 200, 200]);
    expect(await statuses("/forgetful", 4)).toEqual([204, 200, 204, 200]);
  });

  test.each(["/cacheable", "/open/cacheable"])(
    "R-17 is not given what the browser keeps of %s from before, without CORS headers",
    async (path) => {
      const seen = await site.visit({
        before: { url: at(path), init: { mode: "no-cors" } },
        after: { url: at(path) },
      });
      expect(seen.before).toMatchObject({ type: "opaque" });
      expect(seen.after).toMatchObject({ status: 200, body: "cacheable" });
    },
  );
});

describe("R-17 a page of another origin", () => {
  test("may neither read answers nor make requests that browsers ask leave for", async () => {
    const seen = await stranger.visit({
      simple: { url: at("/echo/strange") },
      simpleWithCookies: { url: at("/echo/strange"), init: { credentials: "include" } },
      put: put("/echo/strange-put"),
      error: { url: at("/nowhere") },
      open: { url: at("/open") },
    });
    expect(seen).toMatchObject({
      simple: REFUSED,
      simpleWithCookies: REFUSED,
      put: REFUSED,
      error: REFUSED,
      open: { status: 200 },
    });
    // Simple requests need no leave: they are served, and their answers stay unread.
    expect(await statuses("/echo/strange", 2)).toEqual([200, 200]);
    expect(await statuses("/echo/strange-put", 1)).toEqual([204]);
  });

  test("that is a sandboxed frame on an allowed page is as strange", async () => {
    const seen = await site.visit({
      frame: { url: at("/echo/frame"), from: "sandbox" },
      framePut: { ...put("/echo/frame-put"), from: "sandbox" },
      frameOpen: { url: at("/open"), from: "sandbox" },
      page: { url: at("/echo/frame") },
    });
    expect(seen).toMatchObject({
      frame: REFUSED,
      framePut: REFUSED,
      frameOpen: { status: 200 },
      page: { status: 200 },
    });
  });

  test("of a sub-domain is let in where sub-domains are, and the bare domain is not", async () => {
    const probes = { subdomains: { url: at("/subdomains") }, exact: { url: at("/echo") } };
    expect(await site.visit(probes, "a.localhost")).toMatchObject({
      subdomains: { status: 200 },
      exact: REFUSED,
    });
    expect(await site.visit(probes, "localhost")).toMatchObject({ subdomains: REFUSED, exact: REFUSED });
  });
});
